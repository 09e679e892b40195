import { Bytes, textIndexOf, typedArrayLength, typedArrayName } from './primordials.ts'

const digits = '0123456789abcdef'

/** An id from what a script gives: 64 hexadecimal digits, or the 32 bytes behind them; undefined when it can be none. */
export function idOf(given: unknown): string | undefined {
  if (typeof given === 'string') return given
  if (typedArrayName(given) !== 'Uint8Array' || typedArrayLength(given as object) !== 32) return undefined
  return hexOf(given as Uint8Array)
}

export function hexOf(bytes: Uint8Array): string {
  let id = ''
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    id += digits[byte >> 4]! + digits[byte & 15]!
  }
  return id
}

/** The 32 bytes behind 64 hexadecimal digits. */
export function rawId(id: string): Uint8Array {
  const bytes = new Bytes(id.length >> 1)
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (textIndexOf(digits, id[i * 2]!) << 4) | textIndexOf(digits, id[i * 2 + 1]!)
  }
  return bytes
}
