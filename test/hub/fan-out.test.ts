import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { crowd } from '../../server/hub/pace.ts'
import { limits, PretendHub, PretendPlayer, ReadableForm } from './pretend-hub.ts'

/** A hub where somebody publishes `cam` and has sent its headers. */
function studio(mergeMs = 0): PretendHub & { cam: ReturnType<PretendHub['publish']> } {
  const hub = new PretendHub({}, { ...limits, listener: { ...limits.listener, mergeMs } })
  const cam = hub.publish(hub.client())
  cam.send('mM', 0)
  cam.send('hH', 0)
  cam.send('sS', 0)
  return Object.assign(hub, { cam })
}

suite('The way out of a publication', () => {
  test('gives a latecomer metadata, headers and the group of pictures, from a time of its own', () => {
    const hub = studio()
    hub.cam.send('k1', 1000)
    hub.cam.send('a2', 1010)
    hub.cam.sendNow('v3', 1040)
    const { player } = hub.play(hub.client())
    assert.deepEqual(player.take(), ['live', 'dM@0 vH@0 aS@0 v1@0 a2@10 v3@40'])
    hub.cam.sendNow('v4', 1080)
    hub.cam.sendNow('a5', 1090)
    assert.deepEqual(player.take(), ['+v4', '+a5'])
  })

  test('begins at the earliest time of the group, lest a sound came before 0', () => {
    const hub = studio()
    hub.cam.send('k1', 1000)
    hub.cam.sendNow('a2', 990)
    const { player } = hub.play(hub.client())
    assert.deepEqual(player.take(), ['live', 'dM@10 vH@10 aS@10 v1@10 a2@0'])
  })

  test('writes what one read brought once to each listener', () => {
    const hub = studio()
    hub.cam.sendNow('k1', 0)
    const players = [1, 2, 3].map(() => hub.play(hub.client()).player)
    for (const player of players) player.take()
    hub.cam.send('a2', 10)
    hub.cam.send('v3', 40)
    hub.cam.sendNow('v4', 80)
    // The first sound has no shared form for those who never had one.
    for (const player of players) assert.deepEqual(player.take(), ['a2@10 v3@40 v4@80'])
    hub.cam.send('a5', 90)
    hub.cam.sendNow('v6', 120)
    for (const player of players) assert.deepEqual(player.take(), ['+a5 +v6'])
  })

  test('counts every message a listener was given, shared or its own, data too (R17, R44)', () => {
    const hub = studio()
    hub.cam.send('k1', 0)
    hub.cam.sendNow('a2', 10)
    const { player, listener } = hub.play(hub.client())
    for (let nth = 3; nth < 9; nth++) {
      hub.cam.send(`v${nth}`, nth * 40)
      hub.cam.send(`a${nth}`, nth * 40)
      hub.cam.sendNow(`d${nth}`, nth * 40)
    }
    hub.cam.sendNow('d9', 400)
    hub.hub.playing.stop(listener!)
    const given = player.got.slice(1).join(' ').split(' ')
    assert.ok(given.length > 20 && given.some(each => each.startsWith('+d')), given.join(' '))
    assert.equal(player.messages, given.length)
  })

  test('drops pictures before the first key frame of a publisher', () => {
    const hub = studio()
    const { player } = hub.play(hub.client())
    player.take()
    hub.cam.sendNow('v1', 0)
    assert.deepEqual(player.take(), [])
    hub.cam.sendNow('k2', 40)
    assert.deepEqual(player.take(), ['v2@0'])
  })

  test('lets one who came before a group was kept begin with the next key frame', () => {
    const hub = studio()
    hub.cam.sendNow('k0', 0)
    for (let nth = 1; nth < 12; nth++) hub.cam.sendNow(`v${nth}`, nth * 40)
    const { player } = hub.play(hub.client())
    assert.deepEqual(player.take(), ['live', 'dM@0 vH@0 aS@0'])
    hub.cam.sendNow('v12', 480)
    hub.cam.sendNow('k13', 520)
    hub.cam.sendNow('v14', 560)
    assert.deepEqual(player.take(), ['v13@0', '+v14'])
  })

  test('mutes a kind, and lets pictures come back with a key frame (C99, C100)', () => {
    const hub = studio()
    hub.cam.send('k1', 0)
    hub.cam.sendNow('a1', 0)
    const { listener, player } = hub.play(hub.client())
    player.take()
    listener?.receive(true, false)
    hub.cam.send('a2', 20)
    hub.cam.sendNow('v2', 40)
    assert.deepEqual(player.take(), ['a2@20'])
    listener?.receive(true, true)
    hub.cam.sendNow('v3', 80)
    hub.cam.sendNow('k4', 120)
    hub.cam.sendNow('v5', 160)
    assert.deepEqual(player.take(), ['v4@120', '+v5'])
  })

  test('is muted by its player or by a script, and neither undoes the other’s (C99, C100)', () => {
    const hub = studio()
    hub.cam.send('k1', 0)
    hub.cam.sendNow('a1', 0)
    const { listener, player } = hub.play(hub.client())
    player.take()
    listener?.receive(false, false)
    listener?.wish(true, true)
    hub.cam.send('a2', 20)
    hub.cam.sendNow('k2', 40)
    assert.deepEqual(player.take(), [])
    listener?.wish(false, true)
    listener?.receive(true, true)
    hub.cam.send('a3', 60)
    hub.cam.sendNow('k3', 80)
    assert.deepEqual(player.take(), ['v3@80'])
    listener?.wish(true, true)
    hub.cam.sendNow('a4', 80)
    assert.deepEqual(player.take(), ['a4@80'])
  })

  test('goes on after a pause where it was, while the group of pictures lasts', () => {
    const hub = studio()
    hub.cam.sendNow('k1', 0)
    const { listener, player } = hub.play(hub.client())
    const publication = listener!.publication
    player.take()
    publication.pause(listener!, true)
    hub.cam.sendNow('v2', 40)
    publication.pause(listener!, false)
    assert.deepEqual(player.take(), ['v2@40'])
    hub.cam.sendNow('v3', 80)
    assert.deepEqual(player.take(), ['+v3'])
  })

  test('enters anew after a pause that outlasted the group of pictures', () => {
    const hub = studio()
    hub.cam.sendNow('k1', 0)
    const { listener, player } = hub.play(hub.client())
    const publication = listener!.publication
    player.take()
    publication.pause(listener!, true)
    hub.cam.sendNow('k2', 40)
    hub.cam.sendNow('v3', 80)
    publication.pause(listener!, false)
    assert.deepEqual(player.take(), ['dM@40 vH@40 aS@40 v2@40 v3@80'])
    hub.cam.sendNow('v4', 120)
    assert.deepEqual(player.take(), ['+v4'])
  })

  test('makes each wire form for itself', () => {
    const hub = studio()
    hub.cam.sendNow('k1', 0)
    const one = hub.play(hub.client(), 'cam', new PretendPlayer(new ReadableForm('one'))).player
    const other = hub.play(hub.client(), 'cam', new PretendPlayer(new ReadableForm('other'))).player
    hub.cam.sendNow('v2', 40)
    assert.equal(one.got.at(-1), '+v2')
    assert.equal(other.got.at(-1), '+v2')
  })
})

suite('The pace of a publication', () => {
  test('lets a sound wait for the next picture, and a picture for nothing', () => {
    const hub = studio(20)
    hub.cam.send('k1', 0)
    hub.cam.sendNow('a1', 0)
    const { player } = hub.play(hub.client())
    player.take()
    hub.cam.sendNow('a2', 20)
    hub.clock.advance(19)
    assert.deepEqual(player.take(), [])
    hub.cam.sendNow('v3', 40)
    assert.deepEqual(player.take(), ['+a2 +v3'])
  })

  test('lets no sound wait longer than the merging time', () => {
    const hub = studio(20)
    hub.cam.send('k1', 0)
    hub.cam.sendNow('a1', 0)
    const { player } = hub.play(hub.client())
    player.take()
    hub.cam.sendNow('a2', 20)
    hub.clock.advance(20)
    assert.deepEqual(player.take(), ['+a2'])
    hub.clock.advance(100)
    assert.deepEqual(player.take(), [])
  })

  test('lets a sound wait twice as long before a crowd, whose cost counts', () => {
    const hub = studio(20)
    hub.cam.send('k1', 0)
    hub.cam.sendNow('a1', 0)
    const players = Array.from({ length: crowd }, () => hub.play(hub.client()).player)
    for (const player of players) player.take()
    hub.cam.sendNow('a2', 20)
    hub.clock.advance(39)
    for (const player of players) assert.deepEqual(player.take(), [])
    hub.clock.advance(1)
    for (const player of players) assert.deepEqual(player.take(), ['+a2'])
  })

  test('lets a sound without pictures go at once', () => {
    const hub = new PretendHub()
    const cam = hub.publish(hub.client())
    const { player } = hub.play(hub.client())
    player.take()
    cam.sendNow('a1', 0)
    assert.deepEqual(player.take(), ['a1@0'])
  })

  test('merges pictures too when it is told to merge long', () => {
    const hub = studio(350)
    hub.cam.sendNow('k1', 0)
    const { player } = hub.play(hub.client())
    player.take()
    hub.cam.sendNow('v2', 40)
    hub.clock.advance(200)
    hub.cam.sendNow('v3', 80)
    hub.clock.advance(149)
    assert.deepEqual(player.take(), [])
    hub.clock.advance(1)
    assert.deepEqual(player.take(), ['+v2 +v3'])
  })

  test('gives a newcomer nothing twice that waits to leave', () => {
    const hub = studio(20)
    hub.cam.sendNow('k1', 0)
    const early = hub.play(hub.client()).player
    hub.cam.sendNow('a2', 20)
    const late = hub.play(hub.client()).player
    assert.equal(late.got.at(-1), 'dM@0 vH@0 aS@0 v1@0 a2@20')
    hub.cam.sendNow('v3', 40)
    assert.equal(late.got.at(-1), '+v3')
    assert.deepEqual(early.got.slice(-2), ['a2@20', '+v3'])
  })
})

suite('A listener that cannot keep up', () => {
  test('drops to the next key frame once its queue is longer than allowed, and nobody else does (M15)', () => {
    const hub = studio()
    hub.cam.send('k1', 0)
    hub.cam.sendNow('a1', 0)
    const slow = hub.play(hub.client())
    const { player: quick } = hub.play(hub.client())
    slow.player.take()
    slow.player.queuedBytes = 1001
    for (const [what, time] of [
      ['v2', 40],
      ['k3', 80],
      ['a3', 90],
    ] as const)
      hub.cam.sendNow(what, time)
    assert.deepEqual(slow.player.take(), [])
    assert.equal(slow.listener?.videoQos.droppedFrames, 2)
    slow.player.queuedBytes = 100
    hub.cam.sendNow('v4', 120)
    assert.deepEqual(slow.player.take(), [])
    hub.cam.sendNow('k5', 160)
    hub.cam.sendNow('v6', 200)
    assert.deepEqual(slow.player.take(), ['dM@160 vH@160 aS@160', 'v5@160', '+v6'])
    assert.deepEqual(quick.got.slice(-4), ['+a3', '+v4', '+k5'.replace('k', 'v'), '+v6'])
  })

  test('drops when what waits is older than allowed, though it is little', () => {
    const hub = studio()
    hub.cam.sendNow('k1', 0)
    const { listener, player } = hub.play(hub.client())
    player.queuedBytes = 1e-3
    hub.cam.sendNow('v2', 40)
    assert.equal(listener?.lagging, false)
    // Nothing leaves: the queue grows with all that is written.
    player.queuedBytes = 900
    hub.clock.advance(1001)
    hub.cam.sendNow('v3', 80)
    hub.clock.advance(1001)
    hub.cam.sendNow('v4', 120)
    assert.equal(listener?.lagging, true)
  })

  test('stays while what waits keeps moving', () => {
    const hub = studio()
    hub.cam.sendNow('k1', 0)
    const { listener, player } = hub.play(hub.client())
    player.take()
    for (let nth = 2; nth < 50; nth++) {
      // A few bytes always wait, yet all that waited a while ago has left.
      player.queuedBytes = 2
      hub.clock.advance(500)
      hub.cam.sendNow(`v${nth}`, nth * 40)
    }
    assert.equal(listener?.lagging, false)
    assert.equal(player.take().length, 48)
  })

  test('is closed with the reason when it lags for too long, as a failure of its client', () => {
    const hub = studio()
    hub.cam.sendNow('k1', 0)
    const viewer = hub.client()
    const { player } = hub.play(viewer)
    player.queuedBytes = 1001
    hub.cam.sendNow('v2', 40)
    hub.clock.advance(5001)
    hub.cam.sendNow('v3', 80)
    const text = 'listener too slow: nothing of cam reached it in time'
    assert.equal(viewer.heard.at(-1), `Connect.Closed: ${text}`)
    assert.deepEqual(hub.facts.slice(-3), [`failed client 2: ${text}`, 'unlistening 1', 'left client 2'])
    assert.equal(hub.hub.listeners.size, 0)
  })
})
