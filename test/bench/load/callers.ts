import { type Caller, Connection, targetOf } from './connection.ts'
import { Histogram } from './histogram.ts'
import { Countdown, type Role, type RoleOptions, ramped } from './role.ts'
import { command } from './wire.ts'

/** The first transaction that is free: connect has 1 and createStream 4. */
const firstId = 5

class Calling implements Caller {
  readonly #connection: Connection
  readonly #open: Countdown
  readonly #answered: (tookMs: number) => void
  readonly #askedAt = new Map<number, number>()
  #nextId = firstId
  /** Until when it asks again at each answer, on the clock of performance.now(). */
  #until = 0

  constructor(url: string, open: Countdown, answered: (tookMs: number) => void) {
    this.#open = open
    this.#answered = answered
    this.#connection = new Connection(targetOf(url), this)
  }

  /** Keeps so many calls under way. */
  call(until: number, atOnce: number): void {
    this.#until = until
    for (let i = 0; i < atOnce; i++) this.#ask()
  }

  opened(): void {
    this.#open.one()
  }

  answered(id: number): void {
    const askedAt = this.#askedAt.get(id)
    if (askedAt === undefined) return
    this.#askedAt.delete(id)
    const now = performance.now()
    this.#answered(now - askedAt)
    if (now < this.#until) this.#ask()
  }

  closed(why: string): void {
    this.#open.fail(`a caller: ${why}`)
  }

  media(): void {}
  called(): void {}

  #ask(): void {
    const id = this.#nextId++
    this.#askedAt.set(id, performance.now())
    this.#connection.write(command(0, 'echo', id, null, 'a few words', id))
  }
}

/** Clients that call the script's function `echo`, and again when it has answered. */
export class Callers implements Role {
  readonly ready: Promise<void>
  readonly #callings: Calling[] = []
  readonly #took = new Histogram()

  constructor({ url, count, ramp }: RoleOptions) {
    const open = new Countdown(count)
    ramped(count, ramp, () => this.#callings.push(new Calling(url, open, tookMs => this.#took.add(tookMs))))
    this.ready = open.done
  }

  /** `call`: for `ms`, each with `atOnce` calls under way. */
  async perform(task: string, options: Readonly<Record<string, number>>): Promise<CallersFigures> {
    if (task !== 'call') throw new Error(`callers cannot ${task}`)
    this.#took.clear()
    const begunAt = performance.now()
    for (const calling of this.#callings) calling.call(begunAt + options.ms!, options.atOnce!)
    await new Promise<void>(resolve => setTimeout(() => resolve(), options.ms))
    const perSecond = (this.#took.count / (performance.now() - begunAt)) * 1000
    return { perSecond, took: this.#took.percentiles() }
  }
}

export interface CallersFigures {
  readonly perSecond: number
  readonly took: ReturnType<Histogram['percentiles']>
}
