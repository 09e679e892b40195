import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, suite, test } from 'node:test'
import type { ReplayOrder } from '../../server/apps/replay-order.ts'
import { replayCommand } from '../../server/cli/replay.ts'
import { FakeShell } from '../support/fake-shell.ts'

suite('cumulus replay', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cumulus-replay-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'main.ts'), '')

  async function run(args: string[], isEqual = true) {
    const shell = new FakeShell()
    const orders: ReplayOrder[] = []
    const fork = async (order: ReplayOrder) => {
      orders.push(order)
      return isEqual
    }
    await replayCommand({ openShell: () => shell, version: '1.2.3', fork }).parseAsync(args, { from: 'user' })
    return { shell, orders }
  }

  test('has a process of its own replay the file, and ends by its verdict', async () => {
    const { shell, orders } = await run(['a.journal'])
    assert.deepEqual(orders, [{ file: resolve('a.journal'), print: false, from: null, cumulus: '1.2.3' }])
    assert.deepEqual(shell.exits, [0])
    assert.deepEqual((await run(['a.journal', '--print'], false)).shell.exits, [1])
  })

  test('takes the sources of a folder that holds an application, and of no other', async () => {
    const { orders } = await run(['a.journal', '--from', folder])
    assert.deepEqual(orders[0]!.from, { folder, main: 'main.ts' })
    const { shell, orders: none } = await run(['a.journal', '--from', tmpdir()])
    assert.deepEqual(none, [])
    assert.match(shell.complaints, /^cumulus: NO_MAIN: .* holds no main\.js, main\.ts, main\.asc\n {2}Name the folder/)
    assert.deepEqual(shell.exits, [1])
  })
})
