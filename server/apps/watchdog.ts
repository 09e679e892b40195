import type { Clock, Timer } from '../base/clock.ts'
import { heartbeat, memorySample } from './limits.ts'

export interface WatchdogOptions {
  readonly clock: Clock
  /** Resident bytes of the host; null when nobody can say. */
  memory(): number | null
  /** Resident bytes it may have, at this moment. */
  memoryMax(): number
  /** It has been sent something that it has not answered. */
  working(): boolean
  ping(id: number): void
  /** The host is to be replaced. Told once. */
  bite(limit: 'memory' | 'silence'): void
}

/** The second line behind a host's own watchdog: memory that grows past its limit, and a host that does not answer. */
export class Watchdog {
  readonly #options: WatchdogOptions
  #sampling: Timer
  readonly #beating: Timer
  #busyUntil: number
  #lastPing = 0
  /** A ping is out. */
  #isAsking = false
  /** How often we looked for its answer: counted, for a time in which this process itself stood still is nobody's silence. */
  #missed = 0
  #stopped = false

  constructor(options: WatchdogOptions) {
    this.#options = options
    this.#busyUntil = options.clock.now() + memorySample.busyFor
    this.#sampling = options.clock.after(memorySample.busy, () => this.#sample())
    this.#beating = options.clock.every(heartbeat.every, () => this.#beat())
  }

  /** Something was sent to the host, or came from it: it may be at work. */
  stir(): void {
    const { clock } = this.#options
    const now = clock.now()
    const rested = now >= this.#busyUntil
    this.#busyUntil = now + memorySample.busyFor
    if (rested && !this.#stopped) this.#sample()
  }

  pong(id: number): void {
    if (id === this.#lastPing) this.#isAsking = false
  }

  stop(): void {
    this.#stopped = true
    this.#sampling.cancel()
    this.#beating.cancel()
  }

  #sample(): void {
    const { clock, memory, memoryMax, working } = this.#options
    this.#sampling.cancel()
    const bytes = memory()
    if (bytes !== null && bytes > memoryMax()) return this.#bite('memory')
    const busy = clock.now() < this.#busyUntil || working()
    const pause = busy ? memorySample.busy : memorySample.calm
    this.#sampling = clock.after(pause, () => this.#sample())
  }

  #beat(): void {
    if (!this.#isAsking) {
      this.#isAsking = true
      this.#missed = 0
      this.#options.ping(++this.#lastPing)
    } else if (++this.#missed >= heartbeat.misses) this.#bite('silence')
  }

  #bite(limit: 'memory' | 'silence'): void {
    if (this.#stopped) return
    this.stop()
    this.#options.bite(limit)
  }
}
