import { nameErrors } from './named.ts'
import { deleteProperty, freeze, SafeMap } from './primordials.ts'
import { showMembers } from './shown.ts'

/** Puts what scripts may see of a class in its final state: no way to its constructor, nothing to replace, named errors. */
export function sealClass(shown: { prototype: object }): void {
  nameErrors(shown.prototype)
  deleteProperty(shown.prototype, 'constructor')
  showMembers(shown.prototype)
  freeze(shown.prototype)
}

/** The engine's hand on a collection; scripts hold only the Collection. */
export class Shelf<K, V extends object> {
  readonly items = new SafeMap<K, V>()
  readonly view: Collection<K, V>

  /** `keyOf` makes a key of what a script gives, undefined when it can be none. */
  constructor(keyOf: (given: unknown) => K | undefined) {
    this.view = new Collection(this.items, keyOf)
  }
}

/** What scripts see of clients, publications, listeners and groups: read-only, always true, iterable as [key, item]. */
export class Collection<K, V> {
  readonly #items: SafeMap<K, V>
  readonly #keyOf: (given: unknown) => K | undefined

  constructor(items: SafeMap<K, V>, keyOf: (given: unknown) => K | undefined) {
    this.#items = items
    this.#keyOf = keyOf
    freeze(this)
  }

  get count(): number {
    return this.#items.size
  }

  get(key: unknown): V | undefined {
    const known = this.#keyOf(key)
    return known === undefined ? undefined : this.#items.get(known)
  }

  has(key: unknown): boolean {
    return this.get(key) !== undefined
  }

  pairs(): IterableIterator<[K, V]> {
    return this.#items.entries()
  }

  ipairs(): IterableIterator<[K, V]> {
    return this.#items.entries()
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#items.entries()
  }

  get [Symbol.toStringTag](): string {
    return 'Collection'
  }
}
sealClass(Collection)
