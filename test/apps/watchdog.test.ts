import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ProcessVitals } from '../../server/apps/process-vitals.ts'
import { Watchdog } from '../../server/apps/watchdog.ts'
import { ManualClock } from '../support/manual-clock.ts'

/** A watchdog over a host made of three numbers. */
function watched() {
  const clock = new ManualClock()
  const host = {
    memory: 50 as number | null,
    /** Processors that it has. */
    works: 0,
    worked: 0,
    readings: 0,
    pings: [] as number[],
    bites: [] as string[],
  }
  const dog = new Watchdog({
    clock,
    vitals: () => {
      host.readings++
      return host.memory === null ? null : { residentBytes: host.memory, processorMs: host.worked }
    },
    memoryMax: () => 100,
    ping: id => host.pings.push(id),
    bite: limit => host.bites.push(`${limit} at ${clock.now()}`),
  })
  /** Lets time pass, with every ping answered. */
  const pass = (ms: number): number => {
    const before = host.readings
    for (let i = 0; i < ms; i += 10) {
      host.worked += host.works * 10
      clock.advance(10)
      for (const id of host.pings.splice(0)) dog.pong(id)
    }
    return host.readings - before
  }
  return { clock, host, dog, pass }
}

suite('watchdog', () => {
  test('looks closely after something was sent, and seldom while nothing happens', () => {
    const { host, dog, pass } = watched()
    pass(200)
    assert.equal(pass(1000), 5)
    dog.stir()
    assert.equal(pass(60), 3)
    assert.ok(pass(1000) <= 6)
    let looks = 0
    for (let sent = 0; sent < 50; sent++) {
      dog.stir()
      looks += pass(10)
    }
    assert.equal(looks, 25, 'not more often because more is sent')
    assert.deepEqual(host.bites, [])
  })

  test('looks closely as long as a script uses the processor, whatever set it off', () => {
    const { host, dog, pass } = watched()
    dog.stir()
    host.works = 1
    pass(100)
    assert.equal(pass(1000), 50)
    host.works = 0
    pass(400)
    assert.equal(pass(1000), 5)
    // A timer of its own: the next calm look notices.
    host.works = 0.5
    pass(400)
    assert.ok(pass(1000) >= 49)
    host.works = 0.01
    pass(400)
    assert.equal(pass(1000), 5, 'what a resting process uses is no work')
  })

  test('bites once when memory passes its limit', () => {
    const { host, dog, pass } = watched()
    host.memory = 100
    pass(200)
    assert.deepEqual(host.bites, [])
    host.memory = 101
    dog.stir()
    pass(20)
    assert.deepEqual(host.bites, ['memory at 220'])
    dog.stir()
    pass(20_000)
    assert.equal(host.bites.length, 1)
  })

  test('a host that gives no sign of life is bitten, one that answers late is not', () => {
    const { clock, host, dog, pass } = watched()
    pass(10_000)
    dog.stir()
    clock.advance(4000)
    assert.equal(host.pings.length, 1, 'one ping is out at a time')
    dog.pong(host.pings.shift()!)
    pass(1000)
    assert.deepEqual(host.bites, [])
    dog.stir()
    const since = clock.now()
    clock.advance(10_000)
    assert.equal(host.bites.length, 1)
    const at = Number(String(host.bites[0]).replace('silence at ', ''))
    assert.ok(at - since >= 5000 && at - since <= 7000, `${at - since} ms`)
  })

  test('asks a host for a sign of life only when there is something it should have heard', () => {
    const { clock, host, dog } = watched()
    clock.advance(1000)
    dog.pong(host.pings.shift()!)
    clock.advance(60_000)
    assert.deepEqual([host.pings, host.bites], [[], []])
    dog.stir()
    clock.advance(1000)
    assert.equal(host.pings.length, 1)
  })

  test('a time in which this process stood still is not the host’s silence', () => {
    const host = { pings: 0, bites: 0 }
    const beats: (() => void)[] = []
    const clock = new ManualClock()
    const noTimer = { cancel() {} }
    const options = {
      vitals: () => null,
      memoryMax: () => 1,
      ping: () => host.pings++,
      bite: () => host.bites++,
    }
    // Its timers ring late, and once, after a long sleep.
    const every = (_ms: number, ring: () => void) => {
      beats.push(ring)
      return noTimer
    }
    new Watchdog({ ...options, clock: { now: () => clock.now(), epoch: () => 0, after: () => noTimer, every } })
    const [beat] = beats
    beat!()
    clock.advance(60_000)
    beat!()
    assert.deepEqual(host, { pings: 1, bites: 0 })
  })

  test('where nobody can say how much memory it has, only silence counts', () => {
    const { host, pass } = watched()
    host.memory = null
    pass(5000)
    assert.deepEqual(host.bites, [])
  })

  test('reads memory and processor time of a living process, and nothing of one that is not', {
    skip: process.platform !== 'linux',
  }, () => {
    const own = new ProcessVitals(process.pid)
    const read = own.read()!
    assert.ok(Math.abs(read.residentBytes - process.memoryUsage.rss()) < 64 * 1024 * 1024, `${read.residentBytes}`)
    const { user, system } = process.cpuUsage()
    assert.ok(Math.abs(read.processorMs - (user + system) / 1000) < 60, `${read.processorMs}`)
    own.close()
    assert.equal(own.read(), null)
    assert.equal(new ProcessVitals(2 ** 30).read(), null)
  })
})
