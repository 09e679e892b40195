import { allows } from '../base/capability.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Config } from '../config/config.ts'
import type { Hub } from '../hub/hub.ts'
import type { App } from './app.ts'
import { AppCalls } from './app-calls.ts'
import { AppRouter } from './app-router.ts'
import { Bans } from './bans.ts'
import { Bubbling } from './bubbling.ts'
import { Catalog, isWithin } from './catalog.ts'
import { Commands } from './commands.ts'
import { Doorman } from './doorman.ts'
import { Fields } from './fields.ts'
import { Groups } from './groups.ts'
import type { RaiseHost } from './host-process.ts'
import { InspectorDesk } from './inspector/inspector-desk.ts'
import { Instances } from './instances.ts'
import { stopMs } from './limits.ts'
import { ManageRound } from './manage-round.ts'
import { Members } from './members.ts'
import { snapshot } from './mirror.ts'
import type { Reach } from './net-wire.ts'
import { Operator } from './operator.ts'
import { PacketTaps } from './packet-taps.ts'
import { Rooms } from './rooms.ts'
import { Roster } from './roster.ts'
import { setupOf } from './setups.ts'
import { SharedDesk } from './shared-desk.ts'
import type { AppChange } from './watcher.ts'

export interface HouseOptions {
  readonly config: Config
  readonly log: Log
  readonly clock: Clock
  readonly version: string
  readonly raise: RaiseHost
  /** Runs a function at the end of a turn of the loop. */
  defer(run: () => void): void
  /** The same for what scripts ask for: later when what they asked for before is still on its way. Without it, `defer`. */
  unhurried?(run: () => void): void
  /** Makes connections of scripts to other servers. */
  readonly reach?: Reach
  /** The root application keeps these addresses and ranges out of the whole server, or no longer. */
  banned?(on: boolean, entries: readonly string[]): void
  /** Is the application at this path somebody else's? Its streams are on the same hub, and none of the scripts' business. */
  foreign?(path: string): boolean
}

/** All that the applications need of each other, introduced; which files there are it is told. */
export class House {
  readonly catalog: Catalog
  readonly router: AppRouter
  readonly roster: Roster
  readonly inspector: InspectorDesk
  readonly operator: Operator
  readonly #options: HouseOptions
  readonly #members = new Members()
  readonly #bans = new Bans()
  readonly #bubbling: Bubbling
  readonly #rooms: Rooms
  readonly #fields = new Fields()
  readonly #groups: Groups
  readonly #calls: AppCalls
  readonly #taps: PacketTaps
  readonly #instances: Instances
  readonly #config: Pick<Config, 'app'>
  #hub: Hub | null = null
  #commands: Commands | null = null
  #shared: SharedDesk | null = null
  #manage: ManageRound | null = null

  constructor(options: HouseOptions) {
    const { log, clock, raise } = options
    // An instance is configured as the application it is one of.
    const config: Pick<Config, 'apps' | 'app' | 'file'> = {
      apps: options.config.apps,
      file: options.config.file,
      app: path => options.config.app(this.catalog.homeOf(path)),
    }
    this.#config = config
    const { www, inspectorPause } = options.config.apps
    this.inspector = new InspectorDesk({
      www,
      pauseMs: inspectorPause,
      log,
      apps: () => this.roster,
      wake: (name, done) => this.#wake(name, done),
    })
    const defer = (run: () => void): void => options.defer(run)
    this.#options = options
    this.catalog = new Catalog({
      enabled: path => options.config.app(path).enabled,
      acceptsUnknown: () => this.roster.known('')?.hooks.has('acceptUnknownApps') ?? false,
      inUse: path => this.#members.has(path) || this.roster.hasInstances(path),
    })
    this.roster = new Roster({
      catalog: this.catalog,
      isolation: config.apps.isolation,
      raise,
      world: {
        clock,
        log,
        defer,
        setup: path => setupOf(path, this.catalog, options),
        snapshot: path => [
          ...snapshot({
            path,
            members: this.#members,
            rooms: this.#rooms,
            fields: this.#fields,
            groups: this.#groups,
            applications: this.#calls.paths(),
            hub: this.#attached,
            foreign: each => this.#isForeign(each),
          }),
          ...(this.#shared?.snapshot(path) ?? []),
        ],
        adoptees: path => this.#adoptees(path),
        starting: (app, reason, done) => this.router.starting(app, reason, done),
        stopping: (app, reason, done) => this.router.stopping(app, reason, done),
        commands: (app, commands) => this.#commands?.take(app, commands),
        inspected: (app, report) => this.inspector.report(app, report),
        isPaused: app => this.inspector.isPaused(app),
        memoryFor: app => this.inspector.memoryFor(app),
        changed: app => this.#changed(app),
        happened: (app, what, text) => this.operator.happened(app, what, text),
        ended: app => {
          this.#commands?.ended(app)
          this.#shared?.ended(app)
          this.inspector.ended(app)
        },
      },
    })
    this.#bubbling = new Bubbling({ catalog: this.catalog, roster: this.roster, config, clock })
    const { catalog, roster } = this
    this.operator = new Operator({ catalog, roster, bubbling: this.#bubbling, members: this.#members })
    this.#groups = new Groups(this.#bubbling)
    this.#calls = new AppCalls({ catalog: this.catalog, roster: this.roster, bubbling: this.#bubbling, config })
    this.#rooms = new Rooms(this.#bubbling, this.#fields)
    this.#taps = new PacketTaps(this.#bubbling)
    this.#instances = new Instances({
      catalog: this.catalog,
      roster: this.roster,
      members: this.#members,
      config,
      clock,
    })
    this.router = new AppRouter({
      catalog: this.catalog,
      bubbling: this.#bubbling,
      members: this.#members,
      rooms: this.#rooms,
      doorman: new Doorman({ bubbling: this.#bubbling, clock, bans: this.#bans }),
      fields: this.#fields,
      groups: this.#groups,
      taps: this.#taps,
      instances: this.#instances,
      config,
      release: client => this.#commands?.release(client),
      moved: publication => this.#commands?.streams.changed(publication),
    })
  }

  attach(hub: Hub): void {
    const { clock, log } = this.#options
    const defer = (run: () => void): void => this.#options.defer(run)
    const locate = (path: string) => this.catalog.locate(path)
    this.#hub = hub
    const unhurried = this.#options.unhurried ?? defer
    const known = (path: string): App | undefined => this.roster.known(path)
    this.#shared = new SharedDesk({ objects: hub.shared, log, defer, known })
    this.#commands = new Commands({
      hub,
      members: this.#members,
      bans: this.#bans,
      banned: (on, entries) => this.#options.banned?.(on, entries),
      rooms: this.#rooms,
      fields: this.#fields,
      groups: this.#groups,
      calls: this.#calls,
      configure: async (app, key, value) => {
        if (!allows(this.#config.app(app.path).allow, { kind: 'config' })) {
          throw new Error(`${app.name} may not use config`)
        }
        return this.#options.config.setOption(app.home, key, value)
      },
      allowed: app => this.#config.app(app.home).allow,
      reach: this.#options.reach ?? nowhere,
      unload: app => this.#unload(app),
      bubbling: this.#bubbling,
      shared: this.#shared,
      clock,
      log,
      locate,
      defer: unhurried,
    })
    this.#manage = new ManageRound({ hub, roster: this.roster, clock, defer, foreign: path => this.#isForeign(path) })
  }

  /** Addresses and ranges that the root application keeps out of the whole server. */
  get serverBans(): readonly string[] {
    return this.#bans.of('')
  }

  /** Starts the root application; `up` when it is, or when it is known not to be. */
  start(up: () => void): void {
    this.#manage?.start()
    const [root] = this.roster.chain('')
    root?.reach()
    if (root?.standing !== 'starting' || !root.wait(up)) up()
  }

  async stop(): Promise<void> {
    this.#manage?.stop()
    const stopping = this.#stopAll([...this.roster].sort((a, b) => depthOf(b) - depthOf(a)))
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = this.#options.clock.after(stopMs, resolve)
    await Promise.race([stopping, late])
    timer.cancel()
    for (const app of this.roster) app.quit()
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

  #wake(name: string, done: (app: App | undefined) => void): void {
    const path = this.operator.find(name)
    if (path === undefined) return done(undefined)
    const app = this.roster.at(path)
    if (app.standing === 'up') return done(app)
    this.operator.reload(path, () => done(app.standing === 'up' ? app : undefined))
  }

  #isForeign(path: string): boolean {
    return this.#options.foreign?.(path) ?? false
  }

  get #attached(): Hub {
    if (!this.#hub) throw new Error('attach() comes before the first client')
    return this.#hub
  }

  /** What the watcher saw. */
  saved(changes: AppChange[]): void {
    if (changes.some(({ what }) => what !== 'changed')) {
      const paths = this.#calls.paths()
      for (const app of this.roster) app.channel.tell({ e: 'applications', paths })
    }
    for (const { path, what } of changes) {
      if (!this.#options.config.app(path).enabled) continue
      if (what === 'deleted') {
        this.#options.log.info({ app: path || '/' }, 'application deleted')
        for (const app of this.roster.ofHome(path)) app.stop('deleted')
      } else if (what === 'changed') for (const app of this.roster.ofHome(path)) app.saved()
      else this.#appeared(path)
    }
  }

  /** Those of its instances that have clients, or the application itself. */
  #appeared(path: string): void {
    for (const app of this.#members.paths()) {
      if (app !== path && this.catalog.homeOf(app) === path) this.roster.at(app).appeared()
    }
    if (!this.catalog.isScripted(path)) return
    if (path === '' || this.roster.known(path) || this.#hasMembers(path)) this.roster.at(path).appeared()
  }

  /** Its clients leave, in order, then it is asked onStop. */
  #unload(app: App): void {
    if (app.standing !== 'up') return
    const farewell = { code: 'Connect.AppShutdown', description: `Application ${app.name} was unloaded` }
    for (const { client } of [...this.#members.of(app.path)]) {
      this.#attached.leave(client, null)
      client.peer.close(farewell)
    }
    app.stop('unload')
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
      if (answeredBy === path || (answeredBy === null && client.app === path)) {
        member.answeredBy = path
        ids.push(client.id)
      }
    }
    return ids
  }
}

/** Whoever keeps applications without the rest of a server. */
const nowhere: Reach = (_app, { connection }, told) => {
  queueMicrotask(() => told({ e: 'netEnded', connection, failure: 'no connections are made here' }))
  return { take() {}, share() {} }
}

function depthOf({ path }: App): number {
  return path === '' ? 0 : path.split('/').length - 1
}
