import type { Timer } from '../base/clock.ts'
import { FrameKind } from '../media/frame.ts'

/** With a merging time longer than this, in ms, pictures wait like sounds: what was a small courtesy becomes throughput. */
const picturesWaitFromMs = 50

/**
 * So many listeners are a crowd, whose cost counts: for them a sound waits twice as long, which is long enough for the
 * next picture of any stream of 25 or more a second.
 */
export const crowd = 25

/** What a pace asks of the world around it. */
export interface PaceHost {
  /** Runs `flush` once this turn's bytes have been read. */
  soon(flush: () => void): void
  /** Runs `flush` in so many ms. */
  later(ms: number, flush: () => void): Timer
}

/**
 * When a publication's frames leave. A write to a socket costs much the same whatever it carries, and most of the
 * writes of a live stream would carry a sound of a few hundred bytes. So a picture leaves once the read that brought it
 * is done, and a sound waits for the next picture, to ride along with it.
 *
 *     mergeMs 0              everything leaves with the read that brought it
 *     up to 50 (default 20)  sounds wait so long for a picture, twice as long before a crowd; pictures do not wait
 *     more (350, say)        everything waits so long: fewest writes, most delay
 */
export class Pace {
  readonly #mergeMs: number
  readonly #host: PaceHost
  readonly #flush: () => void
  #soon = false
  #later: Timer | null = null

  constructor(mergeMs: number, host: PaceHost, flush: () => void) {
    this.#mergeMs = mergeMs
    this.#host = host
    this.#flush = flush
  }

  /** A frame waits in the outlets. `hasVideo`: pictures may be expected. */
  gathered(kind: FrameKind, hasVideo: boolean, listeners: number): void {
    if (this.#soon) return
    const allWait = this.#mergeMs > picturesWaitFromMs
    if (allWait || (this.#mergeMs > 0 && kind === FrameKind.Audio && hasVideo)) {
      const ms = allWait || listeners < crowd ? this.#mergeMs : 2 * this.#mergeMs
      this.#later ??= this.#host.later(ms, this.#flush)
    } else {
      this.#soon = true
      this.#host.soon(this.#flush)
    }
  }

  /** Nothing waits any more. */
  flushed(): void {
    this.#soon = false
    this.#later?.cancel()
    this.#later = null
  }
}
