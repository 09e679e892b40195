import { Bytes, min, typedArrayLength } from '../primordials.ts'
import { type Hash, hmac } from './hmac.ts'
import { sha256 } from './sha256.ts'

const hash: Hash = { digest: sha256, block: 64 }

/**
 * Random bytes from a seed of the system's: HMAC_DRBG with SHA-256 (NIST SP 800-90A §10.1.2). An isolate has no way to
 * the system's own randomness, and each gets a seed of its own.
 */
export class Random {
  #key = new Bytes(32)
  #value = new Bytes(32)

  constructor(seed: Uint8Array) {
    for (let i = 0; i < 32; i++) this.#value[i] = 1
    this.#update(seed)
  }

  /** The largest request the standard allows is 65,536 bytes, which is WebCrypto's too. */
  fill(target: Uint8Array): void {
    const length = typedArrayLength(target)
    for (let at = 0; at < length; at += 32) {
      this.#value = hmac(hash, this.#key, this.#value)
      const count = min(32, length - at)
      for (let i = 0; i < count; i++) target[at + i] = this.#value[i]!
    }
    this.#update(new Bytes(0))
  }

  #update(seed: Uint8Array): void {
    const length = typedArrayLength(seed)
    const rounds = length === 0 ? 1 : 2
    for (let round = 0; round < rounds; round++) {
      const message = new Bytes(33 + length)
      for (let i = 0; i < 32; i++) message[i] = this.#value[i]!
      message[32] = round
      for (let i = 0; i < length; i++) message[33 + i] = seed[i]!
      this.#key = hmac(hash, this.#key, message)
      this.#value = hmac(hash, this.#key, this.#value)
    }
  }
}
