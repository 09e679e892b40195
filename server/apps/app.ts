import type { Timer } from '../base/clock.ts'
import { AppChannel } from './app-channel.ts'
import type { AppHost, Tenant } from './app-host.ts'
import type { AppWorld, StopReason } from './app-world.ts'
import { KnownGood } from './known-good.ts'
import { backoff, raiseMs, reloadAllowanceMs } from './limits.ts'
import { shownOf, subjectOf, wordsOf } from './script-fault.ts'
import { Waiting } from './waiting.ts'
import type { HostReport, ScriptFault } from './wire.ts'

/**
 * `off`: nothing runs; nobody has reached it, or it was stopped. `starting`: on its way up. `up`. `broken`: its script did
 * not compile or start. `down`: its host ended and comes back after its back-off. `stopping`: onStop is being asked.
 */
export type Standing = 'off' | 'starting' | 'up' | 'broken' | 'down' | 'stopping'

/** One application, through starts, saves, crashes and stops. */
export class App implements Tenant {
  readonly path: string
  /** Whose folder and configuration it has: its own, or of an instance that of its main.asc. */
  readonly home: string
  readonly channel: AppChannel
  standing: Standing = 'off'
  /** The hooks that its script defines, or did when it was last up. */
  hooks: ReadonlySet<string> = new Set()
  readonly #world: AppWorld
  readonly host: AppHost
  readonly #waiting = new Waiting()
  /** Grows with every isolate, so that what belonged to an old one finds nobody. */
  #life = 0
  #wasUp = false
  readonly good = new KnownGood()
  #isUnloading = false
  #reloading = false
  /** Saved again while it was starting, reloading or stopping. */
  #again = false
  #anyway = false
  #trouble = ''
  /** When a start that failed in onStart may be tried again, and how long the pause before it was. */
  #retry = { at: Number.POSITIVE_INFINITY, pause: 0 }
  #raisedAt = 0
  #deadline: Timer | null = null
  #limit = 0
  #roomUntil = 0

  constructor(path: string, home: string, host: AppHost, world: AppWorld) {
    this.path = path
    this.home = home
    this.host = host
    this.#world = world
    this.channel = new AppChannel(
      run => world.defer(run),
      events => this.host.post({ order: 'events', path, events }),
    )
  }

  /** As it is called in texts for people. */
  get name(): string {
    return this.path || '/'
  }

  /** Of the process it lives in; 0 while there is none. */
  get pid(): number {
    return this.host.pid
  }

  get memory(): number {
    const double = this.#reloading || this.#world.clock.now() < this.#roomUntil
    return (double ? this.#limit * 2 : this.#limit) + this.#world.memoryFor(this)
  }

  get memoryLimit(): string {
    return `apps.memory (${this.#limit} MB)`
  }

  /** Why it cannot answer right now, in words for the client that asked. */
  get trouble(): string {
    if (this.standing === 'broken') return this.#trouble
    if (this.standing === 'down') return `Application ${this.name} is restarting: ${this.#trouble}`
    return `Application ${this.name} is starting`
  }

  /** It is on its way down on its own wish: whoever needs it waits, and starts it again. */
  get returns(): boolean {
    return this.standing === 'stopping' && this.#isUnloading
  }

  /** Its hooks are known and count, also while it comes back from a crash. */
  get knowsHooks(): boolean {
    return this.standing === 'up' || (this.#wasUp && (this.standing === 'down' || this.standing === 'starting'))
  }

  /** Somebody needs it. */
  reach(): void {
    if (this.standing === 'off') this.#start()
    else if (this.standing === 'broken' && this.#world.clock.now() >= this.#retry.at) this.#start()
  }

  /** One of its files was saved; `anyway`: an operator wants it anew, whatever its files hold. */
  saved(anyway = false): void {
    this.#anyway ||= anyway
    this.good.saved()
    if (this.standing === 'up' && !this.#reloading) this.#reload()
    else if (this.standing === 'broken') this.#start()
    else if (this.standing === 'down') this.host.hurry()
    else if (this.standing !== 'off') this.#again = true
  }

  /** It has a main file (again). */
  appeared(): void {
    if (this.standing === 'off') this.#start()
    else this.saved()
  }

  /** The server ends: whatever it is doing, its host goes. */
  quit(): void {
    this.#again = false
    this.#end()
  }

  /** Takes it down in order; `done` once it is off. */
  stop(reason: StopReason, done: () => void = () => {}): void {
    this.#again = false
    if (this.standing !== 'up') {
      this.#end()
      return done()
    }
    this.standing = 'stopping'
    this.#isUnloading = reason === 'unload'
    const life = this.#life
    this.#world.stopping(this, reason, () => {
      if (this.#life === life) this.#end()
      done()
    })
  }

  /** Calls `woken` once it is up, broken or off. False when too many wait already. */
  wait(woken: () => void): boolean {
    return this.#waiting.add(woken)
  }

  /** Ends its host: something it did cannot be borne. */
  replace(limit: string): void {
    this.host.replace(limit)
  }

  /** Cuts an operator's line, also while it runs. */
  interrupt(ticket: number): void {
    this.channel.flush()
    this.host.post({ order: 'interrupt', path: this.path, ticket })
  }

  report(report: HostReport): void {
    switch (report.report) {
      case 'started':
        this.good.started(report.sources)
        return this.#raised(report.hooks)
      case 'reloaded':
        this.good.reloaded(report.sources, this.#world.clock.now())
        return this.#reloaded(report.hooks, report.ms)
      case 'unchanged':
        if (!this.#reloading) return
        this.#world.log.info({ app: this.name }, 'application saved as it runs: nothing is reloaded')
        return this.#reloadEnded()
      case 'rolledBack':
        return this.#rolledBack(report)
      case 'failed':
        return report.phase === 'start' ? this.#broke(report.fault) : this.#reloadFailed(report.fault)
      case 'commands':
        return this.#world.commands(this, report.commands)
      case 'inspected':
      case 'paused':
        return this.#world.inspected(this, report)
    }
  }

  lost(why: string): void {
    this.#trouble = why
    if (this.standing === 'stopping') return this.#end()
    if (this.standing === 'up' && this.good.lost(this.#world.clock.now(), why)) this.#tellRollback(this.good.trouble)
    this.#cut('down', `Application ${this.name} was restarted: ${why}`)
    this.#world.happened(this, 'lost', why)
  }

  back(): void {
    if (this.standing === 'down') this.#start()
  }

  #start(): void {
    this.#again = this.#anyway = false
    const setup = this.#world.setup(this.path)
    if (!setup) return this.#end()
    this.#limit = setup.limits.memory
    this.host.join(this)
    this.standing = this.host.resting ? 'down' : 'starting'
    if (this.standing === 'down') return
    const reason = this.#wasUp ? 'crash' : 'start'
    this.#life++
    this.#raisedAt = this.#world.clock.now()
    const mirror = this.#world.snapshot(this.path)
    const pinned = this.#wasUp ? this.good.pinned : null
    this.host.post({ order: 'start', app: pinned ? { ...setup, pinned } : setup, reason, mirror })
    this.channel.open()
    this.#expectSoon('start')
  }

  /** Compiled and evaluated; onStart comes before anything else. */
  #raised(hooks: string[]): void {
    if (this.standing !== 'starting') return
    this.#deadline?.cancel()
    this.hooks = new Set(hooks)
    const life = this.#life
    this.#world.starting(this, this.#wasUp ? 'crash' : 'start', text => {
      if (this.#life !== life) return
      if (text === null) this.#up()
      else this.#refusedToStart(text)
    })
  }

  #up(): void {
    const { clock, log } = this.#world
    this.standing = 'up'
    this.channel.serve()
    this.#retry = { at: Number.POSITIVE_INFINITY, pause: 0 }
    for (const client of this.#world.adoptees(this.path)) this.channel.call({ e: 'adopt', client })
    const ms = Math.round(clock.now() - this.#raisedAt)
    log.info({ app: this.name, ms }, this.#wasUp ? 'application restarted' : 'application started')
    this.#world.happened(this, this.#wasUp ? 'restarted' : 'started', `in ${ms} ms`)
    this.#wasUp = true
    this.#world.changed(this)
    this.#waiting.wake()
    if (this.#again) this.#reload()
  }

  /** onStart threw: what it needs (a database, a file) may be there later, so that it is tried again when reached. */
  #refusedToStart(text: string): void {
    const { clock, log } = this.#world
    const pause = Math.min(Math.max(backoff.first, this.#retry.pause * 2), backoff.most)
    log.error({ app: this.name, hook: 'onStart', pause }, `application not started: ${text}`)
    this.#break(text)
    this.#retry = { at: clock.now() + pause, pause }
    this.#settle()
  }

  #broke(fault: ScriptFault): void {
    if (this.standing !== 'starting') return
    this.#world.log.error(subjectOf(this.name, fault), shownOf(`application not started: ${wordsOf(fault)}`, fault))
    // What was saved last never ran: after a crash the version that did comes back.
    if (this.#wasUp && this.good.unusable(wordsOf(fault))) this.#again = true
    this.#break(wordsOf(fault))
    this.#retry.at = Number.POSITIVE_INFINITY
    this.#settle()
  }

  #break(text: string): void {
    this.#trouble = text
    this.#cut('broken', text)
    this.#world.happened(this, 'broken', text)
  }

  /** After a failed start: tries again at once when it was saved meanwhile. */
  #settle(): void {
    if (this.#again) return this.#start()
    this.#world.changed(this)
    this.#waiting.wake()
  }

  #reload(): void {
    const setup = this.#world.setup(this.path)
    if (!setup) return
    const ifOther = !this.#anyway
    this.#again = this.#anyway = false
    this.#reloading = true
    this.#limit = setup.limits.memory
    this.channel.flush()
    this.host.post({ order: 'reload', app: setup, ifOther })
    this.#expectSoon('reload')
  }

  #reloaded(hooks: string[], ms: number): void {
    if (!this.#reloading) return
    this.hooks = new Set(hooks)
    this.#world.log.info({ app: this.name, ms: Math.round(ms) }, 'application reloaded')
    this.#world.happened(this, 'reloaded', `in ${Math.round(ms)} ms`)
    this.#world.changed(this)
    this.#reloadEnded()
  }

  #reloadFailed(fault: ScriptFault): void {
    if (!this.#reloading) return
    this.good.unusable(wordsOf(fault))
    const text = `application not reloaded, the last good version serves on: ${wordsOf(fault)}`
    this.#world.log.error(subjectOf(this.name, fault), shownOf(text, fault))
    this.#world.happened(this, 'kept', wordsOf(fault))
    this.#reloadEnded()
  }

  /** The host has raised the version before by itself. */
  #rolledBack({ hooks, ms, text }: HostReport & { report: 'rolledBack' }): void {
    this.good.rolledBack(text)
    this.hooks = new Set(hooks)
    this.#tellRollback(text, ms)
    this.#roomUntil = this.#world.clock.now() + reloadAllowanceMs
    this.#world.changed(this)
  }

  #tellRollback(text: string, ms = 0): void {
    const subject = { app: this.name, ms: Math.round(ms) }
    this.#world.log.error(subject, `application rolled back to the version before the last save: ${text}`)
    this.#world.happened(this, 'rolledBack', text)
  }

  #reloadEnded(): void {
    this.#deadline?.cancel()
    this.#reloading = false
    this.#roomUntil = this.#world.clock.now() + reloadAllowanceMs
    if (this.#again && this.standing === 'up') this.#reload()
  }

  #expectSoon(what: string): void {
    this.#deadline?.cancel()
    this.#deadline = this.#world.clock.after(raiseMs, () => {
      if (this.#world.isPaused(this)) this.#expectSoon(what)
      else this.replace(`no ${what} within ${raiseMs} ms`)
    })
  }

  #end(): void {
    this.hooks = new Set()
    this.#wasUp = false
    this.good.forget()
    this.#cut('off', `Application ${this.name} was stopped`)
    this.#world.happened(this, 'stopped', '')
    if (this.#again) return this.#start()
    this.#world.changed(this)
    this.#waiting.wake()
  }

  /** The isolate is no more: those who asked it hear why, and what it published ends. */
  #cut(standing: 'off' | 'broken' | 'down', text: string): void {
    this.#life++
    this.#reloading = false
    this.#deadline?.cancel()
    this.standing = standing
    if (standing !== 'down') this.host.leave(this)
    this.channel.close(text)
    this.#world.ended(this)
  }
}
