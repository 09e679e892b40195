import type { Engine } from '../engine.ts'
import { isThenable, list, PromiseClass, prepend, reflectApply, SafeMap } from '../primordials.ts'
import { Refusal } from '../refusal.ts'
import type { Script } from '../stage.ts'
import { ascStateOf } from './client.ts'

type Decision = true | Refusal

/** A client whose onConnect has not been answered. */
interface Arrival {
  readonly client: object
  decision: Decision | undefined
  /** Set while the application has postponed it. */
  settle: ((decision: Decision) => void) | undefined
}

/**
 * Clients at the door. onConnect answers true or false, or the application says acceptConnection() or rejectConnection(),
 * in it or later: what is neither is postponed, for apps.verdictTimeout.
 */
export class Arrivals {
  readonly #engine: Engine
  readonly #open = new SafeMap<string, Arrival>()
  /** Accepted by the script while their onConnect still runs, or before the server has said so too. */
  readonly #early = new SafeMap<string, object>()
  /** Grows whenever one is accepted. */
  accepted = 0

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Plays onConnect. What it gives or throws is the verdict, a promise of it when it is postponed. */
  connect(application: object, script: Script, client: object, values: unknown[]): unknown {
    this.#sweep()
    const { id } = ascStateOf(client).facts
    const arrival: Arrival = { client, decision: undefined, settle: undefined }
    this.#open.set(id, arrival)
    let value: unknown
    try {
      value = reflectApply(script as (...values: unknown[]) => unknown, application, prepend(client, values))
    } catch (error) {
      this.#open.delete(id)
      throw error
    }
    if (arrival.decision === undefined && isThenable(value)) return this.#later(arrival, id, value)
    return this.#verdict(arrival, id, value)
  }

  /** False for one that is not at the door. */
  decide(client: object, decision: Decision): boolean {
    const { facts, gone } = ascStateOf(client)
    const arrival = this.#open.get(facts.id)
    if (arrival === undefined || arrival.decision !== undefined || gone) return false
    arrival.decision = decision
    if (decision === true) {
      this.#early.set(facts.id, client)
      this.accepted++
    }
    if (arrival.settle !== undefined) {
      this.#open.delete(facts.id)
      arrival.settle(decision)
    }
    return true
  }

  /** Those that the script has accepted and the server has not let in yet. */
  eachEarly(visit: (client: object) => void): void {
    this.#early.forEach((client, id) => {
      const { joined, gone } = ascStateOf(client)
      if (joined || gone) this.#early.delete(id)
      else visit(client)
    })
  }

  async #later(arrival: Arrival, id: string, promise: PromiseLike<unknown>): Promise<unknown> {
    let value: unknown
    try {
      value = await promise
    } catch (error) {
      this.#open.delete(id)
      throw error
    }
    return this.#verdict(arrival, id, value)
  }

  #verdict(arrival: Arrival, id: string, value: unknown): unknown {
    const { decision } = arrival
    if (decision !== undefined || typeof value === 'boolean') {
      this.#open.delete(id)
      const said = decision ?? (value === true || new Refusal(''))
      if (said !== true) throw said
      return true
    }
    return new PromiseClass((resolve, reject) => {
      arrival.settle = said => (said === true ? resolve(true) : reject(said))
    })
  }

  /** Whoever has gone, or was told that nobody answered in time, waits no longer. */
  #sweep(): void {
    if (this.#open.size <= this.#engine.limits.pendingCalls) return
    const over = list<string>()
    this.#open.forEach(({ client }, id) => {
      const { gone, joined } = ascStateOf(client)
      if (gone || joined) over[over.length] = id
    })
    for (let i = 0; i < over.length; i++) this.#open.delete(over[i]!)
  }
}
