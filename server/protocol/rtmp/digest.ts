import { createHmac } from 'node:crypto'

/**
 * The digest handshake, which Adobe never published: C1 and S1 hide an HMAC-SHA256 of themselves among their random
 * bytes, S2 and C2 end in one of the peer's digest. It proves nothing nowadays, as the keys are known, but Flash plays
 * H.264 only from servers that know it, and FFmpeg, librtmp and others ask for it.
 *
 *     0      4        8                772               1536
 *     │ time │ version │ part 1         │ part 2          │     each part: a key or a digest among random bytes;
 *     └──────┴─────────┴────────────────┴─────────────────┘     the digest's offset is the sum of four bytes
 */

/** The digest lies in part 1 (Flash 9) or part 2 (Flash 10 and later). */
export type DigestScheme = 0 | 1

const digestBytes = 32

/** Of C1, S1, C2 and S2 (RTMP 1.0 §5.2.3). */
export const blockBytes = 1536

/** By scheme: where the four bytes stand whose sum says how far behind them the digest is. */
const offsetFields: readonly number[] = [8, 772]

/** The digest keeps this distance from the end of its part. */
const offsetRange = 764 - 4 - digestBytes

const salt = Buffer.from('f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae', 'hex')

/** `name` signs the first block, the whole key the second. */
export interface DigestKey {
  readonly name: Buffer
  readonly whole: Buffer
}

const digestKey = (name: string): DigestKey => ({
  name: Buffer.from(name),
  whole: Buffer.concat([Buffer.from(name), salt]),
})

export const clientKey = digestKey('Genuine Adobe Flash Player 001')
export const serverKey = digestKey('Genuine Adobe Flash Media Server 001')

/** The digest of a C1 or S1 where it stands and is right, else null: the peer means a plain handshake. */
export function findDigest(block: Buffer, key: DigestKey): { scheme: DigestScheme; digest: Buffer } | null {
  for (const scheme of [1, 0] as const) {
    const at = digestAt(block, scheme)
    const digest = block.subarray(at, at + digestBytes)
    if (digest.equals(digestOf(block, at, key))) return { scheme, digest }
  }
  return null
}

/** Writes the digest of a C1 or S1 into it, and returns it. */
export function imprintDigest(block: Buffer, scheme: DigestScheme, key: DigestKey): Buffer {
  const at = digestAt(block, scheme)
  const digest = digestOf(block, at, key)
  digest.copy(block, at)
  return digest
}

/** Signs a C2 or S2: its last 32 bytes answer the digest of the block it replies to. */
export function signReply(block: Buffer, answered: Buffer, key: DigestKey): void {
  signatureOf(block, answered, key).copy(block, blockBytes - digestBytes)
}

/** Whether a C2 or S2 answers that digest. */
export function verifyReply(block: Buffer, answered: Buffer, key: DigestKey): boolean {
  return block.subarray(blockBytes - digestBytes).equals(signatureOf(block, answered, key))
}

function digestAt(block: Buffer, scheme: DigestScheme): number {
  const field = offsetFields[scheme]!
  const sum = block[field]! + block[field + 1]! + block[field + 2]! + block[field + 3]!
  return field + 4 + (sum % offsetRange)
}

/** Over the block without the digest's own place. */
function digestOf(block: Buffer, at: number, key: DigestKey): Buffer {
  return createHmac('sha256', key.name)
    .update(block.subarray(0, at))
    .update(block.subarray(at + digestBytes))
    .digest()
}

function signatureOf(block: Buffer, answered: Buffer, key: DigestKey): Buffer {
  const once = createHmac('sha256', key.whole).update(answered).digest()
  return createHmac('sha256', once)
    .update(block.subarray(0, blockBytes - digestBytes))
    .digest()
}
