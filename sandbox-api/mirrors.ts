import type {
  ClientFacts,
  FieldsOf,
  ListenerFacts,
  MirrorEvent,
  PublicationFacts,
  QosFacts,
} from '../server/apps/wire.ts'
import { type ClientKind, usualClients } from './client.ts'
import type { ClientState } from './client-state.ts'
import { Shelf } from './collection.ts'
import type { Engine } from './engine.ts'
import { groupStateOf } from './group.ts'
import { GroupShelf } from './groups.ts'
import { idOf } from './ids.ts'
import { Listener, type ListenerState, listenerStateOf } from './listener.ts'
import { AppShelf } from './other-app.ts'
import { fieldsOf, type Owned } from './own-fields.ts'
import { ownKeys, SafeMap } from './primordials.ts'
import { Publication, type PublicationState, publicationStateOf } from './publication.ts'
import { noQos } from './qos.ts'
import { RoomShelf } from './room-shelf.ts'
import { localOwner, SharedShelf } from './shared-state.ts'

const nameOf = (given: unknown) => (typeof given === 'string' ? given : undefined)

/** What scripts may read at once, kept true by the stream of events. */
export class Mirrors {
  readonly clients = new Shelf<string, Owned>(idOf)
  readonly publications = new Shelf<string, Publication>(nameOf)
  readonly groups: GroupShelf
  readonly applications: AppShelf
  readonly rooms: RoomShelf
  /** Also those whose verdict is out, and those that have left and may still be spoken of. */
  readonly #clients = new SafeMap<string, ClientState>()
  readonly #publications = new SafeMap<string, PublicationState>()
  readonly #listeners = new SafeMap<number, ListenerState>()
  readonly shared: SharedShelf
  readonly #engine: Engine
  readonly #kind: ClientKind
  /** Grows whenever somebody joins or leaves. */
  census = 0

  constructor(engine: Engine, kind: ClientKind = usualClients) {
    this.#engine = engine
    this.#kind = kind
    this.groups = new GroupShelf(engine)
    this.applications = new AppShelf(engine)
    this.shared = new SharedShelf(engine, localOwner(engine))
    this.rooms = new RoomShelf(engine)
  }

  client(id: string): ClientState | undefined {
    return this.#clients.get(id)
  }

  publication(key: string): PublicationState | undefined {
    return this.#publications.get(key)
  }

  listener(id: number): ListenerState | undefined {
    return this.#listeners.get(id)
  }

  eachClient(visit: (state: ClientState) => void): void {
    this.#clients.forEach(visit)
  }

  /** What scripts may put fields on. */
  owned(of: FieldsOf, id: string): { view: Owned } | undefined {
    if (of === 'client') return this.#clients.get(id)
    return of === 'publication' ? this.#publications.get(id) : this.rooms.get(id)
  }

  eachPublication(visit: (state: PublicationState, key: string) => void): void {
    this.#publications.forEach(visit)
  }

  eachListener(visit: (state: ListenerState, id: number) => void): void {
    this.#listeners.forEach(visit)
  }

  eachOwned(visit: (owned: { view: Owned }) => void): void {
    this.#clients.forEach(visit)
    this.#publications.forEach(visit)
    this.rooms.forEach(visit)
  }

  apply(event: MirrorEvent): void {
    switch (event.e) {
      case 'client':
        this.#known(event.facts)
        break
      case 'joined':
        this.#joined(event.client)
        break
      case 'left':
        if (event.figures !== undefined) {
          this.#clients.get(event.client)?.measured(this.#engine.clock.now(), event.figures)
        }
        this.#left(event.client)
        break
      case 'forget':
        this.#left(event.client)
        this.#clients.delete(event.client)
        return
      case 'room':
        this.rooms.exists(event.app, event.room)
        return
      case 'unroom':
        this.rooms.gone(event.room)
        break
      case 'publication':
        this.published(event.facts)
        return
      case 'unpublication':
        this.unpublished(event.publication)
        break
      case 'listener':
        this.#subscribed(event.facts)
        break
      case 'listening':
        this.#listening(event.listener)
        break
      case 'unlistener':
        this.#unsubscribed(event.listener)
        break
      case 'access': {
        const { e: _, client, ...access } = event
        const state = this.#clients.get(client)
        if (state !== undefined) Object.assign(state.facts, access)
        return
      }
      case 'sampleAccess': {
        const facts = this.#listeners.get(event.listener)?.facts
        if (facts === undefined) return
        facts.audioSampleAccess = event.audio
        facts.videoSampleAccess = event.video
        return
      }
      case 'metadata': {
        const state = this.#publications.get(event.publication)
        if (state === undefined) return
        state.metadata = event.metadata
        state.shown = undefined
        return
      }
      case 'codecs': {
        const state = this.#publications.get(event.publication)
        if (state === undefined) return
        state.codecs = { audio: event.audio, video: event.video }
        state.tracks = event.tracks
        return
      }
      case 'groupJoined': {
        const client = this.#clients.get(event.client)
        if (client !== undefined) groupStateOf(this.groups.at(event.app, event.id)).joined(client.facts.id, client.view)
        return
      }
      case 'groupLeft':
        groupStateOf(this.groups.at(event.app, event.id)).left(event.client)
        break
      case 'applications':
        this.applications.are(event.paths)
        return
      case 'fields': {
        const owned = this.owned(event.of, event.id)
        if (owned !== undefined) fieldsOf(owned.view).heard(event.fields)
        return
      }
      case 'fieldsTaken': {
        const owned = this.owned(event.of, event.id)
        if (owned !== undefined) fieldsOf(owned.view).taken(event.names)
        return
      }
      case 'shared':
        this.shared.apply(event.facts)
        return
      case 'stats':
        this.#stats(event)
        break
      default:
        event satisfies never
    }
  }

  /** A publication appears or changes its publisher; gives what stands for it. */
  published(facts: PublicationFacts): PublicationState {
    const key = `${facts.app}\n${facts.address}`
    const known = this.#publications.get(key)
    if (known !== undefined) {
      const { publisherId, generation } = known.facts
      // Figures are those of one publisher.
      if (facts.publisherId !== publisherId || facts.generation !== generation) known.audio = known.video = noQos
      if (facts.publisherId !== '' && facts.publisherId !== 'script') known.ended = known.isHeld = false
      known.facts = facts
      return known
    }
    const state = publicationStateOf(new Publication(this.#engine, key, facts))
    this.#publications.set(key, state)
    this.publications.items.set(this.#shownKey(facts), state.view)
    this.rooms.published(facts, state.view)
    return state
  }

  unpublished(key: string): void {
    const state = this.#publications.get(key)
    if (state === undefined) return
    state.closed = true
    state.facts = { ...state.facts, publisherId: '', startedAt: 0 }
    this.#publications.delete(key)
    this.publications.items.delete(this.#shownKey(state.facts))
    this.rooms.unpublished(state.facts)
  }

  #known(facts: ClientFacts): void {
    if (this.#clients.has(facts.id)) return
    const state = this.#kind.make(this.#engine, facts)
    const names = ownKeys(facts.query) as string[]
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!
      if (this.#kind.members.has(name)) continue
      fieldsOf(state.view).plant(name, facts.query[name]!)
    }
    this.#clients.set(facts.id, state)
  }

  #joined(id: string): void {
    const state = this.#clients.get(id)
    if (state === undefined || state.gone) return
    state.joined = true
    this.census++
    this.#engine.counts.accepted++
    this.clients.items.set(id, state.view)
    this.rooms.joined(state.facts, state.view)
  }

  #left(id: string): void {
    const state = this.#clients.get(id)
    if (state === undefined || state.gone) return
    const { counts } = this.#engine
    if (state.joined) counts.left++
    else counts.rejected++
    counts.bytesIn += state.bytesIn
    counts.bytesOut += state.bytesOut
    counts.messagesIn += state.messagesIn
    counts.messagesOut += state.messagesOut
    state.gone = true
    this.census++
    state.joined = false
    this.clients.items.delete(id)
    this.rooms.left(state.facts)
    this.#engine.asks.abandon(id)
  }

  #subscribed(facts: ListenerFacts): void {
    const client = this.#clients.get(facts.client)
    const publication = this.#publications.get(facts.publication)
    if (client === undefined || publication === undefined || this.#listeners.has(facts.id)) return
    const view = new Listener(this.#engine, facts, client.view, publication.view)
    this.#listeners.set(facts.id, listenerStateOf(view))
  }

  #listening(id: number): void {
    const state = this.#listeners.get(id)
    if (state === undefined || state.ended) return
    state.listening = true
    publicationStateOf(state.publication).listeners.items.set(id, state.view)
  }

  #unsubscribed(id: number): void {
    const state = this.#listeners.get(id)
    if (state === undefined) return
    state.ended = true
    state.listening = false
    publicationStateOf(state.publication).listeners.items.delete(id)
    this.#listeners.delete(id)
  }

  #stats(event: MirrorEvent & { e: 'stats' }): void {
    for (let i = 0; i < event.clients.length; i++) {
      const row = event.clients[i]!
      const state = this.#clients.get(row[0])
      if (state === undefined) continue
      state.measured(this.#engine.clock.now(), [row[1], row[2], row[3], row[4], row[5], row[6]])
    }
    for (let i = 0; i < event.publications.length; i++) {
      const row = event.publications[i]!
      const state = this.#publications.get(row.publication)
      if (state === undefined) continue
      state.audio = row.audio
      state.video = row.video
    }
    for (let i = 0; i < event.listeners.length; i++) {
      const row = event.listeners[i]!
      const state = this.#listeners.get(row.listener)
      if (state === undefined) continue
      const { counts } = this.#engine
      counts.dropped += droppedSince(state.audio, row.audio) + droppedSince(state.video, row.video)
      state.audio = row.audio
      state.video = row.video
    }
  }

  /** As this app names it: its own by address, a descendant's absolutely. */
  #shownKey(facts: PublicationFacts): string {
    return facts.app === this.#engine.path ? facts.address : `${facts.app}/${facts.address}`
  }
}

/** A listener's own count begins anew with every publisher. */
function droppedSince(before: QosFacts, now: QosFacts): number {
  const dropped = now.droppedFrames
  return dropped < before.droppedFrames ? dropped : dropped - before.droppedFrames
}
