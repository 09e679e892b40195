/** What one process of the load does: it gets ready by itself, then does what it is asked, one thing after another. */
export interface Role {
  /** Everyone is connected and at it. */
  readonly ready: Promise<void>
  /** Rejects or throws for what it does not know. */
  perform(task: string, options: Readonly<Record<string, number>>): unknown
}

export interface RoleOptions {
  readonly url: string
  /** Connections, in roles that hold many. */
  readonly count: number
  /** Connections begun in a second, in roles that hold many. */
  readonly ramp: number
  /** Streams published or played: with more than one their number follows the name. */
  readonly streams: number
  readonly kbps: number
  /** Applications that the clients are of, in roles that know several. */
  readonly apps: number
  /** Of the players: so many read nothing once they play. */
  readonly stalled: number
}

export const usualOptions: RoleOptions = {
  url: '',
  count: 1,
  ramp: 250,
  streams: 1,
  kbps: 2500,
  apps: 1,
  stalled: 0,
}

/** `show`, or `show0`, `show1` … */
export function streamName(name: string, streams: number, nth: number): string {
  return streams === 1 ? name : `${name}${nth % streams}`
}

/** Begins `count` things, `ramp` a second, evenly. */
export function ramped(count: number, ramp: number, begin: (nth: number) => void): void {
  const begunAt = performance.now()
  let begun = 0
  const timer = setInterval(() => {
    const due = Math.min(count, Math.ceil(((performance.now() - begunAt) / 1000) * ramp))
    while (begun < due) begin(begun++)
    if (begun === count) clearInterval(timer)
  }, 5)
}

/** Resolves after so many calls. */
export class Countdown {
  readonly done: Promise<void>
  #left: number
  #resolve: () => void = () => {}
  #reject: (error: Error) => void = () => {}

  constructor(count: number) {
    this.#left = count
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  one(): void {
    if (--this.#left === 0) this.#resolve()
  }

  fail(why: string): void {
    this.#reject(new Error(why))
  }
}
