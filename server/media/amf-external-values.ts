/** What scripts give to readers and writers of externalizables: each is what it has to be, or a TypeError that says so. */

export type Endian = 'bigEndian' | 'littleEndian'

export function endianOf(order: unknown): Endian {
  if (order === 'bigEndian' || order === 'littleEndian') return order
  throw new TypeError("endian is 'bigEndian' or 'littleEndian'")
}

export function numberOf(value: unknown, method: string): number {
  if (typeof value !== 'number') throw new TypeError(`${method} wants a number, not ${kindOf(value)}`)
  return value
}

/** A number of things: whole and not negative. */
export function countOf(value: unknown, method: string): number {
  if (typeof value === 'number' && value >= 0 && Number.isSafeInteger(value)) return value
  throw new TypeError(`${method} wants a whole number from 0, not ${typeof value === 'number' ? value : kindOf(value)}`)
}

export function textOf(value: unknown, method: string): string {
  if (typeof value !== 'string') throw new TypeError(`${method} wants a text, not ${kindOf(value)}`)
  return value
}

export function bytesGiven(value: unknown, method: string): Uint8Array {
  // isView cannot be deceived by a borrowed prototype or a Proxy.
  if (!ArrayBuffer.isView(value) || !(value instanceof Uint8Array)) {
    throw new TypeError(`${method} wants a Uint8Array, not ${kindOf(value)}`)
  }
  return value
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return `${value}`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
