import type { ClientFacts, PublicationFacts } from '../server/apps/wire.ts'
import { Shelf } from './collection.ts'
import type { Engine } from './engine.ts'
import type { Owned } from './own-fields.ts'
import { SafeMap } from './primordials.ts'
import type { Publication } from './publication.ts'
import { Room, type RoomState, roomStateOf } from './room.ts'

/** The rooms a script may see, with who and what is in them. */
export class RoomShelf {
  readonly shelf = new Shelf<string, Room>(given => (typeof given === 'string' ? given : undefined))
  readonly #states = new SafeMap<string, RoomState>()
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  get(key: string): RoomState | undefined {
    return this.#states.get(key)
  }

  forEach(visit: (state: RoomState) => void): void {
    this.#states.forEach(visit)
  }

  /** There is such a room. */
  exists(app: string, name: string): void {
    this.#at(app, name).confirmed = true
  }

  gone(key: string): void {
    const state = this.#states.get(key)
    if (state !== undefined) this.#remove(state)
  }

  joined({ path, room, id }: ClientFacts, client: Owned): void {
    this.#states.get(`${path}\n${room}`)?.clients.items.set(id, client)
  }

  left({ path, room, id }: ClientFacts): void {
    this.#states.get(`${path}\n${room}`)?.clients.items.delete(id)
  }

  published({ app, room, name }: PublicationFacts, publication: Publication): void {
    this.#at(app, room).publications.items.set(name, publication)
  }

  unpublished({ app, room, name }: PublicationFacts): void {
    const state = this.#states.get(`${app}\n${room}`)
    state?.publications.items.delete(name)
    if (state !== undefined && !state.confirmed && state.publications.items.size === 0) this.#remove(state)
  }

  #at(app: string, name: string): RoomState {
    const known = this.#states.get(`${app}\n${name}`)
    if (known !== undefined) return known
    const state = roomStateOf(new Room(this.#engine, app, name))
    this.#states.set(state.key, state)
    this.shelf.items.set(this.#shownKey(state), state.view)
    return state
  }

  #remove(state: RoomState): void {
    state.gone = true
    this.#states.delete(state.key)
    this.shelf.items.delete(this.#shownKey(state))
  }

  /** As this app names it: its own by name, a descendant's by the path of a URL that leads there. */
  #shownKey({ app, name }: RoomState): string {
    if (app === this.#engine.path) return name
    return name === '' ? app : `${app}/${name}`
  }
}
