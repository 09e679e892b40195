import { decodeAmf0, encodeAmf0 } from '../server/media/amf0.ts'
import type { Outbox } from './outbox.ts'
import { copyBytes, typedArrayLength } from './primordials.ts'
import { callerPlace } from './stack.ts'

const warnings = (outbox: Outbox) => (text: string) => outbox.log('warn', text, callerPlace())

/** Values as a client reads them: pure AMF0, or with AMF3 behind the marker 0x11. Throws a TypeError for a BigInt. */
export function encode(values: unknown[], encoding: 0 | 3, outbox: Outbox): Uint8Array {
  const bytes = encodeAmf0(values, { encoding, warn: warnings(outbox) })
  // A window on a larger buffer would carry all of it across the glass.
  return typedArrayLength(bytes) === bytes.buffer.byteLength ? bytes : copyBytes(bytes)
}

/** The values a message holds. Throws a ProtocolError for what is none. */
export function decode(bytes: Uint8Array): unknown[] {
  return decodeAmf0(bytes)
}
