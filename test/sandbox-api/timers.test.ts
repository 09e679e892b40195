import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import type { Turn } from '../../sandbox-api/glass.ts'
import { GlassClock } from '../../sandbox-api/glass-clock.ts'
import { Timers } from '../../sandbox-api/timers.ts'

function make(): { timers: Timers; turn: Turn; at: (now: number) => void } {
  const clock = new GlassClock()
  clock.begin(0)
  const turn: Turn = { commands: [], wake: -1, pending: 0, more: false }
  return { timers: new Timers(clock, turn), turn, at: now => clock.begin(now) }
}

suite('Timers', () => {
  test('rings by due time, and equal dues in the order they were set', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 })), fc.array(fc.nat(30)), (delays, cleared) => {
        const { timers, turn, at } = make()
        const rung: number[] = []
        const ids = delays.map((delay, index) => timers.set(delay * 1_000, () => rung.push(index)))
        const live = new Set(delays.keys())
        for (const index of cleared) {
          if (index >= ids.length) continue
          timers.clear(ids[index]!)
          live.delete(index)
        }
        const expected = [...live].sort((a, b) => delays[a]! - delays[b]! || a - b)
        while (turn.wake >= 0) {
          at(turn.wake)
          timers.ringDue()
        }
        assert.deepEqual(rung, expected)
      }),
    )
  })

  test('tells the earliest due as the wake-up, and none when nothing runs', () => {
    const { timers, turn } = make()
    assert.equal(turn.wake, -1)
    const late = timers.set(9_000, () => {})
    const early = timers.set(3_000, () => {})
    assert(Math.abs(turn.wake - 3_000) < 500)
    timers.clear(early)
    assert(Math.abs(turn.wake - 9_000) < 500)
    timers.clear(late)
    assert.equal(turn.wake, -1)
  })

  test("ends the turn after one of the script's own, and keeps the others for later", () => {
    const { timers, at } = make()
    const rung: string[] = []
    timers.set(1, () => rung.push('a'), false, true)
    timers.set(1, () => rung.push('engine'))
    timers.set(1, () => rung.push('b'), false, true)
    at(10_000)
    assert.deepEqual([timers.ringDue(), rung, timers.due], [true, ['a'], true])
    assert.deepEqual([timers.ringDue(), rung, timers.due], [true, ['a', 'engine', 'b'], false])
    assert.deepEqual([timers.ringDue(), timers.own], [false, 0])
  })

  test('repeats until it is cleared, also from within', () => {
    const { timers, turn, at } = make()
    let count = 0
    const id = timers.set(
      1_000,
      () => {
        if (++count === 3) timers.clear(id)
      },
      true,
    )
    for (let now = 2_000; turn.wake >= 0; now += 2_000) {
      at(now)
      timers.ringDue()
    }
    assert.equal(count, 3)
  })

  test("does not let a script clear what is the engine's", () => {
    const { timers, turn } = make()
    const id = timers.set(5_000, () => {})
    timers.clear(id, true)
    assert(turn.wake > 0)
  })
})
