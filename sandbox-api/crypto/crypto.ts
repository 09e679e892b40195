import { sealClass } from '../collection.ts'
import { wrong } from '../given.ts'
import { Bytes, freeze, isDetached, typedArrayName, typedArrayParts } from '../primordials.ts'
import { DomException } from '../web/dom-exception.ts'
import type { Random } from './random.ts'
import { SubtleCrypto } from './subtle.ts'

/** WebCrypto §10.1.3: more at once is refused. */
const RANDOM_BYTES_MAX = 65_536
const digits = '0123456789abcdef'

/** `crypto`, as the web has it, in as far as hashes and random numbers go. */
export class Crypto {
  readonly #random: Random
  readonly #subtle = new SubtleCrypto()

  constructor(random: Random) {
    this.#random = random
    freeze(this)
  }

  get subtle(): SubtleCrypto {
    return this.#subtle
  }

  getRandomValues<T>(array: T): T {
    const name = typedArrayName(array)
    const parts = typedArrayParts(array)
    if (name === undefined || parts === undefined) throw wrong('getRandomValues: array', 'a typed array', array)
    if (isDetached(parts.buffer)) throw wrong('getRandomValues: array', 'an array that is still there', array)
    if (name === 'Float16Array' || name === 'Float32Array' || name === 'Float64Array') {
      throw new DomException('getRandomValues: array must hold whole numbers', 'TypeMismatchError')
    }
    if (parts.length > RANDOM_BYTES_MAX) {
      const text = `getRandomValues: array has ${parts.length} bytes, ${RANDOM_BYTES_MAX} at once are allowed`
      throw new DomException(text, 'QuotaExceededError')
    }
    this.#random.fill(new Bytes(parts.buffer, parts.offset, parts.length))
    return array
  }

  /** Version 4, RFC 9562 §5.4. */
  randomUUID(): string {
    const bytes = new Bytes(16)
    this.#random.fill(bytes)
    bytes[6] = (bytes[6]! & 0x0f) | 0x40
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    let text = ''
    for (let i = 0; i < 16; i++) {
      if (i === 4 || i === 6 || i === 8 || i === 10) text += '-'
      text += digits[bytes[i]! >> 4]! + digits[bytes[i]! & 15]!
    }
    return text
  }

  get [Symbol.toStringTag](): string {
    return 'Crypto'
  }
}
sealClass(Crypto)
