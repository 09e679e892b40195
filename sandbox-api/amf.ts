import { Amf0Writer, decodeAmf0, ExternalReader, ExternalWriter } from '../server/media/amf0.ts'
import { classes } from './classes.ts'
import { sealClass } from './collection.ts'
import { renamed } from './named.ts'
import type { Outbox } from './outbox.ts'
import { copyBytes, typedArrayLength } from './primordials.ts'
import { callerPlace } from './stack.ts'

sealClass(ExternalReader)
sealClass(ExternalWriter)

const warnings = (outbox: Outbox) => (text: string) => outbox.log('warn', text, callerPlace())

/**
 * Values as a client reads them: pure AMF0, or with AMF3 behind the marker 0x11. Throws a TypeError for a BigInt, an
 * AppError for what is too deep or too much, and whatever a getter or a `__writeExternal` of the script throws.
 */
export function encode(values: unknown[], encoding: 0 | 3, outbox: Outbox, amf3Arrays = false): Uint8Array {
  const writer = new Amf0Writer({ encoding, amf3Arrays, types: classes, warn: warnings(outbox) })
  for (let i = 0; i < values.length; i++) {
    try {
      writer.value(values[i])
    } catch (error) {
      throw renamed(error, `value ${i + 1}`)
    }
  }
  const bytes = writer.finish()
  // A window on a larger buffer would carry all of it across the glass.
  return typedArrayLength(bytes) === bytes.buffer.byteLength ? bytes : copyBytes(bytes)
}

/**
 * The values a message holds. Throws a ProtocolError for what is none, and whatever a registered class or a
 * `__readExternal` throws: decode where a cut of the script's time is noticed.
 */
export function decode(bytes: Uint8Array): unknown[] {
  return decodeAmf0(bytes, { types: classes })
}
