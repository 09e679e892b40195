import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { App } from '../../server/apps/app.ts'
import { CommandQueue } from '../../server/apps/command-queue.ts'
import type { AppCommand } from '../../server/apps/wire.ts'
import { ManualClock } from '../support/manual-clock.ts'

const commands = (count: number, from = 0): AppCommand[] =>
  Array.from({ length: count }, (_, i) => ({ c: 'ping', client: `${from + i}` }))

/** A queue in which each command takes 0.01 ms. */
function slowQueue() {
  const clock = new ManualClock()
  const done: string[] = []
  const turns: (() => void)[] = []
  const limits: string[] = []
  const app = (name: string) => ({ name, replace: (limit: string) => limits.push(limit) }) as unknown as App
  const queue = new CommandQueue({
    clock,
    defer: run => turns.push(run),
    carryOut({ name }, command) {
      clock.advance(0.01)
      done.push(`${name}${command.c === 'ping' ? command.client : ''}`)
      return undefined
    },
  })
  return { queue, done, turns, limits, app }
}

suite('command queue', () => {
  test('few commands are carried out at once', () => {
    const { queue, done, turns, app } = slowQueue()
    queue.add(app('a'), commands(3))
    queue.add(app('b'), commands(1))
    assert.deepEqual(done, ['a0', 'a1', 'a2', 'b0'])
    while (turns.length > 0) turns.shift()!()
    assert.equal(turns.length, 0, 'nothing is left to wait for')
  })

  test('many take a slice of each turn, in order, and others are served in between', () => {
    const { queue, done, turns, app } = slowQueue()
    const [a, b] = [app('a'), app('b')]
    queue.add(a, commands(1000))
    assert.ok(done.length >= 199 && done.length <= 201, `${done.length}`)
    assert.equal(turns.length, 1)
    queue.add(a, commands(1, 1000))
    queue.add(b, commands(2))
    assert.equal(turns.length, 1, 'one turn is waited for, not one for each message')
    turns.shift()!()
    assert.ok(done.includes('b1'))
    while (turns.length > 0) turns.shift()!()
    assert.deepEqual(
      done.filter(name => name.startsWith('a')),
      Array.from({ length: 1001 }, (_, i) => `a${i}`),
    )
  })

  test('more than may wait costs the application its host, and nobody else anything', () => {
    const { queue, done, turns, limits, app } = slowQueue()
    const [a, b] = [app('a'), app('b')]
    queue.add(a, commands(150_000))
    queue.add(b, commands(1))
    queue.add(a, commands(60_000))
    assert.deepEqual(limits, ['more than 200000 commands waiting'])
    const before = done.length
    while (turns.length > 0) turns.shift()!()
    assert.deepEqual(done.slice(before), ['b0'])
  })

  test('what a lost isolate had asked for is dropped, also in the midst of its slice', () => {
    const clock = new ManualClock()
    const app = { name: 'a' } as unknown as App
    let count = 0
    const queue: CommandQueue = new CommandQueue({
      clock,
      defer: run => run(),
      carryOut() {
        count++
        if (count === 5) queue.drop(app)
        return undefined
      },
    })
    queue.add(app, commands(100))
    assert.equal(count, 5)
  })

  test('a command of many steps is spread over turns, and what follows it waits', () => {
    const clock = new ManualClock()
    const done: string[] = []
    const turns: (() => void)[] = []
    const queue = new CommandQueue({
      clock,
      defer: run => turns.push(run),
      *carryOut(_app, command) {
        for (let i = 0; command.c === 'ping' && i < 1000; i++) {
          clock.advance(0.01)
          done.push(command.client)
          yield
        }
      },
    })
    queue.add({} as App, commands(2))
    assert.ok(done.length <= 201, `${done.length}`)
    while (turns.length > 0) turns.shift()!()
    assert.deepEqual(done, [...Array(1000).fill('0'), ...Array(1000).fill('1')])
  })

  test('many small messages within a turn share its time', () => {
    const { queue, done, app, turns } = slowQueue()
    for (let i = 0; i < 50; i++) queue.add(app(`${i}:`), commands(10))
    assert.ok(done.length <= 201, `${done.length}`)
    while (turns.length > 0) turns.shift()!()
    assert.equal(done.length, 500)
  })
})
