import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { PushedFrame } from '../../server/apps/wire.ts'
import { decodeAmf0, encodeAmf0 } from '../../server/media/amf0.ts'
import { World } from './pretend.ts'

/** `/chat` is up, publishes `tv`, and a player of it is there. */
function channel() {
  const world = new World({ apps: { '': [], '/chat': ['main.js'] } })
  world.house.roster.at('/chat').reach()
  const host = world.host('/chat')
  host.started('/chat', 'onPublish', 'onUnpublish')
  const viewer = world.connect('/chat')
  host.command('/chat', { c: 'publish', ticket: 1, address: 'tv' })
  const publication = world.publication('/chat\ntv')
  const push = (...frames: PushedFrame[]): void => {
    host.command('/chat', { c: 'push', publication: publication.key, frames })
    world.turn()
  }
  return { world, host, viewer, publication, push }
}

const video = (time: number, first: number, lost = 0): PushedFrame => {
  return { kind: 'video', time, name: '', packet: Uint8Array.of(first, 1, 0, 0, 0, 9), lost }
}
const key = 0x17
const inter = 0x27
const data = (name: string, packet: Uint8Array): PushedFrame => ({ kind: 'data', time: 0, name, packet, lost: 0 })
const cut = (text: string) =>
  ({ c: 'closePublication', code: '', description: text, publication: '/chat\ntv' }) as const

suite('a publication of a script', () => {
  test('drops pictures before the first key frame, and counts them (C76, C86)', () => {
    const { viewer, publication, push } = channel()
    const { bytes } = viewer.play('tv')
    push(video(0, inter), video(40, inter))
    assert.equal(bytes.length, 0)
    assert.equal(publication.videoQos.droppedFrames, 2)
    push(video(80, key))
    assert.equal(bytes.length, 1)
  })

  test('waits for a key frame after a loss, and counts what was lost (C73, C85, C86)', () => {
    const { viewer, publication, push, world } = channel()
    const { bytes } = viewer.play('tv')
    push(video(0, key), video(40, inter))
    const before = bytes.length
    push(video(200, inter, 3))
    assert.equal(bytes.length, before)
    push(video(240, key), { ...video(250, 0xaf), kind: 'audio', lost: 1 })
    assert.equal(bytes.length, before + 1)
    world.pass(1000)
    assert.equal(publication.videoQos.facts().lostRate, 4 / 7, 'three that never came, one left out, three that came')
    assert.equal(publication.audioQos.facts().lostRate, 1 / 2)
    assert.equal(publication.videoQos.droppedFrames, 1)
  })

  test('is asked of no hook, neither its beginning nor its end (C139)', () => {
    const { host, publication } = channel()
    host.command('/chat', { ...cut(''), generation: 0 })
    assert.equal(publication.publisher, null)
    assert.deepEqual([...host.told('/chat', 'onPublish'), ...host.told('/chat', 'onUnpublish')], [])
  })

  test('keeps metadata that is pushed or sent for newcomers, and shows it (C87)', () => {
    const { host, publication, push } = channel()
    push(data('onMetaData', encodeAmf0([{ width: 640 }])))
    assert.deepEqual(decodeAmf0(host.last('/chat', 'metadata').metadata), [{ width: 640 }])
    const values = encodeAmf0(['onMetaData', { width: 320 }])
    host.command('/chat', { c: 'send', publication: publication.key, name: '@setDataFrame', values })
    assert.deepEqual(decodeAmf0(host.last('/chat', 'metadata').metadata), [{ width: 320 }])
    host.command('/chat', {
      ...{ c: 'send', publication: publication.key, name: '@clearDataFrame' },
      values: encodeAmf0(['onMetaData']),
    })
    assert.equal(publication.cache.metadata, null)
  })

  test('gives players no data that is no AMF0, and says whose it was (C87)', () => {
    const { world, viewer, push } = channel()
    const { bytes } = viewer.play('tv')
    push(data('onCue', Uint8Array.of(0x0a, 255, 255, 255, 255)))
    assert.equal(bytes.length, 0)
    const line = world.lines.find(({ text }) => text.startsWith('data of the script was not sent'))
    assert.equal(line?.subject.name, 'onCue')
  })

  test('ends when it is closed, and only what was meant (C89, C90)', () => {
    const { world, host, viewer, publication } = channel()
    host.command('/chat', { ...cut('mine'), generation: 0 })
    assert.equal(publication.publisher, null)
    const encoder = world.connect('/chat')
    encoder.publish('tv')
    host.answer('/chat', 'onPublish')
    host.command('/chat', { ...cut('not mine any more'), generation: 0 }, { ...cut('the one before'), generation: 1 })
    assert.equal(publication.state, 'live')
    host.command('/chat', { ...cut('enough'), generation: 2, code: 'Publish.Error' })
    assert.deepEqual([publication.state, encoder.statuses], ['grace', ['Publish.Error']])
    assert.deepEqual(viewer.statuses, [])
  })

  test('begins at 0 for each listener, whenever it comes and wherever its times begin (C85)', () => {
    const { world, viewer, push } = channel()
    const early = viewer.play('tv')
    push(video(90_000, key), video(90_040, inter), video(90_080, key))
    assert.deepEqual(early.times, [0, 40, 80])
    const late = viewer.play('tv')
    world.turn()
    assert.deepEqual(late.times, [0])
  })
})
