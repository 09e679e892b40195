import type { HostOwner, HostProcess } from '../../server/apps/host-process.ts'
import { House } from '../../server/apps/house.ts'
import type { AppCommand, AppEvent, HostOrder, MirrorEvent, PinnedSources } from '../../server/apps/wire.ts'
import type { Log, Subject } from '../../server/base/log.ts'
import type { AppConfig, Config } from '../../server/config/config.ts'
import type { Bandwidth, CallOptions, Client, Farewell, Peer } from '../../server/hub/client.ts'
import { type ConnectOutcome, Hub, type Introduction } from '../../server/hub/hub.ts'
import type { CallResult } from '../../server/hub/judge.ts'
import type { ListenerSink } from '../../server/hub/listener.ts'
import type { PlayOutcome } from '../../server/hub/playing.ts'
import type { Publication, Publisher } from '../../server/hub/publication.ts'
import type { PublishOutcome } from '../../server/hub/publishing.ts'
import { introductionOf } from '../support/introduction.ts'
import { ManualClock } from '../support/manual-clock.ts'

const noBytes = new Uint8Array()

type EventOf<E extends AppEvent['e']> = AppEvent & { e: E }
type Question = AppEvent & { ticket: number }

/** A host without a process: it keeps what it is told, and says what the test has it say. */
export class PretendHost implements HostProcess {
  readonly name: string
  readonly pid = 0
  readonly orders: HostOrder[] = []
  isKilled = false
  isEnded = false
  readonly #owner: HostOwner
  readonly #turn: () => void

  constructor(name: string, owner: HostOwner, turn: () => void) {
    this.name = name
    this.#owner = owner
    this.#turn = turn
  }

  post(order: HostOrder): void {
    this.orders.push(order)
  }

  kill(): void {
    this.isKilled = true
  }

  end(): void {
    this.isEnded = true
  }

  /** Everything an application was told, in order; what it was raised with does not count. */
  events(path: string): AppEvent[] {
    this.#turn()
    return this.orders.flatMap(order => (order.order === 'events' && order.path === path ? order.events : []))
  }

  /** The events of one kind. */
  told<E extends AppEvent['e']>(path: string, e: E): EventOf<E>[] {
    return this.events(path).filter((event): event is EventOf<E> => event.e === e)
  }

  /** The newest event of a kind. */
  last<E extends AppEvent['e']>(path: string, e: E): EventOf<E> {
    const event = this.told(path, e).at(-1)
    if (!event) throw new Error(`${path || '/'} was told no ${e}`)
    return event
  }

  start(path: string): HostOrder & { order: 'start' } {
    const order = this.orders.findLast(each => each.order === 'start' && each.app.path === path)
    if (order?.order !== 'start') throw new Error(`${path || '/'} was not started`)
    return order
  }

  /** Whom and what it was told of as it was raised. */
  mirror(path: string): MirrorEvent[] {
    return this.start(path).mirror.filter(({ e }) => e !== 'applications')
  }

  started(path: string, ...hooks: string[]): void {
    this.#owner.report({ report: 'started', path, hooks, ms: 1, sources: sourcesOf(path) })
  }

  reloaded(path: string, ...hooks: string[]): void {
    this.#owner.report({ report: 'reloaded', path, hooks, ms: 1, sources: sourcesOf(path) })
  }

  unchanged(path: string): void {
    this.#owner.report({ report: 'unchanged', path })
  }

  rolledBack(path: string, text: string): void {
    this.#owner.report({ report: 'rolledBack', path, hooks: [], ms: 1, text })
  }

  failed(path: string, phase: 'start' | 'reload', text: string): void {
    const file = `${path.slice(1)}/main.js`
    this.#owner.report({ report: 'failed', path, phase, fault: { text, file, line: 3, column: 7, stack: '' } })
  }

  command(path: string, ...commands: AppCommand[]): void {
    this.#owner.report({ report: 'commands', path, commands })
  }

  /** Answers the newest question of a kind. */
  answer(path: string, e: Question['e'], text?: string): void {
    const { ticket } = this.last(path, e) as Question
    this.command(
      path,
      text === undefined ? { c: 'verdict', ticket, ok: true } : { c: 'verdict', ticket, ok: false, text },
    )
  }

  /** Answers the newest ping. */
  pong(): void {
    const ping = this.orders.findLast(each => each.order === 'ping')
    if (ping?.order === 'ping') this.#owner.report({ report: 'pong', id: ping.id })
  }

  paused(path: string, on: boolean): void {
    this.#owner.report({ report: 'paused', path, on, place: 'main.js:1', forced: false })
  }

  spent(path: string, limit: string): void {
    this.#owner.report({ report: 'spent', path, limit })
  }

  crash(how = 'its process ended by SIGKILL'): void {
    this.#owner.ended(how)
  }
}

export interface Line {
  level: string
  subject: Subject
  text: string
}

/** A client, what became of its connect, and what it was sent. */
export class PretendClient implements Peer {
  readonly calls: { name: string; args: Uint8Array; options: CallOptions }[] = []
  readonly statuses: string[] = []
  readonly results: CallResult[] = []
  farewell: Farewell | null = null
  /** Milliseconds since anything came from it. */
  silence = 30
  outcome: ConnectOutcome | null = null
  /** What was sent before the client was accepted. */
  early = 0
  client: Client | null = null
  readonly #hub: Hub
  /** Each play has a wire form of its own, so that what it is given is its own too. */
  static #plays = 0

  constructor(hub: Hub, path: string, objectEncoding: 0 | 3, change: Partial<Introduction> = {}) {
    this.#hub = hub
    this.client = hub.connect(introductionOf({ path, objectEncoding, args: noBytes, ...change }), this, outcome => {
      this.outcome = outcome
      this.early = this.calls.length + this.statuses.length
    })
  }

  get id(): string {
    return this.client!.id
  }

  /** `yes`, the text of a refusal, or `waiting`. */
  get verdict(): string {
    return this.outcome === null ? 'waiting' : this.outcome.ok ? 'yes' : this.outcome.text
  }

  call(name: string, args: Uint8Array, options: CallOptions): void {
    this.calls.push({ name, args, options })
  }

  status(code: string, description: string): void {
    this.statuses.push(`${code} ${description}`)
  }

  ping(): void {
    this.statuses.push('ping')
  }

  close(farewell: Farewell): void {
    this.farewell = farewell
  }

  bandwidth(measured: (bandwidth: Bandwidth | null) => void): void {
    measured({ latency: 5, maximum: 1000, bytes: 10, ms: 10 })
  }

  figures() {
    return { ping: 5, bytesIn: 10, bytesOut: 20, messagesIn: 1, messagesOut: 2, silence: this.silence }
  }

  /** Calls a function of the application; what it hears is gathered in `results`. */
  ask(name: string, silent = false, args = noBytes): void {
    this.#hub.call(this.client!, name, args, silent, result => this.results.push(result))
  }

  publish(name: string): Attempt<PublishOutcome> & { publisher: Publisher } {
    const publisher: Publisher = { id: this.id, client: this.client, closed: code => this.statuses.push(code) }
    const attempt = new Attempt<PublishOutcome>()
    this.#hub.publishing.publish(this.client!, name, publisher, outcome => attempt.settle(outcome))
    return Object.assign(attempt, { publisher })
  }

  play(name: string): Attempt<PlayOutcome> {
    const attempt = new Attempt<PlayOutcome>()
    const sink: ListenerSink = {
      form: {
        key: `pretend ${++PretendClient.#plays}`,
        encoder: () => ({
          shared() {},
          entry: (_frame, at, out) => {
            attempt.times.push(at)
            out.push(Buffer.of(1))
          },
        }),
      },
      queuedBytes: 0,
      write: bytes => attempt.bytes.push(bytes),
      published() {},
      unpublished() {},
      closed: (code, text) => this.statuses.push(`${code} ${text}`),
    }
    this.#hub.playing.play(this.client!, name, sink, outcome => attempt.settle(outcome))
    return attempt
  }

  leave(failure: string | null = null): void {
    this.#hub.leave(this.client!, failure)
  }
}

/** Something asked of the hub, and its one answer. */
export class Attempt<Outcome extends { ok: boolean }> {
  outcome: Outcome | null = null
  readonly bytes: Buffer[] = []
  /** Of its frames, where it has a time of its own. */
  readonly times: number[] = []

  settle(outcome: Outcome): void {
    if (this.outcome) throw new Error('answered twice')
    this.outcome = outcome
  }

  get verdict(): string {
    const { outcome } = this
    return outcome === null ? 'waiting' : 'text' in outcome ? String(outcome.text) : 'yes'
  }
}

export interface WorldOptions {
  /** Paths of folders, with their main files. */
  readonly apps: Record<string, string[]>
  readonly isolation?: 'own' | 'shared'
  readonly app?: Partial<AppConfig>
  banned?(on: boolean, entries: readonly string[]): void
}

/** The applications' half of the server with a real hub, pretend hosts and clients, and a clock wound by hand. */
export class World {
  readonly clock = new ManualClock()
  readonly hosts: PretendHost[] = []
  readonly lines: Line[] = []
  /** What scripts wrote into their sections: path, key, value. */
  readonly options: [string, string, string][] = []
  readonly house: House
  readonly hub: Hub
  #deferred: (() => void)[] = []

  constructor({ apps, isolation = 'own', app, banned = () => {} }: WorldOptions) {
    const { clock } = this
    const defaults: AppConfig = {
      enabled: true,
      allow: [],
      memory: 128,
      timeout: 500,
      verdictTimeout: 5000,
      timers: 100,
      record: 'off',
      recordSegment: 0,
      rollback: 3,
      pendingCalls: 100,
      sockets: 16,
      socketBytes: 65_536,
      fetchTimeout: 2_000,
      fetchBytes: 65_536,
      journal: false,
      journalBytes: 64 * 1024 * 1024,
      storage: 65_536,
      instances: 2,
      instanceIdle: 60_000,
      options: {},
    }
    const config = {
      file: '/CumulusServer.ini',
      server: { publicAddress: '' },
      apps: { www: '/www', data: '/data', isolation, enabled: 'all', reloadGatherMs: 30, inspectorPause: 30_000 },
      app: () => ({ ...defaults, ...app }),
      visible: () => ({}),
      setOption: async (path: string, key: string, value: string) => {
        this.options.push([path, key, value])
        return key === 'given' ? 'given stays' : undefined
      },
    } as unknown as Config
    this.house = new House({
      config,
      clock,
      log: this.log({}),
      version: '1.2.3',
      banned,
      defer: run => this.#deferred.push(run),
      raise: (name, owner) => {
        const host = new PretendHost(name, owner, () => this.turn())
        this.hosts.push(host)
        return host
      },
    })
    for (const [path, mains] of Object.entries(apps)) {
      this.house.catalog.addFolder(path)
      for (const main of mains) this.house.catalog.addMain(path, main)
    }
    const { router } = this.house
    const limits = {
      listener: { queueBytes: 1e6, queueMs: 3000, lagMs: 15_000, mergeMs: 0 },
      publication: { staleMs: 2000, graceMs: 5000, gopBytes: 1e6, gopFrames: 100 },
    }
    const log = this.log({})
    this.hub = new Hub({ judge: router, witness: router, clock, log, limits, defer: run => this.#deferred.push(run) })
    this.house.attach(this.hub)
  }

  /** The newest host of that name. */
  host(name: string): PretendHost {
    const host = this.hosts.findLast(each => each.name === name)
    if (!host) throw new Error(`no host ${name}`)
    return host
  }

  connect(path: string, objectEncoding: 0 | 3 = 0, change: Partial<Introduction> = {}): PretendClient {
    return new PretendClient(this.hub, path, objectEncoding, change)
  }

  /** A turn of the loop ends. */
  turn(): void {
    for (let run = this.#deferred.shift(); run; run = this.#deferred.shift()) run()
  }

  pass(ms: number): void {
    this.turn()
    this.clock.advance(ms)
    this.turn()
  }

  publication(key: string): Publication {
    return this.hub.publications.get(key)!
  }

  log(subject: Subject): Log {
    const write =
      (level: string) =>
      (more: Subject, text: string): void => {
        this.lines.push({ level, subject: { ...subject, ...more }, text })
      }
    return {
      error: write('error'),
      warn: write('warn'),
      info: write('info'),
      debug: write('debug'),
      trace: write('trace'),
      child: more => this.log({ ...subject, ...more }),
    }
  }
}

/** What a version was made of: another one each time. */
let versions = 0
function sourcesOf(path: string): PinnedSources {
  const id = `${path}/main.js`
  return { main: id, sources: [{ id, file: id.slice(1), code: `// ${++versions}`, tail: '' }], ways: [] }
}
