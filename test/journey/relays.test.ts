import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { FrameKind } from '../../server/media/frame.ts'
import { Certificate, openssl } from '../support/certificate.ts'
import { freePort } from '../support/free-port.ts'
import { Nginx } from '../support/nginx.ts'
import { PacedPublisher } from '../support/paced-publisher.ts'
import { requireProgram } from '../support/programs.ts'
import { QuickPeer } from '../support/quick-peer.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import type { ReceivedFrame } from '../support/rtmp-stream.ts'
import { Run } from '../support/run.ts'
import { startTestServer } from '../support/server.ts'
import { Watcher } from '../support/watcher.ts'

const www = { 'live/readme.txt': '' }

const entry = fileURLToPath(new URL('../../server/cli/cumulus.ts', import.meta.url))

/** A way to a server that can be shut: then what comes from here waits. */
class Narrow {
  isShut = false
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  static async to(port: number): Promise<Narrow> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const narrow = new Narrow(server)
    server.on('connection', socket => narrow.#lead(socket, connect(port, '127.0.0.1')))
    return narrow
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #lead(from: Socket, to: Socket): void {
    for (const socket of [from, to]) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => [from, to].map(each => each.destroy()))
    }
    to.on('data', bytes => from.write(bytes))
    const step = (): void => {
      const bytes = this.isShut ? null : from.read()
      if (bytes) to.write(bytes)
      if (!from.destroyed) setTimeout(step, 5)
    }
    step()
  }
}

/** Players and publishers of a server. */
const enter = (server: { url(path: string): string }) => RtmpClient.connect({ url: server.url('live') })

suite('relays', () => {
  test('what is published is pushed to another server, headers and pictures, from its key picture on (R60, R65, F10)', async () => {
    await using peer = await startTestServer({ www })
    await using server = await startTestServer({
      www,
      set: [`relay.push=/live/* -> rtmp://127.0.0.1:${peer.port}/live/copy-of-*`],
    })
    await using publisher = await enter(server)
    using _pace = new PacedPublisher(await publisher.publish('cam')).start()
    await using player = await enter(peer)
    const stream = await player.play('copy-of-cam')
    const picture = await stream.frame(
      ({ kind, payload }) => kind === 'video' && payload[0] === 0x17 && payload[1] === 1,
    )
    assert.equal(picture.kind, 'video')
    assert.ok(
      stream.frames.some(({ kind, payload }) => kind === 'video' && payload[1] === 0),
      'no header',
    )
    assert.ok(
      stream.frames.some(({ values }) => values[0] === 'onMetaData'),
      'no metadata',
    )
  })

  test('a stream is pulled on demand from the first player to the last (R36, R60)', async () => {
    await using origin = await startTestServer({ www })
    await using server = await startTestServer({
      www,
      set: [`relay.pull on demand=/live/* <- rtmp://127.0.0.1:${origin.port}/live/*`, 'relay.idleMs=200'],
    })
    await using publisher = await enter(origin)
    using _pace = new PacedPublisher(await publisher.publish('cam')).start()
    await using first = await enter(server)
    const one = await first.play('cam')
    await one.frame(({ kind }) => kind === 'video')
    await using second = await enter(server)
    const two = await second.play('cam')
    await two.frame(({ kind }) => kind === 'video')
    await origin.logged(({ msg }) => msg === 'playing')
    await first.close()
    await two.frame(({ kind }) => kind === 'video', two.frames.length)
    assert.equal(origin.log.filter(({ msg }) => msg === 'played').length, 0)
    await second.close()
    await origin.logged(({ msg }) => msg === 'played')
    assert.equal(origin.log.filter(({ msg }) => msg === 'playing').length, 1)
  })

  test('with several media workers, too (R36, R60)', async () => {
    await using origin = await startTestServer({ www })
    await using server = await startTestServer({
      www,
      set: [
        'server.workers=2',
        `relay.pull on demand=/live/far <- rtmp://127.0.0.1:${origin.port}/live/cam`,
        `relay.push=/live/near -> rtmp://127.0.0.1:${origin.port}/live/back`,
      ],
    })
    await using far = await enter(origin)
    using _far = new PacedPublisher(await far.publish('cam')).start()
    await using near = await enter(server)
    using _near = new PacedPublisher(await near.publish('near')).start()
    await using player = await enter(server)
    const pulled = await player.play('far')
    await pulled.frame(({ kind }) => kind === 'video')
    await using visitor = await enter(origin)
    const pushed = await visitor.play('back')
    await pushed.frame(({ kind }) => kind === 'video')
  })

  test('a push and a pull survive twenty restarts of the other server, their players with them (R36, R60, R65)', async () => {
    await using peer = await new QuickPeer().start()
    peer.film('far')
    await using server = await startTestServer({
      www,
      set: [
        `relay.push=/live/near -> rtmp://127.0.0.1:${peer.port}/live/near`,
        `relay.pull=/live/far <- rtmp://127.0.0.1:${peer.port}/live/far`,
      ],
    })
    await using publisher = await enter(server)
    using _pace = new PacedPublisher(await publisher.publish('near')).start()
    await using player = await enter(server)
    const stream = await player.play('far')
    await stream.frame(({ kind }) => kind === 'video')
    await peer.whole('near')
    for (let restart = 0; restart < 20; restart++) {
      await peer.restart()
      peer.film('far')
      const before = stream.frames.length
      const isKey = ({ kind, payload }: { kind: string; payload: Buffer }) => kind === 'video' && payload[0] === 0x17
      await Promise.all([peer.whole('near'), stream.frame(frame => isKey(frame) && frame.payload[1] === 1, before)])
    }
    const told = stream.statuses.map(({ code }) => code)
    assert.ok(!told.includes('NetStream.Play.UnpublishNotify'), 'a player was told of an end')
    const times = stream.frames.filter(({ kind }) => kind === 'video').map(({ timestamp }) => timestamp)
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    )
  })

  test('over TLS go to who shows a certificate that is trusted, and to nobody else (R36, F10)', {
    skip: openssl.skip,
  }, async t => {
    const certificate = await Certificate.make()
    t.after(() => certificate[Symbol.asyncDispose]())
    const keys = [`rtmps.certificate=${certificate.certificate}`, `rtmps.key=${certificate.key}`]
    await using peer = await startTestServer({ www, set: ['rtmps.port=0', ...keys] })
    const there = `rtmps://localhost:${peer.addresses.rtmps!.split(':').at(-1)}/live`
    const set = [`relay.push=/live/near -> ${there}/far`, `relay.pull=/live/back <- ${there}/far`]
    const trusting = `NODE_EXTRA_CA_CERTS=${certificate.certificate}`
    await using server = await startTestServer({ www, set, command: ['env', trusting, process.execPath, entry] })
    await using doubting = await startTestServer({ www, set })
    await using publisher = await enter(server)
    using _pace = new PacedPublisher(await publisher.publish('near')).start()
    await using player = await enter(server)
    const stream = await player.play('back')
    await stream.frame(({ kind }) => kind === 'video')
    const { msg } = await doubting.logged(({ msg }) => msg.startsWith('not relayed: '))
    assert.match(msg, /certificate/)
  })

  test('follow a server that sends them elsewhere (R36, F10)', async () => {
    await using peer = await startTestServer({ www })
    await using sending = await startTestServer({
      www: {
        'live/main.js': `export function onConnection(client) { client.redirect('rtmp://127.0.0.1:${peer.port}/live') }`,
      },
    })
    const set = [`relay.push=/live/* -> rtmp://127.0.0.1:${sending.port}/live/copy-of-*`]
    await using server = await startTestServer({ www, set })
    await using publisher = await enter(server)
    using _pace = new PacedPublisher(await publisher.publish('cam')).start()
    await server.logged(({ msg, elsewhere }) => msg === 'sent elsewhere' && elsewhere === `127.0.0.1:${peer.port}`)
    await using player = await enter(peer)
    const stream = await player.play('copy-of-cam')
    await stream.frame(({ kind }) => kind === 'video')
  })

  test('a push whose server does not read drops to key pictures, goes on where it can, and slows nobody (R36, R65)', async t => {
    await using peer = await new QuickPeer().start()
    const way = await Narrow.to(peer.port)
    t.after(() => way.close())
    await using server = await startTestServer({
      www,
      set: [`relay.push=/live/cam -> rtmp://127.0.0.1:${way.port}/live/cam`, 'listener.queueBytes=1MiB'],
    })
    await using publisher = await enter(server)
    const heavy = { keyEvery: 10, videoBytes: 400_000 }
    using pace = new PacedPublisher(await publisher.publish('cam'), heavy).start()
    await using player = await enter(server)
    const watcher = new Watcher(await player.play('cam'))
    const copy = await peer.whole('cam')
    way.isShut = true
    const { publication } = await server.logged(({ msg }) => /lags: dropping to the next key frame/.test(msg))
    assert.equal(publication, 'cam')
    await watcher.sees(pace.pictures + 5)
    way.isShut = false
    const times: { time: number; isKey: boolean }[] = []
    copy.tap = {
      frame: (_publication, { kind, role, timestamp }) => {
        if (kind === FrameKind.Video && role !== 'header') times.push({ time: timestamp, isKey: role === 'key' })
      },
    }
    const gap = () => times.findIndex(({ time }, nth) => nth > 0 && time - times[nth - 1]!.time > 100)
    while (gap() < 0 || times.length < gap() + 5) await new Promise(resolve => setImmediate(resolve))
    assert.equal(times[gap()]!.isKey, true)
    assert.deepEqual([watcher.gaps, watcher.faults], [[], []])
  })

  test('a relay that leads back to where its stream came from is refused, and says so (R36)', async () => {
    const port = await freePort()
    await using server = await startTestServer({
      www,
      set: [`rtmp.port=${port}`, `relay.push=/live/* -> rtmp://127.0.0.1:${port}/live/again-*`],
    })
    await using publisher = await enter(server)
    using _pace = new PacedPublisher(await publisher.publish('cam')).start()
    const { pause } = await server.logged(({ msg }) => /not relayed: this relay leads in a circle/.test(msg))
    assert.ok(Number(pause) > 10_000)
  })

  test('who plays what never comes is told so in time, and keys stay out of the log (R36)', async () => {
    const port = await freePort()
    await using server = await startTestServer({
      www,
      set: [`relay.pull on demand=/live/* <- rtmp://127.0.0.1:${port}/live/SECRET-*`, 'relay.waitMs=300'],
    })
    await using player = await enter(server)
    const stream = await player.play('cam')
    const { description } = await stream.status('NetStream.Play.StreamNotFound')
    assert.match(String(description), /cam did not come from its server within 300 ms: .*ECONNREFUSED/)
    assert.doesNotMatch(JSON.stringify(server.log), /SECRET/)
  })
})

const nginx = requireProgram('nginx')
const ffmpeg = requireProgram('ffmpeg')

suite('relays and servers of others', () => {
  test('nginx takes a push and gives pulls, and again after each of twenty restarts (R36, R60, R65, F10)', {
    skip: nginx.skip,
  }, async () => {
    const port = await freePort()
    await using rival = await Nginx.start(nginx.path, port)
    await using server = await startTestServer({
      www,
      set: [
        `relay.push=/live/cam -> rtmp://127.0.0.1:${port}/live/cam`,
        `relay.pull=/live/back <- rtmp://127.0.0.1:${port}/live/cam`,
        `relay.pull on demand=/live/wanted <- rtmp://127.0.0.1:${port}/live/cam`,
      ],
    })
    await using publisher = await enter(server)
    using _pace = new PacedPublisher(await publisher.publish('cam'), { keyEvery: 5 }).start()
    await using player = await enter(server)
    const [stream, wanted] = [await player.play('back'), await player.play('wanted')]
    const isKey = ({ kind, payload }: ReceivedFrame) => kind === 'video' && payload[0] === 0x17 && payload[1] === 1
    for (let restart = 0; restart <= 20; restart++) {
      await Promise.all([stream, wanted].map(each => each.frame(isKey, each.frames.length)))
      if (restart < 20) await rival.restart()
    }
    for (const { statuses } of [stream, wanted]) {
      assert.ok(!statuses.some(({ code }) => code === 'NetStream.Play.UnpublishNotify'), 'a player was told of an end')
    }
    assert.ok(
      stream.frames.some(({ values }) => values[0] === 'onMetaData'),
      'no metadata',
    )
  })

  test('FFmpeg that listens takes a push (R60, F10)', { skip: ffmpeg.skip }, async () => {
    const port = await freePort()
    const url = `rtmp://127.0.0.1:${port}/live/cam`
    const args = ['-v', 'info', '-listen', '1', '-i', url, '-frames:v', '25', '-c', 'copy', '-f', 'null', '-']
    await using listening = new Run(ffmpeg.path, args)
    await using server = await startTestServer({ www, set: [`relay.push=/live/cam -> ${url}`] })
    await using publisher = await enter(server)
    using _pace = new PacedPublisher(await publisher.publish('cam')).start()
    const { code, output } = await listening.exited
    assert.equal(code, 0, output)
    assert.match(output, /Video: h264/)
  })
})
