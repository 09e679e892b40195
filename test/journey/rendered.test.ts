import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { Audience } from '../support/audience.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const www = {
  'live/main.js': `
    let tv
    let rendered = 0
    // Screen Video: a key frame without a changed block, then pictures that need it; each says its time.
    const picture = (first, time) => new Uint8Array([first, 0x00, 0x10, 0x00, 0x10, time >> 8, time & 255])
    const busy = ms => { const end = performance.now() + ms; while (performance.now() < end); }
    let stop = () => {}
    export const calls = {
      begin(slow) {
        stop()
        rendered = 0
        tv ??= server.publish('tv')
        stop = tv.onFrame(25, time => {
          rendered++
          if (slow) busy(130)
          tv.pushVideoPacket(time, picture(rendered % 10 === 1 ? 0x13 : 0x23, time))
          tv.pushAudioPacket(time, new Uint8Array([0xff, 0x2f, 0x00]), 1)
          tv.pushDataPacket('onFrame', server.toAMF0(time))
        })
      },
      end() { stop(); tv.close(); tv = undefined },
      taken: () => server.publish('tv') === null,
    }`,
}

suite('a stream that a script renders', { timeout: 240_000 }, () => {
  let server: TestServer

  before(async () => {
    server = await startTestServer({ www, set: ['publication.graceMs=0'] })
  })

  after(() => server?.stop())

  test('reaches every player from 0 on, also when it comes late, until it is closed (C21, C85–C89, M8, M9)', async () => {
    await using director = await RtmpClient.connect({ url: server.url('live') })
    await using early = await RtmpClient.connect({ url: server.url('live') })
    const first = await early.play('tv')
    await director.call('begin', false)
    assert.equal(await director.call('taken'), true)
    for (const kind of ['video', 'audio', 'data'] as const) {
      const { timestamp } = await first.frame(frame => frame.kind === kind && frame.values[0] !== '|RtmpSampleAccess')
      assert.ok(timestamp <= 400, `the first ${kind} is at ${timestamp}`)
    }
    const late = await early.play('tv')
    const picture = await late.frame(({ kind }) => kind === 'video')
    assert.deepEqual([picture.timestamp, picture.payload[0]], [0, 0x13])
    const next = await late.frame(({ kind, timestamp }) => kind === 'video' && timestamp >= 400)
    assert.equal(next.timestamp % 40, 0)
    const called = await late.frame(({ values }) => values[0] === 'onFrame')
    assert.equal(typeof called.values[1], 'number')
    await director.call('end')
    await first.status('NetStream.Play.UnpublishNotify')
  })

  test('costs its own frames when rendering is slow, and nobody else’s (M9, M24)', async () => {
    await using director = await RtmpClient.connect({ url: server.url('live') })
    await using audience = await Audience.gather(server.url('live'), 1)
    await using viewer = await RtmpClient.connect({ url: server.url('live') })
    const tv = await viewer.play('tv')
    await director.call('begin', true)
    await audience.sees(50)
    const times = tv.frames.filter(({ kind }) => kind === 'video').map(({ timestamp }) => timestamp)
    assert.ok(times.length >= 5, `${times.length} pictures in two seconds`)
    for (const [nth, time] of times.slice(1).entries()) {
      assert.ok(time - times[nth]! >= 160, `after ${times[nth]} comes ${time}, which was due meanwhile`)
    }
    assert.deepEqual(audience.losses, [])
  })
})
