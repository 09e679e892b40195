import { CLONE_DEPTH } from '../limits.ts'
import {
  ArrayBufferClass,
  ArrayClass,
  DataViewClass,
  DateClass,
  ErrorClass,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  isArray,
  MapClass,
  ObjectClass,
  ownKeys,
  RegExpClass,
  SafeMap,
  SetClass,
  setOwn,
  toText,
  typedArrayName,
  uncurry,
} from '../primordials.ts'
import { DomException } from './dom-exception.ts'

type Visit = (value: unknown, key: unknown) => void
type Getter<T, R> = (value: T) => R

const getter = <T, R>(prototype: object, key: string) =>
  uncurry(getOwnPropertyDescriptor(prototype, key)!.get as never) as unknown as Getter<T, R>
export const dateValue = uncurry(Date.prototype.getTime)
export const regExpSource = getter<RegExp, string>(RegExp.prototype, 'source')
export const regExpFlags = getter<RegExp, string>(RegExp.prototype, 'flags')
export const eachOfMap = uncurry(Map.prototype.forEach as (this: Map<unknown, unknown>, visit: Visit) => void)
export const eachOfSet = uncurry(Set.prototype.forEach as (this: Set<unknown>, visit: Visit) => void)
export const mapSet = uncurry(Map.prototype.set as (this: Map<unknown, unknown>, key: unknown, value: unknown) => void)
export const setAdd = uncurry(Set.prototype.add as (this: Set<unknown>, value: unknown) => void)
const bufferSlice = uncurry(ArrayBuffer.prototype.slice as (this: ArrayBuffer, start: number) => ArrayBuffer)
const viewBuffer = getter<DataView, ArrayBuffer>(DataView.prototype, 'buffer')
const viewOffset = getter<DataView, number>(DataView.prototype, 'byteOffset')
const viewLength = getter<DataView, number>(DataView.prototype, 'byteLength')
const plain = Object.prototype

const errorNames = ['EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError']
const errors = new SafeMap<string, new (text?: string) => Error>()
export const typedArrays = new SafeMap<string, new (source: object) => object>()
for (const name of Object.getOwnPropertyNames(globalThis)) {
  const found = (globalThis as Record<string, unknown>)[name]
  if (errorNames.includes(name)) errors.set(name, found as never)
  if (/^((Big)?(Ui|I)nt\d+(Clamped)?|Float\d+)Array$/.test(name)) typedArrays.set(name, found as never)
}

/**
 * A deep copy after HTML's structured clone: cycles, dates, maps, sets, errors, regular expressions, buffers; instances
 * of classes become plain objects. Throws a DataCloneError for functions and symbols, and past CLONE_DEPTH levels.
 */
export function structuredClone<T>(value: T): T {
  return new Cloner().clone(value, 0) as T
}

class Cloner {
  readonly #copies = new SafeMap<object, object>()

  clone(value: unknown, depth: number): unknown {
    if (typeof value === 'symbol' || typeof value === 'function') throw refusal(`a ${typeof value} cannot be cloned`)
    if (typeof value !== 'object' || value === null) return value
    const known = this.#copies.get(value)
    if (known !== undefined) return known
    if (depth >= CLONE_DEPTH) throw refusal(`values more than ${CLONE_DEPTH} deep cannot be cloned`)
    const prototype = getPrototypeOf(value)
    if (prototype === plain || prototype === null) return this.#fields(value, new ObjectClass(), depth)
    if (isArray(value)) return this.#fields(value, new ArrayClass(value.length), depth)
    if (value instanceof MapClass) return this.#map(value, depth)
    if (value instanceof SetClass) return this.#set(value, depth)
    const leaf = cloneLeaf(value)
    if (leaf === undefined) return this.#fields(value, new ObjectClass(), depth)
    this.#copies.set(value, leaf)
    return leaf
  }

  #fields(value: object, copy: object, depth: number): object {
    this.#copies.set(value, copy)
    const keys = ownKeys(value)
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!
      if (typeof key === 'symbol' || getOwnPropertyDescriptor(value, key)?.enumerable !== true) continue
      const field = this.clone((value as Record<string, unknown>)[key], depth + 1)
      setOwn(copy, key, field)
    }
    return copy
  }

  #map(value: Map<unknown, unknown>, depth: number): object {
    const copy = new MapClass()
    this.#copies.set(value, copy)
    eachOfMap(value, (item, key) => mapSet(copy, this.clone(key, depth + 1), this.clone(item, depth + 1)))
    return copy
  }

  #set(value: Set<unknown>, depth: number): object {
    const copy = new SetClass()
    this.#copies.set(value, copy)
    eachOfSet(value, item => setAdd(copy, this.clone(item, depth + 1)))
    return copy
  }
}

function refusal(text: string): Error {
  return new DomException(text, 'DataCloneError')
}

/** What holds no other values; undefined for an instance of a class. */
function cloneLeaf(value: object): object | undefined {
  const typedArray = typedArrayName(value)
  if (typedArray !== undefined) return new (typedArrays.get(typedArray)!)(value)
  if (value instanceof DateClass) return new DateClass(dateValue(value))
  if (value instanceof ErrorClass) return cloneError(value)
  if (value instanceof RegExpClass) return new RegExpClass(regExpSource(value), regExpFlags(value))
  if (value instanceof ArrayBufferClass) return bufferSlice(value, 0)
  if (value instanceof DataViewClass) {
    return new DataViewClass(bufferSlice(viewBuffer(value), 0), viewOffset(value), viewLength(value))
  }
  return undefined
}

function cloneError(value: Error): Error {
  const { name, message, stack } = value
  const text = message === undefined ? undefined : toText(message)
  return cloneErrorOf(typeof name === 'string' ? name : '', text, typeof stack === 'string' ? stack : '')
}

/** An error of the kind that has this name, or a plain one. */
export function cloneErrorOf(name: string, message: string | undefined, stack: string): Error {
  const copy = new (errors.get(name) ?? ErrorClass)(message)
  setOwn(copy, 'stack', stack, false)
  return copy
}
