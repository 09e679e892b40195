import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { after, suite, test } from 'node:test'
import { clientFacts } from '../../apps/host/child.ts'
import { Lab, runner, type TriedApp } from '../../apps/host/lab.ts'

const hex = (bytes: unknown) => Buffer.from(bytes as Uint8Array).toString('hex')
const hash = (name: string, text: string) => createHash(name).update(text).digest('hex')

suite('hashes and random numbers for scripts', () => {
  const lab = new Lab()
  after(() => lab.end())
  const { id } = clientFacts()
  const tried = async (): Promise<TriedApp> => {
    const app = await lab.app(runner)
    app.join()
    return app
  }

  test('server.md5 gives the digest of one value, and an array of several (C25)', async () => {
    const app = await tried()
    assert.equal(hex(await app.call(id, 'run', "return server.md5('käse')")), hash('md5', 'käse'))
    const several = (await app.call(
      id,
      'run',
      "return server.md5('a', Uint8Array.of(98), new Uint8Array([0, 99]).subarray(1).buffer, 5)",
    )) as Uint8Array[]
    assert.deepEqual(
      several.map(hex),
      ['a', 'b', '\0c', '5'].map(text => hash('md5', text)),
    )
  })

  test('server.sha256 likewise (C26)', async () => {
    const app = await tried()
    assert.equal(hex(await app.call(id, 'run', "return server.sha256('')")), hash('sha256', ''))
    const several = (await app.call(id, 'run', "return server.sha256('a', 'b')")) as Uint8Array[]
    assert.deepEqual(several.map(hex), [hash('sha256', 'a'), hash('sha256', 'b')])
  })

  test('what cannot be hashed is named (C25, C26)', async () => {
    const app = await tried()
    const said = (code: string) => app.call(id, 'run', `try { ${code} } catch (e) { return e.name + ': ' + e.message }`)
    assert.equal(
      await said('server.md5({})'),
      'TypeError: md5: value must be a Uint8Array or another buffer, not an object',
    )
    assert.equal(
      await said("server.sha256('a', undefined)"),
      'TypeError: sha256: value 2 must be a text, not undefined',
    )
    assert.match(String(await said('server.md5()')), /^TypeError: md5: values must be/)
  })

  test('crypto.subtle digests, signs and verifies', async () => {
    const app = await tried()
    const shown = (await app.call(
      id,
      'run',
      `return (async () => {
        const data = new TextEncoder().encode('message')
        const key = await crypto.subtle.importKey('raw', new TextEncoder().encode('key'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
        const signature = await crypto.subtle.sign('HMAC', key, data)
        const forged = new Uint8Array(signature).with(3, 1 ^ new Uint8Array(signature)[3])
        return {
          digests: await Promise.all(['SHA-1', { name: 'sha-256' }, 'SHA-384', 'SHA-512'].map(name => crypto.subtle.digest(name, data))),
          signature,
          verified: [
            await crypto.subtle.verify({ name: 'HMAC' }, key, signature, data),
            await crypto.subtle.verify('hmac', key, forged, data),
            await crypto.subtle.verify('HMAC', key, signature.slice(1), data),
            await crypto.subtle.verify('HMAC', key, new Uint8Array(), data),
          ],
          key: [key.type, key.extractable, key.algorithm.name, key.algorithm.hash.name, key.algorithm.length, [...key.usages], String(key)],
          same: server.crypto === crypto,
        }
      })()`,
    )) as Record<string, unknown>
    assert.deepEqual(
      (shown.digests as unknown[]).map(hex),
      ['sha1', 'sha256', 'sha384', 'sha512'].map(name => hash(name, 'message')),
    )
    assert.equal(hex(shown.signature), createHmac('sha256', 'key').update('message').digest('hex'))
    assert.deepEqual(shown.verified, [true, false, false, false])
    assert.deepEqual(shown.key, ['secret', false, 'HMAC', 'SHA-256', 24, ['sign', 'verify'], '[object CryptoKey]'])
    assert.equal(shown.same, true)
  })

  test('crypto.subtle refuses by rejecting, with the name the web gives it', async () => {
    const app = await tried()
    const shown = await app.call(
      id,
      'run',
      `return (async () => {
        const { subtle } = crypto
        const hmac = { name: 'HMAC', hash: 'SHA-256' }
        const bytes = Uint8Array.of(1)
        const key = await subtle.importKey('raw', bytes, hmac, false, ['sign'])
        const tries = [
          subtle.digest('MD5', bytes), subtle.digest('SHA-256', 'text'), subtle.digest(undefined, bytes),
          subtle.importKey('jwk', bytes, hmac, false, ['sign']), subtle.importKey('raw', bytes, 'AES', false, ['sign']),
          subtle.importKey('raw', bytes, 'HMAC', false, ['sign']), subtle.importKey('raw', new Uint8Array(), hmac, false, ['sign']),
          subtle.importKey('raw', bytes, hmac, false, []), subtle.importKey('raw', bytes, hmac, false, ['decrypt']),
          subtle.verify('HMAC', key, bytes, bytes), subtle.sign('HMAC', Object.create(key), bytes), subtle.sign('HMAC', {}, bytes),
        ]
        return (await Promise.allSettled(tries)).map(({ reason }) => reason?.name)
      })()`,
    )
    assert.deepEqual(shown, [
      ...['NotSupportedError', 'TypeError', 'TypeError', 'NotSupportedError', 'NotSupportedError', 'TypeError'],
      ...['DataError', 'SyntaxError', 'SyntaxError', 'InvalidAccessError', 'TypeError', 'TypeError'],
    ])
  })

  test('random numbers differ from call to call and from application to application', async () => {
    const code = 'return [...crypto.getRandomValues(new Uint32Array(4)), crypto.randomUUID(), crypto.randomUUID()]'
    const seen = new Set<unknown>()
    for (const app of [await tried(), await tried()]) {
      const values = (await app.call(id, 'run', code)) as (number | string)[]
      for (const uuid of values.slice(4)) {
        assert.match(String(uuid), /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
      }
      for (const value of values) seen.add(value)
    }
    assert.equal(seen.size, 12)
  })

  test('getRandomValues fills any array of whole numbers in its place, and nothing else', async () => {
    const app = await tried()
    const shown = await app.call(
      id,
      'run',
      `const buffer = new ArrayBuffer(64)
      const view = new Int16Array(buffer, 16, 8)
      const same = crypto.getRandomValues(view) === view
      const around = [...new Uint8Array(buffer, 0, 16), ...new Uint8Array(buffer, 32)].every(byte => byte === 0)
      const refused = [new Float64Array(1), [1], new DataView(buffer), new Uint8Array(65537)].map(array => {
        try { crypto.getRandomValues(array) } catch (e) { return e.name }
      })
      return [same, around, view.some(n => n !== 0), crypto.getRandomValues(new BigUint64Array(2)).length, refused]`,
    )
    assert.deepEqual(shown, [
      true,
      true,
      true,
      2,
      ['TypeMismatchError', 'TypeError', 'TypeError', 'QuotaExceededError'],
    ])
  })
})
