import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { ListenerSink } from '../../server/hub/listener.ts'
import type { WireForm } from '../../server/hub/outlet.ts'
import { type Track, Tracks } from '../../server/hub/tracks.ts'
import { type Frame, FrameKind, FrameRole } from '../../server/media/frame.ts'
import { PretendHub, PretendPlayer, type PretendPublisher, ReadableForm } from './pretend-hub.ts'

const { Audio, Video } = FrameKind
const of = (codec: string, track = 0, others?: { track: number; codec: string }[]) => ({
  ...{ role: FrameRole.Key as FrameRole, codec, track },
  ...(others && { others }),
})

suite('Tracks', () => {
  test('are known by kind and number, the default one first, whatever came first (Enhanced RTMP)', () => {
    const tracks = new Tracks()
    assert.equal(tracks.note(Video, of('av01', 1)), true)
    assert.equal(tracks.codec(Video), 'av01')
    assert.equal(tracks.note(Video, of('avc1')), true)
    assert.equal(tracks.note(Audio, of('mp4a', 0, [{ track: 2, codec: 'Opus' }])), true)
    assert.equal(tracks.codec(Video), 'avc1')
    assert.deepEqual(
      tracks.all.map(({ kind, track, codec }) => `${kind} ${track} ${codec}`),
      ['video 0 avc1', 'video 1 av01', 'audio 0 mp4a', 'audio 2 Opus'],
    )
  })

  test('are news only when a codec changes (Enhanced RTMP)', () => {
    const tracks = new Tracks()
    tracks.note(Video, of('avc1'))
    tracks.note(Video, of('hvc1', 1))
    for (const tag of [of('avc1'), of('hvc1', 1), of('', 0), of('avc1')]) assert.equal(tracks.note(Video, tag), false)
    assert.equal(tracks.note(FrameKind.Data, of('text')), false)
    assert.equal(tracks.note(Video, of('vp09')), true)
    assert.equal(tracks.codec(Video), 'vp09')
  })

  test('are bounded in number (hazard R17)', () => {
    const tracks = new Tracks()
    for (let track = 0; track < 256; track++) tracks.note(Video, of('avc1', track))
    assert.equal(tracks.all.length, 32)
    assert.equal(tracks.note(Video, of('hvc1', 200)), false)
    assert.equal(tracks.note(Video, of('hvc1', 3)), true)
  })
})

/** Takes what stands in upper case, in lower case; nothing else is for its players. */
class UpperForm extends ReadableForm implements WireForm {
  fit(frame: Frame): Frame | null {
    const text = frame.payload.toString()
    if (text !== text.toUpperCase()) return null
    return { ...frame, payload: Buffer.from(text.toLowerCase()) }
  }
}

/** A player that can take some codecs only. */
class Choosy extends PretendPlayer implements ListenerSink {
  readonly codecs: string[]
  readonly offers: string[] = []

  constructor(...codecs: string[]) {
    super()
    this.codecs = codecs
  }

  offered(kind: FrameKind, tracks: readonly Track[]): boolean {
    const names = tracks.map(({ codec }) => codec)
    this.offers.push(`${kind === Video ? 'video' : 'audio'} ${names}`)
    return names.length === 0 || names.some(name => this.codecs.includes(name))
  }
}

function picture(cam: PretendPublisher, name: string, time: number, tag: Partial<ReturnType<typeof of>>): void {
  const whole = { role: FrameRole.Key, codec: 'avc1', track: 0, ...tag }
  cam.publication!.receive(Video, whole, time, Buffer.from(name))
}

suite('The way out of a publication', () => {
  test('gives each player what its form makes of a frame, with times that fit what it got (Enhanced RTMP)', () => {
    const hub = new PretendHub()
    const cam = hub.publish(hub.client())
    picture(cam, 'A', 0, {})
    picture(cam, 'b', 40, { role: FrameRole.Inter })
    hub.turn()
    const all = hub.play(hub.client()).player
    const some = hub.play(hub.client(), 'cam', new PretendPlayer(new UpperForm('upper'))).player
    assert.deepEqual(all.take(), ['live', 'vA@0 vb@40'])
    assert.deepEqual(some.take(), ['live', 'va@0'])
    picture(cam, 'c', 80, { role: FrameRole.Inter })
    picture(cam, 'D', 120, { role: FrameRole.Inter })
    hub.turn()
    hub.clock.advance(40)
    assert.deepEqual([all.take().join(' '), some.take().join(' ')], ['+vc +vD', '+vd'])
  })

  test('counts what is shared from the last frame that its players got (Enhanced RTMP)', () => {
    const hub = new PretendHub()
    const cam = hub.publish(hub.client())
    const lasts: (number | undefined)[] = []
    const form = new (class extends UpperForm {
      override encoder(last?: ReadonlyMap<FrameKind, number>) {
        lasts.push(last?.get(Video))
        return super.encoder()
      }
    })('upper')
    picture(cam, 'A', 0, {})
    picture(cam, 'b', 40, { role: FrameRole.Inter })
    hub.turn()
    hub.play(hub.client(), 'cam', new PretendPlayer(form))
    assert.deepEqual(lasts, [0])
  })

  test('leaves out a kind that a player cannot take, and asks again when its codec changes (Enhanced RTMP)', () => {
    const hub = new PretendHub()
    const cam = hub.publish(hub.client())
    const player = new Choosy('avc1', 'mp4a')
    hub.play(hub.client(), 'cam', player)
    picture(cam, '1', 0, { codec: 'hvc1' })
    cam.sendNow('a2', 0)
    hub.clock.advance(40)
    assert.deepEqual(player.take(), ['live', 'a2@0'])
    picture(cam, '3', 40, { codec: 'avc1' })
    hub.turn()
    hub.clock.advance(40)
    assert.deepEqual(player.take(), ['v3@40'])
    assert.deepEqual(player.offers, ['audio ', 'video ', 'video hvc1', 'audio mp4a', 'video avc1'])
  })

  test('asks a latecomer before its first frame, and anew when somebody else publishes (Enhanced RTMP)', () => {
    const hub = new PretendHub()
    const cam = hub.publish(hub.client())
    picture(cam, '1', 0, { codec: 'hvc1' })
    hub.turn()
    const player = new Choosy('avc1')
    hub.play(hub.client(), 'cam', player)
    assert.deepEqual(player.take(), ['live'])
    cam.stop()
    const next = hub.publish(hub.client())
    picture(next, '2', 0, { codec: 'avc1' })
    hub.turn()
    hub.clock.advance(40)
    assert.deepEqual(player.offers, ['audio ', 'video hvc1', 'audio ', 'video ', 'video avc1'])
    assert.equal(player.take().length, 1)
  })

  test('begins each track with its own key frame (Enhanced RTMP)', () => {
    const hub = new PretendHub()
    const cam = hub.publish(hub.client())
    const { player } = hub.play(hub.client())
    picture(cam, '1', 0, {})
    picture(cam, '2', 0, { role: FrameRole.Inter, track: 1 })
    picture(cam, '3', 40, { track: 1 })
    picture(cam, '4', 80, { role: FrameRole.Inter, track: 1 })
    hub.turn()
    hub.clock.advance(40)
    assert.deepEqual(player.take(), ['live', 'v1@0 v3@40 v4@80'])
  })
})
