import type { QosFacts } from './facts.ts'

/** Seconds over which rates are measured (as CumulusServer's quality of service was). */
const windowSeconds = 5

/**
 * Quality of service of one kind of frame, over a sliding window. Counting is a few additions; the window moves when
 * its owner says that a second has passed.
 */
export class Qos {
  droppedFrames = 0
  latency = 0
  congestionRate = 0
  #bytes = 0
  #frames = 0
  #lost = 0
  readonly #window: { bytes: number; frames: number; lost: number; ms: number }[] = []

  count(bytes: number, frames: number): void {
    this.#bytes += bytes
    this.#frames += frames
  }

  drop(frames: number): void {
    this.droppedFrames += frames
    this.#lost += frames
  }

  /** `ms` have passed since the last turn. */
  turn(ms: number): void {
    this.#window.push({ bytes: this.#bytes, frames: this.#frames, lost: this.#lost, ms })
    if (this.#window.length > windowSeconds) this.#window.shift()
    this.#bytes = this.#frames = this.#lost = 0
  }

  facts(): QosFacts {
    let bytes = 0
    let frames = 0
    let lost = 0
    let ms = 0
    for (const part of this.#window) {
      bytes += part.bytes
      frames += part.frames
      lost += part.lost
      ms += part.ms
    }
    return {
      byteRate: ms === 0 ? 0 : Math.round((bytes * 1000) / ms),
      lostRate: lost === 0 ? 0 : lost / (frames + lost),
      congestionRate: this.congestionRate,
      latency: this.latency,
      droppedFrames: this.droppedFrames,
    }
  }
}
