import { utf8Length, writeUtf8 } from '../../server/base/utf8.ts'
import { ArrayBufferClass, Bytes, copyBytes, TypeErrorClass, typedArrayName } from '../primordials.ts'

/** A copy of what a script wants to send: texts as UTF-8. */
export function bytesOf(data: unknown, what: string): Uint8Array {
  if (typeof data === 'string') {
    const bytes = new Bytes(utf8Length(data))
    writeUtf8(data, bytes, 0)
    return bytes
  }
  if (typedArrayName(data) === 'Uint8Array') return copyBytes(data as Uint8Array)
  if (data instanceof ArrayBufferClass) return copyBytes(new Bytes(data))
  throw new TypeErrorClass(`${what} wants a Uint8Array, an ArrayBuffer or a text`)
}
