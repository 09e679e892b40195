import type { AmfLimits } from './limits.ts'

/**
 * How AMF values and JavaScript's correspond:
 *
 *   number (AMF3 integer when it fits 29 bits), string, boolean, null, undefined, Date    themselves
 *   object                          plain object
 *   object with a class name        plain object with `__type`, or what AmfTypes makes of it
 *   externalizable object           the same, with `__readExternal(reader)` and `__writeExternal(writer)`
 *   array, array with names         array, array with extra keys
 *   ByteArray, Dictionary, XML      Uint8Array, Map, `{ __xml: text }`
 *   Vector.<int|uint|Number|…>      Int32Array, Uint32Array, Float64Array, array
 */

/** How classes of the wire become objects of the program, and back. */
export interface AmfTypes {
  /** An object to fill for the class; undefined: a plain one with `__type`. */
  create?(type: string): object | undefined
  /** The class an object is written as; undefined: its `__type`, or none. */
  typeOf?(object: object): string | undefined
  /** Told of every object with a class: an externalizable before its content is read, any other after. */
  onTypedObject?(type: string, object: object): void
}

export interface AmfReadOptions {
  readonly limits?: Partial<AmfLimits>
  readonly types?: AmfTypes
  /** How many AMF0 objects and arrays the message held before these bytes: references count them too. */
  readonly firstReference?: number
}

export interface AmfWriteOptions {
  /** 3: each value that AMF3 writes shorter or better goes behind the marker 0x11, as Flash players expect. */
  readonly encoding?: 0 | 3
  /** With encoding 0, arrays go behind the marker all the same, as CumulusServer's toAMF0 wrote them. */
  readonly amf3Arrays?: boolean
  readonly limits?: Partial<AmfLimits>
  readonly types?: AmfTypes
  /** Told, in a sentence, of what AMF cannot say and was left out. */
  readonly warn?: (text: string) => void
}

/**
 * Gives an object a property of its own, whatever its name: `__proto__` is a name like any other, setters and
 * read-only properties of prototypes are not asked. The length of an array cannot be had as a name: that one is lost.
 */
export function put(object: object, name: string, value: unknown): void {
  const first = name.charCodeAt(0)
  if (first <= 0x39 && first >= 0x30 && isIndex(name) && Number(name) > 7 && !Object.hasOwn(object, Number(name) - 1)) {
    // An index far out: V8 would make room for all those before it, kilobytes for ten bytes of message. A property
    // that is not like the others turns its table into a sparse one.
    Object.defineProperty(object, name, { value, configurable: true })
  } else if (!(name in object)) {
    ;(object as Record<string, unknown>)[name] = value
    return
  } else if (name === 'length' && Array.isArray(object)) return
  Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true })
}

/** Whether arrays take this name for an index (ECMA-262 §6.1.7). */
function isIndex(name: string): boolean {
  const index = Number(name) >>> 0
  return String(index) === name && index !== 0xffffffff
}

/** An object for a class of the wire, before its fields are read. */
export function createTyped(types: AmfTypes | undefined, type: string): object {
  return types?.create?.(type) ?? { __type: type }
}

/** After they are read: a field of the wire does not change the class, and whoever wants to know is told. */
export function finishTyped(types: AmfTypes | undefined, type: string, object: object): void {
  if (Object.hasOwn(object, '__type')) put(object, '__type', type)
  types?.onTypedObject?.(type, object)
}

/** The class an object is written as, '' for none. */
export function typeOf(types: AmfTypes | undefined, object: object): string {
  const type = types?.typeOf?.(object) ?? (object as { __type?: unknown }).__type
  return typeof type === 'string' ? type : ''
}

/** Whether an object's property is sent: not its class, which goes first, and not how it is read and written. */
export function isField(name: string, value: unknown, type: string): boolean {
  if (!name.startsWith('__')) return true
  if (name === '__type') return type === ''
  return typeof value !== 'function' || (name !== '__readExternal' && name !== '__writeExternal')
}

/** What an object is to AMF. */
export const Shape = {
  Object: 0,
  Array: 1,
  Set: 2,
  Map: 3,
  Date: 4,
  Error: 5,
  Bytes: 6,
  Ints: 7,
  Uints: 8,
  Doubles: 9,
  Xml: 10,
  Externalizable: 11,
} as const
export type Shape = (typeof Shape)[keyof typeof Shape]

export function shapeOf(object: object): Shape {
  if (Array.isArray(object)) return Shape.Array
  const prototype = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype && prototype !== null) {
    if (object instanceof Date && isGenuine(timeOf, object)) return Shape.Date
    if (object instanceof Map && isGenuine(entriesOf, object)) return Shape.Map
    if (object instanceof Set && isGenuine(elementsOf, object)) return Shape.Set
    if (object instanceof Error) return Shape.Error
    if (object instanceof ArrayBuffer) return Shape.Bytes
    if (ArrayBuffer.isView(object)) return shapeOfView(object)
  }
  if (typeof (object as { __writeExternal?: unknown }).__writeExternal === 'function') return Shape.Externalizable
  const xml = (object as { __xml?: unknown }).__xml
  return typeof xml === 'string' && Object.keys(object).length === 1 ? Shape.Xml : Shape.Object
}

const boxes = [Number, String, Boolean] as const

/** A Proxy or an object with a borrowed prototype holds nothing. */
function heldIn(read: () => unknown, object: object): unknown {
  try {
    return Reflect.apply(read, object, [])
  } catch {
    return object
  }
}

/** What a Number, String or Boolean object holds; any other object itself. Scripts of old make such with `new`. */
export function unboxed(object: object): unknown {
  for (const Box of boxes) {
    if (object instanceof Box) return heldIn(Box.prototype.valueOf, object)
  }
  return object
}

/** Milliseconds since 1970, whatever a subclass says. */
export function timeOf(date: Date): number {
  return Date.prototype.getTime.call(date)
}

export function entriesOf(map: Map<unknown, unknown>): IterableIterator<[unknown, unknown]> {
  return Map.prototype.entries.call(map)
}

export function elementsOf(set: Set<unknown>): IterableIterator<unknown> {
  return Set.prototype.values.call(set)
}

/** Whether it is what its prototype says: Proxies and objects with a borrowed prototype only look so. */
function isGenuine<T>(read: (object: T) => unknown, object: T): boolean {
  try {
    read(object)
    return true
  } catch {
    return false
  }
}

function shapeOfView(view: ArrayBufferView): Shape {
  if (view instanceof Int32Array || view instanceof Int16Array || view instanceof Int8Array) return Shape.Ints
  if (view instanceof Uint32Array || view instanceof Uint16Array) return Shape.Uints
  if (view instanceof BigInt64Array || view instanceof BigUint64Array) throw noBigInt()
  if (view instanceof Uint8Array || view instanceof Uint8ClampedArray || view instanceof DataView) return Shape.Bytes
  return Shape.Doubles
}

/** The bytes of an ArrayBuffer or of a view onto one. */
export function bytesOf(object: object): Uint8Array {
  if (object instanceof Uint8Array) return object
  if (object instanceof ArrayBuffer) return new Uint8Array(object)
  const view = object as ArrayBufferView
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

export function noBigInt(): TypeError {
  return new TypeError('AMF has no BigInt; convert it with Number() or String()')
}

/** Whether an array has all its elements; if so, its other names begin in `keys` at `array.length`. */
export function isDense(array: readonly unknown[], keys: readonly string[]): boolean {
  return array.length === 0 || keys[array.length - 1] === String(array.length - 1)
}
