import type { AmfReadOptions, AmfWriteOptions } from './amf-values.ts'
import { Amf0Reader } from './amf0-reader.ts'
import { Amf0Writer } from './amf0-writer.ts'

/**
 * AMF as RTMP and FLV carry it: AMF0 values one after another, any of them AMF3 behind the marker 0x11. The values'
 * mapping is in amf-values.ts, the bounds in limits.ts. Plain ECMAScript: it also runs inside an isolate.
 */

/** All values of the message, or a ProtocolError as Amf0Reader gives it. */
export function decodeAmf0(bytes: Uint8Array, options?: AmfReadOptions): unknown[] {
  const reader = new Amf0Reader(bytes, options)
  const values: unknown[] = []
  while (!reader.done) values.push(reader.read())
  return values
}

/** The values one after another, or an AppError or TypeError as Amf0Writer gives it. */
export function encodeAmf0(values: readonly unknown[], options?: AmfWriteOptions): Uint8Array {
  const writer = new Amf0Writer(options)
  for (const value of values) writer.value(value)
  return writer.finish()
}

export { ExternalReader } from './amf-external-reader.ts'
export { ExternalWriter } from './amf-external-writer.ts'
export type { AmfReadOptions, AmfTypes, AmfWriteOptions } from './amf-values.ts'
export { Amf0Reader } from './amf0-reader.ts'
export { Amf0Writer } from './amf0-writer.ts'
