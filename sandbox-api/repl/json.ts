import { memberNames } from '../shown.ts'

/**
 * A value as JSON: what the runtime hands out by its members, Maps and arrays with named values (AMF's ECMA arrays) as
 * objects, Sets and bytes as arrays. Throws a TypeError.
 */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_key, item) => plainOf(item)) ?? 'null'
}

function plainOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Map) return Object.fromEntries(value)
  if (value instanceof Set) return [...value]
  if (Array.isArray(value)) return hasNames(value) ? { ...value } : value
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Uint8Array)
  const names = memberNames(value)
  if (names === undefined) return value
  const view = value as Record<string, unknown> & Partial<Iterable<[unknown, unknown]>>
  if (view[Symbol.iterator] !== undefined) return Object.fromEntries(view as Iterable<[string, unknown]>)
  const plain: Record<string, unknown> = {}
  for (const name of [...names, ...Object.keys(value)]) plain[name] = briefOf(view[name])
  return plain
}

/** Its indexes come first among its keys, the names last. */
function hasNames(value: unknown[]): boolean {
  const last = Object.keys(value).at(-1)
  return last !== undefined && !/^\d+$/.test(last)
}

/** What one of the runtime's objects has of others is told by their names alone, or there would be no end. */
function briefOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || memberNames(value) === undefined) return value
  const { id, name, count } = value as { id?: unknown; name?: unknown; count?: unknown }
  return id ?? name ?? count ?? null
}
