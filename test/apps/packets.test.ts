import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { FrameKind, FrameRole } from '../../server/media/frame.ts'
import { World } from './pretend.ts'

const family = { '': ['main.js'], '/chat': ['main.js'] }

/** Both applications up with these hooks, and a client of /chat that publishes. */
function publishing(root: string[], chat: string[]) {
  const world = new World({ apps: family })
  const client = world.connect('/chat')
  world.host('/').started('', ...root)
  world.host('/chat').started('/chat', ...chat)
  client.publish('cam')
  const publication = world.publication('/chat\ncam')
  const frame = (kind: FrameKind, bytes: number | Buffer = 10): void => {
    const payload = typeof bytes === 'number' ? Buffer.alloc(bytes) : bytes
    publication.receive(kind, { role: FrameRole.Key, codec: '', track: 0 }, 40, payload)
  }
  return { world, client, publication, frame }
}

/** AMF0: the string "note", then null. */
const note = Buffer.from([2, 0, 4, 0x6e, 0x6f, 0x74, 0x65, 5])

suite('packets', () => {
  test('without packet hooks nobody looks (M22, M23)', () => {
    const { world, publication, frame } = publishing(['onPublish'], ['onUnpublish'])
    world.host('/').answer('', 'onPublish')
    assert.equal(publication.tap, null)
    frame(FrameKind.Video)
    assert.deepEqual(world.host('/chat').told('/chat', 'packets'), [])
  })

  test('each kind goes to the nearest application with its hook, batched by turns of the loop (C141–C143)', () => {
    const { world, client, frame } = publishing(['onVideoPacket', 'onDataPacket'], ['onVideoPacket'])
    for (let i = 0; i < 3; i++) frame(FrameKind.Video)
    frame(FrameKind.Audio)
    frame(FrameKind.Data, note)
    const videos = world.host('/chat').told('/chat', 'packets')
    assert.equal(videos.length, 1)
    assert.deepEqual(
      videos[0]!.packets.map(({ kind, publication }) => [kind, publication]),
      Array(3).fill(['video', '/chat\ncam']),
    )
    assert.equal(videos[0]!.packets[0]!.client, client.id)
    const [data] = world.host('/').told('', 'packets')
    assert.deepEqual(
      data!.packets.map(({ kind, name, packet }) => [kind, name, [...packet]]),
      [['data', 'note', [5]]],
    )
  })

  test('nothing overtakes them: what comes between two is told between them', () => {
    const { world, client, frame } = publishing([], ['onVideoPacket'])
    frame(FrameKind.Video)
    client.play('other')
    frame(FrameKind.Video)
    assert.deepEqual(
      world
        .host('/chat')
        .events('/chat')
        .map(({ e }) => e)
        .slice(-5),
      ['packets', 'publication', 'listener', 'listening', 'packets'],
    )
  })

  test('an application that falls behind misses some, and is told how many', () => {
    const { world, frame } = publishing([], ['onVideoPacket'])
    const host = world.host('/chat')
    for (let i = 0; i < 2500; i++) frame(FrameKind.Video)
    const { ticket, packets } = host.last('/chat', 'packets')
    assert.equal(packets.length, 2000)
    frame(FrameKind.Video)
    assert.equal(host.told('/chat', 'packets').length, 1)
    host.command('/chat', { c: 'verdict', ticket, ok: true })
    frame(FrameKind.Video)
    const { packets: after, dropped } = host.last('/chat', 'packets')
    assert.deepEqual([after.length, dropped], [1, 501])
  })

  test('an answer counts once, and one to nothing not at all', () => {
    const { world, frame } = publishing([], ['onVideoPacket'])
    const host = world.host('/chat')
    for (let turn = 0; turn < 3; turn++) {
      for (let i = 0; i < 1000; i++) frame(FrameKind.Video)
      world.turn()
    }
    const [first] = host.told('/chat', 'packets')
    for (const ticket of [first!.ticket, first!.ticket, 0, 4711])
      host.command('/chat', { c: 'verdict', ticket, ok: true })
    for (let i = 0; i < 2000; i++) frame(FrameKind.Video)
    assert.equal(host.last('/chat', 'packets').packets.length, 1000)
  })

  test('a script that appears beside a running stream sees it, until it is deleted', () => {
    const world = new World({ apps: { '': [], '/chat': [] } })
    world.connect('/chat').publish('cam')
    const publication = world.publication('/chat\ncam')
    assert.equal(publication.tap, null)
    world.house.catalog.addMain('/chat', 'main.js')
    world.house.saved([{ path: '/chat', what: 'appeared' }])
    world.host('/chat').started('/chat', 'onVideoPacket')
    publication.receive(FrameKind.Video, { role: FrameRole.Key, codec: '', track: 0 }, 40, Buffer.alloc(10))
    assert.equal(world.host('/chat').told('/chat', 'packets').length, 1)
    world.house.catalog.removeMain('/chat', 'main.js')
    world.house.saved([{ path: '/chat', what: 'deleted' }])
    assert.equal(publication.tap, null)
  })

  test('what is outstanding is bounded in bytes, too', () => {
    const { world, frame } = publishing([], ['onVideoPacket'])
    for (let i = 0; i < 10; i++) frame(FrameKind.Video, 1024 * 1024)
    assert.equal(world.host('/chat').last('/chat', 'packets').packets.length, 8)
  })

  test('hooks that come or go with a reload count for streams that run', () => {
    const { world, frame } = publishing([], [])
    const host = world.host('/chat')
    const reload = (...hooks: string[]): void => {
      world.house.saved([{ path: '/chat', what: 'changed' }])
      host.reloaded('/chat', ...hooks)
    }
    reload('onAudioPacket')
    frame(FrameKind.Audio)
    assert.equal(host.told('/chat', 'packets').length, 1)
    reload()
    frame(FrameKind.Audio)
    assert.equal(host.told('/chat', 'packets').length, 1)
  })

  test('after a crash the count begins anew', () => {
    const { world, frame } = publishing([], ['onVideoPacket'])
    for (let i = 0; i < 3000; i++) frame(FrameKind.Video)
    world.turn()
    world.host('/chat').crash()
    frame(FrameKind.Video)
    world.pass(100)
    world.host('/chat').started('/chat', 'onVideoPacket')
    frame(FrameKind.Video)
    const { packets, dropped } = world.host('/chat').last('/chat', 'packets')
    assert.deepEqual([packets.length, dropped], [1, 0])
  })

  test('a script does not hear what it sends itself, nor publications of scripts (C139)', () => {
    const { world, publication, frame } = publishing([], ['onDataPacket', 'onAudioPacket'])
    const host = world.host('/chat')
    host.command('/chat', { c: 'send', publication: publication.key, name: 'x', values: new Uint8Array() })
    host.command('/chat', { c: 'publish', ticket: 1, address: 'show' })
    const frames = [{ kind: 'audio' as const, time: 0, name: '', packet: Uint8Array.of(0xaf, 1), lost: 0 }]
    host.command('/chat', { c: 'push', publication: '/chat\nshow', frames })
    assert.deepEqual(host.told('/chat', 'packets'), [])
    frame(FrameKind.Data, note)
    assert.equal(host.told('/chat', 'packets').length, 1)
  })

  test('the unpublish comes after the last packet, and none after it', () => {
    const { world, client, frame, publication } = publishing([], ['onVideoPacket', 'onUnpublish'])
    frame(FrameKind.Video)
    world.hub.publishing.unpublish(publication, publication.publisher)
    assert.equal(publication.tap, null)
    client.publish('cam')
    frame(FrameKind.Video)
    const kinds = world
      .host('/chat')
      .events('/chat')
      .map(({ e }) => e)
    assert.deepEqual(kinds.slice(-5), ['packets', 'onUnpublish', 'publication', 'publication', 'packets'])
  })
})
