import type { Clock } from '../../base/clock.ts'
import type { AppCommand, AppEvent, AppSetup, HostReport, MirrorEvent, ScriptFault } from '../wire.ts'
import { hookTypos } from './hook-typos.ts'
import { Inspections } from './inspections.ts'
import { Journals } from './journal/journals.ts'
import { COMMANDS_PER_REPORT, CUTS_PER_MINUTE, TRIAL_MS } from './limits.ts'
import { Premises } from './outside/premises.ts'
import { Storage } from './outside/storage.ts'
import { storageFile } from './outside/storage-file.ts'
import { ownBytes } from './own-bytes.ts'
import type { Rehearsal } from './rehearsal.ts'
import { reload } from './reload.ts'
import { areAsSaved } from './same-sources.ts'
import { faultOf } from './script-error.ts'
import { Version } from './version.ts'
import type { VersionOwner } from './version-owner.ts'
import type { Watch } from './watch.ts'

/** What an application needs of the process it lives in. */
export interface AppHouse {
  readonly clock: Clock
  readonly rehearsal: Rehearsal | undefined
  readonly watch: Watch
  report(report: HostReport): void
  spent(path: string, limit: string): void
  congested(): Promise<void> | undefined
}

const mirrorEvents = new Set<AppEvent['e']>([
  'client',
  'joined',
  'left',
  'forget',
  'room',
  'unroom',
  'publication',
  'unpublication',
  'listener',
  'listening',
  'unlistener',
  'access',
  'sampleAccess',
  'metadata',
  'codecs',
  'groupJoined',
  'groupLeft',
  'applications',
  'fields',
  'fieldsTaken',
  'shared',
  'stats',
])

/** One application in this process: the version that serves, and while a reload lasts the one that comes or goes. */
export class HostedApp implements VersionOwner {
  readonly path: string
  readonly watch: Watch
  readonly premises: Premises
  readonly clock: Clock
  readonly rehearsal: Rehearsal | undefined
  readonly inspections: Inspections
  readonly journals: Journals
  readonly #house: AppHouse
  #version: Version | undefined
  /** Serves what was asked of it before a reload, until it has answered. */
  #old: Version | undefined
  /** Tickets of the old version's commands are below. */
  #firstTicket = 0
  /** Events that wait until a reload has been decided. */
  #gathered: AppEvent[] | undefined
  #cuts: number[] = []
  /** The version that came last, while its errors are counted, and what to raise in its place. */
  #trial: { version: Version; until: number; before: AppSetup } | undefined
  /** Orders are carried out one after another. */
  #work: Promise<void> = Promise.resolve()
  #working = 0

  /** `dataFolder`: for what the server keeps. */
  constructor(path: string, dataFolder: string, house: AppHouse) {
    this.path = path
    this.premises = new Premises(new Storage(storageFile(dataFolder, path)))
    this.journals = new Journals(dataFolder, path, text => this.#warn(text))
    this.#house = house
    this.watch = house.watch
    this.clock = house.clock
    this.rehearsal = house.rehearsal
    const stir = () => this.#version?.send([])
    this.inspections = new Inspections(path, house.watch, report => house.report(report), stir)
  }

  get isPaused(): boolean {
    return this.inspections.isPaused
  }

  get isInspected(): boolean {
    return this.inspections.areOpen
  }

  /** Nothing happens in it until something is sent or the time has come. */
  get resting(): boolean {
    const stands = this.#working === 0
    return stands && (this.#version?.resting ?? true) && (this.#old?.resting ?? true)
  }

  start(setup: AppSetup, mirror: MirrorEvent[]): void {
    this.#gathered = []
    for (const event of mirror) ownBytes(event)
    this.#then(async () => {
      const began = performance.now()
      try {
        const version = await Version.raise(this, setup)
        this.#version = version
        this.inspections.attach(version.isolate)
        this.commands(hookTypos(version.sources))
        // Late answers to an earlier process must not be taken for this one's.
        const nextTicket = Math.floor(performance.timeOrigin)
        await version.ask({ e: 'unpack', estate: { mirror, answered: [], nextTicket }, fields: undefined })
        this.#report({
          report: 'started',
          path: this.path,
          hooks: [...version.hooks],
          ms: since(began),
          sources: version.sources,
        })
        this.#open()
      } catch (error) {
        this.#open()
        this.#failed('start', faultOf(error))
      }
    })
  }

  /** `ifOther`: unless the files hold what runs. */
  reload(setup: AppSetup, ifOther = false): void {
    this.#then(async () => {
      const old = this.#version
      if (old === undefined) return
      if (ifOther && (await areAsSaved(old.sources, setup))) {
        this.#report({ report: 'unchanged', path: this.path })
        return
      }
      const began = performance.now()
      this.#trial = undefined
      try {
        const version = await this.#replace(setup, old, 'reload')
        const { hooks, sources } = version
        this.#report({ report: 'reloaded', path: this.path, hooks: [...hooks], ms: since(began), sources })
        this.#open()
        this.#drain(old)
      } catch (error) {
        this.#open()
        this.#failed('reload', faultOf(error))
      }
    })
  }

  /** A new version that does too much wrong gives way to the one before, which is raised again. */
  troubled(version: Version): void {
    const trial = this.#trial
    if (trial?.version !== version || performance.now() > trial.until) return
    if (version.troubles < trial.before.limits.rollback) return
    this.#trial = undefined
    // What comes now is for the version that serves then.
    this.#gathered ??= []
    this.#then(() => this.#rollBack(version, trial.before))
  }

  async #rollBack(bad: Version, before: AppSetup): Promise<void> {
    const text = bad.lastTrouble
    const began = performance.now()
    try {
      if (this.#version !== bad) return this.#open()
      const version = await this.#replace(before, bad, 'rollback')
      version.send([{ e: 'rolledBack', ticket: 0, text }])
      this.#report({ report: 'rolledBack', path: this.path, hooks: [...version.hooks], ms: since(began), text })
      this.#open()
      this.#drain(bad)
    } catch (error) {
      this.#open()
      this.#failed('reload', faultOf(error))
    }
  }

  /** Another version in the place of `old`, which is to be drained; what waited is to be let go. */
  async #replace(setup: AppSetup, old: Version, reason: 'reload' | 'rollback'): Promise<Version> {
    const close = () => {
      this.#gathered ??= []
    }
    const { version, firstTicket, answered } = await reload(this, setup, old, close, reason)
    await this.#giveUp()
    old.closeSockets()
    const reaches = setup.allow.some(({ kind }) => kind === 'rtmp')
    if (reaches) this.commands([{ c: 'netEndOld', before: firstTicket }])
    this.#old = old
    this.#version = version
    this.inspections.attach(version.isolate)
    this.commands(hookTypos(version.sources))
    this.#firstTicket = firstTicket
    if (reason === 'reload' && setup.limits.rollback > 0) {
      const before = { ...setup, pinned: old.sources }
      this.#trial = { version, until: performance.now() + TRIAL_MS, before }
      // It may have done its worst already.
      this.troubled(version)
    }
    await Promise.all(answered.map(client => version.ask({ e: 'adoptAsked', client })))
    return version
  }

  take(events: AppEvent[]): void {
    for (const event of events) ownBytes(event)
    if (this.#gathered === undefined) this.#send(events)
    else this.#gather(this.#gathered, events)
  }

  /** Cuts an operator's line in whichever version it is. */
  interrupt(ticket: number): void {
    const isIt = (event: AppEvent) => event.e === 'evaluate' && event.ticket === ticket
    if (this.#gathered) this.#gathered = this.#gathered.filter(event => !isIt(event))
    this.#old?.interrupt(ticket)
    this.#version?.interrupt(ticket)
  }

  dispose(): void {
    this.inspections.end()
    this.#version?.dispose()
    this.#old?.dispose()
    this.#then(async () => {
      this.#version?.dispose()
      this.#old?.dispose()
      this.#version = this.#old = undefined
      this.premises.close()
      await this.journals.close()
      this.#house.report({ report: 'disposed', path: this.path })
    })
  }

  commands(commands: AppCommand[]): void {
    this.inspections.wrote(commands)
    for (const part of portions(commands)) {
      this.#house.report({ report: 'commands', path: this.path, commands: part })
    }
  }

  cut(limit: string): void {
    const now = performance.now()
    this.#cuts = [...this.#cuts.filter(at => now - at < 60_000), now]
    if (this.#cuts.length >= CUTS_PER_MINUTE) this.spent(limit)
  }

  spent(limit: string): void {
    this.#house.spent(this.path, limit)
  }

  congested(): Promise<void> | undefined {
    return this.#house.congested()
  }

  #report(report: HostReport): void {
    this.#house.report(report)
  }

  #warn(text: string): void {
    this.commands([{ c: 'log', level: 'warn', text, file: '', line: 0 }])
  }

  #then(work: () => Promise<void>): void {
    this.#working++
    this.#work = this.#work.then(work).finally(() => this.#working--)
  }

  /** What waited goes to the version that serves now. */
  #open(): void {
    const gathered = this.#gathered
    this.#gathered = undefined
    if (gathered !== undefined) this.#send(gathered)
  }

  /** Answers are not made to wait: an onStop that awaits one would never end. */
  #gather(gathered: AppEvent[], events: AppEvent[]): void {
    for (const event of events) {
      if (event.e === 'answer') this.#version?.send([event])
      else gathered.push(event)
    }
  }

  #send(events: AppEvent[]): void {
    const old = this.#old
    if (old === undefined) {
      this.#version?.send(events)
      return
    }
    const isOld = (event: AppEvent) => event.e === 'answer' && event.ticket < this.#firstTicket
    old.send(events.filter(event => isOld(event) || mirrorEvents.has(event.e)))
    this.#version?.send(events.filter(event => !isOld(event)))
  }

  /** The old version answers what it was asked, and is no more. */
  #drain(old: Version): void {
    const look = () => {
      if (old.pending > 0) return
      old.dispose()
      if (this.#old === old) this.#old = undefined
    }
    old.onDelivered = look
    look()
    if (this.#old === old) old.release()
  }

  /** A second reload: what the version before the last still owes is answered now. */
  async #giveUp(): Promise<void> {
    const old = this.#old
    if (old === undefined) return
    await old.ask({ e: 'giveUp', text: `Application ${this.path || '/'} was reloaded` })
    old.dispose()
    this.#old = undefined
  }

  #failed(phase: 'start' | 'reload', fault: ScriptFault): void {
    this.#house.report({ report: 'failed', path: this.path, phase, fault })
  }
}

/** The media process reads other things between two messages, so that none may be large. */
function* portions(commands: AppCommand[]): Generator<AppCommand[]> {
  for (let at = 0; at < commands.length; at += COMMANDS_PER_REPORT) yield commands.slice(at, at + COMMANDS_PER_REPORT)
}

function since(began: number): number {
  return Math.round((performance.now() - began) * 10) / 10
}
