import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Verdict } from '../../server/hub/judge.ts'
import { limits, PretendHub } from './pretend-hub.ts'

suite('Publishing', () => {
  test('refuses a name that a living publisher has, once it has seen that it lives', () => {
    const hub = new PretendHub()
    const cam = hub.publish(hub.client())
    cam.sendNow('k1', 0)
    const other = hub.publish(hub.client(), 'cam?key=1')
    hub.clock.advance(40)
    cam.sendNow('v2', 40)
    assert.deepEqual(other.heard, [])
    hub.clock.advance(10)
    assert.deepEqual(other.heard, ['Publish.BadName: cam?key=1 is already published'])
    assert.deepEqual(cam.heard, ['ok'])
  })

  test('takes a part of a frame that comes for a sign of life', () => {
    const hub = new PretendHub()
    const uplink = hub.client()
    hub.publish(uplink)
    hub.clock.advance(1500)
    const other = hub.publish(hub.client())
    hub.clock.advance(20)
    uplink.heardAt = hub.clock.now()
    hub.clock.advance(30)
    assert.deepEqual(other.heard, ['Publish.BadName: cam is already published'])
  })

  test('an encoder that vanished without an end and is back within a second has its stream, and its players', () => {
    const hub = new PretendHub()
    const old = hub.publish(hub.client(), 'lobby/cam?key=1')
    old.sendNow('k1', 0)
    const { player } = hub.play(hub.client(), 'lobby/cam')
    player.take()
    hub.clock.advance(400)
    const back = hub.publish(hub.client(), 'lobby/cam?key=1')
    hub.clock.advance(1600)
    assert.deepEqual(back.heard, [], 'the old connection may still come alive')
    hub.clock.advance(50)
    assert.deepEqual(back.heard, ['ok'])
    assert.deepEqual(old.heard, ['ok', 'Unpublish.Success: lobby/cam?key=1 was taken over'])
    back.sendNow('k2', 77_000)
    assert.deepEqual(player.take(), ['+v2'])
  })

  test('of two that wait for a name one gets it, and the other reads that it is taken', () => {
    const hub = new PretendHub()
    hub.publish(hub.client())
    hub.clock.advance(1000)
    const [one, other] = [hub.publish(hub.client()), hub.publish(hub.client())]
    hub.clock.advance(5000)
    assert.deepEqual([one.heard, other.heard], [['ok'], ['Publish.BadName: cam is already published']])
    assert.equal(one.publication?.generation, 2)
  })

  test('forgets one that gives up waiting for a name, and takes nothing away for it', () => {
    const hub = new PretendHub()
    const old = hub.publish(hub.client())
    const [first, second] = [hub.client(), hub.client()]
    const [leaving, closing] = [hub.publish(first), hub.publish(second)]
    hub.hub.leave(first, 'reset')
    hub.hub.publishing.withdraw(second, closing)
    hub.clock.advance(10_000)
    assert.deepEqual([old.heard, leaving.heard, closing.heard], [['ok'], [], []])
    assert.equal(hub.clock.waiting, new PretendHub().clock.waiting, 'no timer is left')
  })

  test('gives a name to one who waits for it as soon as its publisher has left', () => {
    const hub = new PretendHub()
    const studio = hub.client()
    hub.publish(studio)
    const next = hub.publish(hub.client())
    hub.hub.leave(studio, 'reset')
    hub.clock.advance(50)
    assert.deepEqual(next.heard, ['ok'])
  })

  test('refuses at once who has the name himself, and who wants a script’s', () => {
    const hub = new PretendHub()
    const client = hub.client()
    hub.publish(client)
    assert.deepEqual(hub.publish(client).heard, ['Publish.BadName: cam is already published'])
    const script = { id: 'script', client: null, closed: () => {} }
    hub.hub.publishing.publishAs(script, '/live', 'show')
    assert.deepEqual(hub.publish(hub.client(), 'show').heard, ['Publish.BadName: show is already published'])
  })

  test('refuses a name whose first publisher is still being judged', () => {
    const hub = new PretendHub({ publish: () => {} })
    hub.publish(hub.client())
    assert.deepEqual(hub.publish(hub.client()).heard, ['Publish.BadName: cam is already published'])
  })

  test('replaces a publisher of whom nothing came for the stale time, and tells it', () => {
    const hub = new PretendHub()
    const old = hub.publish(hub.client())
    hub.clock.advance(2001)
    hub.facts.length = 0
    const fresh = hub.publish(hub.client())
    assert.deepEqual(fresh.heard, ['ok'])
    assert.deepEqual(old.heard, ['ok', 'Unpublish.Success: cam was taken over'])
    assert.deepEqual(hub.facts.slice(-3), ['unpublished cam 1', 'changed cam by 2', 'published cam 2'])
  })

  test('lets the judge decide a conflict', () => {
    const hub = new PretendHub({ conflict: (_client, _publication, answer) => answer(true) })
    const old = hub.publish(hub.client())
    assert.deepEqual(hub.publish(hub.client()).heard, ['ok'])
    old.stop()
    assert.equal(hub.hub.publications.get('/live\ncam')?.state, 'live')
  })

  test('tells players nothing when a name is taken over at once, even without a grace', () => {
    const verdicts: Verdict[] = [{ ok: true }, { ok: true }, { ok: false, text: '' }]
    const hub = new PretendHub(
      {
        conflict: (_client, _publication, answer) => answer(true),
        publish: (_client, _publication, answer) => answer(verdicts.shift()!),
      },
      { ...limits, publication: { ...limits.publication, graceMs: 0 } },
    )
    hub.publish(hub.client())
    const { player } = hub.play(hub.client())
    assert.deepEqual(hub.publish(hub.client()).heard, ['ok'])
    assert.deepEqual(player.take(), ['live'])
    hub.publish(hub.client())
    assert.deepEqual(player.take(), ['unpublished'], 'the one who took it over was refused, and nobody is left')
  })

  test('keeps players through the grace, in one time, without a word to them', () => {
    const hub = new PretendHub()
    const first = hub.publish(hub.client())
    first.sendNow('k1', 70_000)
    const { player } = hub.play(hub.client())
    assert.deepEqual(player.take(), ['live', 'v1@0'])
    first.stop()
    hub.clock.advance(1000)
    const second = hub.publish(hub.client())
    second.sendNow('k2', 5)
    assert.deepEqual(player.take(), ['+v2'])
    hub.clock.advance(60_000)
    assert.deepEqual(player.take(), [])
  })

  test('tells players of the end when nobody took the name within the grace, and of the next beginning', () => {
    const hub = new PretendHub()
    const first = hub.publish(hub.client())
    const { player } = hub.play(hub.client())
    first.stop()
    hub.clock.advance(4999)
    assert.deepEqual(player.take(), ['live'])
    hub.clock.advance(1)
    assert.deepEqual(player.take(), ['unpublished'])
    hub.publish(hub.client())
    assert.deepEqual(player.take(), ['published'])
  })

  test('tells players at once when the grace is 0', () => {
    const hub = new PretendHub({}, { ...limits, publication: { ...limits.publication, graceMs: 0 } })
    const first = hub.publish(hub.client())
    const { player } = hub.play(hub.client())
    first.stop()
    assert.deepEqual(player.take(), ['live', 'unpublished'])
  })

  test('counts generations of a name beyond its end, but no refusal', () => {
    const verdicts: Verdict[] = [{ ok: true }, { ok: false, text: '' }, { ok: true }]
    const hub = new PretendHub({ publish: (_client, _publication, answer) => answer(verdicts.shift()!) })
    const first = hub.publish(hub.client())
    first.stop()
    hub.clock.advance(5000)
    assert.equal(hub.hub.publications.size, 0)
    const refused = hub.publish(hub.client())
    assert.deepEqual(refused.heard, ['Publish.Failed: Not allowed to publish cam'])
    assert.equal(hub.hub.publications.size, 0)
    const third = hub.publish(hub.client())
    assert.equal(third.publication?.generation, 2)
  })

  test('refuses a name in a folder that its client may not write (R47)', () => {
    const hub = new PretendHub()
    const client = hub.client()
    client.facts.writeAccess = '/open;/lobby'
    assert.deepEqual(hub.publish(client, 'cam').heard, ['Publish.Failed: No write access to cam'])
    assert.deepEqual(hub.publish(client, 'opener').heard, ['Publish.Failed: No write access to opener'])
    assert.deepEqual(hub.publish(client, 'open/cam').heard, ['ok'])
  })

  test('refuses names that lead into the folder of another application, or name nothing', () => {
    const locate = (path: string) =>
      path.startsWith('/live/kid')
        ? ({ found: true, app: '/live/kid', room: '' } as const)
        : ({ found: true, app: '/live', room: '' } as const)
    const hub = new PretendHub({ locate })
    for (const name of ['kid/cam', '', '..', 'a/../b', 'a\\b', 'a\0b', 'a//b', 'x'.repeat(1025)]) {
      const [heard] = hub.publish(hub.client(), name).heard
      assert.match(heard ?? '', /^Publish\.BadName: /, name)
    }
  })

  test('ends what a client publishes and plays before the client has left', () => {
    const hub = new PretendHub()
    const client = hub.client()
    hub.publish(client, 'cam')
    hub.play(client, 'other')
    hub.facts.length = 0
    hub.hub.leave(client, null)
    const facts = ['unlistening 1', 'removed other', 'unpublished cam 1', 'changed cam idle', 'left client 1']
    assert.deepEqual(hub.facts, facts)
  })

  test('takes no verdict for one who has left meanwhile', () => {
    let answer: ((verdict: Verdict) => void) | undefined
    const hub = new PretendHub({ publish: (_client, _publication, later) => (answer = later) })
    const client = hub.client()
    const publisher = hub.publish(client)
    hub.hub.leave(client, 'reset')
    answer?.({ ok: true })
    assert.deepEqual(publisher.heard, [])
    assert.equal(hub.hub.publications.size, 0)
  })
})

suite('Playing', () => {
  test('waits for a name nobody publishes, and forgets it with its last listener', () => {
    const hub = new PretendHub()
    const { listener, player } = hub.play(hub.client())
    assert.deepEqual(player.take(), ['waiting'])
    assert.equal(hub.hub.publications.size, 1)
    hub.hub.playing.stop(listener!)
    hub.hub.playing.stop(listener!)
    assert.equal(hub.hub.publications.size, 0)
    assert.deepEqual(hub.facts.slice(-2), ['unlistening 1', 'removed cam'])
  })

  test('refuses with the words of the judge, or its own', () => {
    const texts = ['', 'members only']
    const hub = new PretendHub({
      subscribe: (_client, _listener, answer) => answer({ ok: false, text: texts.shift()! }),
    })
    assert.deepEqual(hub.play(hub.client()).player.take(), ['Play.Failed: Not authorized to play cam'])
    assert.deepEqual(hub.play(hub.client()).player.take(), ['Play.Failed: members only'])
    assert.equal(hub.hub.publications.size, 0)
  })

  test('counts a listener only once it is accepted (C146)', () => {
    let answer: ((verdict: Verdict) => void) | undefined
    const hub = new PretendHub({ subscribe: (_client, _listener, later) => (answer = later) })
    hub.publish(hub.client())
    const { player } = hub.play(hub.client())
    const publication = hub.hub.publications.get('/live\ncam')
    assert.equal(publication?.listeners.size, 0)
    answer?.({ ok: true })
    assert.equal(publication?.listeners.size, 1)
    assert.deepEqual(player.take(), ['live'])
  })

  test('refuses a name in a folder that its client may not read (R46)', () => {
    const hub = new PretendHub()
    const client = hub.client()
    client.facts.readAccess = ''
    assert.deepEqual(hub.play(client).player.take(), ['Play.Failed: No read access to cam'])
  })
})

suite('Connecting', () => {
  test('has its own words for a refusal without any (C131)', () => {
    const hub = new PretendHub({ connect: (_client, answer) => answer({ ok: false, text: '' }) })
    assert.deepEqual(hub.client().heard, ['Connect.Rejected: client rejected'])
    assert.deepEqual(hub.facts, ['known client 1', 'rejected client 1: client rejected'])
  })

  test('gives every client an id of 64 hexadecimal digits (R41, C33)', () => {
    const hub = new PretendHub()
    const [one, two] = [hub.client(), hub.client()]
    assert.match(one.id, /^[0-9a-f]{64}$/)
    assert.notEqual(one.id, two.id)
  })
})
