/**
 * How far behind its own clock a publisher is. Its frames say when they were made, the hub when they came; what lies
 * between is unknown, but its least is a line without a queue, and what is above that is waiting on the way.
 */

/** By how much the least delay is let rise, ms for each second: clocks differ, encoders' by less than that. */
const driftPerSecond = 1

/** So many frames in a second, and none in the next, is a line that stands still; fewer may be a slow source. */
const steadyFrames = 2

export class Arrival {
  /** The least delay, in a time of its own; NaN until the first frame. */
  #least = Number.NaN
  #sum = 0
  #frames = 0
  #lastMean = Number.NaN
  /** Milliseconds that frames waited on their way, on average. */
  waiting = 0
  /** By how much the waiting grew, as a part of the time that passed: -1 (it shrinks) to 1 (nothing comes). */
  growth = 0

  /** A frame of the time `timestamp` on the publication's timeline has come at `now`. */
  note(timestamp: number, now: number): void {
    const delay = now - timestamp
    if (!(delay >= this.#least)) this.#least = delay
    this.#sum += delay
    this.#frames++
  }

  /** `ms` have passed since the last turn. */
  turn(ms: number): void {
    const frames = this.#frames
    this.#frames = 0
    if (frames === 0) {
      this.growth = Number.isNaN(this.#lastMean) ? 0 : 1
      this.waiting += this.growth * ms
      return
    }
    const mean = this.#sum / frames
    this.#sum = 0
    this.growth = Number.isNaN(this.#lastMean) ? 0 : Math.max(-1, Math.min(1, (mean - this.#lastMean) / ms))
    this.#lastMean = frames < steadyFrames ? Number.NaN : mean
    this.waiting = mean - this.#least
    this.#least += (driftPerSecond * ms) / 1000
  }

  /** Another publisher comes next. */
  reset(): void {
    this.#least = this.#lastMean = Number.NaN
    this.#sum = this.#frames = this.waiting = this.growth = 0
  }
}
