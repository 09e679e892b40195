import { fieldBytesMax } from './limits.ts'
import type { FieldsOf, FieldValues, MirrorEvent } from './wire.ts'

interface Kept {
  readonly app: string
  readonly values: Map<string, Uint8Array | null>
  bytes: number
}

/** Bytes of the bookkeeping around one field, by rough count: many small ones are no way around the limit. */
const overhead = 64

/**
 * The data that scripts put on clients, publications and rooms: kept here, so that it outlives the isolate
 * that wrote it and is what every other application hears of. What the bytes mean only the isolates know.
 */
export class Fields {
  readonly #kept = new Map<string, Kept>()
  /** Bytes kept for what is in an application. */
  readonly #bytes = new Map<string, number>()

  /** Of an object in `app`. False when that application's objects have too much already: nothing is kept then. */
  write(of: FieldsOf, id: string, app: string, values: FieldValues): boolean {
    const key = keyOf(of, id)
    const kept = this.#kept.get(key) ?? { app, values: new Map<string, Uint8Array | null>(), bytes: 0 }
    const all = this.#bytes.get(app) ?? 0
    let more = 0
    for (const [name, bytes] of values) more += sizeOf(name, bytes) - sizeOf(name, kept.values.get(name))
    if (more > 0 && all + more > fieldBytesMax) return false
    // What came is a window on a message with much else in it.
    for (const [name, bytes] of values) kept.values.set(name, bytes && new Uint8Array(bytes))
    kept.bytes += more
    this.#kept.set(key, kept)
    this.#bytes.set(app, all + more)
    return true
  }

  /** The object is no more. */
  forget(of: FieldsOf, id: string): void {
    const key = keyOf(of, id)
    const kept = this.#kept.get(key)
    if (!kept) return
    this.#kept.delete(key)
    const left = this.#bytes.get(kept.app)! - kept.bytes
    if (left > 0) this.#bytes.set(kept.app, left)
    else this.#bytes.delete(kept.app)
  }

  /** What tells an isolate of them; null when nobody put any there. */
  event(of: FieldsOf, id: string): MirrorEvent | null {
    const kept = this.#kept.get(keyOf(of, id))
    return kept ? { e: 'fields', of, id, fields: [...kept.values] } : null
  }
}

function sizeOf(name: string, bytes: Uint8Array | null | undefined): number {
  return bytes === undefined ? 0 : overhead + name.length * 2 + (bytes?.length ?? 0)
}

function keyOf(of: FieldsOf, id: string): string {
  return `${of}\n${id}`
}
