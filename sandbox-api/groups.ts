import { sealClass } from './collection.ts'
import { sha256 } from './crypto/sha256.ts'
import type { Engine } from './engine.ts'
import { Group, type GroupState, groupStateOf } from './group.ts'
import { hexOf, idOf } from './ids.ts'
import { GROUPS_SWEPT } from './limits.ts'
import { freeze, SafeMap, toText, WeakRefClass, weakTarget } from './primordials.ts'
import { TextEncoder } from './web/text-coding.ts'

const encoder = new TextEncoder()

/** The groups a script may see: those with members, and those it holds itself. */
export class GroupShelf {
  readonly view: Groups
  /** Those with members, as scripts name them. */
  readonly #full = new SafeMap<string, Group>()
  /** Those without, as long as the script holds them. */
  readonly #empty = new SafeMap<string, WeakRef<Group>>()
  readonly #engine: Engine
  #sweepAt = GROUPS_SWEPT

  constructor(engine: Engine) {
    this.#engine = engine
    this.view = new Groups(this)
  }

  /** Found, or made without members. */
  at(app: string, id: string): Group {
    const key = this.#shownKey(app, id)
    const known = this.get(key)
    if (known !== undefined) return known
    const group = new Group(this.#engine, app, id, state => this.#changed(state))
    this.#changed(groupStateOf(group))
    return group
  }

  own(name: string): Group {
    return this.at(this.#engine.path, hexOf(sha256(encoder.encode(name))))
  }

  get(key: string): Group | undefined {
    const full = this.#full.get(key)
    if (full !== undefined) return full
    const held = this.#empty.get(key)
    return held && weakTarget(held)
  }

  forEach(visit: (state: GroupState) => void): void {
    this.#full.forEach(group => {
      visit(groupStateOf(group))
    })
  }

  all(): SafeMap<string, Group> {
    const groups = new SafeMap<string, Group>()
    this.#full.forEach((group, key) => {
      groups.set(key, group)
    })
    this.#empty.forEach((held, key) => {
      const group = weakTarget(held)
      if (group === undefined) this.#empty.delete(key)
      else groups.set(key, group)
    })
    return groups
  }

  #changed({ app, id, view }: GroupState): void {
    const key = this.#shownKey(app, id)
    if (view.size > 0) {
      this.#full.set(key, view)
      this.#empty.delete(key)
      return
    }
    this.#full.delete(key)
    this.#empty.set(key, new WeakRefClass(view))
    if (this.#empty.size < this.#sweepAt) return
    this.all()
    this.#sweepAt = this.#empty.size * 2 + GROUPS_SWEPT
  }

  /** As this app names it: its own by id, a descendant's absolutely. */
  #shownKey(app: string, id: string): string {
    return app === this.#engine.path ? id : `${app}/${id}`
  }
}

/** What scripts see of them. */
export class Groups {
  readonly #shelf: GroupShelf

  constructor(shelf: GroupShelf) {
    this.#shelf = shelf
    freeze(this)
  }

  /** The group whose id is the SHA-256 of the name. */
  create(name: string): Group {
    return this.#shelf.own(toText(name))
  }

  get count(): number {
    return this.#shelf.all().size
  }

  get(key: unknown): Group | undefined {
    const id = idOf(key)
    return id === undefined ? undefined : this.#shelf.get(id)
  }

  has(key: unknown): boolean {
    return this.get(key) !== undefined
  }

  pairs(): IterableIterator<[string, Group]> {
    return this.#shelf.all().entries()
  }

  ipairs(): IterableIterator<[string, Group]> {
    return this.#shelf.all().entries()
  }

  [Symbol.iterator](): IterableIterator<[string, Group]> {
    return this.#shelf.all().entries()
  }

  get [Symbol.toStringTag](): string {
    return 'Collection'
  }
}
sealClass(Groups)
