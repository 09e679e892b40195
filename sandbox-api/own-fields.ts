import type { FieldsOf, FieldValues } from '../server/apps/wire.ts'
import { fromCloneBytes, toCloneBytes } from './clone-bytes.ts'
import type { FieldWatch } from './field-watch.ts'
import type { KnownFields } from './glass.ts'
import { FIELD_BYTES } from './limits.ts'
import {
  createObject,
  defineProperty,
  deleteProperty,
  freeze,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  hasOwn,
  list,
  ownKeys,
  ProxyClass,
  reflectGet,
  SafeMap,
  setOwn,
  setPrototypeOf,
  TypeErrorClass,
  toText,
} from './primordials.ts'

/** Null: the field was removed, or what is in it now does not travel. */
type Known = Uint8Array | null

/**
 * The properties that scripts put on one client, publication or room. Data among them is the same in every application
 * that sees the object, and outlives the isolate; the last writer wins. A value is looked at when it is
 * assigned, and when it was read and may have been changed inside. This is the handler of the Proxy that scripts hold.
 */
export class OwnFields {
  readonly of: FieldsOf
  readonly id: string
  /** What scripts hold. */
  readonly view: object
  readonly #watch: FieldWatch
  readonly #target: object
  /** As it was told or heard last. */
  #known: SafeMap<string, Known> | undefined
  /** What was told and has not come back: until then, what others wrote is older. */
  #pending: SafeMap<string, number> | undefined
  /** True for what was assigned or removed, false for what was read. */
  #touched: SafeMap<string, boolean> | undefined

  constructor(watch: FieldWatch, of: FieldsOf, id: string, prototype: object) {
    this.#watch = watch
    this.of = of
    this.id = id
    this.#target = createObject(prototype)
    this.view = new ProxyClass(this.#target, this as ProxyHandler<object>)
  }

  get(target: object, key: PropertyKey, receiver: unknown): unknown {
    const value = reflectGet(target, key, receiver)
    if (typeof value === 'object' && value !== null && hasOwn(target, key)) this.#touch(key, false)
    return value
  }

  defineProperty(target: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    setPrototypeOf(descriptor, null)
    // What is assigned meets the member's own setter before it comes here.
    const member = getOwnPropertyDescriptor(getPrototypeOf(target)!, key)
    if (member !== undefined && !hasOwn(member, 'value')) {
      throw new TypeErrorClass(`${toText(key)} cannot be defined anew: it is a member of every ${this.of}`)
    }
    const isDone = defineProperty(target, key, descriptor)
    if (isDone) this.#touch(key, true)
    return isDone
  }

  deleteProperty(target: object, key: PropertyKey): boolean {
    const isDone = deleteProperty(target, key)
    if (isDone) this.#touch(key, true)
    return isDone
  }

  /** Its members stay what they are. */
  setPrototypeOf(): boolean {
    return false
  }

  /** What other applications write must find its place. */
  preventExtensions(): boolean {
    return false
  }

  /** A field that every application knows of from the beginning. */
  plant(name: string, value: string): void {
    setOwn(this.#target, name, value)
    this.#remember(name, toCloneBytes(value))
  }

  /** What another application wrote, or what was there before this isolate. */
  heard(fields: FieldValues): void {
    for (let i = 0; i < fields.length; i++) {
      const [name, bytes] = fields[i]!
      if (this.#pending?.has(name) || this.#touched?.get(name) === true) continue
      this.#touched?.delete(name)
      this.#set(name, bytes)
    }
  }

  /** What this application wrote stands where all writes stand in order. */
  taken(names: readonly string[]): void {
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!
      const count = this.#pending?.get(name) ?? 0
      if (count > 1) this.#pending?.set(name, count - 1)
      else this.#pending?.delete(name)
    }
  }

  /** What has to be told. */
  changes(): FieldValues {
    const values: FieldValues = list()
    const names = list<string>()
    this.#touched?.forEach((_assigned, name) => {
      names[names.length] = name
    })
    this.#touched?.clear()
    for (let i = 0; i < names.length; i++) this.#change(names[i]!, this.#bytesOf(names[i]!), values)
    return values
  }

  /** For the next version: `refused` hears of each field that cannot come along. */
  pack(refused: (name: string, error: unknown) => void): KnownFields {
    const changed: FieldValues = list()
    const keys = ownKeys(this.#target)
    for (let i = 0; i < keys.length; i++) {
      const name = keys[i]!
      if (typeof name === 'symbol') continue
      this.#change(
        name,
        this.#bytesOf(name, error => refused(name, error)),
        changed,
      )
    }
    this.#watch.write(this, changed)
    const fields: KnownFields['fields'] = list()
    this.#known?.forEach((bytes, name) => {
      fields[fields.length] = [name, bytes, this.#pending?.get(name) ?? 0]
    })
    return { of: this.of, id: this.id, fields }
  }

  unpack({ fields }: KnownFields): void {
    for (let i = 0; i < fields.length; i++) {
      const [name, bytes, pending] = fields[i]!
      this.#set(name, bytes)
      if (pending > 0) this.#await(name, pending)
    }
  }

  #remember(name: string, bytes: Known): void {
    this.#known ??= new SafeMap()
    this.#known.set(name, bytes)
  }

  #await(name: string, count: number): void {
    this.#pending ??= new SafeMap()
    this.#pending.set(name, count)
  }

  #set(name: string, bytes: Known): void {
    this.#remember(name, bytes)
    if (bytes !== null) {
      setOwn(this.#target, name, fromCloneBytes(bytes))
      return
    }
    // A function of this application's is nobody else's to remove.
    const field = getOwnPropertyDescriptor(this.#target, name)
    if (field !== undefined && typeof field.value !== 'function') deleteProperty(this.#target, name)
  }

  /** Adds to `values` what has to be told. */
  #change(name: string, bytes: Known, values: FieldValues): void {
    if (isSame(bytes, this.#known?.get(name) ?? null)) return
    this.#remember(name, bytes)
    this.#await(name, (this.#pending?.get(name) ?? 0) + 1)
    values[values.length] = [name, bytes !== null && bytes.length > FIELD_BYTES ? null : bytes]
  }

  #bytesOf(name: string, refused?: (error: unknown) => void): Known {
    const field = getOwnPropertyDescriptor(this.#target, name)
    if (field === undefined || !hasOwn(field, 'value') || typeof field.value === 'function') return null
    // Another client or room is no data: it stays a reference, in this application alone.
    if (isOwned(field.value)) return null
    try {
      return toCloneBytes(field.value)
    } catch (error) {
      refused?.(error)
      return null
    }
  }

  #touch(name: PropertyKey, assigned: boolean): void {
    if (typeof name !== 'string' || hasOwn(getPrototypeOf(this.#target) ?? this.#target, name)) return
    this.#touched ??= new SafeMap()
    this.#touched.set(name, assigned || this.#touched.get(name) === true)
    this.#watch.touched(this)
  }
}
// It is the handler of a Proxy: nothing but what it says itself is a trap.
setPrototypeOf(OwnFields.prototype, null)

export let fieldsOf: (owned: Owned) => OwnFields
let isOwned: (value: unknown) => boolean

/** Makes `this` of the classes below the object it is given, so that their private members are that object's. */
class Given {
  constructor(view: object) {
    // biome-ignore lint/correctness/noConstructorReturn: what scripts hold is the Proxy, and it has to have the members.
    return view
  }
}

/** What scripts may put fields on. */
export class Owned extends Given {
  readonly #fields: OwnFields

  constructor(watch: FieldWatch, of: FieldsOf, id: string) {
    const fields = new OwnFields(watch, of, id, new.target.prototype)
    super(fields.view)
    this.#fields = fields
  }

  static {
    fieldsOf = owned => owned.#fields
    isOwned = value => typeof value === 'object' && value !== null && #fields in value
  }
}

for (const each of [Given, Owned]) {
  deleteProperty(each.prototype, 'constructor')
  freeze(each.prototype)
}

function isSame(one: Known, other: Known): boolean {
  if (one === null || other === null) return one === other
  if (one.length !== other.length) return false
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false
  return true
}
