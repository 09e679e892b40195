import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { RelayRule } from '../../server/config/relay-rules.ts'
import type { Dialled } from '../../server/protocol/netconnection/dial.ts'
import { relaysMax } from '../../server/relay/limits.ts'
import { Relays } from '../../server/relay/relays.ts'
import { PretendHub, PretendPlayer } from '../hub/pretend-hub.ts'

/** A hub, and relays whose calls nobody answers. */
function scene(rules: RelayRule[]) {
  const world = new PretendHub()
  const lines: string[] = []
  const dialled: Dialled[] = []
  const line = (_subject: object, text: string): void => void lines.push(text)
  const log = { error: line, warn: line, info() {}, debug() {}, trace() {}, child: () => log }
  const relays = new Relays({
    ...{ config: { rules, waitMs: 1000, idleMs: 1000 }, hub: world.hub, clock: world.clock, log, name: 'me' },
    locate: () => ({ found: true, app: '/live', room: '' }),
    random: () => 0,
    dial: {
      dial(to) {
        dialled.push(to)
        return () => {}
      },
    },
  })
  relays.start()
  const publish = (name: string) =>
    world.hub.publishing.publishAs({ id: name, client: null, closed() {} }, '/live', name)
  return { ...{ world, lines, dialled, relays, publish } }
}

suite('relays past the most there may be', () => {
  test('are not made, which is said once, and there is room again when others end (R36)', () => {
    const push = { kind: 'push', pattern: '/live/*', url: 'rtmp://h.example/live/*' } as RelayRule
    const { world, lines, dialled, relays, publish } = scene([push])
    for (let nth = 0; nth < relaysMax + 2; nth++) publish(`cam${nth}`)
    assert.equal(dialled.length, relaysMax)
    assert.deepEqual(lines, [`not relayed: there are ${relaysMax} relays`])
    const first = world.hub.publications.get('/live\ncam0')!
    relays.idle(first)
    publish('late')
    assert.equal(dialled.length, relaysMax + 1)
    relays.stop()
  })

  test('are what a player is told of who wants a stream that would be one more (R36, R60)', () => {
    const push = { kind: 'push', pattern: '/live/cam*', url: 'rtmp://h.example/live/*' } as RelayRule
    const pull = { kind: 'pull on demand', pattern: '/live/far', url: 'rtmp://h.example/live/far' } as RelayRule
    const { world, dialled, relays, publish } = scene([push, pull])
    for (let nth = 0; nth < relaysMax; nth++) publish(`cam${nth}`)
    const player = new PretendPlayer()
    world.hub.playing.play(world.client('/live'), 'far', player, ({ ok }) => player.got.push(`playing: ${ok}`))
    assert.deepEqual(player.take(), ['playing: true'])
    world.clock.advance(1)
    assert.deepEqual(player.take(), [
      `closed Play.StreamNotFound: far is at another server, and there are ${relaysMax} relays already`,
    ])
    assert.equal(dialled.length, relaysMax)
    relays.stop()
  })
})
