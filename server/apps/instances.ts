import type { Clock, Timer } from '../base/clock.ts'
import type { Config } from '../config/config.ts'
import type { App } from './app.ts'
import type { Catalog } from './catalog.ts'
import type { Members } from './members.ts'
import type { Roster } from './roster.ts'

export interface InstancesOptions {
  readonly catalog: Catalog
  readonly roster: Roster
  readonly members: Members
  readonly config: Pick<Config, 'app'>
  readonly clock: Clock
}

/**
 * The instances of applications in Adobe's dialect: who names one first brings it up, and it ends a while after
 * its last client. Names come from the network: how many run at once is bounded by apps.instances.
 */
export class Instances {
  readonly #options: InstancesOptions
  readonly #idle = new Map<string, Timer>()

  constructor(options: InstancesOptions) {
    this.#options = options
  }

  /** A client is on its way to that application; gives why it cannot have an instance, null when it can, or needs none. */
  admit(path: string): string | null {
    const { catalog, roster, config } = this.#options
    const home = catalog.homeOf(path)
    if (home === path) return null
    const known = roster.known(path)
    if (known === undefined || known.standing === 'off') {
      const running = this.#running(home)
      const { instances } = config.app(path)
      if (running.length >= instances && !this.#makeRoom(running)) {
        const name = home || '/'
        return `Application ${name} has ${running.length} instances, more are not allowed: apps.instances (${instances})`
      }
    }
    this.#watch(path)
    return null
  }

  /** A client of that application has gone. */
  left(path: string): void {
    if (this.#isInstance(path)) this.#watch(path)
  }

  /** Those that run; what is left of others is forgotten. */
  #running(home: string): App[] {
    const { roster, members } = this.#options
    const instances = roster.ofHome(home).filter(app => app.path !== home)
    for (const app of instances) if (!members.has(app.path)) roster.forget(app)
    return instances.filter(app => app.standing !== 'off' && app.standing !== 'stopping')
  }

  /** One that nobody uses ends before its time. */
  #makeRoom(running: readonly App[]): boolean {
    const empty = running.find(app => !this.#options.members.has(app.path))
    if (empty) this.#end(empty)
    return empty !== undefined
  }

  #watch(path: string): void {
    const { members, clock, config } = this.#options
    if (members.has(path)) return
    this.#idle.get(path)?.cancel()
    const timer = clock.after(config.app(path).instanceIdle, () => {
      this.#idle.delete(path)
      const app = this.#options.roster.known(path)
      if (app && !members.has(path)) this.#end(app)
    })
    this.#idle.set(path, timer)
  }

  #end(app: App): void {
    const { roster, members } = this.#options
    this.#idle.get(app.path)?.cancel()
    this.#idle.delete(app.path)
    app.stop('unload', () => {
      if (!members.has(app.path)) roster.forget(app)
    })
  }

  #isInstance(path: string): boolean {
    const app = this.#options.roster.known(path)
    return app !== undefined && app.home !== path
  }
}
