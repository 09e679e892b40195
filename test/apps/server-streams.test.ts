import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { playlistItemsMax, playlistsMax } from '../../server/apps/limits.ts'
import { describeTag } from '../../server/media/flv-tag.ts'
import { FrameKind } from '../../server/media/frame.ts'
import { keyTag, videoHeader } from '../support/media-samples.ts'
import { World } from './pretend.ts'

/** An application that is up, whose client publishes `cam`. */
function scene() {
  const world = new World({ apps: { '': [], '/chat': ['main.js'], '/chat/kid': [] } })
  const client = world.connect('/chat')
  const host = world.host('/chat')
  host.started('/chat')
  world.turn()
  const attempt = client.publish('cam')
  const play = (stream: string, source: string, change: object = {}) => {
    const item = { stream, source, start: -1, length: -1, reset: true, ...change }
    host.command('/chat', { c: 'streamPlay', ...item })
    world.turn()
  }
  const told = () => host.told('/chat', 'streamStatus').map(({ stream, code, name }) => `${stream}: ${code} ${name}`)
  const show = (nth: number) => {
    const cam = world.publication('/chat\ncam')
    for (const tag of [videoHeader, keyTag(nth)])
      cam.receive(FrameKind.Video, describeTag(FrameKind.Video, tag), nth * 40, tag)
  }
  return { world, client, host, attempt, play, told, show }
}

suite('streams that the server plays into', () => {
  test('have the frames of a live stream, until it ends', () => {
    const { world, client, attempt, play, told, show } = scene()
    show(0)
    play('out', 'cam')
    assert.equal(world.publication('/chat\nout').publisher?.id, 'script')
    const player = client.play('out')
    show(1)
    world.pass(50)
    assert.ok(player.bytes.length > 0)
    world.hub.publishing.unpublish(world.publication('/chat\ncam'), attempt.publisher)
    world.turn()
    assert.deepEqual(told(), [
      'out: NetStream.Publish.Start out',
      'out: NetStream.Play.Start cam',
      'out: NetStream.Play.Stop cam',
      'out: NetStream.Unpublish.Success out',
    ])
  })

  test('wait for a live stream that nobody publishes yet', () => {
    const { client, play, told, world } = scene()
    play('out', 'later')
    assert.deepEqual(told(), ['out: NetStream.Publish.Start out'])
    client.publish('later')
    world.turn()
    assert.deepEqual(told().at(-1), 'out: NetStream.Play.Start later')
  })

  test('go on to the next entry after the length of one', () => {
    const { world, client, play, told } = scene()
    client.publish('other')
    play('out', 'cam', { length: 2 })
    play('out', 'other', { reset: false })
    world.pass(1_900)
    assert.equal(told().at(-1), 'out: NetStream.Play.Start cam')
    world.pass(100)
    assert.equal(told().at(-1), 'out: NetStream.Play.Start other')
    play('out', 'cam')
    assert.equal(told().at(-1), 'out: NetStream.Play.Start cam')
  })

  test('take their name from a client that has it', () => {
    const { client, world, play } = scene()
    client.publish('mine')
    play('mine', 'cam')
    assert.equal(world.publication('/chat\nmine').publisher?.id, 'script')
    assert.deepEqual(client.statuses, ['Unpublish.Success'])
  })

  test('say what is not there, and what is not theirs', () => {
    const { play, told, host } = scene()
    play('out', 'film', { start: 0 })
    assert.ok(told().includes('out: NetStream.Play.StreamNotFound film'))
    play('kid/out', 'cam')
    play('a/../b', 'cam')
    assert.deepEqual(told().slice(-2), ['kid/out: NetStream.Play.Failed cam', 'a/../b: NetStream.Play.Failed cam'])
    assert.match(host.last('/chat', 'streamStatus').description, /is no name of this application's/)
  })

  test('end with the script, or when it says so', () => {
    const { play, told, host, world } = scene()
    play('out', 'cam')
    host.command('/chat', { c: 'streamStop', stream: 'out' })
    assert.equal(told().at(-1), 'out: NetStream.Unpublish.Success out')
    play('out', 'cam')
    host.crash()
    world.turn()
    assert.equal(world.publication('/chat\ncam').recorders.size, 0)
    assert.equal(world.hub.publications.get('/chat\nout')?.publisher ?? null, null)
  })

  test('are bounded in number, and in length', () => {
    const { play, told } = scene()
    play('out', 'nobody')
    for (let nth = 1; nth < playlistItemsMax; nth++) play('out', 'nobody', { reset: false })
    play('out', 'one too many', { reset: false })
    assert.equal(told().at(-1), 'out: NetStream.Play.Failed one too many')
    for (let nth = 1; nth < playlistsMax; nth++) play(`out${nth}`, 'nobody')
    play('last', 'nobody')
    assert.equal(told().at(-1), 'last: NetStream.Publish.BadName last')
  })
})
