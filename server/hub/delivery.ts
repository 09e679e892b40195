import type { Qos } from './qos.ts'

/** What a listener's figures are made of, beside what was counted. */
export interface DeliveryState {
  /** Bytes written that have not left this process. */
  readonly waiting: number
  /** Milliseconds to the player and back. */
  readonly ping: number
  /** Milliseconds for which it has been left out. */
  readonly lagMs: number
  /** Which of the two is measured when nothing at all was written. */
  readonly hasVideo: boolean
}

/**
 * Makes of what was written to a player what reached it. Writing is not reaching: what piles up in the queue has not
 * left, and a queue that shrinks delivers what was written before. A second at a time, for both kinds at once, as they
 * share one line.
 */
export class Delivery {
  #waiting = 0
  /** Bytes a second of the stream, whether they reached it or not; smoothed. */
  #rate = 0

  /** `ms` have passed: settles the figures of both kinds, and begins anew. */
  turn(audio: Qos, video: Qos, { waiting, ping, lagMs, hasVideo }: DeliveryState, ms: number): void {
    if (ms <= 0) return
    const passed = audio.passed + video.passed
    const wanted = passed + audio.missed + video.missed
    // Other streams of the connection wait in the same queue: what is theirs is not taken from here.
    const growth = Math.min(waiting - this.#waiting, passed)
    const reached = passed - growth
    this.#waiting = waiting
    if (wanted > 0) {
      const rate = (wanted * 1000) / ms
      this.#rate = this.#rate === 0 ? rate : this.#rate + (rate - this.#rate) / 4
    }
    const stuck = waiting > 0 && reached === 0 ? 1 : 0
    const congestion = wanted === 0 ? stuck : Math.max(-1, Math.min(1, (wanted - reached) / wanted))
    const queued = this.#rate === 0 ? 0 : (waiting * 1000) / this.#rate
    audio.congestionRate = video.congestionRate = congestion
    audio.latency = video.latency = Math.round(ping / 2 + queued + lagMs)
    const videoPart = passed === 0 ? Number(hasVideo) : video.passed / passed
    video.passed -= growth * videoPart
    audio.passed -= growth * (1 - videoPart)
    audio.turn(ms)
    video.turn(ms)
  }
}
