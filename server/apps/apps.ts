import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Config } from '../config/config.ts'
import type { Hub } from '../hub/hub.ts'
import type { Judge, Witness } from '../hub/judge.ts'
import type { App } from './app.ts'
import { AppRouter } from './app-router.ts'
import { Catalog, isWithin } from './catalog.ts'
import { Commands } from './commands.ts'
import { forkHosts } from './forked-host.ts'
import type { RaiseHost } from './host-process.ts'
import { stopMs } from './limits.ts'
import { ManageRound } from './manage-round.ts'
import { Members } from './members.ts'
import { snapshot } from './mirror.ts'
import { PacketTaps } from './packet-taps.ts'
import { Roster } from './roster.ts'
import { type AppChange, Watcher } from './watcher.ts'
import type { AppSetup } from './wire.ts'

export interface AppsOptions {
  readonly config: Config
  readonly log: Log
  readonly clock: Clock
  readonly version: string
  /** How hosts are raised; as child processes unless a test says otherwise. */
  readonly raise?: RaiseHost
  /** Runs a function at the end of a turn of the loop. */
  readonly defer?: (run: () => void) => void
}

/**
 * The applications, as the rest of the server knows them. In order: give `judge` and `witness` to the hub, attach() the
 * hub, start() before the first client comes, stop() when the last one has gone.
 */
export interface Apps {
  readonly judge: Judge
  readonly witness: Witness
  attach(hub: Hub): void
  /** Resolves when the folders are known and the root application is up, or is known not to be. */
  start(): Promise<void>
  /** onStop of children before their parents', within two seconds in all; then the hosts end. */
  stop(): Promise<void>
}

export function createApps(options: AppsOptions): Apps {
  return new House(options)
}

/** Introduces the parts to each other. */
class House implements Apps {
  readonly #options: AppsOptions
  readonly #defer: (run: () => void) => void
  readonly #catalog: Catalog
  readonly #members = new Members()
  readonly #roster: Roster
  readonly #taps: PacketTaps
  readonly #router: AppRouter
  readonly #watcher: Watcher
  #hub: Hub | null = null
  #commands: Commands | null = null
  #manage: ManageRound | null = null

  constructor(options: AppsOptions) {
    const { config, log, clock } = options
    this.#options = options
    this.#defer = options.defer ?? (run => void setImmediate(run))
    this.#catalog = new Catalog({
      enabled: path => config.app(path).enabled,
      acceptsUnknown: () => this.#roster.known('')?.hooks.has('acceptUnknownApps') ?? false,
      inUse: path => this.#members.has(path),
    })
    this.#roster = new Roster({
      catalog: this.#catalog,
      isolation: config.apps.isolation,
      raise: options.raise ?? forkHosts(log),
      world: {
        clock,
        log,
        defer: this.#defer,
        setup: path => this.#setup(path),
        snapshot: path => snapshot(path, this.#members, this.#attached),
        adoptees: path => this.#adoptees(path),
        starting: (app, reason, done) => this.#router.starting(app, reason, done),
        stopping: (app, reason, done) => this.#router.stopping(app, reason, done),
        commands: (app, commands) => this.#commands?.take(app, commands),
        changed: app => this.#changed(app),
        ended: app => this.#commands?.ended(app),
      },
    })
    this.#taps = new PacketTaps(this.#roster)
    this.#router = new AppRouter({
      catalog: this.#catalog,
      roster: this.#roster,
      members: this.#members,
      taps: this.#taps,
      config,
      clock,
      release: client => this.#commands?.release(client),
    })
    this.#watcher = new Watcher({
      www: config.apps.www,
      catalog: this.#catalog,
      gatherMs: config.apps.reloadGatherMs,
      clock,
      log,
      changed: changes => this.#saved(changes),
    })
  }

  get judge(): Judge {
    return this.#router
  }

  get witness(): Witness {
    return this.#router
  }

  attach(hub: Hub): void {
    const { clock, log } = this.#options
    this.#hub = hub
    const locate = (path: string) => this.#catalog.locate(path)
    this.#commands = new Commands({ hub, members: this.#members, clock, log, locate, defer: this.#defer })
    this.#manage = new ManageRound({ hub, roster: this.#roster, clock, defer: this.#defer })
  }

  async start(): Promise<void> {
    await this.#watcher.start()
    this.#manage?.start()
    const [root] = this.#roster.chain('')
    if (!root) return
    root.reach()
    await new Promise<void>(up => {
      if (root.standing !== 'starting' || !root.wait(up)) up()
    })
  }

  async stop(): Promise<void> {
    await this.#watcher.stop()
    this.#manage?.stop()
    const stopping = this.#stopAll([...this.#roster].sort((a, b) => depthOf(b) - depthOf(a)))
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = this.#options.clock.after(stopMs, resolve)
    await Promise.race([stopping, late])
    timer.cancel()
    for (const app of this.#roster) app.quit()
  }

  /** Those of one depth side by side, the deepest first. */
  async #stopAll(apps: App[]): Promise<void> {
    for (let at = 0; at < apps.length; ) {
      const depth = depthOf(apps[at]!)
      const level = apps.filter(app => depthOf(app) === depth)
      at += level.length
      await Promise.all(level.map(app => new Promise<void>(done => app.stop('shutdown', done))))
    }
  }

  get #attached(): Hub {
    if (!this.#hub) throw new Error('attach() comes before the first client')
    return this.#hub
  }

  #saved(changes: AppChange[]): void {
    for (const { path, what } of changes) {
      if (!this.#options.config.app(path).enabled) continue
      if (what === 'deleted') {
        this.#options.log.info({ app: path || '/' }, 'application deleted')
        this.#roster.known(path)?.stop('deleted')
      } else if (what === 'changed') this.#roster.known(path)?.saved()
      else if (path === '' || this.#roster.known(path) || this.#hasMembers(path)) this.#roster.at(path).appeared()
    }
  }

  #hasMembers(path: string): boolean {
    return !this.#members.within(path).next().done
  }

  /** Its hooks are others now: so is what it gets to see of the streams. */
  #changed({ path }: App): void {
    for (const publication of this.#hub?.publications.values() ?? []) {
      if (isWithin(path, publication.app)) this.#taps.attach(publication)
    }
  }

  /** Clients it let in, and those that nobody did although it would be the first to be asked. */
  #adoptees(path: string): string[] {
    const ids: string[] = []
    for (const member of this.#members.within(path)) {
      const { client, answeredBy } = member
      if (client.state !== 'joined') continue
      if (answeredBy === path || (answeredBy === null && this.#catalog.chain(client.app)[0] === path)) {
        member.answeredBy = path
        ids.push(client.id)
      }
    }
    return ids
  }

  #setup(path: string): AppSetup | null {
    const main = this.#catalog.mainOf(path)
    if (main === undefined) return null
    const { config, version } = this.#options
    const { www } = config.apps
    const { memory, timeout, verdictTimeout, timers, pendingCalls, options } = config.app(path)
    return {
      path,
      folder: join(www, path),
      libFolder: join(www, 'lib'),
      wwwFolder: www,
      main,
      limits: { memory, timeout, verdictTimeout, timers, pendingCalls },
      config: { ...options },
      server: {
        configs: config.visibleTo(path),
        publicAddress: config.server.publicAddress,
        hostname: hostname(),
        version,
        platform: process.platform,
      },
    }
  }
}

function depthOf({ path }: App): number {
  return path === '' ? 0 : path.split('/').length - 1
}
