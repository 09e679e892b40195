import { attemptsMax, attemptsMs } from './limits.ts'

interface Count {
  times: number
  readonly since: number
}

/** How often an address has tried to connect to a path lately: what onHandshake is told as `attempts`. */
export class Attempts {
  /** In order of their first attempt. */
  readonly #counts = new Map<string, Count>()

  /** This attempt's number, from 1. `ip` without its port; `now` in ms. */
  count(ip: string, path: string, now: number): number {
    for (const [key, { since }] of this.#counts) {
      if (now - since < attemptsMs && this.#counts.size < attemptsMax) break
      this.#counts.delete(key)
    }
    const key = `${ip}\n${path}`
    const count = this.#counts.get(key)
    if (count) return ++count.times
    this.#counts.set(key, { times: 1, since: now })
    return 1
  }
}
