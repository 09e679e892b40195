import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { createLog } from '../../server/base/pino-log.ts'
import { ExitCode, echoMs, Life, stopMs } from '../../server/cli/life.ts'
import { FakeShell } from '../support/fake-shell.ts'
import { ManualClock } from '../support/manual-clock.ts'

function begin() {
  const shell = new FakeShell()
  const clock = new ManualClock()
  const life = new Life(shell, createLog({ level: 'info', format: 'json' }, shell), clock)
  return { shell, clock, life }
}
const never = () => new Promise<void>(() => {})

suite('Life', () => {
  test('closes what came last first, one after the other, and ends with 0', async () => {
    const { shell, life } = begin()
    const order: string[] = []
    life.atEnd(() => {
      order.push('first')
    })
    life.atEnd(async () => {
      await null
      order.push('second')
    })
    shell.signal('SIGTERM')
    assert.equal(await shell.exited, ExitCode.Done)
    assert.deepEqual(order, ['second', 'first'])
  })

  test('ends with 1 when closing takes longer than its limit', async () => {
    const { shell, clock, life } = begin()
    life.atEnd(never)
    shell.signal('SIGTERM')
    clock.advance(stopMs - 1)
    assert.deepEqual(shell.exits, [])
    clock.advance(1)
    assert.deepEqual(shell.exits, [ExitCode.Failed])
    assert.match(String(shell.logged().at(-1)?.msg), /could not stop in time/)
  })

  test('ends with 1 when something cannot be closed, and closes the rest', async () => {
    const { shell, life } = begin()
    let closed = false
    life.atEnd(() => {
      closed = true
    })
    life.atEnd(() => {
      throw new Error('stuck')
    })
    shell.signal('SIGTERM')
    assert.equal(await shell.exited, ExitCode.Failed)
    assert.ok(closed)
  })

  test('takes a second signal for an echo at first, and for impatience later', () => {
    const { shell, clock, life } = begin()
    life.atEnd(never)
    shell.signal('SIGINT')
    clock.advance(echoMs - 1)
    shell.signal('SIGINT')
    assert.deepEqual(shell.exits, [])
    clock.advance(1)
    shell.signal('SIGINT')
    assert.deepEqual(shell.exits, [ExitCode.Interrupted])
  })

  test('ends in order after an error nobody caught, and tells where it came from', async () => {
    const { shell, life } = begin()
    let closed = false
    life.atEnd(() => {
      closed = true
    })
    shell.uncaught(new Error('impossible'))
    assert.equal(await shell.exited, ExitCode.Defect)
    assert.ok(closed)
    const { stack } = shell.logged()[0]!.err as { stack: string }
    assert.match(stack, /impossible\n {4}at /)
  })

  test('a failure while closing does not begin the end anew', async () => {
    const { shell, life } = begin()
    let ends = 0
    life.atEnd(async () => {
      ends++
      shell.uncaught(new Error('once more'))
    })
    shell.signal('SIGTERM')
    await shell.exited
    assert.equal(ends, 1)
    assert.equal(shell.exits.length, 1)
  })
})
