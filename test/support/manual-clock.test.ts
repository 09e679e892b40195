import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ManualClock } from './manual-clock.ts'

suite('manual clock', () => {
  test('rings timers at their own times, in order, also those set while it is wound', () => {
    const clock = new ManualClock()
    const rung: string[] = []
    const note = (name: string): void => void rung.push(`${name}@${clock.now()}`)
    clock.after(20, () => note('late'))
    clock.after(10, () => {
      note('early')
      clock.after(5, () => note('between'))
    })
    const ticking = clock.every(8, () => note('tick'))
    clock.advance(20)
    ticking.cancel()
    clock.advance(100)
    assert.deepEqual(rung, ['tick@8', 'early@10', 'between@15', 'tick@16', 'late@20'])
    assert.equal(clock.now(), 120)
    assert.equal(clock.waiting, 0)
  })

  test('a cancelled timer stays silent', () => {
    const clock = new ManualClock()
    const timer = clock.after(1, () => assert.fail('it rang'))
    timer.cancel()
    timer.cancel()
    clock.advance(10)
  })
})
