import type { Log } from '../base/log.ts'

/** Connections that were turned away because there were too many: counted as they come, and logged together. */
export class TurnedAway {
  readonly #limit: number
  readonly #log: Log
  #count = 0

  constructor(limit: number, log: Log) {
    this.#limit = limit
    this.#log = log
  }

  add(): void {
    this.#count++
  }

  /** Called about once a second. */
  report(): void {
    if (this.#count === 0) return
    this.#log.warn(
      { turnedAway: this.#count, limit: 'rtmp.connections' },
      `more than ${this.#limit} connections: the newest were turned away`,
    )
    this.#count = 0
  }
}
