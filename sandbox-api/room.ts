import { encode } from './amf.ts'
import { type Collection, Shelf, sealClass } from './collection.ts'
import type { Engine } from './engine.ts'
import { textGiven } from './given.ts'
import { idOf } from './ids.ts'
import { Owned } from './own-fields.ts'
import type { Publication } from './publication.ts'

/** What the engine knows of a room. */
export class RoomState {
  readonly engine: Engine
  readonly key: string
  /** Path of its application. */
  readonly app: string
  readonly name: string
  readonly view: Room
  readonly clients = new Shelf<string, Owned>(idOf)
  readonly publications = new Shelf<string, Publication>(given => (typeof given === 'string' ? given : undefined))
  /** The server says that it is there; before, only this script's own publication is in it. */
  confirmed = false
  gone = false

  constructor(engine: Engine, app: string, name: string, view: Room) {
    this.engine = engine
    this.key = `${app}\n${name}`
    this.app = app
    this.name = name
    this.view = view
  }
}

export let roomStateOf: (room: Room) => RoomState

/** A room of an application, there as long as it has a client or a publication. */
export class Room extends Owned {
  readonly #state: RoomState

  constructor(engine: Engine, app: string, name: string) {
    super(engine.fields, 'room', `${app}\n${name}`)
    this.#state = new RoomState(engine, app, name, this)
  }

  static {
    roomStateOf = room => room.#state
  }

  /** '' for the default room. */
  get name(): string {
    return this.#state.name
  }

  /** Path of its application. */
  get path(): string {
    return this.#state.app
  }

  get clients(): Collection<string, Owned> {
    return this.#state.clients.view
  }

  /** By their names within the room. */
  get publications(): Collection<string, Publication> {
    return this.#state.publications.view
  }

  /** A message to every client in it. */
  broadcast(name: string, ...values: unknown[]): void {
    const { engine, key, gone } = this.#state
    const { outbox } = engine
    const method = textGiven(name, 'broadcast: name')
    const args0 = encode(values, 0, outbox)
    const args3 = encode(values, 3, outbox)
    if (gone) return
    const bytes = args0.length + args3.length + method.length
    outbox.write({ c: 'broadcast', room: key, name: method, args0, args3 }, bytes)
  }

  get [Symbol.toStringTag](): string {
    return 'Room'
  }
}
sealClass(Room)
