import type { Clock, Timer } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { HostOwner, HostProcess, RaiseHost } from './host-process.ts'
import { backoff, heartbeat, hostMemory } from './limits.ts'
import { ProcessVitals } from './process-vitals.ts'
import { Watchdog } from './watchdog.ts'
import type { HostOrder, HostReport } from './wire.ts'

/** An application, as the host it lives in sees it. */
export interface Tenant {
  readonly path: string
  /** Megabytes its script may hold right now: twice its limit while a new version rises beside the old. */
  readonly memory: number
  /** That limit, as it is named to people. */
  readonly memoryLimit: string
  report(report: HostReport): void
  /** The host ended, with all that was asked; `why` says which limit, or how. back() follows. */
  lost(why: string): void
  /** The host may be used again. */
  back(): void
}

export interface AppHostOptions {
  readonly name: string
  readonly raise: RaiseHost
  readonly clock: Clock
  readonly log: Log
}

const megabyte = 1024 * 1024

/**
 * The place where applications live, through all the lives of its process: raised with the first order, watched,
 * replaced when a limit was hit, and after an end of its own only once its back-off is over.
 */
export class AppHost implements HostOwner {
  readonly #options: AppHostOptions
  readonly #tenants = new Map<string, Tenant>()
  #process: HostProcess | null = null
  #watchdog: Watchdog | null = null
  #vitals: ProcessVitals | null = null
  #raisedAt = 0
  #pause = 0
  #resting: Timer | null = null
  /** Why the process is being killed; null when it ends by itself. */
  #limit: string | null = null

  constructor(options: AppHostOptions) {
    this.#options = options
  }

  /** The host ended a moment ago: tenants wait for their back(). */
  get resting(): boolean {
    return this.#resting !== null
  }

  /** Of the living process; 0 when there is none. */
  get pid(): number {
    return this.#process?.pid ?? 0
  }

  join(tenant: Tenant): void {
    this.#tenants.set(tenant.path, tenant)
  }

  /** The tenant's isolate is given back; with the last one the process ends. */
  leave(tenant: Tenant): void {
    if (this.#tenants.get(tenant.path) !== tenant) return
    this.#tenants.delete(tenant.path)
    this.#process?.post({ order: 'dispose', path: tenant.path })
    if (this.#tenants.size === 0) this.end()
  }

  post(order: HostOrder): void {
    if (this.#resting) return
    // Figures alone run no script: an application that nobody asks anything costs next to nothing.
    const isQuiet = order.order === 'events' && order.events.every(event => event.e === 'stats')
    if (!isQuiet) this.#watchdog?.stir()
    this.#raised().post(order)
  }

  /** What made it fail has been mended: the back-off is over at once. */
  hurry(): void {
    this.#pause = 0
    if (this.#resting) this.#return()
  }

  /** Kills the process; its tenants are told that `limit` was the reason. */
  replace(limit: string): void {
    if (!this.#process) return
    this.#limit ??= limit
    this.#process.kill()
  }

  /** Ends the process without bringing it back. */
  end(): void {
    this.#resting?.cancel()
    this.#resting = null
    this.#pause = 0
    const process = this.#release()
    process?.end()
  }

  report(report: HostReport): void {
    if (report.report === 'pong') return this.#watchdog?.pong(report.id)
    if (report.report === 'spent') return this.replace(this.#limitOf(report.path, report.limit))
    this.#tenants.get(report.path)?.report(report)
  }

  ended(how: string): void {
    const { clock, log, name } = this.#options
    const why = this.#limit ?? how
    const lived = clock.now() - this.#raisedAt
    this.#release()
    this.#pause =
      lived >= backoff.calm ? backoff.first : Math.min(Math.max(backoff.first, this.#pause * 2), backoff.most)
    log.error({ host: name, why, lived: Math.round(lived), pause: this.#pause }, `application host ended: ${why}`)
    this.#resting = clock.after(this.#pause, () => this.#return())
    for (const tenant of [...this.#tenants.values()]) tenant.lost(why)
  }

  #return(): void {
    this.#resting?.cancel()
    this.#resting = null
    for (const tenant of [...this.#tenants.values()]) tenant.back()
  }

  #raised(): HostProcess {
    if (this.#process) return this.#process
    const { name, raise, clock, log } = this.#options
    this.#limit = null
    this.#raisedAt = clock.now()
    // A process that was ended on purpose may still have something to say; nobody listens any more.
    const owner: HostOwner = {
      report: report => this.#process === process && this.report(report),
      ended: how => this.#process === process && this.ended(how),
    }
    const process = raise(name, owner)
    const ms = Math.round(clock.now() - this.#raisedAt)
    log.debug({ host: name, pid: process.pid, ms }, 'application host raised')
    const vitals = new ProcessVitals(process.pid)
    this.#process = process
    this.#vitals = vitals
    this.#watchdog = new Watchdog({
      clock,
      vitals: () => vitals.read(),
      memoryMax: () => this.#memoryMax(),
      ping: id => process.post({ order: 'ping', id }),
      bite: limit =>
        this.replace(limit === 'memory' ? this.#memoryLimit() : `silent for ${heartbeat.every * heartbeat.misses} ms`),
    })
    return process
  }

  #release(): HostProcess | null {
    const process = this.#process
    this.#watchdog?.stop()
    this.#vitals?.close()
    this.#process = this.#watchdog = this.#vitals = null
    return process
  }

  #memoryMax(): number {
    let megabytes = hostMemory.base + hostMemory.margin
    for (const tenant of this.#tenants.values()) megabytes += tenant.memory
    return megabytes * megabyte
  }

  /** Those who share the host hear whose limit it was. */
  #limitOf(path: string, limit: string): string {
    return this.#tenants.size > 1 ? `${limit} of application ${path || '/'}` : limit
  }

  #memoryLimit(): string {
    const tenants = [...this.#tenants.values()]
    const [only] = tenants
    return tenants.length === 1 && only ? only.memoryLimit : 'apps.memory, summed up over the shared host'
  }
}
