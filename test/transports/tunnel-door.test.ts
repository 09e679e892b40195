import assert from 'node:assert/strict'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { decodeAmf0 } from '../../server/media/amf0.ts'
import { encodeCommand } from '../../server/protocol/netconnection/command.ts'
import { ClientHandshake } from '../../server/protocol/rtmp/handshake.ts'
import { rtmpLimits } from '../../server/protocol/rtmp/limits.ts'
import { type Message, MessageType } from '../../server/protocol/rtmp/message.ts'
import { RtmpSession } from '../../server/protocol/rtmp/rtmp-session.ts'
import { lingerMs, tickMs, tunnelBodyBytes, tunnelIntervals, tunnelPatience } from '../../server/transports/limits.ts'
import { RtmpTransport } from '../../server/transports/rtmp.ts'
import { World, worldLimits } from '../protocol/netconnection/fake-client.ts'

/** A client that has no socket, only requests. */
class TunnelClient {
  readonly messages: Message[] = []
  readonly intervals: number[] = []
  readonly #base: string
  readonly #session: RtmpSession
  #unsent: Buffer[] = []
  #id = ''
  #number = 0

  constructor(base: string) {
    this.#base = base
    const host = {
      write: (bytes: Buffer) => void this.#unsent.push(bytes),
      ready() {},
      message: (message: Message) => void this.messages.push(message),
      failed: (error: Error) => {
        throw error
      },
    }
    this.#session = new RtmpSession(host, new ClientHandshake(), rtmpLimits, 0)
  }

  get id(): string {
    return this.#id
  }

  async open(): Promise<void> {
    const answer = await post(`${this.#base}/open/1`)
    this.#id = answer.bytes.toString().trim()
    assert.equal(answer.bytes.at(-1), 10)
    this.#session.start()
  }

  /** Sends what there is, and takes what comes back. */
  async exchange(number = this.#number++): Promise<void> {
    const bytes = Buffer.concat(this.#unsent.splice(0))
    const verb = bytes.length > 0 ? 'send' : 'idle'
    const answer = await post(`${this.#base}/${verb}/${this.#id}/${number}`, bytes)
    assert.equal(answer.status, 200)
    this.intervals.push(answer.bytes[0]!)
    this.#session.receive(answer.bytes.subarray(1), 0)
  }

  /** Until something has come. */
  async until(isSo: () => boolean): Promise<void> {
    for (let times = 0; !isSo(); times++) {
      if (times > 1000) assert.fail(`in vain: ${isSo}`)
      await this.exchange()
    }
  }

  command(name: string, transactionId: number, object: unknown = null): void {
    this.#session.send(encodeCommand(0, name, { transactionId, object }))
  }

  /** Names of the commands that came. */
  get commands(): unknown[] {
    return this.messages
      .filter(({ type }) => type === MessageType.CommandAmf0)
      .map(message => decodeAmf0(message.payload)[0])
  }

  leave(): Promise<{ status: number }> {
    return post(`${this.#base}/close/${this.#id}/${this.#number++}`)
  }
}

async function post(url: string, body?: Uint8Array): Promise<{ status: number; bytes: Buffer }> {
  const response = await fetch(url, { method: 'POST', ...(body && body.length > 0 && { body: new Uint8Array(body) }) })
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) }
}

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

  async function connected(): Promise<TunnelClient> {
    const client = new TunnelClient(base)
    await client.open()
    await client.exchange()
    client.command('connect', 1, { app: 'live', tcUrl: 'rtmpt://127.0.0.1/live' })
    await client.until(() => client.commands.includes('_result'))
    return client
  }

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
