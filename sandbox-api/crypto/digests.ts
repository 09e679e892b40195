import { utf8Length, writeUtf8 } from '../../server/base/utf8.ts'
import { bytesOf, textGiven, wrong } from '../given.ts'
import { Bytes } from '../primordials.ts'

/** CumulusServer's md5 and sha256: the digest of one value, or an array of several's. A text counts as UTF-8. */
export function digests(
  name: string,
  digest: (message: Uint8Array) => Uint8Array,
  values: readonly unknown[],
): Uint8Array | Uint8Array[] {
  if (values.length === 0) throw wrong(`${name}: values`, 'one text or Uint8Array at least', undefined)
  if (values.length === 1) return digest(messageOf(values[0], `${name}: value`))
  const all: Uint8Array[] = []
  for (let i = 0; i < values.length; i++) all[i] = digest(messageOf(values[i], `${name}: value ${i + 1}`))
  return all
}

function messageOf(value: unknown, what: string): Uint8Array {
  if (typeof value === 'object' && value !== null) return bytesOf(value, what)
  const text = textGiven(value, what)
  const bytes = new Bytes(utf8Length(text))
  writeUtf8(text, bytes, 0)
  return bytes
}
