import type { Clock, Timer } from '../base/clock.ts'
import { backoff } from './limits.ts'

/** The pause before the next life of what lived for `lived` ms, after the pause before that. */
export function nextPause(pause: number, lived: number): number {
  return lived >= backoff.calm ? backoff.first : Math.min(Math.max(backoff.first, pause * 2), backoff.most)
}

/** Of applications that share a host, whoever ruins it waits longer each time, so that the others need not. */
export class Quarantine {
  readonly #clock: Clock
  readonly #over: (path: string) => void
  /** When each ruined the host last, and its pause since then. */
  readonly #blamed = new Map<string, { at: number; pause: number }>()
  readonly #waiting = new Map<string, Timer>()

  /** `over` hears when a pause has ended by itself. */
  constructor(clock: Clock, over: (path: string) => void) {
    this.#clock = clock
    this.#over = over
  }

  /** Gives its pause in milliseconds. */
  blame(path: string): number {
    this.lift(path)
    const at = this.#clock.now()
    const before = this.#blamed.get(path)
    const pause = before ? nextPause(before.pause, at - before.at) : backoff.first
    this.#blamed.set(path, { at, pause })
    const timer = this.#clock.after(pause, () => {
      this.#waiting.delete(path)
      this.#over(path)
    })
    this.#waiting.set(path, timer)
    return pause
  }

  has(path: string): boolean {
    return this.#waiting.has(path)
  }

  /** Its pause is over at once; nobody is told. */
  lift(path: string): void {
    this.#waiting.get(path)?.cancel()
    this.#waiting.delete(path)
  }

  /** It is mended, or gone: nothing is held against it. */
  forget(path: string): void {
    this.lift(path)
    this.#blamed.delete(path)
  }
}
