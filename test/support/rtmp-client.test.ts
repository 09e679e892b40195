import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { after, before, suite, test } from 'node:test'
import { dataTag } from './media-samples.ts'
import { PacedPublisher } from './paced-publisher.ts'
import { RtmpClient, type RtmpClientOptions } from './rtmp-client.ts'
import { RtmpRefusal } from './rtmp-refusal.ts'
import { startTestServer, type TestServer } from './server.ts'

const main = `
export function onConnection(client, ...args) {
  if (args[0] === 'no') throw new Error('not today')
  client.args = args
  return { hello: args.length }
}
export function onPublish(client, publication) { return publication.name !== 'forbidden' }
export const calls = {
  echo(...values) { return values },
  args() { return this.args },
  fail() { throw new Error('as asked') },
  back(name, ...values) {
    return this.call(name, ...values).then(
      answer => ({ answer }),
      error => ({ refused: error.info.description }),
    )
  },
}
`

const code = (given: string) => (error: unknown) => error instanceof RtmpRefusal && error.info.code === given

suite('RtmpClient', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer({ www: { 'talk/main.js': main }, set: ['publication.graceMs=0'] })
  })
  after(() => server.stop())
  const connect = (options: Partial<RtmpClientOptions> = {}) =>
    RtmpClient.connect({ url: server.url('talk'), ...options })

  for (const digest of [undefined, 0, 1] as const) {
    test(`connects with arguments, its digest by scheme ${digest ?? 'none'}`, async () => {
      await using client = await connect({
        args: [1, 'two', { three: 3 }],
        ...(digest === undefined ? {} : { digest }),
      })
      assert.equal(client.info.code, 'NetConnection.Connect.Success')
      assert.equal(client.info.hello, 3)
      assert.deepEqual(await client.call('args'), [1, 'two', { three: 3 }])
    })
  }

  test('rejects with the server’s words when it is refused', async () => {
    await assert.rejects(connect({ args: ['no'] }), (error: unknown) => {
      assert.ok(error instanceof RtmpRefusal)
      assert.equal(error.info.code, 'NetConnection.Connect.Rejected')
      assert.equal(error.info.description, 'not today')
      return true
    })
  })

  test('rejects when nobody listens, and when the server just closes', async () => {
    const deaf = createServer((socket: Socket) => socket.destroy()).listen(0, '127.0.0.1')
    await new Promise(resolve => deaf.once('listening', resolve))
    const { port } = deaf.address() as { port: number }
    await assert.rejects(connect({ url: `rtmp://127.0.0.1:${port}/x` }), /closed|ECONNRESET/)
    await new Promise(resolve => deaf.close(resolve))
    await assert.rejects(connect({ url: `rtmp://127.0.0.1:${port}/x` }), /ECONNREFUSED/)
  })

  for (const objectEncoding of [0, 3] as const) {
    test(`calls and is called in AMF${objectEncoding}`, async () => {
      const handlers = {
        add: (a: unknown, b: unknown) => Promise.resolve(Number(a) + Number(b)),
        refuse: () => {
          throw new Error('I would rather not')
        },
      }
      await using client = await connect({ objectEncoding, handlers })
      const values = [1.5, -3, 'é', true, null, { a: [1, { b: 2 }] }, new Date(86_400_000)]
      assert.deepEqual(await client.call('echo', ...values), values)
      await assert.rejects(client.call('fail'), code('NetConnection.Call.Failed'))
      assert.deepEqual(await client.call('back', 'add', 2, 3), { answer: 5 })
      assert.deepEqual(await client.call('back', 'refuse'), { refused: 'I would rather not' })
      assert.deepEqual(await client.call('back', 'nowhere'), { refused: 'nowhere is not a function' })
      assert.deepEqual(
        client.calls.map(({ name }) => name),
        ['add', 'refuse', 'nowhere'],
      )
    })
  }

  test('publishes and plays, and ends in order', async () => {
    await using publisher = await connect()
    const out = await publisher.publish('cam')
    using pace = new PacedPublisher(out, { videoBytes: 2000 }).start()
    await using player = await connect()
    const stream = await player.play('cam')
    const picture = await stream.frame(({ kind, payload }) => kind === 'video' && payload[1] === 1)
    assert.equal(picture.payload[0], 0x17, 'the first picture is a key picture')
    out.sendData(1000, dataTag('mark', { nth: 1 }))
    const mark = await stream.frame(({ values }) => values[0] === 'mark')
    assert.deepEqual(mark.values, ['mark', { nth: 1 }])
    const later = await stream.frame(({ kind, timestamp }) => kind === 'video' && timestamp >= picture.timestamp + 200)
    assert.equal(later.payload.length, 2000)
    pace.stop()
    out.closeStream()
    await out.status('NetStream.Unpublish.Success')
    await stream.status('NetStream.Play.UnpublishNotify')
    out.delete()
    assert.equal((await publisher.createStream()).id, out.id, 'the id is free again')
  })

  test('rejects with the server’s words when it may not publish', async () => {
    await using client = await connect()
    await assert.rejects(client.publish('forbidden'), (error: unknown) => {
      assert.ok(error instanceof RtmpRefusal)
      assert.match(error.info.code, /^NetStream\.Publish\./)
      return true
    })
  })

  test('tells who waits for what never comes why', async () => {
    const client = await connect()
    const stream = await client.play('nobody')
    const waiting = assert.rejects(
      stream.frame(({ kind }) => kind === 'video'),
      /no frame .*the client was destroyed/,
    )
    const hoping = assert.rejects(client.status('never'), /the client was destroyed/)
    client.destroy()
    await Promise.all([waiting, hoping, client.closed])
    await assert.rejects(client.call('echo'), /the client was destroyed/)
  })

  test('stalls while it does not read, and reads on', async () => {
    await using publisher = await connect()
    using pace = new PacedPublisher(await publisher.publish('heavy'), { fps: 100, videoBytes: 20_000 }).start()
    await using player = await connect()
    const stream = await player.play('heavy')
    await stream.frame(({ kind }) => kind === 'video')
    player.pauseReading()
    const before = stream.frames.length
    const until = pace.pictures + 30
    await using other = await connect()
    const watching = await other.play('heavy')
    await watching.frame(() => pace.pictures > until)
    assert.equal(stream.frames.length, before)
    player.resumeReading()
    await stream.frame(({ kind }) => kind === 'video', before)
  })

  test('writes raw bytes past its own machines', async () => {
    const client = await connect()
    client.writeRaw(Buffer.from('c9', 'hex'))
    await client.closed
    const line = await server.logged(({ code }) => code === 'rtmp.chunk.orphan')
    assert.equal(line.level, 'warn')
  })
})
