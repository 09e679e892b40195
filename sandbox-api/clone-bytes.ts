import { CloneReader } from './clone-reader.ts'
import { CloneWriter } from './clone-writer.ts'
import { structuredClone } from './web/structured-clone.ts'

/** The value as bytes. Throws what structuredClone() throws. */
export function toCloneBytes(value: unknown): Uint8Array {
  const writer = new CloneWriter()
  // The clone runs whatever code the value brings along, getters and Proxies; what is written after that is plain.
  writer.value(structuredClone(value))
  return writer.bytes
}

/** The value behind the bytes. Throws a RangeError when they were not made by toCloneBytes(). */
export function fromCloneBytes(bytes: Uint8Array): unknown {
  return new CloneReader(bytes).value()
}
