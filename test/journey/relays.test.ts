import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { Nginx } from '../support/nginx.ts'
import { PacedPublisher } from '../support/paced-publisher.ts'
import { requireProgram } from '../support/programs.ts'
import { QuickPeer } from '../support/quick-peer.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { Run } from '../support/run.ts'
import { startTestServer } from '../support/server.ts'

const www = { 'live/readme.txt': '' }

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
  test('nginx takes a push and gives a pull, and again after each of three restarts (R36, R60, F10)', {
    skip: nginx.skip,
  }, async () => {
    const port = await freePort()
    await using rival = await Nginx.start(nginx.path, port)
    await using server = await startTestServer({
      www,
      set: [
        `relay.push=/live/cam -> rtmp://127.0.0.1:${port}/live/cam`,
        `relay.pull=/live/back <- rtmp://127.0.0.1:${port}/live/cam`,
      ],
    })
    await using publisher = await enter(server)
    using _pace = new PacedPublisher(await publisher.publish('cam')).start()
    await using player = await enter(server)
    const stream = await player.play('back')
    for (let restart = 0; restart <= 3; restart++) {
      const before = stream.frames.length
      await stream.frame(({ kind, payload }) => kind === 'video' && payload[0] === 0x17 && payload[1] === 1, before)
      if (restart < 3) await rival.restart()
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
