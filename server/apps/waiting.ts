import { questionsMax } from './limits.ts'

/** Those who wait until an application is up, broken or off. */
export class Waiting {
  #woken: (() => void)[] = []

  /** Calls `woken` then. False when too many wait already. */
  add(woken: () => void): boolean {
    if (this.#woken.length >= questionsMax) return false
    this.#woken.push(woken)
    return true
  }

  wake(): void {
    const woken = this.#woken
    this.#woken = []
    for (const wake of woken) wake()
  }
}
