/**
 * The RC4 stream cipher, for RTMPE alone. It has been broken for decades, and what OpenSSL still has of it is out of
 * reach by default; nobody should take what it does for secrecy.
 */
export class Rc4 {
  readonly #state = Uint8Array.from({ length: 256 }, (_, index) => index)
  #i = 0
  #j = 0

  constructor(key: Uint8Array) {
    const state = this.#state
    for (let i = 0, j = 0; i < 256; i++) {
      const at = state[i]!
      j = (j + at + key[i % key.length]!) & 255
      state[i] = state[j]!
      state[j] = at
    }
  }

  /** The bytes combined with the next of the key stream, as new ones: encrypting and decrypting are the same. */
  apply(bytes: Uint8Array): Buffer {
    const state = this.#state
    const out = Buffer.allocUnsafeSlow(bytes.length)
    let i = this.#i
    let j = this.#j
    for (let at = 0; at < bytes.length; at++) {
      i = (i + 1) & 255
      const a = state[i]!
      j = (j + a) & 255
      const b = state[j]!
      state[i] = b
      state[j] = a
      out[at] = bytes[at]! ^ state[(a + b) & 255]!
    }
    this.#i = i
    this.#j = j
    return out
  }
}
