import { Bytes, Words } from '../primordials.ts'
import { eachBlock } from './blocks.ts'

/** By how much each round turns its sums to the left (RFC 1321 §3.4). */
const turns = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const
/** Sines as 32 bits. */
const sines = new Words(64)
for (let i = 0; i < 64; i++) sines[i] = Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32)

/** MD5 (RFC 1321): 16 bytes. Good for what asks for it, not for secrets. */
export function md5(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const hash = new Words(4)
  hash[0] = 0x67452301
  hash[1] = 0xefcdab89
  hash[2] = 0x98badcfe
  hash[3] = 0x10325476
  const block = new Words(16)
  eachBlock(message, 64, true, (bytes, at) => {
    for (let i = 0; i < 16; i++) {
      const from = at + 4 * i
      block[i] = bytes[from]! | (bytes[from + 1]! << 8) | (bytes[from + 2]! << 16) | (bytes[from + 3]! << 24)
    }
    let a = hash[0]!
    let b = hash[1]!
    let c = hash[2]!
    let d = hash[3]!
    for (let i = 0; i < 64; i++) {
      const round = i >> 4
      let mixed: number
      let index: number
      if (round === 0) {
        mixed = (b & c) | (~b & d)
        index = i
      } else if (round === 1) {
        mixed = (d & b) | (~d & c)
        index = (5 * i + 1) & 15
      } else if (round === 2) {
        mixed = b ^ c ^ d
        index = (3 * i + 5) & 15
      } else {
        mixed = c ^ (b | ~d)
        index = (7 * i) & 15
      }
      const sum = (a + mixed + sines[i]! + block[index]!) | 0
      const turn = turns[round]![i & 3]!
      a = d
      d = c
      c = b
      b = (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0
    }
    hash[0]! += a
    hash[1]! += b
    hash[2]! += c
    hash[3]! += d
  })
  const digest = new Bytes(16)
  for (let i = 0; i < 16; i++) digest[i] = hash[i >> 2]! >>> (8 * (i & 3))
  return digest
}
