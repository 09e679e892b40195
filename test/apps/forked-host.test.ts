import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { suite, type TestContext, test } from 'node:test'
import { AppHost, type Tenant } from '../../server/apps/app-host.ts'
import { forkHosts } from '../../server/apps/forked-host.ts'
import type { HostProcess } from '../../server/apps/host-process.ts'
import type { HostReport } from '../../server/apps/wire.ts'
import { systemClock } from '../../server/base/clock.ts'
import { silentLog } from '../../server/base/log.ts'
import { ManualClock } from '../support/manual-clock.ts'

const onLinux = { skip: process.platform !== 'linux' && 'reads /proc' }

/** A real host, what it reported, and its end. */
function raise(t: TestContext) {
  const reports: HostReport[] = []
  const heard = new Set<() => void>()
  const ended = Promise.withResolvers<string>()
  const host: HostProcess = forkHosts(silentLog)('test', {
    report(report) {
      reports.push(report)
      for (const look of heard) look()
    },
    ended: ended.resolve,
  })
  t.after(() => host.kill())
  const pong = (id: number): Promise<void> =>
    new Promise(resolve => {
      const look = (): void => {
        if (!reports.some(report => report.report === 'pong' && report.id === id)) return
        heard.delete(look)
        resolve()
      }
      heard.add(look)
      host.post({ order: 'ping', id })
      look()
    })
  return { host, reports, ended: ended.promise, pong }
}

const isThere = (pid: number): boolean => existsSync(`/proc/${pid}`)

suite('forked host', { timeout: 240_000 }, () => {
  test('answers, and ends by itself when it is told to', async t => {
    const { host, ended, pong } = raise(t)
    await pong(1)
    host.end()
    assert.match(await ended, /^its process ended with exit code 0/)
    host.post({ order: 'ping', id: 2 })
  })

  test('a kill is told as an end, once, with its signal', async t => {
    const { host, ended, pong } = raise(t)
    await pong(1)
    host.kill()
    assert.equal(await ended, 'its process ended by SIGKILL')
  })

  test('is not told the server’s secrets', onLinux, async t => {
    process.env.CUMULUS_TEST_SECRET = 'not for scripts'
    t.after(() => delete process.env.CUMULUS_TEST_SECRET)
    const { host, pong } = raise(t)
    await pong(1)
    const environment = readFileSync(`/proc/${host.pid}/environ`, 'utf8')
    assert.ok(environment.includes('PATH='))
    assert.ok(!environment.includes('SECRET'))
  })

  test('is the first to wait and the first to go', onLinux, async t => {
    const { host, pong } = raise(t)
    await pong(1)
    // proc(5): the nice value is the 19th field, counted behind the name in its brackets.
    const niceness = readFileSync(`/proc/${host.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[16]
    assert.equal(niceness, '5')
    assert.equal(readFileSync(`/proc/${host.pid}/oom_score_adj`, 'utf8').trim(), '1000')
  })

  test('a program that cannot run is told as an end', async t => {
    const ended = Promise.withResolvers<string>()
    const host = forkHosts(silentLog, new URL('./no-such-program.ts', import.meta.url))('test', {
      report() {},
      ended: ended.resolve,
    })
    t.after(() => host.kill())
    assert.equal(await ended.promise, 'its process ended with exit code 1')
  })

  test('one that is stopped is missed, killed and replaced; it leaves no process behind', onLinux, async t => {
    const clock = new ManualClock()
    const back = Promise.withResolvers<void>()
    const lost = Promise.withResolvers<string>()
    const tenant: Tenant = {
      path: '',
      memory: 128,
      memoryLimit: '',
      report() {},
      lost: lost.resolve,
      back: back.resolve,
    }
    const host = new AppHost({ name: '/', raise: forkHosts(silentLog), clock, log: silentLog })
    t.after(() => host.end())
    host.join(tenant)
    host.post({ order: 'ping', id: -1 })
    const { pid } = host
    process.kill(pid, 'SIGSTOP')
    clock.advance(7000)
    assert.equal(await lost.promise, 'silent for 5000 ms')
    assert.equal(isThere(pid), false)
    clock.advance(100)
    await back.promise
    host.post({ order: 'ping', id: -1 })
    assert.notEqual(host.pid, pid)
    assert.ok(isThere(host.pid))
  })

  test('one whose memory passes its limits is killed, and the limit named', onLinux, async t => {
    const lost = Promise.withResolvers<string>()
    const tenant: Tenant = {
      path: '',
      // So little that the host itself is too much.
      memory: -1000,
      memoryLimit: 'apps.memory (1 MB)',
      report() {},
      lost: lost.resolve,
      back() {},
    }
    const host = new AppHost({ name: '/', raise: forkHosts(silentLog), clock: systemClock, log: silentLog })
    t.after(() => host.end())
    host.join(tenant)
    host.post({ order: 'ping', id: -1 })
    assert.equal(await lost.promise, 'apps.memory (1 MB)')
  })
})
