/**
 * What the engine's own books rest on, captured before any script runs.
 *
 * A script may replace `Array.prototype.push`, put a setter on `Object.prototype` or swap the global `Map`. That harms
 * whatever it does with its own data, but never the bookkeeping of mirrors, tickets and timers: those use what is here,
 * lists without a prototype (see list()), index loops in place of iterators, and `await` in place of `.then`.
 */
export const {
  apply: reflectApply,
  construct: reflectConstruct,
  defineProperty,
  deleteProperty,
  get: reflectGet,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  ownKeys,
  setPrototypeOf,
} = Reflect

export const { create: createObject, freeze, hasOwn } = Object
export const { isArray } = Array
export const {
  Array: ArrayClass,
  ArrayBuffer: ArrayBufferClass,
  BigInt: BigIntOf,
  DataView: DataViewClass,
  Date: DateClass,
  Error: ErrorClass,
  Int32Array: Words,
  Map: MapClass,
  Number: toNumber,
  Object: ObjectClass,
  Promise: PromiseClass,
  Proxy: ProxyClass,
  RangeError: RangeErrorClass,
  ReferenceError: ReferenceErrorClass,
  RegExp: RegExpClass,
  Set: SetClass,
  String: toText,
  SyntaxError: SyntaxErrorClass,
  TypeError: TypeErrorClass,
  Uint8Array: Bytes,
  WeakRef: WeakRefClass,
} = globalThis

/** A whole collection of the isolate's garbage; absent where V8 was not started with it. */
export const collectGarbage = (globalThis as { gc?: () => void }).gc

export const dateNow = Date.now
/** Runs what a script made of the value: its getters, its toJSON. */
export const toJson = JSON.stringify as (value: unknown) => string | undefined
export const { ceil, floor, min, max } = Math
export const isFiniteNumber = Number.isFinite

type Method = (this: never, ...values: never[]) => unknown

/** `method` as a plain function whose first parameter is its `this`. */
export const uncurry = Function.prototype.bind.bind(Function.prototype.call) as unknown as <F extends Method>(
  method: F,
) => F extends (this: infer T, ...values: infer A) => infer R ? (self: T, ...values: A) => R : never

const text = String.prototype
export const textSlice = uncurry(text.slice as (this: string, start: number, end?: number) => string)
export const textIndexOf = uncurry(text.indexOf as (this: string, search: string, from?: number) => number)
export const textLastIndexOf = uncurry(text.lastIndexOf as (this: string, search: string) => number)
export const textStartsWith = uncurry(text.startsWith as (this: string, search: string) => boolean)
export const toUpper = uncurry(text.toUpperCase as (this: string) => string)
export const textCode = uncurry(text.charCodeAt as (this: string, at: number) => number)
export const textIsWellFormed = uncurry(text.isWellFormed as (this: string) => boolean)
export const textFromCode = String.fromCharCode
export const textTrim = uncurry(text.trim as (this: string) => string)
export const textSplit = uncurry(text.split as (this: string, separator: string) => string[])

/** What a weak reference leads to, as long as somebody holds it. */
export const weakTarget = uncurry(WeakRef.prototype.deref) as unknown as <T extends object>(
  ref: WeakRef<T>,
) => T | undefined

const TypedArray = getPrototypeOf(Uint8Array) as { prototype: Uint8Array }
const getter = (prototype: object, key: PropertyKey) => getOwnPropertyDescriptor(prototype, key)!.get as Method

/** 'Uint8Array', 'Float64Array' …, undefined for what is no typed array; it cannot be feigned. */
export const typedArrayName = uncurry(getter(TypedArray.prototype, Symbol.toStringTag)) as unknown as (
  value: unknown,
) => string | undefined
export const typedArrayLength = uncurry(getter(TypedArray.prototype, 'length')) as unknown as (value: object) => number
const typedArrayBuffer = uncurry(getter(TypedArray.prototype, 'buffer')) as unknown as (value: object) => ArrayBuffer
const typedArrayOffset = uncurry(getter(TypedArray.prototype, 'byteOffset')) as unknown as (value: object) => number
const typedArrayBytes = uncurry(getter(TypedArray.prototype, 'byteLength')) as unknown as (value: object) => number
const viewBuffer = uncurry(getter(DataView.prototype, 'buffer')) as unknown as (value: object) => ArrayBuffer
const viewOffset = uncurry(getter(DataView.prototype, 'byteOffset')) as unknown as (value: object) => number
const viewBytes = uncurry(getter(DataView.prototype, 'byteLength')) as unknown as (value: object) => number

/** A stretch of a buffer, in bytes. */
export interface BufferParts {
  buffer: ArrayBuffer
  offset: number
  length: number
}

/** Where a typed array's bytes are; undefined for what is none. */
export function typedArrayParts(value: unknown): BufferParts | undefined {
  if (typedArrayName(value) === undefined) return undefined
  const array = value as object
  return { buffer: typedArrayBuffer(array), offset: typedArrayOffset(array), length: typedArrayBytes(array) }
}

/** Where a DataView's bytes are; undefined for what is none. */
export function viewParts(value: object): BufferParts | undefined {
  try {
    return { buffer: viewBuffer(value), offset: viewOffset(value), length: viewBytes(value) }
  } catch {
    return undefined
  }
}

/** Its bytes were transferred away. */
export const isDetached = uncurry(getter(ArrayBuffer.prototype, 'detached')) as unknown as (
  buffer: ArrayBuffer,
) => boolean

/** The buffer behind bytes that are all of it. */
export const bufferOf = typedArrayBuffer

const typedArraySet = uncurry(
  TypedArray.prototype.set as (this: Uint8Array, source: ArrayLike<number>, at?: number) => void,
)
const typedArraySubarray = uncurry(
  TypedArray.prototype.subarray as (this: Uint8Array, start: number, end?: number) => Uint8Array,
)

/** A list that inherits nothing: storing at its end meets no setter, whatever a script did to Array.prototype. */
export function list<T>(): T[] {
  const items: T[] = []
  setPrototypeOf(items, null)
  return items
}

/**
 * Gives an object a property of its own. The descriptor inherits nothing: one `get` on Object.prototype, and every other
 * descriptor in the isolate would be refused.
 */
export function setOwn(object: object, key: PropertyKey, value: unknown, enumerable = true): void {
  defineProperty(object, key, { __proto__: null, value, enumerable, writable: true, configurable: true } as never)
}

/** `first`, then what `rest` holds, as the arguments of a call. */
export function prepend(first: unknown, rest: ArrayLike<unknown>): unknown[] {
  const values = list<unknown>()
  values[0] = first
  for (let i = 0; i < rest.length; i++) values[i + 1] = rest[i]
  return values
}

function sealedCopyOf(safe: { prototype: object }, original: { prototype: object }): void {
  const keys = ownKeys(original.prototype)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (key !== 'constructor') defineProperty(safe.prototype, key, getOwnPropertyDescriptor(original.prototype, key)!)
  }
  setPrototypeOf(safe.prototype, null)
  freeze(safe.prototype)
  freeze(safe)
}

/** A Map that keeps its own methods. Walk it with forEach: iterators lean on prototypes a script can reach. */
export class SafeMap<K, V> extends MapClass<K, V> {}
sealedCopyOf(SafeMap, MapClass)

export class SafeSet<T> extends SetClass<T> {}
sealedCopyOf(SafeSet, SetClass)

/** A copy of `source` that nobody else holds: not shared, not resizable, not a window on something larger. */
export function copyBytes(source: Uint8Array, offset = 0, end?: number): Uint8Array<ArrayBuffer> {
  const part = offset > 0 || end !== undefined ? typedArraySubarray(source, offset, end) : source
  const copy = new Bytes(typedArrayLength(part))
  typedArraySet(copy, part)
  return copy
}

/** All the parts behind one another; of one part, that part. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!
  let length = 0
  for (let i = 0; i < parts.length; i++) length += typedArrayLength(parts[i]!)
  const whole = new Bytes(length)
  for (let i = 0, at = 0; i < parts.length; i++) {
    typedArraySet(whole, parts[i]!, at)
    at += typedArrayLength(parts[i]!)
  }
  return whole
}

/** Something with a `then`, which may be a script's own: asking for it may run its code. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false
  return typeof (value as { then?: unknown }).then === 'function'
}
