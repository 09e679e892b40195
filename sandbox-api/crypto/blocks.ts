import { Bytes, floor, typedArrayLength } from '../primordials.ts'

/**
 * Gives a hash its message, block after block, with a one bit, zeros and the length in bits behind it: as MD5 (RFC 1321
 * §3.1), with `littleEndian`, and the SHA family (FIPS 180-4 §5.1) want it. Blocks of 128 have a length of 128 bits, of
 * which no message here needs more than 53.
 */
export function eachBlock(
  message: Uint8Array,
  size: 64 | 128,
  littleEndian: boolean,
  block: (bytes: Uint8Array, at: number) => void,
): void {
  const length = typedArrayLength(message)
  let at = 0
  for (; at + size <= length; at += size) block(message, at)
  const rest = length - at
  const end = rest + 1 + size / 8 <= size ? size : 2 * size
  const tail = new Bytes(end)
  for (let i = 0; i < rest; i++) tail[i] = message[at + i]!
  tail[rest] = 0x80
  const low = length << 3
  const high = floor(length / 0x20000000)
  for (let i = 0; i < 4; i++) {
    tail[littleEndian ? end - 8 + i : end - 1 - i] = low >>> (8 * i)
    tail[littleEndian ? end - 4 + i : end - 5 - i] = high >>> (8 * i)
  }
  for (let next = 0; next < end; next += size) block(tail, next)
}

/** The 32 bits at `at`. */
export function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}

/** A digest from its words, most significant byte first. */
export function bytesOfWords(words: Int32Array, bytes: number): Uint8Array<ArrayBuffer> {
  const digest = new Bytes(bytes)
  for (let i = 0; i < bytes; i++) digest[i] = words[i >> 2]! >>> (24 - 8 * (i & 3))
  return digest
}
