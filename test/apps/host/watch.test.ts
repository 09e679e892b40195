import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { MEMORY_MARGIN_MB, OVERDUE_MS, STARVED_MS, WATCH_MS } from '../../../server/apps/host/limits.ts'
import { Watch } from '../../../server/apps/host/watch.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const megabyte = 1024 * 1024

/** A watch over a process whose memory is told to it, and which has a share of the processor. */
function watched(share = 1) {
  const clock = new ManualClock()
  const state = { held: 50, looks: 0 }
  const rss = () => {
    state.looks++
    return state.held * megabyte
  }
  const watch = new Watch({ rss, cpu: () => clock.now() * share }, clock)
  /** What a run that never ends by itself is told at last, and when. */
  const overdrawn = (allowed = 1_000_000, isPaused = () => false) => {
    const told: { what: string; at: number }[] = []
    const end = watch.begin({
      allowed,
      isPaused,
      overdrawn: what => {
        end()
        told.push({ what, at: clock.now() })
      },
    })
    return told
  }
  return { watch, clock, state, overdrawn }
}

function near(at: number | undefined, expected: number): void {
  assert(at !== undefined && at > expected && at <= expected + 3 * WATCH_MS, `${at} is not just past ${expected}`)
}

suite('Watch', () => {
  test('tells when the process holds more than its beginning, its isolates and the margin', () => {
    const { watch, clock, state, overdrawn } = watched()
    watch.allow(100)
    state.held = 50 + 100 + MEMORY_MARGIN_MB
    const told = overdrawn()
    clock.advance(3 * WATCH_MS)
    assert.equal(told.length, 0)
    state.held++
    clock.advance(WATCH_MS)
    assert.deepEqual(told, [{ what: 'memory', at: 4 * WATCH_MS }])
  })

  test('lets the pages of an isolate that is gone serve the next, once', () => {
    const { watch, clock, state, overdrawn } = watched()
    for (let version = 0; version < 5; version++) watch.allow(100)()
    watch.allow(100)
    state.held = 50 + 200 + MEMORY_MARGIN_MB
    const told = overdrawn()
    clock.advance(WATCH_MS)
    assert.equal(told.length, 0)
    state.held++
    clock.advance(WATCH_MS)
    assert.equal(told[0]?.what, 'memory')
  })

  test('tells when a run is overdue', () => {
    const { clock, overdrawn } = watched()
    const told = overdrawn(50)
    clock.advance(1_000)
    assert.equal(told[0]?.what, 'time')
    near(told[0]?.at, 50 + OVERDUE_MS)
  })

  test('counts past the limit what the process had of the processor, not what a busy machine kept from it', () => {
    const { clock, overdrawn } = watched(0.1)
    const told = overdrawn(500)
    clock.advance(500 + 10 * OVERDUE_MS - WATCH_MS)
    assert.equal(told.length, 0)
    clock.advance(STARVED_MS)
    near(told[0]?.at, 500 + 10 * OVERDUE_MS)
  })

  test('ends a run at last that never had the processor, and never one that a debugger has paused', () => {
    const { clock, overdrawn } = watched(0)
    const told = overdrawn(500)
    const paused = overdrawn(500, () => true)
    clock.advance(500 + 2 * STARVED_MS)
    assert.deepEqual([told[0]?.what, paused], ['time', []])
    near(told[0]?.at, 500 + STARVED_MS)
  })

  test('holds nothing against a run that the process did elsewhere, before its limit', () => {
    const { clock, overdrawn } = watched(4)
    const told = overdrawn(5_000)
    clock.advance(5_000 + OVERDUE_MS - WATCH_MS)
    assert.equal(told.length, 0)
  })

  test('takes a leap of the clock for a machine that slept', () => {
    let now = 0
    let ring = () => {}
    const after = (_: number, rung: () => void) => {
      ring = rung
      return { cancel() {} }
    }
    const clock = { now: () => now, epoch: () => now, after, every: after }
    const watch = new Watch({ rss: () => 0, cpu: () => now }, clock)
    const told: string[] = []
    watch.begin({ allowed: 0, overdrawn: what => told.push(what) })
    for (let look = 0; look < 4; look++) {
      now += 60_000
      ring()
    }
    assert.equal(told.length, 0)
  })

  test('calls a run overdue for memory when there is hardly any left', () => {
    const { watch, clock, state, overdrawn } = watched()
    watch.allow(100)
    state.held = 50 + 90
    const told = overdrawn(10)
    clock.advance(1_000)
    assert.equal(told[0]?.what, 'memory')
  })

  test('does not look while nothing runs', () => {
    const { watch, clock, state } = watched()
    const end = watch.begin({ allowed: 1_000, overdrawn: () => assert.fail() })
    assert.equal(watch.busy, true)
    const before = state.looks
    clock.advance(WATCH_MS * 5)
    assert(state.looks > before)
    end()
    assert.equal(watch.busy, false)
    clock.advance(WATCH_MS)
    const resting = state.looks
    clock.advance(WATCH_MS * 100)
    assert.equal(state.looks, resting)
  })
})
