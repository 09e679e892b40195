import { Words } from '../primordials.ts'
import { bytesOfWords, eachBlock, word } from './blocks.ts'

/** SHA-1 (FIPS 180-4 §6.1): 20 bytes. */
export function sha1(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const hash = new Words(5)
  hash[0] = 0x67452301
  hash[1] = 0xefcdab89
  hash[2] = 0x98badcfe
  hash[3] = 0x10325476
  hash[4] = 0xc3d2e1f0
  const schedule = new Words(80)
  eachBlock(message, 64, false, (bytes, at) => {
    for (let t = 0; t < 16; t++) schedule[t] = word(bytes, at + 4 * t)
    for (let t = 16; t < 80; t++) {
      const mixed = schedule[t - 3]! ^ schedule[t - 8]! ^ schedule[t - 14]! ^ schedule[t - 16]!
      schedule[t] = (mixed << 1) | (mixed >>> 31)
    }
    let a = hash[0]!
    let b = hash[1]!
    let c = hash[2]!
    let d = hash[3]!
    let e = hash[4]!
    for (let t = 0; t < 80; t++) {
      let mixed: number
      if (t < 20) mixed = ((b & c) | (~b & d)) + 0x5a827999
      else if (t < 40) mixed = (b ^ c ^ d) + 0x6ed9eba1
      else if (t < 60) mixed = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
      else mixed = (b ^ c ^ d) + 0xca62c1d6
      const sum = (((a << 5) | (a >>> 27)) + mixed + e + schedule[t]!) | 0
      e = d
      d = c
      c = (b << 30) | (b >>> 2)
      b = a
      a = sum
    }
    hash[0]! += a
    hash[1]! += b
    hash[2]! += c
    hash[3]! += d
    hash[4]! += e
  })
  return bytesOfWords(hash, 20)
}
