import type { Engine } from './engine.ts'
import type { Estate, KnownFields } from './glass.ts'
import type { Mirrors } from './mirrors.ts'
import { fieldsOf } from './own-fields.ts'
import { packMirrors } from './packed-mirrors.ts'
import { list } from './primordials.ts'
import { faultOf } from './thrown.ts'

/** What one version leaves to the next: the mirrors, and the data fields of what scripts may put some on. */
export class Handover {
  readonly #engine: Engine
  readonly #mirrors: Mirrors

  constructor(engine: Engine, mirrors: Mirrors) {
    this.#engine = engine
    this.#mirrors = mirrors
  }

  estate(): Estate {
    const answered = list<string>()
    this.#mirrors.eachClient(state => {
      if (state.answered && !state.gone) answered[answered.length] = state.facts.id
    })
    const { asks, counts } = this.#engine
    return { mirror: packMirrors(this.#mirrors), answered, nextTicket: asks.nextTicket, counts }
  }

  fields(): KnownFields[] {
    const packed = list<KnownFields>()
    this.#mirrors.eachOwned(({ view }) => {
      const fields = fieldsOf(view)
      packed[packed.length] = fields.pack((name, error) => {
        const fault = faultOf(error)
        this.#engine.outbox.log('warn', `${fields.of}.${name} does not survive the reload: ${fault.text}`, fault)
      })
    })
    return packed
  }

  unpack(estate: Estate, fields: KnownFields[] | undefined): void {
    const { mirror } = estate
    for (let i = 0; i < mirror.length; i++) this.#mirrors.apply(mirror[i]!)
    this.#engine.asks.nextTicket = estate.nextTicket
    // Filling the mirrors was no coming of clients.
    this.#engine.counts = estate.counts ?? { ...this.#engine.counts, accepted: 0 }
    if (fields === undefined) return
    for (let i = 0; i < fields.length; i++) {
      const owned = this.#mirrors.owned(fields[i]!.of, fields[i]!.id)
      if (owned !== undefined) fieldsOf(owned.view).unpack(fields[i]!)
    }
  }
}
