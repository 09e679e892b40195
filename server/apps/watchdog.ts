import type { Clock, Timer } from '../base/clock.ts'
import { heartbeat, vitalsSample } from './limits.ts'
import type { Vitals } from './process-vitals.ts'

export interface WatchdogOptions {
  readonly clock: Clock
  /** What the host has taken by now; null when nobody can say. */
  vitals(): Vitals | null
  /** Resident bytes it may have, at this moment. */
  memoryMax(): number
  ping(id: number): void
  /** The host is to be replaced. Told once. */
  bite(limit: 'memory' | 'silence'): void
}

/** The second line behind a host's own watchdog: memory that grows past its limit, and a host that does not answer. */
export class Watchdog {
  readonly #options: WatchdogOptions
  #sampling: Timer
  readonly #beating: Timer
  /** Looks are close until then. */
  #busyUntil: number
  #isClose = true
  #lookedAt: number
  /** Milliseconds of processor time that the host had used then. */
  #used = 0
  #lastPing = 0
  /** Something was sent since the last ping: whether it was heard is to be asked. */
  #isOwed = true
  /** A ping is out. */
  #isAsking = false
  /** How often we looked for its answer: counted, for a time in which this process itself stood still is nobody's silence. */
  #missed = 0
  #stopped = false

  constructor(options: WatchdogOptions) {
    const { clock } = options
    this.#options = options
    this.#lookedAt = clock.now()
    this.#busyUntil = this.#lookedAt + vitalsSample.busyFor
    this.#sampling = clock.after(vitalsSample.busy, () => this.#sample())
    this.#beating = clock.every(heartbeat.every, () => this.#beat())
  }

  /** Something was sent to the host: a script may be about to run. */
  stir(): void {
    this.#isOwed = true
    this.#busyUntil = this.#options.clock.now() + vitalsSample.busyFor
    if (!this.#isClose && !this.#stopped) this.#lookIn(vitalsSample.busy)
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
    const { clock, vitals, memoryMax } = this.#options
    const now = clock.now()
    const found = vitals()
    if (found !== null) {
      if (found.residentBytes > memoryMax()) return this.#bite('memory')
      // Whoever uses the processor runs a script, whether we asked for it or a timer of its own did.
      const used = found.processorMs - this.#used
      if (used >= (now - this.#lookedAt) * vitalsSample.busyShare) this.#busyUntil = now + vitalsSample.busyFor
      this.#used = found.processorMs
    }
    this.#lookedAt = now
    this.#lookIn(now < this.#busyUntil ? vitalsSample.busy : vitalsSample.calm)
  }

  #lookIn(ms: number): void {
    this.#sampling.cancel()
    this.#isClose = ms === vitalsSample.busy
    this.#sampling = this.#options.clock.after(ms, () => this.#sample())
  }

  #beat(): void {
    if (!this.#isAsking) {
      if (!this.#isOwed) return
      this.#isOwed = false
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
