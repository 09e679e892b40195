import type { Clock, Timer } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Screen, Show } from '../hub/archive.ts'
import { type Frame, FrameKind, FrameRole } from '../media/frame.ts'
import { Damage, type Film } from './film.ts'
import { aheadMs, framesAtOnce, playerQueueBytes, showingTickMs, standardBufferMs } from './limits.ts'

export interface ShowingOptions {
  readonly film: Film
  readonly screen: Screen
  readonly clock: Clock
  readonly log: Log
  /** Milliseconds of the file's time. */
  readonly start: number
  /** Milliseconds; 0 is one picture. */
  readonly length: number
  readonly buffer: number
  /** Whether the file is being written: its end is not the end then. */
  isGrowing(): boolean
  closed(): void
}

/**
 * A file on its way to one player: read a window at a time, never further ahead of its player than the player's
 * buffer, and not at all while what was sent waits in this process.
 */
export class Showing implements Show {
  readonly #options: ShowingOptions
  readonly #until: number
  position: number
  #buffer: number
  /** The player's own time: it was at `time` when the clock said `at`. */
  #head = { at: 0, time: 0 }
  #state: 'ready' | 'running' | 'paused' | 'ended' | 'closed' = 'ready'
  /** Read, and not sent yet. */
  #next: Frame | null = null
  #sought: { ms: number; done(): void }[]
  #isAtWork = false
  #timer: Timer | null = null
  #bytes = 0
  #from: number

  constructor(options: ShowingOptions) {
    const { start, length, buffer } = options
    this.#options = options
    this.#until = start + length
    this.#buffer = buffer
    this.#from = start
    this.position = start
    this.#sought = [{ ms: start, done() {} }]
  }

  get duration(): number {
    return this.#options.film.duration
  }

  start(): void {
    if (this.#state !== 'ready') return
    this.#state = 'running'
    this.#wake()
  }

  pause(paused: boolean): void {
    if (this.#state === 'running' && paused) {
      this.#head = { at: 0, time: this.#headTime() }
      this.#state = 'paused'
    } else if (this.#state === 'paused' && !paused) {
      this.#head = { at: this.#options.clock.now(), time: this.#head.time }
      this.#state = 'running'
      this.#wake()
    }
  }

  seek(ms: number, done: () => void): void {
    if (this.#state === 'closed') return
    if (this.#state === 'ended') this.#state = 'running'
    this.#sought.push({ ms, done })
    this.#wake()
  }

  buffer(ms: number): void {
    this.#buffer = ms
    this.#wake()
  }

  close(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#timer?.cancel()
    // Whoever is at work closes what he works with.
    if (!this.#isAtWork) this.#shut()
  }

  #headTime(): number {
    return this.#head.time + this.#options.clock.now() - this.#head.at
  }

  #wake(): void {
    if (this.#isAtWork) return
    this.#timer?.cancel()
    this.#timer = null
    this.#isAtWork = true
    void this.#work().then(wait => {
      this.#isAtWork = false
      if (this.#state === 'closed') return this.#shut()
      if (this.#sought.length > 0) return this.#wake()
      if (wait !== null) this.#timer = this.#options.clock.after(wait, () => this.#wake())
    })
  }

  /** Sends what is due. Gives the milliseconds to wait before the next look, or null when nobody is waited for. */
  async #work(): Promise<number | null> {
    try {
      if (this.#sought.length > 0) await this.#seek()
      for (let sent = 0; this.#state === 'running' && this.#sought.length === 0; sent++) {
        if (sent >= framesAtOnce) return 0
        if (this.#options.screen.queuedBytes > playerQueueBytes) return showingTickMs
        this.#next ??= await this.#options.film.next()
        // While it was read, anything may have been asked for.
        if ((this.#state as string) !== 'running' || this.#sought.length > 0) break
        if (!this.#next) {
          if (this.#options.isGrowing()) return showingTickMs
          // What was written before it was closed comes before the end.
          this.#next = await this.#options.film.next()
          if (!this.#next && (this.#state as string) === 'running' && this.#sought.length === 0) this.#end(null)
        } else if (this.#next.timestamp > this.#until) this.#end(null)
        else if (this.#next.timestamp - this.#headTime() > (this.#buffer || standardBufferMs) + aheadMs) {
          return showingTickMs
        } else this.#send(this.#next)
      }
    } catch (error) {
      const text = error instanceof Damage ? error.message : `it cannot be read: ${messageOf(error)}`
      this.#options.log.warn({}, `a file is shown up to where it is damaged: ${text}`)
      if (this.#state !== 'closed') this.#end(text)
    }
    return null
  }

  async #seek(): Promise<void> {
    const all = this.#sought
    this.#sought = []
    const prelude = await this.#options.film.seek(Math.max(0, all.at(-1)!.ms))
    if (this.#state === 'closed') return
    this.#next = null
    const next = await this.#options.film.next()
    if ((this.#state as string) === 'closed') return
    this.#next = next
    this.position = this.#from = next?.timestamp ?? this.#options.film.duration
    const at = this.#state === 'paused' ? 0 : this.#options.clock.now()
    this.#head = { at, time: this.position }
    for (const { done } of all) done()
    // Metadata stands outside of time: of later ones FFmpeg makes a stream of subtitles.
    const timeOf = ({ kind }: Frame) => (kind === FrameKind.Data ? 0 : this.position)
    for (const frame of prelude) this.#options.screen.frame({ ...frame, timestamp: timeOf(frame) })
  }

  #send(frame: Frame): void {
    this.#next = null
    this.position = Math.max(this.position, frame.timestamp)
    this.#bytes += frame.payload.length
    if (frame.payload.length > 0) this.#options.screen.frame(frame)
    const isPicture = frame.kind === FrameKind.Video ? frame.role === FrameRole.Key : frame.kind === FrameKind.Audio
    if (this.#options.length === 0 && isPicture && frame.role !== FrameRole.Header) this.#end(null)
  }

  #end(damage: string | null): void {
    this.#state = 'ended'
    this.#options.screen.ended({ duration: Math.max(0, this.position - this.#from), bytes: this.#bytes, damage })
  }

  #shut(): void {
    this.#options.closed()
    void this.#options.film.close().catch(() => {})
  }
}
