/**
 * The same value with bytes of its own. What deserialize() gives are windows on the whole record; a script that gets them
 * would find all of it in `bytes.buffer`.
 */
export function ownCopy(value: unknown, known = new Map<object, unknown>()): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (known.has(value)) return known.get(value)
  if (ArrayBuffer.isView(value)) return kept(value, copied(value), known)
  if (Array.isArray(value)) {
    known.set(value, value)
    // By index: holes stay holes.
    for (const index of Object.keys(value)) value[Number(index)] = ownCopy(value[Number(index)], known)
    return value
  }
  if (value instanceof Map) {
    const copy = kept(value, new Map(), known)
    for (const [key, each] of value) copy.set(ownCopy(key, known), ownCopy(each, known))
    return copy
  }
  if (value instanceof Set) {
    const copy = kept(value, new Set(), known)
    for (const each of value) copy.add(ownCopy(each, known))
    return copy
  }
  known.set(value, value)
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  const object = value as Record<string, unknown>
  for (const key of Object.keys(object)) object[key] = ownCopy(object[key], known)
  return value
}

function copied(view: ArrayBufferView): ArrayBufferView {
  const { buffer, byteOffset, byteLength } = view
  const bytes = buffer.slice(byteOffset, byteOffset + byteLength)
  // A Buffer becomes what it is in an isolate.
  if (Buffer.isBuffer(view)) return new Uint8Array(bytes)
  return new (view.constructor as new (buffer: ArrayBufferLike) => ArrayBufferView)(bytes)
}

function kept<T>(value: object, copy: T, known: Map<object, unknown>): T {
  known.set(value, copy)
  return copy
}
