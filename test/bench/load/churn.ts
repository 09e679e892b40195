import { type Caller, Connection, type Target, targetOf } from './connection.ts'
import { Histogram } from './histogram.ts'
import type { Role, RoleOptions } from './role.ts'

class Passing implements Caller {
  readonly #connection: Connection
  readonly #over: (tookMs: number, failure: string | null) => void
  #came = false

  constructor(target: Target, over: (tookMs: number, failure: string | null) => void) {
    this.#over = over
    this.#connection = new Connection(target, this)
  }

  opened(): void {
    this.#came = true
    this.#over(performance.now() - this.#connection.begunAt, null)
    this.#connection.end()
  }

  closed(why: string): void {
    if (!this.#came) this.#over(0, why)
  }

  media(): void {}
  called(): void {}
  answered(): void {}
}

/** Handshake, connect, createStream, close, and the next: so many at a time. */
export class Churn implements Role {
  readonly ready = Promise.resolve()
  readonly #target: Target

  constructor({ url }: RoleOptions) {
    this.#target = targetOf(url)
  }

  perform(task: string, options: Readonly<Record<string, number>>): unknown {
    if (task !== 'churn') throw new Error(`churn cannot ${task}`)
    return this.#churn(options.count!, options.concurrency!)
  }

  #churn(count: number, concurrency: number): Promise<ChurnFigures> {
    const took = new Histogram()
    const failures = new Map<string, number>()
    const cpu = process.cpuUsage()
    const begunAt = performance.now()
    let begun = 0
    let over = 0
    return new Promise(resolve => {
      const next = (): void => {
        if (begun === count) return
        begun++
        new Passing(this.#target, (tookMs, failure) => {
          if (failure === null) took.add(tookMs)
          else failures.set(failure, (failures.get(failure) ?? 0) + 1)
          next()
          if (++over === count) resolve(figures())
        })
      }
      const figures = (): ChurnFigures => {
        const seconds = (performance.now() - begunAt) / 1000
        const used = process.cpuUsage(cpu)
        return {
          seconds,
          cpuSeconds: (used.user + used.system) / 1e6,
          perSecond: took.count / seconds,
          opened: took.count,
          failures: Object.fromEntries(failures),
          took: took.percentiles(),
        }
      }
      for (let i = 0; i < concurrency; i++) next()
    })
  }
}

export interface ChurnFigures {
  readonly seconds: number
  /** The load's own. */
  readonly cpuSeconds: number
  readonly perSecond: number
  readonly opened: number
  readonly failures: Readonly<Record<string, number>>
  readonly took: ReturnType<Histogram['percentiles']>
}
