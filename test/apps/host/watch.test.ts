import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { MEMORY_MARGIN_MB, OVERDUE_MS, WATCH_MS } from '../../../server/apps/host/limits.ts'
import { Watch } from '../../../server/apps/host/watch.ts'

const megabyte = 1024 * 1024

/** A watch over a process whose memory is told to it. */
function watched(): { watch: Watch; hold: (megabytes: number) => void; looks: () => number } {
  let held = 50
  let looks = 0
  const watch = new Watch(() => {
    looks++
    return held * megabyte
  })
  return {
    watch,
    hold: megabytes => {
      held = megabytes
    },
    looks: () => looks,
  }
}

function overdrawn(watch: Watch, allowed = 1_000_000): Promise<string> {
  return new Promise(resolve => {
    const end = watch.begin({
      allowed,
      overdrawn: what => {
        end()
        resolve(what)
      },
    })
  })
}

suite('Watch', () => {
  test('tells when the process holds more than its beginning, its isolates and the margin', async () => {
    const { watch, hold, looks } = watched()
    watch.allow(100)
    hold(50 + 100 + MEMORY_MARGIN_MB)
    const told = overdrawn(watch)
    const before = looks()
    while (looks() < before + 3) await new Promise(setImmediate)
    hold(50 + 100 + MEMORY_MARGIN_MB + 1)
    assert.equal(await told, 'memory')
  })

  test('lets the pages of an isolate that is gone serve the next, once', async () => {
    const { watch, hold } = watched()
    for (let version = 0; version < 5; version++) watch.allow(100)()
    watch.allow(100)
    hold(50 + 200 + MEMORY_MARGIN_MB + 1)
    assert.equal(await overdrawn(watch), 'memory')
  })

  test('tells when a run is overdue', async () => {
    const { watch } = watched()
    const began = performance.now()
    assert.equal(await overdrawn(watch, 50), 'time')
    assert(performance.now() - began > 50 + OVERDUE_MS - 20)
  })

  test('calls a run overdue for memory when there is hardly any left', async () => {
    const { watch, hold } = watched()
    watch.allow(100)
    hold(50 + 90)
    assert.equal(await overdrawn(watch, 10), 'memory')
  })

  test('does not look while nothing runs', t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { watch, looks } = watched()
    const end = watch.begin({ allowed: 1_000, overdrawn: () => assert.fail() })
    assert.equal(watch.busy, true)
    const before = looks()
    t.mock.timers.tick(WATCH_MS * 5)
    assert(looks() > before)
    end()
    assert.equal(watch.busy, false)
    const resting = looks()
    t.mock.timers.tick(WATCH_MS * 100)
    assert.equal(looks(), resting)
  })
})
