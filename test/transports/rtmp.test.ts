import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, Socket } from 'node:net'
import { afterEach, suite, test } from 'node:test'
import type { HttpConfig, RtmpConfig, RtmpsConfig } from '../../server/config/config.ts'
import type { Judge } from '../../server/hub/judge.ts'
import { encodeAmf0 } from '../../server/media/amf0.ts'
import { encodeCommand } from '../../server/protocol/netconnection/command.ts'
import { rtmpLimits } from '../../server/protocol/rtmp/limits.ts'
import { MessageType } from '../../server/protocol/rtmp/message.ts'
import { lingerMs, tickMs } from '../../server/transports/limits.ts'
import { RtmpTransport } from '../../server/transports/rtmp.ts'
import { World, worldLimits } from '../protocol/netconnection/fake-client.ts'
import { interTag, keyTag } from '../support/media-samples.ts'
import { RtmpClient, type RtmpClientOptions } from '../support/rtmp-client.ts'
import { RtmpRefusal } from '../support/rtmp-refusal.ts'
import { hex } from '../support/wire.ts'

const config: RtmpConfig = {
  ...rtmpLimits,
  port: 0,
  interface: '127.0.0.1',
  backlog: 511,
  chunkSize: 65_536,
  streams: 64,
  connections: 100,
  rtmpe: false,
  rtmpt: false,
}

const rtmps: RtmpsConfig = { port: null, certificate: '', key: '', tls: '1.2' }
const http: HttpConfig = { port: null, interface: '127.0.0.1', connections: 100 }

/** A server whose time stands still until it is wound; the sockets are real. */
class Lab {
  readonly world: World
  readonly transport: RtmpTransport
  address = ''

  constructor(judge: Partial<Judge> = {}, limits: Partial<RtmpConfig> = {}) {
    this.world = new World(judge)
    const { hub, clock, log } = this.world
    this.transport = new RtmpTransport({
      hub,
      config: { ...worldLimits, rtmps, http, rtmp: { ...config, ...limits } },
      clock,
      log,
    })
  }

  async open(): Promise<this> {
    this.address = (await this.transport.listen()).rtmp!
    return this
  }

  client(options: Partial<RtmpClientOptions> = {}): Promise<RtmpClient> {
    return RtmpClient.connect({ url: `rtmp://${this.address}/live`, ...options })
  }

  async socket(): Promise<Socket> {
    const socket = connect(Number(this.address.split(':').at(-1)), '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    await this.until(() => this.transport.connections > 0)
    return socket
  }

  /** Lets the sockets work until something is so. */
  async until(isSo: () => boolean): Promise<void> {
    const limit = performance.now() + 60_000
    while (!isSo()) {
      if (performance.now() > limit) assert.fail(`in vain: ${isSo}\n${JSON.stringify(this.world.logged)}`)
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  /** Codes of what was warned of and what went wrong. */
  get troubles(): unknown[] {
    return this.world.logged.filter(({ level }) => level !== 'info').map(({ subject }) => subject.code)
  }

  async close(): Promise<void> {
    this.transport.dismiss({ code: 'Connect.AppShutdown', description: 'the test is over' })
    const closing = this.transport.close()
    this.world.clock.advance(lingerMs + tickMs)
    await closing
  }
}

suite('RtmpTransport', () => {
  let lab: Lab

  afterEach(() => lab.close())

  test('brings frames from who publishes to who plays', async () => {
    lab = await new Lab().open()
    await using publisher = await lab.client()
    await using player = await lab.client({ digest: 1 })
    const from = await publisher.publish('cam')
    const to = await player.play('cam')
    from.sendVideo(1000, keyTag())
    from.sendVideo(1040, interTag(1, 100_000))
    const frame = await to.frame(({ timestamp }) => timestamp === 40)
    assert.deepEqual(frame.payload, interTag(1, 100_000))
    assert.deepEqual(
      to.frames.filter(({ kind }) => kind === 'video').map(({ timestamp }) => timestamp),
      [0, 40],
    )
  })

  test('reads on where it made room for others, to the end of a flood of commands (hazard R5)', async () => {
    lab = await new Lab().open()
    // Time passes with every look at it, so that no read is dealt with in one go.
    let passed = 0
    lab.world.clock.now = () => ++passed
    const commands = 2000
    await using client = await lab.client()
    const answers = Array.from({ length: commands }, () => client.call('_checkbw'))
    assert.equal((await Promise.all(answers)).length, commands)
  })

  test('answers each request in one write, whatever it has to say', async t => {
    lab = await new Lab().open()
    let writes = 0
    // Where a socket hands its bytes to the system, be it one buffer or several that were corked.
    const proto = Socket.prototype as unknown as { _writeGeneric(...args: unknown[]): void }
    const original = proto._writeGeneric
    t.mock.method(proto, '_writeGeneric', function (this: { server?: unknown }, ...args: unknown[]) {
      if (this.server) writes++
      original.apply(this, args)
    })
    await using client = await lab.client()
    assert.equal(writes, 2, 'the handshake, then the success with all that goes before it')
    const stream = await client.createStream()
    assert.equal(writes, 3)
    await stream.play('cam')
    await stream.frame(({ values }) => values[0] === '|RtmpSampleAccess')
    assert.equal(writes, 4)
  })

  test('tells the hub of a clean end, and of one that was not', async () => {
    lab = await new Lab().open()
    const polite = await lab.client()
    await polite.close()
    await lab.until(() => lab.world.witness.told.length === 2)
    const rude = await lab.client()
    rude.destroy()
    await lab.until(() => lab.world.witness.told.length === 4)
    assert.deepEqual(lab.world.witness.told, ['joined', 'left', 'joined', 'left: the connection was reset'])
    await lab.until(() => lab.transport.connections === 0)
  })

  test('closes a peer that breaks the protocol, with one line that names it, and nobody else (hazard R4)', async () => {
    lab = await new Lab().open()
    await using bystander = await lab.client()
    const client = await lab.client()
    // A SetChunkSize to 0.
    client.writeRaw(Buffer.from('02000000000004010000000000000000', 'hex'))
    await client.closed
    assert.deepEqual(lab.troubles, ['rtmp.chunk.size'])
    assert.deepEqual(lab.world.witness.told.slice(2), ['left: SetChunkSize to 0, sizes are 1 to 2147483647'])
    await bystander.createStream()
  })

  test('ends only the connection that met a defect of ours', async () => {
    lab = await new Lab({
      call(_client, name) {
        throw new TypeError(`no idea of ${name}`)
      },
    }).open()
    await using bystander = await lab.client()
    const client = await lab.client()
    await assert.rejects(client.call('add'))
    const [line] = lab.world.logged
    assert.equal(line?.level, 'error')
    assert.ok(line?.subject.err instanceof TypeError)
    await bystander.createStream()
  })

  test('lets a refused client read why before it closes', async () => {
    lab = await new Lab({ connect: (_client, answer) => answer({ ok: false, text: 'you are not Tom!' }) }).open()
    await assert.rejects(lab.client(), (error: unknown) => {
      assert.ok(error instanceof RtmpRefusal)
      assert.equal(error.info.description, 'you are not Tom!')
      return true
    })
    await lab.until(() => lab.transport.connections === 0)
  })

  test('gives a peer that does not close its side a while, then cuts it', async () => {
    lab = await new Lab({ connect: (_client, answer) => answer({ ok: false, text: 'no' }) }).open()
    await assert.rejects(RtmpClient.connect({ url: `rtmp://${lab.address}/live` }))
    const socket = connect({ port: Number(lab.address.split(':').at(-1)), host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, 'connect')
    socket.write(Buffer.alloc(10, 0xff))
    socket.resume()
    await once(socket, 'end')
    assert.equal(lab.transport.connections, 1)
    lab.world.clock.advance(lingerMs + tickMs)
    await lab.until(() => lab.transport.connections === 0)
    socket.destroy()
  })

  test('closes who does not finish the handshake in time, dripping or silent (hazard R1)', async () => {
    lab = await new Lab().open()
    const silent = await lab.socket()
    const dripping = await lab.socket()
    dripping.write(Buffer.of(3))
    await lab.until(() => lab.transport.connections === 2)
    for (let second = 0; second < 9; second++) {
      dripping.write(Buffer.of(0))
      lab.world.clock.advance(1000)
    }
    assert.equal(lab.transport.connections, 2)
    lab.world.clock.advance(2000)
    silent.resume()
    dripping.resume()
    await lab.until(() => lab.transport.connections === 0)
    assert.deepEqual(lab.troubles, ['rtmp.handshake.timeout', 'rtmp.handshake.timeout'])
  })

  test('closes who shakes hands and never connects', async () => {
    lab = await new Lab().open()
    const socket = await lab.socket()
    socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(1536 + 1536)]))
    socket.resume()
    await once(socket, 'data')
    lab.world.clock.advance(11_000)
    await lab.until(() => lab.transport.connections === 0)
    assert.deepEqual(lab.troubles, ['rtmp.connect.timeout'])
  })

  test('waits for a verdict as long as it takes', async () => {
    const asked = Promise.withResolvers<() => void>()
    const connect: Judge['connect'] = (_client, answer) => asked.resolve(() => answer({ ok: true, info: null }))
    lab = await new Lab({ connect }).open()
    const connecting = lab.client()
    const allow = await asked.promise
    lab.world.clock.advance(20_000)
    allow()
    await using client = await connecting
    assert.equal(client.info.code, 'NetConnection.Connect.Success')
    assert.deepEqual(lab.troubles, [])
  })

  test('pings who is silent, and closes who does not answer', async () => {
    lab = await new Lab().open()
    const client = await lab.client()
    client.pauseReading()
    lab.world.clock.advance(29_000)
    await new Promise(resolve => setImmediate(resolve))
    assert.deepEqual(lab.troubles, [])
    lab.world.clock.advance(2000)
    assert.deepEqual(lab.troubles, ['rtmp.silent'])
    client.destroy()
  })

  test('turns away who comes when there are too many, and says so once a second', async () => {
    lab = await new Lab({}, { connections: 1 }).open()
    await using client = await lab.client()
    for (let nth = 0; nth < 3; nth++) await assert.rejects(lab.client())
    lab.world.clock.advance(1000)
    assert.deepEqual(
      lab.world.logged.map(({ subject }) => subject),
      [{ turnedAway: 3, limit: 'rtmp.connections' }],
    )
    await client.createStream()
  })

  test('ends a peer that leaves everything unread', async () => {
    lab = await new Lab().open()
    const client = await lab.client()
    client.pauseReading()
    const [member] = lab.world.hub.clients.values()
    const args = encodeAmf0(['x'.repeat(1_000_000)])
    await lab.until(() => {
      member!.peer.call('hear', args, {})
      return lab.world.hub.clients.size === 0
    })
    assert.deepEqual(lab.troubles, ['rtmp.unread'])
    await lab.until(() => lab.transport.connections === 0)
    client.destroy()
  })

  test('lets others go first when the bytes of one take their time', async () => {
    const order: string[] = []
    const begun = Promise.withResolvers<void>()
    lab = await new Lab({
      call(client, _name, _args, _silent, answer) {
        // While the first of many is served, somebody else asks.
        if (order.length === 0) begun.resolve(brief.call('hello').then(() => {}))
        order.push(client.facts.query.who!)
        lab.world.clock.advance(0.01)
        answer({ how: 'nothing' })
      },
    }).open()
    const url = `rtmp://${lab.address}/live`
    await using busy = await lab.client({ url: `${url}?who=busy` })
    await using brief = await lab.client({ url: `${url}?who=brief` })
    // The system keeps more for a reader that has shown that it reads.
    const nobodys = { type: MessageType.Audio, streamId: 9, timestamp: 0, payload: Buffer.alloc(10_000_000) }
    busy.send(nobodys)
    await busy.createStream()
    // Two megabytes, which would be handed out in one go.
    const calls = 50_000
    const call = encodeCommand(0, 'x'.repeat(10), {}).payload
    const chunk = Buffer.concat([hex('03 000000 000000 14 00000000'), call])
    chunk.writeUIntBE(call.length, 4, 3)
    busy.writeRaw(Buffer.concat(Array.from({ length: calls }, () => chunk)))
    await begun.promise
    assert.ok(order.indexOf('brief') < 5000, `after ${order.indexOf('brief')} calls of another`)
    await busy.call('the last')
    assert.equal(order.length, calls + 2)
  })

  test('is harmless to speak to after the end', async () => {
    lab = await new Lab().open()
    const client = await lab.client()
    const [member] = lab.world.hub.clients.values()
    client.destroy()
    await lab.until(() => lab.world.hub.clients.size === 0)
    const { peer } = member!
    peer.call('hear', encodeAmf0([1]), {})
    peer.status('x', 'y')
    peer.ping()
    peer.close({ code: 'Connect.Closed', description: '' })
    assert.ok(peer.figures().bytesIn > 3000)
    assert.deepEqual(lab.troubles, [])
  })
})

suite('RtmpTransport.dismiss', () => {
  test('tells everybody, takes nobody new, and ends within its time though a peer reads nothing', async () => {
    const lab = await new Lab().open()
    const polite = await lab.client()
    const deaf = await lab.client()
    deaf.pauseReading()
    const [, member] = lab.world.hub.clients.values()
    const args = encodeAmf0(['x'.repeat(1_000_000)])
    // More than the system's buffers hold, so that the last words cannot leave.
    for (let mega = 0; mega < 20; mega++) member!.peer.call('hear', args, {})
    lab.transport.dismiss({ code: 'Connect.AppShutdown', description: 'good night' })
    const farewell = await polite.status('NetConnection.Connect.AppShutdown')
    assert.deepEqual([farewell.level, farewell.description], ['error', 'good night'])
    await polite.closed
    await assert.rejects(lab.client())
    const closing = lab.transport.close()
    assert.deepEqual(lab.world.witness.told, ['joined', 'joined', 'left', 'left'])
    lab.world.clock.advance(lingerMs + tickMs)
    await closing
    await lab.until(() => lab.transport.connections === 0)
    deaf.destroy()
  })

  test('answers a connect whose verdict is still out', async () => {
    const asked = Promise.withResolvers<void>()
    const lab = await new Lab({ connect: () => asked.resolve() }).open()
    const connecting = lab.client()
    const refused = assert.rejects(connecting, (error: unknown) => {
      return error instanceof RtmpRefusal && error.info.code === 'NetConnection.Connect.AppShutdown'
    })
    await asked.promise
    lab.transport.dismiss({ code: 'Connect.AppShutdown', description: 'good night' })
    await Promise.all([refused, lab.transport.close()])
  })
})
