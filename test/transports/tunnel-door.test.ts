import assert from 'node:assert/strict'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { rtmpLimits } from '../../server/protocol/rtmp/limits.ts'
import { lingerMs, tickMs, tunnelBodyBytes, tunnelIntervals, tunnelPatience } from '../../server/transports/limits.ts'
import { RtmpTransport } from '../../server/transports/rtmp.ts'
import { World, worldLimits } from '../protocol/netconnection/fake-client.ts'
import { post, TunnelClient } from '../support/tunnel-client.ts'

suite('TunnelDoor', () => {
  let world: World
  let transport: RtmpTransport
  let base = ''

  beforeEach(async () => {
    world = new World()
    const { hub, clock, log } = world
    const rtmp = {
      ...{ ...rtmpLimits, port: 0, interface: '127.0.0.1', backlog: 511, chunkSize: 65_536, streams: 64 },
      ...{ connections: 2, rtmpe: false, rtmpt: true },
    }
    const rtmps = { port: null, certificate: '', key: '', tls: '1.2' as const }
    const http = { port: 0, interface: '127.0.0.1', connections: 100 }
    transport = new RtmpTransport({ hub, config: { ...worldLimits, rtmp, rtmps, http }, clock, log })
    base = `http://${(await transport.listen()).rtmpt}`
  })

  afterEach(async () => {
    transport.dismiss({ code: 'Connect.AppShutdown', description: 'the test is over' })
    const closing = transport.close()
    world.clock.advance(lingerMs + tickMs)
    await closing
  })

  const connected = (): Promise<TunnelClient> => TunnelClient.connect(base)

  test('carries a connection through requests (R45)', async () => {
    const client = await connected()
    assert.equal(transport.connections, 1)
    client.command('createStream', 2)
    await client.until(() => client.commands.filter(name => name === '_result').length === 2)
  })

  test('asks for patience while there is nothing to tell, and for none when there is', async () => {
    const client = await connected()
    const from = client.intervals.length
    for (let times = 0; times < 2 * tunnelPatience + 1; times++) await client.exchange()
    const waited = client.intervals.slice(from)
    assert.deepEqual([waited[0], waited.at(-1)], [tunnelIntervals[0], tunnelIntervals[2]])
    client.command('createStream', 2)
    await client.exchange()
    await client.until(() => client.commands.length === 2)
    assert.equal(client.intervals.at(-1), tunnelIntervals[0])
  })

  test('takes the bytes of a repeated request once', async () => {
    const client = await connected()
    client.command('createStream', 2)
    await client.exchange(1000)
    client.command('createStream', 3)
    await client.exchange(1000)
    client.command('createStream', 4)
    await assert.doesNotReject(client.exchange(1001))
    await client.until(() => client.commands.length >= 3)
    assert.equal(client.commands.filter(name => name === '_result').length, 3)
  })

  test('ends a connection whose client says so', async () => {
    const client = await connected()
    assert.equal((await client.leave()).status, 200)
    world.clock.advance(lingerMs + tickMs)
    while (transport.connections > 0) await new Promise(resolve => setImmediate(resolve))
    assert.equal((await post(`${base}/idle/${client.id}/99`)).status, 404)
  })

  test('ends a connection whose client is not heard any more', async () => {
    await connected()
    world.clock.advance(rtmpLimits.keepAliveTimeout + lingerMs + 2 * tickMs)
    while (transport.connections > 0) await new Promise(resolve => setImmediate(resolve))
  })

  test('turns away who comes when there are too many', async () => {
    await connected()
    await connected()
    assert.equal((await post(`${base}/open/1`)).status, 503)
    world.clock.advance(tickMs)
    assert.ok(world.logged.some(({ subject }) => subject.limit === 'rtmp.connections'))
  })

  for (const [what, path, status] of [
    ['an id that nobody has', '/send/nobody/1', 404],
    ['a path of another service', '/index.html', 404],
    ['the question for a better address', '/fcs/ident2', 404],
  ] as const) {
    test(`answers ${what} with ${status}`, async () => {
      assert.equal((await post(base + path, Buffer.from('x'))).status, status)
    })
  }

  test('answers who does not POST', async () => {
    assert.equal((await fetch(`${base}/open/1`)).status, 405)
  })

  test('does not read on past a request of too many bytes', async () => {
    const client = await connected()
    const answer = await post(`${base}/send/${client.id}/500`, Buffer.alloc(tunnelBodyBytes + 1)).catch(() => null)
    assert.ok(answer === null || answer.status === 413)
    assert.equal(transport.connections, 1)
  })
})
