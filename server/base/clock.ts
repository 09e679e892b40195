/** What rings later; `cancel` is harmless twice and after it rang. */
export interface Timer {
  cancel(): void
}

/** Time as an argument: machines get a clock, tests get one they wind by hand. */
export interface Clock {
  /** Milliseconds, monotonic, from an arbitrary zero. */
  now(): number
  /** Milliseconds since 1970 (UTC). */
  epoch(): number
  /** Calls `ring` once after `ms` milliseconds. */
  after(ms: number, ring: () => void): Timer
  /** Calls `ring` every `ms` milliseconds until cancelled. */
  every(ms: number, ring: () => void): Timer
}

export const systemClock: Clock = {
  now: () => performance.now(),
  epoch: () => Date.now(),
  after(ms, ring) {
    const timer = setTimeout(ring, ms)
    return { cancel: () => clearTimeout(timer) }
  },
  every(ms, ring) {
    const timer = setInterval(ring, ms)
    return { cancel: () => clearInterval(timer) }
  },
}
