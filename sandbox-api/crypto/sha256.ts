import { Words } from '../primordials.ts'
import { bytesOfWords, eachBlock, word } from './blocks.ts'
import { cubes, squares } from './fractions.ts'

const additions = new Words(64)
for (let t = 0; t < 64; t++) additions[t] = cubes[2 * t]!

/** SHA-256 (FIPS 180-4 §6.2): 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const hash = new Words(8)
  for (let i = 0; i < 8; i++) hash[i] = squares[2 * i]!
  const schedule = new Words(64)
  eachBlock(message, 64, false, (bytes, at) => {
    for (let t = 0; t < 16; t++) schedule[t] = word(bytes, at + 4 * t)
    for (let t = 16; t < 64; t++) {
      const x = schedule[t - 15]!
      const y = schedule[t - 2]!
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
      schedule[t] = (s1 + schedule[t - 7]! + s0 + schedule[t - 16]!) | 0
    }
    let a = hash[0]!
    let b = hash[1]!
    let c = hash[2]!
    let d = hash[3]!
    let e = hash[4]!
    let f = hash[5]!
    let g = hash[6]!
    let h = hash[7]!
    for (let t = 0; t < 64; t++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
      const first = (h + s1 + ((e & f) ^ (~e & g)) + additions[t]! + schedule[t]!) | 0
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
      const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + first) | 0
      d = c
      c = b
      b = a
      a = (first + second) | 0
    }
    hash[0]! += a
    hash[1]! += b
    hash[2]! += c
    hash[3]! += d
    hash[4]! += e
    hash[5]! += f
    hash[6]! += g
    hash[7]! += h
  })
  return bytesOfWords(hash, 32)
}
