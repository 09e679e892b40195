import { sealClass } from '../collection.ts'
import { STORAGE_KEY } from '../limits.ts'
import { freeze, TypeErrorClass, textIndexOf, uncurry } from '../primordials.ts'
import { structuredClone } from '../web/structured-clone.ts'
import type { Door } from './door.ts'
import { weigh } from './weigh.ts'

const isWellFormed = uncurry(String.prototype.isWellFormed as (this: string) => boolean)

/** Values that outlive the application and the server: one file for each application, durable before a promise is fulfilled. */
export class Storage {
  readonly #door: Door

  constructor(door: Door) {
    this.#door = door
    freeze(this)
  }

  /** The value, a copy of its own each time; undefined when there is none. */
  async get(key: string): Promise<unknown> {
    return await this.#door.ask({ noun: 'storage', what: 'get', key: readKey(key) }, 0)
  }

  /** Whatever structuredClone can copy. Rejects with a QuotaError past apps.storage. */
  async set(key: string, value: unknown): Promise<void> {
    const copy = structuredClone(value)
    await this.#door.ask({ noun: 'storage', what: 'set', key: readKey(key), value: copy }, weigh(copy))
  }

  /** Whether there was one. */
  async delete(key: string): Promise<boolean> {
    return (await this.#door.ask({ noun: 'storage', what: 'delete', key: readKey(key) }, 0)) as boolean
  }

  /** The keys that begin with `prefix`, sorted. */
  async list(prefix: string = ''): Promise<string[]> {
    return (await this.#door.ask(
      { noun: 'storage', what: 'list', key: prefix === '' ? '' : readKey(prefix) },
      0,
    )) as string[]
  }

  get [Symbol.toStringTag](): string {
    return 'Storage'
  }
}
sealClass(Storage)

function readKey(key: unknown): string {
  if (typeof key !== 'string' || key === '' || key.length > STORAGE_KEY) {
    throw new TypeErrorClass(`a key of the storage is a text of 1 to ${STORAGE_KEY} characters`)
  }
  if (!isWellFormed(key) || textIndexOf(key, '\0') >= 0) {
    throw new TypeErrorClass('a key of the storage is a text without NUL and halves of characters')
  }
  return key
}
