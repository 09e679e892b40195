import { Words } from '../primordials.ts'
import { bytesOfWords, eachBlock, word } from './blocks.ts'
import { cubes, squares } from './fractions.ts'

/** SHA-512 (FIPS 180-4 §6.4): 64 bytes. */
export function sha512(message: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytesOfWords(hashed(message, 0), 64)
}

/** SHA-384 (§6.5): 48 bytes. */
export function sha384(message: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytesOfWords(hashed(message, 16), 48)
}

/** 64-bit words stand as pairs, upper half first; `start` is where the first of the eight begins in `squares`. */
function hashed(message: Uint8Array, start: number): Int32Array {
  const hash = new Words(16)
  for (let i = 0; i < 16; i++) hash[i] = squares[start + i]!
  const w = new Words(160)
  const v = new Words(16)
  eachBlock(message, 128, false, (bytes, at) => {
    for (let t = 0; t < 32; t++) w[t] = word(bytes, at + 4 * t)
    for (let t = 32; t < 160; t += 2) extend(w, t)
    for (let i = 0; i < 16; i++) v[i] = hash[i]!
    for (let t = 0; t < 160; t += 2) round(v, w, t)
    for (let i = 0; i < 16; i += 2) {
      const low = (hash[i + 1]! >>> 0) + (v[i + 1]! >>> 0)
      hash[i] = hash[i]! + v[i]! + (low > 0xffffffff ? 1 : 0)
      hash[i + 1] = low
    }
  })
  return hash
}

/** The next word of the schedule from four before it. */
function extend(w: Int32Array, t: number): void {
  const xh = w[t - 30]!
  const xl = w[t - 29]!
  const yh = w[t - 4]!
  const yl = w[t - 3]!
  const s0h = ((xh >>> 1) | (xl << 31)) ^ ((xh >>> 8) | (xl << 24)) ^ (xh >>> 7)
  const s0l = ((xl >>> 1) | (xh << 31)) ^ ((xl >>> 8) | (xh << 24)) ^ ((xl >>> 7) | (xh << 25))
  const s1h = ((yh >>> 19) | (yl << 13)) ^ ((yl >>> 29) | (yh << 3)) ^ (yh >>> 6)
  const s1l = ((yl >>> 19) | (yh << 13)) ^ ((yh >>> 29) | (yl << 3)) ^ ((yl >>> 6) | (yh << 26))
  const low = (s1l >>> 0) + (w[t - 13]! >>> 0) + (s0l >>> 0) + (w[t - 31]! >>> 0)
  w[t] = s1h + w[t - 14]! + s0h + w[t - 32]! + carry(low)
  w[t + 1] = low
}

/** One round on the eight words a … h, which move on by one place. */
function round(v: Int32Array, w: Int32Array, t: number): void {
  const ah = v[0]!
  const al = v[1]!
  const eh = v[8]!
  const el = v[9]!
  const s1h = ((eh >>> 14) | (el << 18)) ^ ((eh >>> 18) | (el << 14)) ^ ((el >>> 9) | (eh << 23))
  const s1l = ((el >>> 14) | (eh << 18)) ^ ((el >>> 18) | (eh << 14)) ^ ((eh >>> 9) | (el << 23))
  const choiceH = (eh & v[10]!) ^ (~eh & v[12]!)
  const choiceL = (el & v[11]!) ^ (~el & v[13]!)
  const firstL = (v[15]! >>> 0) + (s1l >>> 0) + (choiceL >>> 0) + (cubes[t + 1]! >>> 0) + (w[t + 1]! >>> 0)
  const firstH = (v[14]! + s1h + choiceH + cubes[t]! + w[t]! + carry(firstL)) | 0
  const s0h = ((ah >>> 28) | (al << 4)) ^ ((al >>> 2) | (ah << 30)) ^ ((al >>> 7) | (ah << 25))
  const s0l = ((al >>> 28) | (ah << 4)) ^ ((ah >>> 2) | (al << 30)) ^ ((ah >>> 7) | (al << 25))
  const mostH = (ah & v[2]!) ^ (ah & v[4]!) ^ (v[2]! & v[4]!)
  const mostL = (al & v[3]!) ^ (al & v[5]!) ^ (v[3]! & v[5]!)
  const dl = (v[7]! >>> 0) + (firstL >>> 0)
  const dh = v[6]! + firstH + carry(dl)
  const low = (firstL >>> 0) + (s0l >>> 0) + (mostL >>> 0)
  const high = firstH + s0h + mostH + carry(low)
  for (let i = 15; i > 1; i--) v[i] = v[i - 2]!
  v[8] = dh
  v[9] = dl
  v[0] = high
  v[1] = low
}

/** What a sum of lower halves, each without a sign, hands up. */
function carry(low: number): number {
  return (low / 0x100000000) | 0
}
