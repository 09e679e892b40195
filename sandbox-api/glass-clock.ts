import { max, min } from './primordials.ts'
import { wallNow } from './wall-clock.ts'

/** No turn lasts longer; a step of the wall clock within one is not taken for time that has passed. */
const TURN_MS_MAX = 10_000

/** Time inside the glass: the host's monotonic milliseconds, given with each turn and carried on by the wall clock. */
export class GlassClock {
  #base = 0
  #wall = 0
  #last = 0

  begin(hostNow: number): void {
    this.#base = hostNow
    this.#wall = wallNow()
  }

  /** Milliseconds since the turn began. */
  elapsed(): number {
    return min(max(wallNow() - this.#wall, 0), TURN_MS_MAX)
  }

  /** Never goes back. */
  now(): number {
    this.#last = max(this.#last, this.#base + this.elapsed())
    return this.#last
  }
}
