import { createDiffieHellman, createDiffieHellmanGroup, createHmac, type DiffieHellman, randomBytes } from 'node:crypto'
import { ProtocolError } from '../../base/errors.ts'
import { blockBytes, type DigestScheme } from './digest.ts'
import { Rc4 } from './rc4.ts'

/**
 * What RTMPE adds to a handshake with digests, as librtmp and others have found out: a Diffie-Hellman exchange whose
 * public keys lie among the random bytes of C1 and S1, in the part that the digest does not lie in, and RC4 on
 * everything after the handshake. Who listens on the way can take part in it: it is no security.
 */

/** C0 and S0 of RTMPE. */
export const encryptedVersion = 6

/** Of a public key: the 1024 bit group of RFC 2409 §6.2. */
const keyBytes = 128

/** By digest scheme: where the four bytes stand whose sum says how far behind `part` the public key is. */
const keyPlaces: readonly { field: number; part: number }[] = [
  { field: 1532, part: 772 },
  { field: 768, part: 8 },
]
const keyRange = 764 - 4 - keyBytes

/** Both directions of a connection. */
export interface Cipher {
  encrypt(bytes: Buffer): Buffer
  decrypt(bytes: Buffer): Buffer
}

let group: DiffieHellman | null = null

/**
 * The group with that private key. There is one for all, since making it costs thirty milliseconds (OpenSSL looks whether its
 * prime is one), a hundred times what an exchange does: strangers could stop the server with their hellos.
 */
function groupWith(privateKey: Buffer): DiffieHellman {
  if (!group) {
    const known = createDiffieHellmanGroup('modp2')
    group = createDiffieHellman(known.getPrime(), known.getGenerator())
  }
  group.setPrivateKey(privateKey)
  return group
}

/** One side's half of the exchange. */
export class KeyExchange {
  /** A byte less than the prime, which it must not exceed. */
  readonly #privateKey = randomBytes(keyBytes - 1)
  readonly #publicKey = padded(groupWith(this.#privateKey).generateKeys())

  /** Hides the public key in a C1 or S1; the digest is imprinted afterwards. */
  imprint(block: Buffer, scheme: DigestScheme): void {
    this.#publicKey.copy(block, keyAt(block, scheme))
  }

  /** The cipher agreed on with who sent that block. Throws a ProtocolError when the key in it is none. */
  agree(block: Buffer, scheme: DigestScheme): Cipher {
    const at = keyAt(block, scheme)
    const theirs = block.subarray(at, at + keyBytes)
    const secret = this.#secret(theirs)
    const encrypting = cipherOf(secret, theirs)
    const decrypting = cipherOf(secret, this.#publicKey)
    return { encrypt: bytes => encrypting.apply(bytes), decrypt: bytes => decrypting.apply(bytes) }
  }

  #secret(theirs: Buffer): Buffer {
    try {
      return padded(groupWith(this.#privateKey).computeSecret(theirs))
    } catch {
      throw new ProtocolError('rtmp.handshake.key', "the peer's key for RTMPE is not one of its group")
    }
  }
}

/** Each side encrypts by the other's public key. The key stream of what a block has passes before the first message. */
function cipherOf(secret: Buffer, publicKey: Buffer): Rc4 {
  const cipher = new Rc4(createHmac('sha256', secret).update(publicKey).digest().subarray(0, 16))
  cipher.apply(Buffer.alloc(blockBytes))
  return cipher
}

function keyAt(block: Buffer, scheme: DigestScheme): number {
  const { field, part } = keyPlaces[scheme]!
  const sum = block[field]! + block[field + 1]! + block[field + 2]! + block[field + 3]!
  return part + (sum % keyRange)
}

function padded(number: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(Math.max(0, keyBytes - number.length)), number])
}
