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
  /** Bytes that passed since the last turn, and bytes that should have. */
  passed = 0
  missed = 0
  #frames = 0
  #framesBefore = 0
  #lost = 0
  readonly #window: { bytes: number; frames: number; lost: number; ms: number }[] = []

  count(bytes: number, frames: number): void {
    this.passed += bytes
    this.#frames += frames
  }

  /** Of all time, whoever published them. */
  get allFrames(): number {
    return this.#framesBefore + this.#frames
  }

  /** Frames left out here: they came, and were not passed on. */
  drop(frames: number, bytes = 0): void {
    this.droppedFrames += frames
    this.missed += bytes
    this.#lost += frames
  }

  /** Frames that never came. */
  lose(frames: number): void {
    this.#lost += frames
  }

  /** `ms` have passed since the last turn. */
  turn(ms: number): void {
    if (ms <= 0) return
    this.#window.push({ bytes: this.passed, frames: this.#frames, lost: this.#lost, ms })
    if (this.#window.length > windowSeconds) this.#window.shift()
    this.#framesBefore += this.#frames
    this.passed = this.missed = this.#frames = this.#lost = 0
  }

  /** Somebody else is measured from here on. */
  reset(): void {
    this.#window.length = 0
    this.#framesBefore += this.#frames
    this.passed = this.missed = this.#frames = this.#lost = 0
    this.droppedFrames = this.latency = this.congestionRate = 0
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
