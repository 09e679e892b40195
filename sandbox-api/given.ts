/** What a script gives as an argument, checked at the glass: each is what it has to be, or a TypeError that names it. */
import { renamed } from './named.ts'
import {
  ArrayBufferClass,
  Bytes,
  copyBytes,
  DataViewClass,
  isDetached,
  isFiniteNumber,
  TypeErrorClass,
  toText,
  typedArrayParts,
  viewParts,
} from './primordials.ts'

/** "an object", "a symbol", "null": what stands in place of what was wanted. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return `${value}`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

export function wrong(what: string, wanted: string, value: unknown): TypeError {
  return new TypeErrorClass(`${what} must be ${wanted}, not ${typeof value === 'number' ? value : kindOf(value)}`)
}

/** A text, or a number or boolean, which are as good. `what` names the function and its argument. */
export function textGiven(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return toText(value)
  throw wrong(what, 'a text', value)
}

/** Any value as the web's functions take a text: by its own toString. */
export function anyText(value: unknown, what: string): string {
  try {
    return toText(value)
  } catch (error) {
    throw renamed(error, what)
  }
}

export function numberGiven(value: unknown, what: string): number {
  if (isFiniteNumber(value)) return value as number
  throw wrong(what, 'a number', value)
}

export function functionGiven<F>(value: F, what: string): F {
  if (typeof value === 'function') return value
  throw wrong(what, 'a function', value)
}

/** A function, or nothing: null and undefined take away what was there. */
export function functionOrNull<F>(value: F | null | undefined, what: string): F | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'function') return value
  throw wrong(what, 'a function or null', value)
}

/** The bytes of a buffer or of a view on one, as they are: not a copy. */
export function bytesOf(value: unknown, what: string): Uint8Array {
  if (typeof value === 'object' && value !== null) {
    const parts = typedArrayParts(value) ?? viewParts(value)
    if (parts !== undefined && isDetached(parts.buffer)) throw wrong(what, 'a buffer that is still there', value)
    if (parts !== undefined) return new Bytes(parts.buffer, parts.offset, parts.length)
    if (isBuffer(value)) return new Bytes(value)
  }
  throw wrong(what, 'a Uint8Array or another buffer', value)
}

/** As bytesOf(), but nobody else's. */
export function bytesGiven(value: unknown, what: string): Uint8Array {
  return copyBytes(bytesOf(value, what))
}

function isBuffer(value: object): value is ArrayBuffer {
  try {
    // Its own slot answers; no prototype and no Proxy can feign it.
    return value instanceof ArrayBufferClass && new DataViewClass(value) !== undefined
  } catch {
    return false
  }
}
