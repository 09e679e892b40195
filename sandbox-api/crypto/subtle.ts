import { sealClass } from '../collection.ts'
import { bytesGiven, kindOf, wrong } from '../given.ts'
import { renamed } from '../named.ts'
import { bufferOf, freeze, isArray, toUpper, typedArrayLength } from '../primordials.ts'
import { DomException } from '../web/dom-exception.ts'
import { type Hash, hmac } from './hmac.ts'
import { sha1 } from './sha1.ts'
import { sha256 } from './sha256.ts'
import { sha384, sha512 } from './sha512.ts'

type Usage = 'sign' | 'verify'
type HashName = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'

const hashes: readonly [HashName, Hash][] = [
  ['SHA-1', { digest: sha1, block: 64 }],
  ['SHA-256', { digest: sha256, block: 64 }],
  ['SHA-384', { digest: sha384, block: 128 }],
  ['SHA-512', { digest: sha512, block: 128 }],
]

let secretOf: (key: CryptoKey) => { secret: Uint8Array; hash: Hash }

/** An HMAC key; nothing of it can be read but what it is for. */
export class CryptoKey {
  readonly #secret: Uint8Array
  readonly #hash: Hash
  readonly #extractable: boolean
  readonly #algorithm: object
  readonly #usages: readonly Usage[]

  constructor(secret: Uint8Array, name: HashName, hash: Hash, extractable: boolean, usages: readonly Usage[]) {
    this.#secret = secret
    this.#hash = hash
    this.#extractable = extractable
    this.#algorithm = freeze({ name: 'HMAC', hash: freeze({ name }), length: typedArrayLength(secret) * 8 })
    this.#usages = freeze(usages)
    freeze(this)
  }

  static {
    secretOf = key => ({ secret: key.#secret, hash: key.#hash })
  }

  get type(): string {
    return 'secret'
  }

  get extractable(): boolean {
    return this.#extractable
  }

  get algorithm(): object {
    return this.#algorithm
  }

  get usages(): readonly Usage[] {
    return this.#usages
  }

  get [Symbol.toStringTag](): string {
    return 'CryptoKey'
  }
}
sealClass(CryptoKey)

/** The part of WebCrypto's SubtleCrypto that needs no more than hashes: digests and HMAC. */
export class SubtleCrypto {
  constructor() {
    freeze(this)
  }

  async digest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
    const [, hash] = hashGiven(algorithm, 'digest: algorithm')
    return bufferOf(hash.digest(bytesGiven(data, 'digest: data')))
  }

  async importKey(
    format: unknown,
    keyData: unknown,
    algorithm: unknown,
    extractable: unknown,
    keyUsages: unknown,
  ): Promise<CryptoKey> {
    if (format !== 'raw') throw notSupported("importKey: format must be 'raw'")
    const secret = bytesGiven(keyData, 'importKey: keyData')
    hmacGiven(algorithm, 'importKey: algorithm')
    const [name, hash] = hashGiven((algorithm as { hash?: unknown }).hash, 'importKey: algorithm.hash')
    const usages = usagesGiven(keyUsages)
    if (typedArrayLength(secret) === 0) throw new DomException('importKey: keyData is empty', 'DataError')
    return new CryptoKey(secret, name, hash, !!extractable, usages)
  }

  async sign(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    hmacGiven(algorithm, 'sign: algorithm')
    return bufferOf(signature(key, 'sign', data))
  }

  /** Takes the same time wherever the signatures differ. */
  async verify(algorithm: unknown, key: unknown, given: unknown, data: unknown): Promise<boolean> {
    hmacGiven(algorithm, 'verify: algorithm')
    const claimed = bytesGiven(given, 'verify: signature')
    const right = signature(key, 'verify', data)
    let different = typedArrayLength(claimed) ^ typedArrayLength(right)
    for (let i = 0; i < typedArrayLength(right); i++) different |= (claimed[i] ?? 0) ^ right[i]!
    return different === 0
  }

  get [Symbol.toStringTag](): string {
    return 'SubtleCrypto'
  }
}
sealClass(SubtleCrypto)

function signature(key: unknown, usage: Usage, data: unknown): Uint8Array<ArrayBuffer> {
  if (typeof key !== 'object' || key === null || !isKey(key)) throw wrong(`${usage}: key`, 'a CryptoKey', key)
  const { secret, hash } = secretOf(key)
  const bytes = bytesGiven(data, `${usage}: data`)
  let allowed = false
  for (let i = 0; i < key.usages.length; i++) allowed ||= key.usages[i] === usage
  if (!allowed) throw new DomException(`${usage}: key is not for that`, 'InvalidAccessError')
  return hmac(hash, secret, bytes)
}

function isKey(key: object): key is CryptoKey {
  try {
    return secretOf(key as CryptoKey) !== undefined
  } catch {
    return false
  }
}

/** The name of an algorithm, which stands alone or in an object. */
function nameOf(algorithm: unknown, what: string): string {
  let name = algorithm
  try {
    if (typeof algorithm === 'object' && algorithm !== null) name = (algorithm as { name?: unknown }).name
  } catch (error) {
    throw renamed(error, what)
  }
  if (typeof name !== 'string') throw wrong(what, 'the name of an algorithm', algorithm)
  return toUpper(name)
}

function hashGiven(algorithm: unknown, what: string): readonly [HashName, Hash] {
  const name = nameOf(algorithm, what)
  for (let i = 0; i < hashes.length; i++) if (hashes[i]![0] === name) return hashes[i]!
  throw notSupported(`${what} must be SHA-1, SHA-256, SHA-384 or SHA-512`)
}

function hmacGiven(algorithm: unknown, what: string): void {
  if (nameOf(algorithm, what) !== 'HMAC') throw notSupported(`${what} must be HMAC`)
}

function usagesGiven(given: unknown): readonly Usage[] {
  if (!isArray(given)) throw wrong('importKey: keyUsages', 'an array', given)
  const usages: Usage[] = []
  for (let i = 0; i < given.length; i++) {
    const usage: unknown = given[i]
    if (usage !== 'sign' && usage !== 'verify') {
      const shown = typeof usage === 'string' ? usage : kindOf(usage)
      throw new DomException(`importKey: keyUsages can be 'sign' and 'verify', not ${shown}`, 'SyntaxError')
    }
    usages[usages.length] = usage
  }
  if (usages.length === 0) throw new DomException('importKey: keyUsages is empty', 'SyntaxError')
  return usages
}

function notSupported(text: string): Error {
  return new DomException(text, 'NotSupportedError')
}
