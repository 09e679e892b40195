import { serialize } from 'node:v8'

/** Nothing a command holds is deeper; what is takes the engine's own words. */
const DEPTH_MAX = 64

/**
 * A value as bytes that say the same of equal values. V8's own serialization does not: it writes a number or a text by how
 * the engine happens to hold it, and that changes with what it has optimized.
 */
export function canonicalBytes(value: unknown): Buffer {
  const parts: Uint8Array[] = []
  write(value, parts, 0)
  return Buffer.concat(parts)
}

function write(value: unknown, parts: Uint8Array[], depth: number): void {
  switch (typeof value) {
    case 'number':
      return tagged('n', parts, double(value))
    case 'string':
      return tagged('s', parts, Buffer.from(value, 'utf16le'))
    case 'boolean':
      return tagged(value ? 't' : 'f', parts)
    case 'undefined':
      return tagged('u', parts)
    case 'bigint':
      return tagged('i', parts, Buffer.from(String(value)))
    case 'object':
      return value === null ? tagged('0', parts) : writeObject(value, parts, depth + 1)
    default:
      throw new TypeError(`a ${typeof value} does not cross`)
  }
}

function writeObject(value: object, parts: Uint8Array[], depth: number): void {
  if (depth > DEPTH_MAX) return tagged('v', parts, serialize(value))
  if (ArrayBuffer.isView(value)) {
    const name = Buffer.isBuffer(value) ? 'Uint8Array' : value.constructor.name
    tagged(`b${name}`, parts, new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  } else if (Array.isArray(value)) {
    tagged('a', parts, double(value.length))
    for (const key of Object.keys(value)) writePair(key, value[key as never], parts, depth)
    tagged('.', parts)
  } else if (value instanceof Map || value instanceof Set) {
    tagged(value instanceof Map ? 'm' : 'e', parts, double(value.size))
    for (const each of value instanceof Map ? [...value].flat() : value) write(each, parts, depth)
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    tagged('o', parts)
    for (const [key, each] of Object.entries(value)) writePair(key, each, parts, depth)
    tagged('.', parts)
  } else {
    tagged('v', parts, serialize(value))
  }
}

function writePair(key: string, value: unknown, parts: Uint8Array[], depth: number): void {
  write(key, parts, depth)
  write(value, parts, depth)
}

function tagged(tag: string, parts: Uint8Array[], bytes?: Uint8Array): void {
  parts.push(Buffer.from(bytes === undefined ? tag : `${tag}${bytes.length}:`))
  if (bytes !== undefined) parts.push(bytes)
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  // Whatever a NaN is made of, it is one value.
  bytes.writeDoubleBE(Number.isNaN(value) ? Number.NaN : value)
  return bytes
}
