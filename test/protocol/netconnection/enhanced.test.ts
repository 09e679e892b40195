import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { reconnectMs } from '../../../server/hub/limits.ts'
import { ownCapabilities } from '../../../server/media/announced.ts'
import { tagBytes } from '../../fixtures/tags.ts'
import { type FakeClient, World } from './fake-client.ts'

const hevcHeader = tagBytes("90 'hvc1' 01")
const hevcKey = tagBytes("91 'hvc1' 000000 aa")
const aac = tagBytes('af 01 aa')

/** Somebody publishes `cam`, and somebody who announced these properties plays it. */
function scene(properties: object = {}, name = 'cam') {
  const world = new World()
  const encoder = world.connected()
  const from = encoder.createStream()
  encoder.stream(from, 'publish', 'cam')
  const player = world.connected({ app: 'live', ...properties })
  const to = player.createStream()
  player.stream(to, 'play', name)
  player.take()
  const video = (...tags: Buffer[]) => {
    for (const tag of tags) encoder.media(9, from, 0, tag)
    world.clock.advance(40)
  }
  const audio = (tag: Buffer) => {
    encoder.media(8, from, 0, tag)
    world.clock.advance(40)
  }
  return { world, encoder, player, to, video, audio }
}

/** Statuses by level and words; frames by what they are. */
function heard(client: FakeClient): string[] {
  return client.take().map(sent => {
    if (!Array.isArray(sent)) return 'frame' in sent ? sent.frame.replace(/[()]|@.*/g, '') : sent.payload
    const { level, code, description } = sent[3] as Record<string, string>
    return `${level} ${code}: ${description}`
  })
}

suite('connect by Enhanced RTMP', () => {
  test('is answered in both objects with what the server can do (Enhanced RTMP)', () => {
    const client = new World().client()
    client.command('connect', 1, { app: 'live', fourCcList: ['hvc1'] })
    const [, answer] = client.take()
    const [, , properties, info] = answer as [string, number, object, object]
    for (const object of [properties, info]) {
      const { fourCcList, videoFourCcInfoMap, audioFourCcInfoMap, capsEx } = object as typeof ownCapabilities
      assert.deepEqual({ fourCcList, videoFourCcInfoMap, audioFourCcInfoMap, capsEx }, ownCapabilities)
    }
  })

  test('is kept among what is known of the client (Enhanced RTMP)', () => {
    const world = new World()
    world.connected({ app: 'live', fourCcList: ['hvc1'], capsEx: 3 })
    world.connected()
    const [announcing, silent] = [...world.hub.clients.values()].map(({ facts }) => facts)
    assert.deepEqual(announcing!.enhanced, { video: ['hvc1'], audio: null, capsEx: 3 })
    assert.equal('enhanced' in silent!, false)
  })
})

suite('a player of Enhanced RTMP', () => {
  test('that left a codec out of its list is told which, and gets the rest (Enhanced RTMP)', () => {
    const { world, player, video, audio } = scene({ fourCcList: ['av01', 'vp09'] })
    video(hevcHeader, hevcKey)
    audio(aac)
    const text =
      'The video of cam is HEVC (hvc1), which this player did not announce with connect(): it takes av01, vp09'
    assert.deepEqual(heard(player), [`warning NetStream.Play.NoSupportedTrackFound: ${text}`, 'audio-inter'])
    assert.deepEqual(world.logged.at(-1), {
      ...{ level: 'info', text: 'not sent: the player did not announce the codec' },
      subject: { name: 'cam', codecs: 'hvc1' },
    })
  })

  test('that announced nothing is told, once, and gets everything (Enhanced RTMP)', () => {
    const { player, video } = scene()
    video(hevcHeader, hevcKey)
    video(hevcKey)
    const text =
      'The video of cam is HEVC (hvc1); this player announced no video codecs with connect(), so it is sent all the same'
    assert.deepEqual(heard(player), [
      `status NetStream.Play.NoSupportedTrackFound: ${text}`,
      ...['video-header', 'video-key', 'video-key'],
    ])
  })

  test('that announced a codec hears nothing of it, nor does anybody of what Flash knew (Enhanced RTMP)', () => {
    for (const properties of [{ fourCcList: ['hvc1'] }, { fourCcList: ['*'] }, { videoFourCcInfoMap: { hvc1: 1 } }]) {
      const { player, video } = scene(properties)
      video(hevcHeader, hevcKey)
      assert.deepEqual(heard(player), ['video-header', 'video-key'])
    }
    for (const properties of [{}, { fourCcList: ['hvc1'] }]) {
      const { player, video } = scene(properties)
      video(tagBytes('17 00 000000 0164'), tagBytes('17 01 000000 aa'))
      assert.deepEqual(heard(player), ['video-header', 'video-key'])
    }
  })

  test('that reads a single track is told of the default one alone (Enhanced RTMP)', () => {
    const second = tagBytes("96 01 'hvc1' 01 000000 aa")
    const { player, video } = scene({ fourCcList: ['av01'] })
    video(tagBytes('17 01 000000 aa'), second)
    assert.deepEqual(
      heard(player).filter(text => text.includes('NoSupportedTrack')),
      [],
    )
    const both = scene({ fourCcList: ['av01'], capsEx: 2 })
    both.video(second)
    assert.match(heard(both.player).join(), /HEVC \(hvc1\)/)
  })

  test('that reads several tracks gets those it may choose among, if it takes one of them (Enhanced RTMP)', () => {
    const { player, video } = scene({ fourCcList: ['av01'], capsEx: 2 })
    video(tagBytes("96 21 'hvc1' 00 000001 aa 'av01' 01 000001 bb"))
    assert.deepEqual(heard(player), ['video-key'])
  })

  test('says so when it connects, or in the name it plays (Enhanced RTMP)', () => {
    const reading = (properties: object, name: string) => scene(properties, name).player.readings.at(-1)
    assert.deepEqual(reading({}, 'cam'), { multitrack: false, modEx: false })
    assert.deepEqual(reading({ capsEx: 2 }, 'cam'), { multitrack: true, modEx: false })
    assert.deepEqual(reading({ capsEx: 4 }, 'cam'), { multitrack: false, modEx: true })
    assert.deepEqual(reading({}, 'cam?tracks=all'), { multitrack: true, modEx: true })
    assert.deepEqual(reading({}, 'cam?tracks=some'), { multitrack: false, modEx: false })
  })
})

suite('a redirected client', () => {
  const sent = (properties: object) => {
    const world = new World()
    const client = world.connected({ app: 'live', ...properties })
    const [known] = world.hub.clients.values()
    world.hub.redirect(known!, 'rtmp://other/live')
    return { world, client, known: known! }
  }

  test('that can reconnect is asked to, and goes on until it leaves (R28)', () => {
    const { world, client, known } = sent({ capsEx: 1 })
    const request = { level: 'status', code: 'NetConnection.Connect.ReconnectRequest', tcUrl: 'rtmp://other/live' }
    assert.deepEqual(client.take(), [
      ['onStatus', 0, null, { ...request, description: 'redirected to rtmp://other/live' }],
    ])
    assert.equal(known.state, 'joined')
    assert.ok(client.createStream() > 0)
    client.net.ended(null)
    world.clock.advance(2 * reconnectMs)
    assert.deepEqual(client.take(), [])
  })

  test('that was asked and stays is closed with the same address (R28)', () => {
    const { world, client, known } = sent({ capsEx: 1 })
    world.clock.advance(reconnectMs - 1)
    world.hub.redirect(known, 'rtmp://third/live')
    client.take()
    world.clock.advance(reconnectMs - 1)
    assert.equal(client.ended, false, 'a new address is a new time')
    world.clock.advance(1)
    const [[, , , info]] = client.take() as [[string, number, null, { ex: object }]]
    assert.deepEqual(info.ex, { code: 302, redirect: 'rtmp://third/live' })
    assert.equal(client.ended, true)
  })

  test('that did not say that it can is closed at once (R28)', () => {
    const { client } = sent({ capsEx: 6 })
    const [[, , , info]] = client.take() as [[string, number, null, { code: string; ex: object }]]
    assert.equal(info.code, 'NetConnection.Connect.Rejected')
    assert.equal(client.ended, true)
  })
})
