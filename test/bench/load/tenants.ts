import { type Caller, Connection, targetOf } from './connection.ts'
import { Histogram } from './histogram.ts'
import { Countdown, type Role, type RoleOptions, ramped } from './role.ts'
import { command } from './wire.ts'

/** The first transaction that is free: connect has 1 and createStream 4. */
const firstId = 5

/** What the first application can be made to do to itself; see apps.bench.ts. */
const bombs = ['', 'loop', 'fill']

export interface TenantsFigures {
  /** Of all applications but the first. */
  readonly answers: number
  readonly failures: number
  readonly took: ReturnType<Histogram['percentiles']>
}

class Tenant {
  readonly app: number
  readonly #connection: Connection
  readonly #askedAt = new Map<number, number>()
  #nextId = firstId

  constructor(url: string, app: number, open: Countdown, answered: (app: number, tookMs: number, ok: boolean) => void) {
    this.app = app
    const take = (id: number, ok: boolean): void => {
      const askedAt = this.#askedAt.get(id)
      if (askedAt === undefined) return
      this.#askedAt.delete(id)
      answered(app, performance.now() - askedAt, ok)
    }
    const caller: Caller = {
      opened: () => open.one(),
      answered: id => take(id, true),
      failed: id => take(id, false),
      closed: why => open.fail(`a client of application ${app}: ${why}`),
      media: () => {},
      called: () => {},
    }
    this.#connection = new Connection(targetOf(url), caller)
  }

  ask(name: string): void {
    const id = this.#nextId++
    this.#askedAt.set(id, performance.now())
    this.#connection.write(command(0, name, id, null, 'a few words', id))
  }
}

/** The clients of many applications, in turns: `/live` in the URL becomes `/live0`, `/live1` … */
export class Tenants implements Role {
  readonly ready: Promise<void>
  readonly #tenants: Tenant[] = []
  readonly #took = new Histogram()
  #failures = 0
  #next = 0

  constructor({ url, count, ramp, apps }: RoleOptions) {
    const open = new Countdown(count)
    const answered = (app: number, tookMs: number, ok: boolean): void => {
      if (app === 0) return
      this.#took.add(tookMs)
      if (!ok) this.#failures++
    }
    ramped(count, ramp, nth => {
      const app = nth % apps
      this.#tenants.push(new Tenant(url.replace('/live/', `/live${app}/`), app, open, answered))
    })
    this.ready = open.done
  }

  /** `ask`: for `ms`, `perSecond` calls of `echo` in all, one client after another; `bomb`: what befalls the first. */
  async perform(task: string, options: Readonly<Record<string, number>>): Promise<TenantsFigures> {
    if (task !== 'ask') throw new Error(`tenants cannot ${task}`)
    const { ms = 0, perSecond = 0, bomb = 0 } = options
    this.#took.clear()
    this.#failures = 0
    const begunAt = performance.now()
    let asked = 0
    if (bomb > 0) this.#tenants[0]!.ask(bombs[bomb]!)
    await new Promise<void>(resolve => {
      const timer = setInterval(() => {
        const passed = performance.now() - begunAt
        for (const due = (passed / 1000) * perSecond; asked < due; asked++) this.#ask()
        if (passed < ms) return
        clearInterval(timer)
        resolve()
      }, 2)
    })
    return { answers: this.#took.count, failures: this.#failures, took: this.#took.percentiles() }
  }

  #ask(): void {
    this.#tenants[this.#next++ % this.#tenants.length]!.ask('echo')
  }
}
