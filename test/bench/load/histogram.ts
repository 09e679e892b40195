/** Width of a step in ms, and how many there are: up to two seconds, what is later counts as the last. */
const stepMs = 0.02
const steps = 100_000

export interface Percentiles {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/** Times in ms, counted in steps: a time costs one addition, however many there are. */
export class Histogram {
  readonly #counts = new Uint32Array(steps)
  #count = 0
  #max = 0

  get count(): number {
    return this.#count
  }

  add(ms: number): void {
    const step = ms <= 0 ? 0 : Math.min(steps - 1, (ms / stepMs) | 0)
    this.#counts[step]!++
    this.#count++
    if (ms > this.#max) this.#max = ms
  }

  clear(): void {
    this.#counts.fill(0)
    this.#count = 0
    this.#max = 0
  }

  percentiles(): Percentiles {
    return { p50: this.#at(0.5), p90: this.#at(0.9), p99: this.#at(0.99), max: round(this.#max) }
  }

  #at(part: number): number {
    let left = part * this.#count
    for (let step = 0; step < steps; step++) {
      left -= this.#counts[step]!
      if (left <= 0 && this.#count > 0) return round((step + 0.5) * stepMs)
    }
    return 0
  }
}

const round = (value: number): number => Math.round(value * 100) / 100
