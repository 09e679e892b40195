import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { ConfigError } from '../../server/base/errors.ts'
import { silentLog } from '../../server/base/log.ts'
import { FileRegister } from '../../server/cluster/file-register.ts'
import { backoff, congested, dismissMs, endMs, silenceMs } from '../../server/cluster/limits.ts'
import type { WorkerOrder, WorkerReport, WorkerSetup } from '../../server/cluster/wire.ts'
import type { WorkerOwner, WorkerProcess } from '../../server/cluster/worker-process.ts'
import { Workers } from '../../server/cluster/workers.ts'
import type { Config } from '../../server/config/config.ts'
import type { Hub } from '../../server/hub/hub.ts'
import { limits } from '../hub/pretend-hub.ts'
import { Collected } from '../support/collected.ts'
import { introductionOf } from '../support/introduction.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { PretendCluster } from './pretend-cluster.ts'

/** A worker without a process: it keeps what it is told, and says what the test has it say. */
class PretendProcess implements WorkerProcess {
  readonly pid = 0
  readonly orders = new Collected<WorkerOrder>('order')
  isKilled = false
  readonly #owner: WorkerOwner

  constructor(owner: WorkerOwner) {
    this.#owner = owner
  }

  post(orders: WorkerOrder[]): void {
    for (const order of orders) this.orders.push(order)
  }

  kill(): void {
    this.isKilled = true
    this.end('its process ended by SIGKILL')
  }

  say(...reports: WorkerReport[]): void {
    this.#owner.reports(reports)
  }

  end(how: string): void {
    queueMicrotask(() => this.#owner.ended(how))
  }

  async setup(): Promise<WorkerSetup> {
    const order = await this.orders.first(({ o }) => o === 'start')
    assert.ok(order.o === 'start')
    return order.setup
  }
}

const introduction = introductionOf({ address: 'one' })

class Scene {
  readonly clock = new ManualClock()
  readonly raised = new Collected<PretendProcess>('worker')
  readonly hub: Hub
  readonly workers: Workers
  readonly address: Promise<Record<string, string>>
  readonly #living = new Set<PretendProcess>()

  constructor() {
    const { hub, witness } = new PretendCluster()
    const { listener, publication } = limits
    const config = {
      server: { publicAddress: '', workers: 2 },
      rtmp: { port: 0, connections: 101 },
      rtmps: { port: null },
      http: { port: null },
      listener,
      publication,
      log: { level: 'info' },
    } as unknown as Config
    this.workers = new Workers({
      config,
      files: new FileRegister(),
      witness: witness(),
      clock: this.clock,
      log: silentLog,
      findPort: () => Promise.resolve(4935),
      raise: owner => {
        const process = new PretendProcess({
          reports: reports => owner.reports(reports),
          ended: how => {
            this.#living.delete(process)
            owner.ended(how)
          },
        })
        this.#living.add(process)
        this.raised.push(process)
        return process
      },
    })
    this.hub = hub
    this.workers.attach(hub)
    this.address = this.workers.listen()
  }

  raisedAt(index: number): Promise<PretendProcess> {
    return this.raised.first(() => true, { from: index })
  }

  /** Both are up. */
  async up(): Promise<[PretendProcess, PretendProcess]> {
    const one = await this.raisedAt(0)
    const two = await this.raisedAt(1)
    for (const each of [one, two]) each.say({ r: 'listening', addresses: { rtmp: '0.0.0.0:4935' } })
    await this.address
    return [one, two]
  }

  /** They say that they dismissed their clients, and end when they are asked. */
  async stop(): Promise<void> {
    const dismissed = this.workers.dismiss({ code: 'Connect.AppShutdown', description: 'the test ends' })
    for (const each of this.#living) each.say({ r: 'dismissed' })
    await dismissed
    const closed = this.workers.close()
    for (const each of this.#living) each.end('its process ended with exit code 0')
    await closed
  }
}

suite('media workers', () => {
  test('share a port and the connections, and have a relay each', async () => {
    const scene = new Scene()
    const [one, two] = await scene.up()
    assert.deepEqual(await scene.address, { rtmp: '0.0.0.0:4935' })
    const setups = [await one.setup(), await two.setup()]
    assert.deepEqual(
      setups.map(({ number, rtmp }) => [number, rtmp.port, rtmp.connections]),
      [
        [1, 4935, 51],
        [2, 4935, 51],
      ],
    )
    assert.notEqual(setups[0]!.relay, setups[1]!.relay)
    await scene.stop()
  })

  test('do not start when one of them cannot listen, and say why as the system does', async () => {
    const scene = new Scene()
    const failed = assert.rejects(scene.address, { code: 'EADDRINUSE', port: 4935 })
    const [one, two] = [await scene.raisedAt(0), await scene.raisedAt(1)]
    one.say({ r: 'listening', addresses: { rtmp: '0.0.0.0:4935' } })
    two.say({ r: 'failed', message: 'in use', code: 'EADDRINUSE', address: '0.0.0.0', port: 4935 })
    two.end('its process ended with exit code 0')
    await failed
    assert.ok(one.isKilled)
  })

  test('name the key to change on a system that does not let processes share a port', async () => {
    const scene = new Scene()
    const failed = assert.rejects(scene.address, error => {
      assert.ok(error instanceof ConfigError)
      assert.equal(error.code, 'WORKERS_UNSUPPORTED')
      assert.match(error.remedy, /\[server\] workers/)
      return true
    })
    for (const each of [await scene.raisedAt(0), await scene.raisedAt(1)]) {
      each.say({ r: 'failed', message: 'not supported', code: 'ENOTSUP', address: '', port: 4935 })
      each.end('its process ended with exit code 0')
    }
    await failed
  })

  test('are replaced when they end, later each time, and soon again after a calm life', async () => {
    const scene = new Scene()
    const [, two] = await scene.up()
    let last = two
    for (const [lived, pause] of [
      [0, backoff.first],
      [0, 2 * backoff.first],
      [0, 4 * backoff.first],
      [backoff.calm, backoff.first],
    ] as const) {
      const before = scene.raised.items.length
      // In steps, with signs of life, lest it were taken for one that hangs.
      for (let ms = 0; ms < lived; ms += 1000) {
        for (const each of [scene.raised.items[0]!, last]) each.say()
        scene.clock.advance(1000)
      }
      last.end('its process ended by SIGSEGV')
      await turn()
      scene.clock.advance(pause - 1)
      assert.equal(scene.raised.items.length, before)
      scene.clock.advance(1)
      last = await scene.raisedAt(before)
      assert.equal((await last.setup()).number, 2)
      last.say({ r: 'listening', addresses: { rtmp: '0.0.0.0:4935' } })
    }
    await scene.stop()
  })

  test('are killed and replaced when they fall silent', async () => {
    const scene = new Scene()
    const [one, two] = await scene.up()
    for (let ms = 0; ms <= silenceMs + 1000; ms += 1000) {
      one.say({ r: 'figures', clients: [], publications: [], listeners: [] })
      scene.clock.advance(1000)
    }
    assert.deepEqual([one.isKilled, two.isKilled], [false, true])
    await turn()
    scene.clock.advance(backoff.first)
    assert.equal((await (await scene.raisedAt(2)).setup()).number, 2)
    await scene.stop()
  })

  test('slow scripts down when one of them cannot keep up with what it is told', async () => {
    const scene = new Scene()
    const [one] = await scene.up()
    const ran: string[] = []
    scene.workers.unhurried(() => ran.push('at once'))
    await turn()
    one.say({ r: 'connect', seat: 1, introduction })
    const [client] = scene.hub.clients.values()
    for (let i = 0; i <= congested.orders; i++) client!.peer.ping()
    scene.workers.unhurried(() => ran.push('later'))
    await turn()
    assert.deepEqual(ran, ['at once'])
    scene.clock.advance(congested.pauseMs)
    assert.deepEqual(ran, ['at once', 'later'])
    one.say({ r: 'handled', count: 256 })
    scene.workers.unhurried(() => ran.push('at once again'))
    await turn()
    assert.equal(ran.at(-1), 'at once again')
    await scene.stop()
  })

  test('end in time, also those that do not answer, and are not replaced', async () => {
    const scene = new Scene()
    const [one, two] = await scene.up()
    const dismissed = scene.workers.dismiss({ code: 'Connect.AppShutdown', description: 'the test ends' })
    one.say({ r: 'dismissed' })
    scene.clock.advance(dismissMs)
    await dismissed
    const closed = scene.workers.close()
    one.end('its process ended with exit code 0')
    await turn()
    scene.clock.advance(endMs - dismissMs)
    await closed
    assert.deepEqual([one.isKilled, two.isKilled], [false, true])
    scene.clock.advance(backoff.most)
    assert.equal(scene.raised.items.length, 2)
    assert.equal(scene.clock.waiting, 0)
  })
})
