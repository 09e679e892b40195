import { type Client, clientStateOf } from './client.ts'
import { type Collection, Shelf, sealClass } from './collection.ts'
import type { Engine } from './engine.ts'
import { idOf, rawId } from './ids.ts'
import type { Owned } from './own-fields.ts'
import { TypeErrorClass, textStartsWith } from './primordials.ts'

/** What the engine knows of a group. */
export class GroupState {
  readonly engine: Engine
  /** Path of its application. */
  readonly app: string
  readonly id: string
  readonly view: Group
  readonly members = new Shelf<string, Owned>(idOf)
  /** Somebody is in it now, or nobody is. */
  readonly changed: (state: GroupState) => void

  constructor(engine: Engine, app: string, id: string, view: Group, changed: (state: GroupState) => void) {
    this.engine = engine
    this.app = app
    this.id = id
    this.view = view
    this.changed = changed
  }

  get key(): string {
    return `${this.app}\n${this.id}`
  }

  joined(id: string, client: Owned): void {
    this.members.items.set(id, client)
    this.changed(this)
  }

  left(id: string): void {
    this.members.items.delete(id)
    this.changed(this)
  }
}

export let groupStateOf: (group: Group) => GroupState

/** Clients that belong together; it iterates as [id, client], in the order in which they joined. */
export class Group {
  readonly #state: GroupState

  constructor(engine: Engine, app: string, id: string, changed: (state: GroupState) => void) {
    this.#state = new GroupState(engine, app, id, this, changed)
  }

  static {
    groupStateOf = group => group.#state
  }

  get id(): string {
    return this.#state.id
  }

  get rawId(): Uint8Array {
    return rawId(this.#state.id)
  }

  get size(): number {
    return this.#state.members.items.size
  }

  /** The client joins; nothing happens when it is in the group, or has gone. */
  add(client: Client): void {
    const { engine, app, id, members } = this.#state
    const { facts, gone } = stateOf(client)
    if (facts.path !== app && !textStartsWith(facts.path, `${app}/`)) {
      throw new TypeErrorClass("add: the client is not in the group's application")
    }
    if (gone || members.items.has(facts.id)) return
    engine.outbox.write({ c: 'groupAdd', app, id, client: facts.id }, 0)
    this.#state.joined(facts.id, client)
  }

  remove(client: Client): void {
    const { engine, app, id, members } = this.#state
    const { facts } = stateOf(client)
    if (!members.items.has(facts.id)) return
    engine.outbox.write({ c: 'groupRemove', app, id, client: facts.id }, 0)
    this.#state.left(facts.id)
  }

  pairs(): IterableIterator<[string, Owned]> {
    return this.#members.pairs()
  }

  ipairs(): IterableIterator<[string, Owned]> {
    return this.#members.pairs()
  }

  [Symbol.iterator](): IterableIterator<[string, Owned]> {
    return this.#members.pairs()
  }

  get [Symbol.toStringTag](): string {
    return 'Group'
  }

  get #members(): Collection<string, Owned> {
    return this.#state.members.view
  }
}
sealClass(Group)

function stateOf(client: Client) {
  try {
    return clientStateOf(client)
  } catch {
    throw new TypeErrorClass('a group takes a client')
  }
}
