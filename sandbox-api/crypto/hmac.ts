import { Bytes, typedArrayLength } from '../primordials.ts'

/** A hash function, and the bytes of its blocks. */
export interface Hash {
  readonly digest: (message: Uint8Array) => Uint8Array<ArrayBuffer>
  readonly block: 64 | 128
}

/** HMAC (RFC 2104). */
export function hmac(hash: Hash, key: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> {
  const { digest, block } = hash
  const short = typedArrayLength(key) > block ? digest(key) : key
  const inner = digest(behind(short, 0x36, block, message))
  return digest(behind(short, 0x5c, block, inner))
}

function behind(key: Uint8Array, mask: number, block: number, message: Uint8Array): Uint8Array {
  const keyLength = typedArrayLength(key)
  const length = typedArrayLength(message)
  const bytes = new Bytes(block + length)
  for (let i = 0; i < block; i++) bytes[i] = mask ^ (i < keyLength ? key[i]! : 0)
  for (let i = 0; i < length; i++) bytes[block + i] = message[i]!
  return bytes
}
