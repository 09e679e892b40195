import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { encodeAmf0 } from '../../server/media/amf0.ts'
import { CapsEx } from '../../server/media/announced.ts'
import { tagBytes } from '../fixtures/tags.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import type { RtmpStream } from '../support/rtmp-stream.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const main = `
export const calls = {
  leave() { this.redirect('rtmp://elsewhere.example/live') },
  tell() { return [this.codecs, this.capabilities] },
  look(name) { const { codecs, tracks, metadata } = publications.get(name); return [codecs, tracks, metadata.title] },
}`

/**
 * Written by hand, because FFmpeg 8 writes one track in a tag, no VP8 and no modifiers: AV1 beside VP8 and three sounds,
 * several in a tag, with colours, channels and nanoseconds.
 */
const headers = {
  video: tagBytes("96 20 'av01' 00 000004 81000c00 'vp08' 01 000001 01"),
  colours: tagBytes("94 'av01' 02 0009 'colorInfo' 03 000009"),
  audio: tagBytes("95 10 'Opus' 00 000002 4f70 01 000002 4f71 07 000002 4f72"),
  channels: tagBytes("94 'Opus' 01 02 00000003"),
}
const key = tagBytes("97 02 000064 06 21 'av01' 00 000003 0a0b0c 'vp08' 01 000002 1d1e")
const inter = tagBytes("a6 21 'av01' 00 000003 0a0b0d 'vp08' 01 000002 1d1f")
const sound = tagBytes("95 11 'Opus' 00 000002 fc01 01 000002 fc02 07 000002 fc03")
const end = tagBytes("91 'av01' ff")

suite('several tracks in one stream', { timeout: 240_000 }, () => {
  let server: TestServer
  let encoder: RtmpClient

  const connect = (properties: object = {}) =>
    RtmpClient.connect({ url: server.url('live'), properties: { ...properties } })

  before(async () => {
    server = await startTestServer({
      www: { 'live/main.js': main },
      set: ['server.drainTo=rtmp://next.example:1936/live'],
    })
    encoder = await connect({ fourCcList: ['*'], capsEx: CapsEx.Reconnect })
  })

  after(() => server?.stop())

  async function publish(name: string): Promise<RtmpStream> {
    const from = await encoder.publish(name)
    from.sendData(0, Buffer.from(encodeAmf0(['@setDataFrame', 'onMetaData', { title: name }])))
    from.sendVideo(0, headers.video)
    from.sendVideo(0, headers.colours)
    from.sendAudio(0, headers.audio)
    from.sendAudio(0, headers.channels)
    from.sendVideo(0, key)
    from.sendAudio(10, sound)
    from.sendVideo(40, inter)
    return from
  }

  async function seen(to: RtmpStream): Promise<string[]> {
    await to.frame(({ payload }) => payload.equals(end))
    return to.frames.filter(({ kind }) => kind !== 'data').map(({ payload }) => payload.toString('hex'))
  }

  test('come out as they went in, for latecomers headers of all tracks first (Enhanced RTMP)', async () => {
    await using viewer = await connect({ capsEx: CapsEx.Multitrack | CapsEx.ModEx })
    const early = await viewer.play('many')
    const from = await publish('many')
    await early.frame(({ payload }) => payload.equals(inter))
    const late = await viewer.play('many')
    await late.frame(({ payload }) => payload.equals(inter))
    from.sendVideo(80, end)
    const { video, colours, audio, channels } = headers
    const all = [video, colours, audio, channels, key, sound, inter, end].map(tag => tag.toString('hex'))
    assert.deepEqual((await seen(early)).sort(), all.toSorted())
    const got = await seen(late)
    assert.deepEqual(got.toSorted(), all.toSorted())
    for (const header of all.slice(0, 4)) assert.ok(got.indexOf(header) < got.indexOf(key.toString('hex')), header)
    from.delete()
  })

  test('are the default ones, alone, for players of a single one (Enhanced RTMP)', async () => {
    await using viewer = await connect()
    const from = await publish('single')
    const early = await viewer.play('single')
    from.sendVideo(80, end)
    const got = await seen(early)
    const expected = [
      ...[
        "90 'av01' 81000c00",
        "94 'av01' 02 0009 'colorInfo' 03 000009",
        "90 'Opus' 4f70",
        "94 'Opus' 01 02 00000003",
      ],
      ...["91 'av01' 0a0b0c", "91 'Opus' fc01", "a1 'av01' 0a0b0d", "91 'av01' ff"],
    ].map(text => tagBytes(text).toString('hex'))
    assert.deepEqual(got.sort(), expected.sort())
    from.delete()
  })

  test('are told to who announced other codecs, with a sentence and a line of the log (Enhanced RTMP)', async () => {
    await using viewer = await connect({ videoFourCcInfoMap: { hvc1: 1 }, audioFourCcInfoMap: { Opus: 1 } })
    const from = await publish('other')
    const to = await viewer.play('other')
    const { level, description } = await to.status('NetStream.Play.NoSupportedTrackFound')
    assert.equal(level, 'warning')
    assert.match(description, /other is AV1 \(av01\), which this player did not announce .* it takes hvc1$/)
    await server.logged(({ msg, codecs }) => /^not sent/.test(msg) && /av01/.test(String(codecs)))
    await to.frame(({ kind, payload }) => kind === 'audio' && payload.equals(tagBytes("91 'Opus' fc01")))
    assert.equal(to.frames.filter(({ kind }) => kind === 'video').length, 0)
    from.delete()
  })

  test('are seen by the script, as is what clients announced (Enhanced RTMP)', async () => {
    const from = await publish('looked at')
    await using viewer = await connect({ fourCcList: ['av01'], capsEx: CapsEx.ModEx })
    const to = await viewer.play('looked at')
    await to.frame(({ payload }) => payload.equals(tagBytes("a1 'av01' 0a0b0d")))
    const track = (kind: string, number: number, codec: string) => ({ kind, track: number, codec })
    assert.deepEqual(await viewer.call('look', 'looked at'), [
      { audio: 'Opus', video: 'av01' },
      [
        ...[track('video', 0, 'av01'), track('video', 1, 'vp08')],
        ...[track('audio', 0, 'Opus'), track('audio', 1, 'Opus'), track('audio', 7, 'Opus')],
      ],
      'looked at',
    ])
    assert.deepEqual(await viewer.call('tell'), [
      { audio: null, video: ['av01'] },
      { reconnect: false, multitrack: false, modEx: true, nanoOffset: false },
    ])
    from.delete()
  })

  test('go on after client.redirect until an encoder that can reconnect has left (R28)', async () => {
    await using leaving = await connect({ capsEx: CapsEx.Reconnect })
    await using viewer = await connect({ capsEx: CapsEx.Multitrack })
    const to = await viewer.play('moving')
    const from = await leaving.publish('moving')
    leaving.notify('leave')
    const info = await leaving.status('NetConnection.Connect.ReconnectRequest')
    assert.equal((info as unknown as { tcUrl: string }).tcUrl, 'rtmp://elsewhere.example/live')
    from.sendVideo(0, headers.video)
    from.sendVideo(0, end)
    await to.frame(({ payload }) => payload.equals(end))
  })

  test('and everybody are sent to server.drainTo when the server stops (R28)', async () => {
    await using classic = await connect()
    const [stopped] = [server.stop(), encoder]
    const asked = await encoder.status('NetConnection.Connect.ReconnectRequest')
    assert.equal((asked as unknown as { tcUrl: string }).tcUrl, 'rtmp://next.example:1936/live')
    const { ex } = (await classic.status('NetConnection.Connect.Rejected')) as unknown as { ex: object }
    assert.deepEqual(ex, { code: 302, redirect: 'rtmp://next.example:1936/live' })
    await encoder.close()
    assert.equal(await stopped, 0)
  })
})
