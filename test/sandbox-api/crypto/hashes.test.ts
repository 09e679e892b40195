import assert from 'node:assert/strict'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { type Hash, hmac } from '../../../sandbox-api/crypto/hmac.ts'
import { md5 } from '../../../sandbox-api/crypto/md5.ts'
import { Random } from '../../../sandbox-api/crypto/random.ts'
import { sha1 } from '../../../sandbox-api/crypto/sha1.ts'
import { sha256 } from '../../../sandbox-api/crypto/sha256.ts'
import { sha384, sha512 } from '../../../sandbox-api/crypto/sha512.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const hashes: Record<string, Hash> = {
  md5: { digest: md5, block: 64 },
  sha1: { digest: sha1, block: 64 },
  sha256: { digest: sha256, block: 64 },
  sha384: { digest: sha384, block: 128 },
  sha512: { digest: sha512, block: 128 },
}

suite('hashes of the glass', () => {
  for (const [name, hash] of Object.entries(hashes)) {
    test(`${name} agrees with the system's on every length around its blocks (C25, C26)`, () => {
      const bytes = randomBytes(300)
      for (let length = 0; length <= bytes.length; length++) {
        const message = bytes.subarray(0, length)
        assert.equal(hex(hash.digest(message)), createHash(name).update(message).digest('hex'), `${length} bytes`)
      }
      const long = new Uint8Array(1_000_003).fill(0x5a)
      assert.equal(hex(hash.digest(long)), createHash(name).update(long).digest('hex'))
    })

    test(`HMAC of ${name} agrees with the system's, whatever the lengths of key and message`, () => {
      const bytes = fc.uint8Array({ maxLength: 300 })
      fc.assert(
        fc.property(bytes, bytes, (key, message) => {
          assert.equal(hex(hmac(hash, key, message)), createHmac(name, key).update(message).digest('hex'))
        }),
        { numRuns: 60 },
      )
    })
  }
})

/** HMAC_DRBG (NIST SP 800-90A §10.1.2) with the system's HMAC. */
function* reference(seed: Uint8Array): Generator<Buffer, never, number> {
  const mac = (key: Uint8Array, ...parts: Uint8Array[]) =>
    createHmac('sha256', key).update(Buffer.concat(parts)).digest()
  let key = Buffer.alloc(32, 0)
  let value = Buffer.alloc(32, 1)
  const update = (data: Uint8Array) => {
    for (const round of data.length === 0 ? [0] : [0, 1]) {
      key = mac(key, value, Buffer.of(round), data)
      value = mac(key, value)
    }
  }
  update(seed)
  let wanted = yield Buffer.alloc(0)
  for (;;) {
    const parts: Buffer[] = []
    for (let at = 0; at < wanted; at += 32) {
      value = mac(key, value)
      parts.push(value)
    }
    update(Buffer.alloc(0))
    wanted = yield Buffer.concat(parts).subarray(0, wanted)
  }
}

suite('random numbers of the glass', () => {
  test('are those the standard makes of the seed', () => {
    const seed = randomBytes(48)
    const random = new Random(seed)
    const expected = reference(seed)
    expected.next(0)
    for (const length of [1, 16, 31, 32, 33, 1000]) {
      const bytes = new Uint8Array(length)
      random.fill(bytes)
      assert.equal(hex(bytes), expected.next(length).value.toString('hex'), `${length} bytes`)
    }
  })
})
