import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { readBytes } from '../../server/transports/limits.ts'
import { Tunnel } from '../../server/transports/tunnel.ts'

suite('Tunnel', () => {
  test('gives more writes at once than a call takes arguments', () => {
    const tunnel = new Tunnel()
    for (let i = 0; i < 300_000; i++) tunnel.write(Buffer.of(i))
    assert.equal(tunnel.collect().length, 300_000)
  })

  test('hands a long request on in the portions of a socket', () => {
    const tunnel = new Tunnel()
    const portions: number[] = []
    tunnel.on('data', (bytes: Buffer) => portions.push(bytes.length))
    tunnel.bring(0, Buffer.alloc(2 * readBytes + 1))
    return new Promise<void>(resolve => setImmediate(resolve)).then(() => {
      assert.deepEqual(portions, [readBytes, readBytes, 1])
    })
  })
})
