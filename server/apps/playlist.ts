import type { Clock, Timer } from '../base/clock.ts'
import type { Archive, FilmFormat, Screen, Show } from '../hub/archive.ts'
import type { FrameTap } from '../hub/judge.ts'
import type { Publication } from '../hub/publication.ts'
import { describeTag } from '../media/flv-tag.ts'
import { type Frame, FrameKind } from '../media/frame.ts'
import { playlistBufferMs, playlistGapMs } from './limits.ts'

/** One entry: what is played, as Adobe's Stream.play() has it. */
export interface Item {
  /** As the script named it. */
  readonly name: string
  readonly address: string
  readonly format: FilmFormat | null
  /** Seconds: from 0 on of a recording; -1 a live stream, waited for; -2 whichever there is, else waiting for a live one. */
  readonly start: number
  /** Seconds; -1 all of it, 0 of a recording one picture. */
  readonly length: number
}

export interface PlaylistOptions {
  readonly app: string
  /** Where it is played into. */
  readonly output: Publication
  readonly clock: Clock
  readonly archive: Pick<Archive, 'show'>
  /** The publication of an address of this application that is live now. */
  live(address: string): Publication | null
  /** `code` without NetStream. */
  tell(code: string, name: string, description: string): void
  /** Nothing is left to be played. */
  over(): void
}

/**
 * A playlist of the server's: live streams and recordings one after another become one publication. Frames pass from
 * publication to publication; no script sees them.
 */
export class Playlist implements FrameTap, Screen {
  readonly queuedBytes = 0
  readonly #options: PlaylistOptions
  #items: Item[] = []
  #item: Item | null = null
  #source: Publication | null = null
  #show: Show | null = null
  #isAsked = false
  /** Grows with every item, so that what was asked for another finds nobody. */
  #turn = 0
  #timer: Timer | null = null
  /** When the item's first frame came, its own time, and the output's time for it. */
  #began = { at: 0, own: Number.NaN, out: 0 }
  #latest = 0
  #played = false

  constructor(options: PlaylistOptions) {
    this.#options = options
  }

  get count(): number {
    return this.#items.length + (this.#item ? 1 : 0)
  }

  add(item: Item): void {
    this.#items.push(item)
    if (!this.#item) this.#next()
  }

  /** Forgets what was to come, and what is played. */
  reset(item: Item): void {
    this.#leave()
    this.#items = [item]
    if (this.#played) this.#options.tell('Play.Reset', item.name, `Playing and resetting ${item.name}`)
    this.#next()
  }

  stop(): void {
    this.#leave()
    this.#items = []
  }

  /** A publication of this application has begun, or ended. */
  changed(): void {
    const item = this.#item
    if (!item || this.#show || this.#isAsked) return
    if (this.#source && this.#source.state !== 'live') return this.#ended()
    if (!this.#source) this.#tune(item)
  }

  frame(first: Publication | Frame, second?: Frame): void {
    const frame = second ?? (first as Frame)
    const { output, clock } = this.#options
    const { kind, payload, timestamp, role } = frame
    if (kind === FrameKind.Data) return output.receiveNow(payload, role)
    if (Number.isNaN(this.#began.own)) {
      const out = this.#played ? this.#latest + playlistGapMs : 0
      this.#began = { at: clock.now(), own: timestamp, out }
      this.#played = true
    }
    const time = Math.max(this.#began.out, this.#began.out + timestamp - this.#began.own)
    this.#latest = Math.max(this.#latest, time)
    output.receive(kind, describeTag(kind, payload), time, payload)
  }

  /** A recording is over; what was sent ahead of its time is waited for. */
  ended({ damage }: { damage: string | null }): void {
    if (damage !== null) this.#options.tell('Play.Failed', this.#item?.name ?? '', damage)
    const rest = this.#began.at + (this.#latest - this.#began.out) - this.#options.clock.now()
    this.#after(Math.max(0, rest))
  }

  #next(): void {
    const item = this.#items.shift()
    if (!item) return this.#options.over()
    this.#item = item
    this.#turn++
    this.#began = { at: 0, own: Number.NaN, out: 0 }
    if (item.start === -1) this.#tune(item)
    else if (item.start === -2 && this.#options.live(item.address)) this.#tune(item)
    else this.#open(item)
  }

  #open(item: Item): void {
    const { archive, app } = this.#options
    const { address, format, start, length } = item
    const turn = this.#turn
    const request = {
      ...{ app, address, format },
      start: Math.max(0, start) * 1000,
      length: length < 0 ? Number.POSITIVE_INFINITY : length * 1000,
      buffer: playlistBufferMs,
    }
    this.#isAsked = true
    archive.show(request, this, show => {
      if (this.#turn !== turn) {
        if (show !== null && typeof show !== 'string') show.close()
        return
      }
      this.#isAsked = false
      if (show !== null && typeof show !== 'string') {
        this.#show = show
        this.#start(item)
        return show.start()
      }
      if (item.start === -2 && show === null) return this.#tune(item)
      const text = show ?? `There is no recording ${item.name}`
      this.#options.tell(show === null ? 'Play.StreamNotFound' : 'Play.Failed', item.name, text)
      this.#ended()
    })
  }

  /** A live stream, from what newcomers get on; waits for its publisher. */
  #tune(item: Item): void {
    const source = this.#options.live(item.address)
    if (!source || source === this.#options.output) return
    if (!source.passesHere) {
      const text = `${item.name} is published in another process: live streams play into others with server.workers = 1`
      this.#options.tell('Play.Failed', item.name, text)
      return this.#ended()
    }
    this.#source = source
    this.#start(item)
    for (const frame of source.cache.prelude()) this.frame(frame)
    for (const frame of source.cache.frames) this.frame(frame)
    source.recorders.add(this)
    if (item.length > 0) this.#after(item.length * 1000)
  }

  #start({ name }: Item): void {
    this.#options.tell('Play.Start', name, `Started playing ${name}`)
  }

  #after(ms: number): void {
    this.#timer?.cancel()
    this.#timer = this.#options.clock.after(ms, () => this.#ended())
  }

  #ended(): void {
    const name = this.#item?.name ?? ''
    this.#leave()
    const [next] = this.#items
    if (next) this.#options.tell('Play.Switch', next.name, `Playing ${next.name} after ${name}`)
    else this.#options.tell('Play.Stop', name, `Stopped playing ${name}`)
    this.#next()
  }

  #leave(): void {
    this.#turn++
    this.#timer?.cancel()
    this.#timer = null
    this.#source?.recorders.delete(this)
    this.#show?.close()
    this.#item = this.#source = this.#show = null
    this.#isAsked = false
  }
}
