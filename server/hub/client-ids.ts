import { randomFillSync } from 'node:crypto'

const idBytes = 32

/** Ids drawn from the system's randomness at a time: a draw costs the same for one as for many. */
const idsAtOnce = 128

/** Ids that nobody can guess: 64 hexadecimal digits of cryptographic randomness. */
export class ClientIds {
  readonly #store = Buffer.alloc(idBytes * idsAtOnce)
  #next = idsAtOnce

  next(): string {
    if (this.#next === idsAtOnce) {
      randomFillSync(this.#store)
      this.#next = 0
    }
    const from = this.#next++ * idBytes
    return this.#store.toString('hex', from, from + idBytes)
  }
}
