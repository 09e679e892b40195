import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { PacedPublisher } from '../support/paced-publisher.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer } from '../support/server.ts'

const www = { 'live/main.js': '' }

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
    const picture = await stream.frame(({ kind, payload }) => kind === 'video' && payload[0] === 0x17 && payload[1] === 1)
    assert.equal(picture.kind, 'video')
    assert.ok(stream.frames.some(({ kind, payload }) => kind === 'video' && payload[1] === 0), 'no header')
    assert.ok(stream.frames.some(({ values }) => values[0] === 'onMetaData'), 'no metadata')
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
    const opened = origin.log.filter(({ msg }) => msg === 'playing').length
    assert.equal(opened, 1)
    await first.close()
    await two.frame(({ kind }) => kind === 'video', two.frames.length)
    assert.equal(origin.log.filter(({ msg }) => msg === 'played').length, 0)
    await second.close()
    await origin.logged(({ msg }) => msg === 'played')
  })
})
