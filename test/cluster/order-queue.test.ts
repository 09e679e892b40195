import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { handledEvery, ordersMs } from '../../server/cluster/limits.ts'
import { OrderQueue } from '../../server/cluster/order-queue.ts'
import { ManualClock } from '../support/manual-clock.ts'

suite('the orders of a worker', () => {
  test('are taken at once and in order, as far as a turn of the loop has time for them', () => {
    const clock = new ManualClock()
    const taken: number[] = []
    const turns: (() => void)[] = []
    const queue = new OrderQueue<number>({
      clock,
      take(order) {
        taken.push(order)
        clock.advance(1)
      },
      handled() {},
      defer: run => turns.push(run),
    })
    queue.add([1])
    assert.deepEqual(taken, [1])
    queue.add([2, 3, 4, 5])
    assert.equal(taken.length, 1 + ordersMs)
    queue.add([6])
    assert.equal(taken.length, 1 + ordersMs, 'what comes later does not overtake')
    assert.equal(turns.length, 1)
    for (let turn = turns.shift(); turn; turn = turns.shift()) turn()
    assert.deepEqual(taken, [1, 2, 3, 4, 5, 6])
  })

  test('are counted in lots', () => {
    const lots: number[] = []
    const clock = new ManualClock()
    const queue = new OrderQueue<number>({ clock, take() {}, handled: count => lots.push(count), defer() {} })
    for (let i = 0; i < 2 * handledEvery; i++) queue.add([i])
    assert.deepEqual(lots, [handledEvery, handledEvery])
  })
})
