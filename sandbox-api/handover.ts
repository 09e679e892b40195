import type { Client } from './client.ts'
import type { Engine } from './engine.ts'
import type { Estate, Fields } from './glass.ts'
import type { Mirrors } from './mirrors.ts'
import { deleteProperty, getOwnPropertyDescriptor, hasOwn, list, ObjectClass, ownKeys, setOwn } from './primordials.ts'
import type { Publication } from './publication.ts'
import { faultOf } from './thrown.ts'
import { structuredClone } from './web/structured-clone.ts'

/** What one version leaves to the next: the mirrors, and the data fields a script put on clients and publications. */
export class Handover {
  readonly #engine: Engine
  readonly #mirrors: Mirrors

  constructor(engine: Engine, mirrors: Mirrors) {
    this.#engine = engine
    this.#mirrors = mirrors
  }

  estate(): Estate {
    const answered = list<string>()
    const samples: Estate['samples'] = list()
    this.#mirrors.eachClient(state => {
      if (state.answered && !state.gone) answered[answered.length] = state.facts.id
    })
    this.#mirrors.eachListener(({ facts, audioSampleAccess: audio, videoSampleAccess: video }) => {
      if (audio || video) samples[samples.length] = [facts.id, audio, video]
    })
    return { mirror: this.#mirrors.pack(), answered, samples, nextTicket: this.#engine.asks.nextTicket }
  }

  fields(): Fields {
    const clients: Fields['clients'] = list()
    const publications: Fields['publications'] = list()
    this.#mirrors.eachClient(state => {
      clients[clients.length] = [state.facts.id, this.#fieldsOf(state.view, 'client')]
    })
    this.#mirrors.eachPublication(state => {
      publications[publications.length] = [state.key, this.#fieldsOf(state.view, 'publication')]
    })
    return { clients, publications }
  }

  unpack(estate: Estate, fields: Fields | undefined): void {
    const { mirror, samples } = estate
    for (let i = 0; i < mirror.length; i++) this.#mirrors.apply(mirror[i]!)
    for (let i = 0; i < samples.length; i++) {
      const listener = this.#mirrors.listener(samples[i]![0])
      if (listener === undefined) continue
      listener.audioSampleAccess = samples[i]![1]
      listener.videoSampleAccess = samples[i]![2]
    }
    this.#engine.asks.nextTicket = estate.nextTicket
    if (fields === undefined) return
    for (let i = 0; i < fields.clients.length; i++) {
      const state = this.#mirrors.client(fields.clients[i]![0])
      if (state !== undefined) setFields(state.view, fields.clients[i]![1])
    }
    for (let i = 0; i < fields.publications.length; i++) {
      const state = this.#mirrors.publication(fields.publications[i]![0])
      if (state !== undefined) setFields(state.view, fields.publications[i]![1])
    }
  }

  /** Data only: functions stay behind, and what cannot be cloned is named in the log. */
  #fieldsOf(view: Client | Publication, what: string): Record<string, unknown> {
    const fields = new ObjectClass() as Record<string, unknown>
    const keys = ownKeys(view)
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!
      const field = getOwnPropertyDescriptor(view, key)
      if (
        typeof key === 'symbol' ||
        field === undefined ||
        !hasOwn(field, 'value') ||
        typeof field.value === 'function'
      ) {
        continue
      }
      try {
        const value = structuredClone(field.value)
        setOwn(fields, key, value)
      } catch (error) {
        const fault = faultOf(error)
        this.#engine.outbox.log('warn', `${what}.${key} does not survive the reload: ${fault.text}`, fault)
      }
    }
    return fields
  }
}

/** URL values stand on a new client already: the fields it had are the truth. */
function setFields(view: object, fields: Record<string, unknown>): void {
  const old = ownKeys(view)
  for (let i = 0; i < old.length; i++) deleteProperty(view, old[i]!)
  const keys = ownKeys(fields) as string[]
  for (let i = 0; i < keys.length; i++) {
    setOwn(view, keys[i]!, fields[keys[i]!])
  }
}
