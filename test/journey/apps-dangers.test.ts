import assert from 'node:assert/strict'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { suite, type TestContext, test } from 'node:test'
import { hostMemory } from '../../server/apps/limits.ts'
import { Audience } from '../support/audience.ts'
import { residentBytes } from '../support/memory.ts'
import { harmless, Neighbour } from '../support/neighbour.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { type LogLine, startTestServer, type TestServer } from '../support/server.ts'

const megabyte = 1024 * 1024
const memory = 128

/** Everything a script can do to itself, when it is told to. */
const dangerous = `
let loops = false
const all = new Map()
export function onManage() {
  if (loops) for (;;);
}
export function onPublish(client, publication) {
  if (publication.name === 'bomb') Array(1e9).fill(0)
}
export const calls = {
  loop() {
    loops = true
  },
  grow() {
    setInterval(() => {
      for (let i = 0; i < 10_000; i++) all.set(all.size, { i })
    }, 1)
  },
  alive: () => true,
}
`

/** Reads the memory of the server and of an application's host, as often as it can. */
class Scales implements Disposable {
  /** Megabytes. */
  serverPeak = 0
  hostPeak = 0
  readonly #timer: NodeJS.Timeout

  constructor(server: TestServer, host: () => number) {
    const weigh = (pid: number): number => {
      try {
        return residentBytes(pid) / megabyte
      } catch {
        return 0
      }
    }
    this.#timer = setInterval(() => {
      this.serverPeak = Math.max(this.serverPeak, weigh(server.pid))
      this.hostPeak = Math.max(this.hostPeak, weigh(host()) || 0)
    }, 5)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

const processOf = (server: TestServer, host: string): number =>
  Number(server.log.findLast(line => line.msg === 'application host raised' && line.host === host)?.pid)

/** Waits until the application has ended and is back; gives the line of its end, and the ms from there to its return. */
async function fallAndRise(server: TestServer, from: number): Promise<{ end: LogLine; ms: number }> {
  const end = await server.logged(({ msg }) => msg.startsWith('application host ended'), from)
  const back = await server.logged(({ msg, app }) => msg === 'application restarted' && app === '/live', from)
  return { end, ms: Date.parse(String(back.time)) - Date.parse(String(end.time)) }
}

async function endanger(t: TestContext): Promise<void> {
  const www = { 'live/main.js': dangerous, 'other/main.js': harmless }
  await using server = await startTestServer({ www, set: [`apps.memory=${memory}`, 'apps.timeout=500 ms'] })
  const url = server.url('live')
  await using audience = await Audience.gather(url, 20)
  await using client = await RtmpClient.connect({ url })
  await using other = await RtmpClient.connect({ url: server.url('other') })
  const neighbour = new Neighbour(other)
  using scales = new Scales(server, () => processOf(server, '/live'))

  audience.phase = 'quiet'
  await audience.sees(50)
  const idle = { server: scales.serverPeak, host: scales.hostPeak }

  const dangers: [string, () => Promise<unknown>, RegExp][] = [
    ['an endless loop in onManage', () => client.call('loop'), /apps\.timeout \(500 ms\)/],
    [
      'Array(1e9).fill(0) in onPublish',
      () => assert.rejects(client.publish('bomb'), /was restarted: apps\./),
      /apps\./,
    ],
    ['an ever-growing Map in a timer', () => client.call('grow'), /apps\.memory \(128 MB\)/],
    ['kill -9', async () => process.kill(processOf(server, '/live'), 'SIGKILL'), /ended by SIGKILL/],
  ]
  /** By danger, for how many milliseconds this process waited for a processor while it lasted. */
  const starved = new Map<string, number>()
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  /** Milliseconds from the end of each back-off to being up again. */
  const returns: number[] = []
  for (const [name, invite, why] of dangers) {
    const from = server.log.length
    audience.phase = name
    delay.reset()
    await invite()
    const { end, ms } = await fallAndRise(server, from)
    assert.match(end.msg, why)
    assert.equal(await client.call('alive'), true, 'the same client is served again')
    await audience.sees(25)
    audience.phase = 'between'
    starved.set(name, delay.max / 1e6)
    const pause = Number(end.pause)
    t.diagnostic(`${name}: back after ${ms} ms, of which ${pause} were its back-off`)
    const raised = server.log.slice(from).filter(({ msg }) => msg === 'application host raised')
    t.diagnostic(`  its process took ${raised.map(line => line.ms)} ms to start`)
    returns.push(ms - pause)
  }
  await neighbour.stop()
  returns.sort((a, b) => a - b)
  // On a quiet machine it is back within half a second; the bound is for one that has other things to do.
  assert.ok(returns[1]! <= 10_000, `back ${returns} ms after the back-off`)

  const quiet = audience.lateness('quiet')
  for (const phase of ['quiet', ...dangers.map(([name]) => name)]) {
    const late = audience.lateness(phase)
    t.diagnostic(`${phase}: pictures late by ${JSON.stringify(late)}`)
    // The distributions stand side by side above. The bound is less than a script's half second that got in the way, and
    // beyond it what a machine with other things to do adds to everybody.
    const bound = Math.max(quiet.p95 * 4, 300 + 2 * (starved.get(phase) ?? 0))
    assert.ok(late.p95 <= bound, `${phase}: ${late.p95} ms late, ${quiet.p95} ms in quiet times`)
  }
  assert.deepEqual(audience.losses, [])

  t.diagnostic(`the neighbour: ${neighbour.answers} answers, the slowest after ${neighbour.worst.toFixed(0)} ms`)
  assert.deepEqual(neighbour.failures, [])
  const ended = server.log.filter(({ msg }) => msg.startsWith('application host ended'))
  assert.deepEqual(new Set(ended.map(({ host }) => host)), new Set(['/live']))

  t.diagnostic(`the server: ${idle.server.toFixed(0)} MB idle, ${scales.serverPeak.toFixed(0)} MB at most`)
  t.diagnostic(`the host: ${idle.host.toFixed(0)} MB idle, ${scales.hostPeak.toFixed(0)} MB at most`)
  const bound = hostMemory.base + memory + hostMemory.margin
  assert.ok(scales.hostPeak <= bound, `the host had ${scales.hostPeak} MB, ${bound} are allowed`)
  assert.ok(scales.serverPeak <= idle.server + 48, `the server grew to ${scales.serverPeak} MB`)
}

suite('a dangerous application', { timeout: 240_000 }, () => {
  test('harms itself: no picture is late, it is back soon, its neighbour notices nothing, memory is bounded', endanger)
})
