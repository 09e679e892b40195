import { App } from './app.ts'
import { AppHost } from './app-host.ts'
import type { AppWorld } from './app-world.ts'
import type { Catalog } from './catalog.ts'
import type { RaiseHost } from './host-process.ts'

export interface RosterOptions {
  readonly catalog: Catalog
  readonly isolation: 'own' | 'shared'
  readonly raise: RaiseHost
  readonly world: AppWorld
}

/** Every application that somebody has reached, and the hosts they live in. */
export class Roster {
  readonly #options: RosterOptions
  readonly #apps = new Map<string, App>()
  /** The one host, when all share it. */
  readonly #shared: AppHost | null

  constructor(options: RosterOptions) {
    this.#options = options
    this.#shared = options.isolation === 'shared' ? this.#host('shared') : null
  }

  /** The application of a path that the catalog knows. */
  at(path: string): App {
    let app = this.#apps.get(path)
    if (!app) {
      const home = this.#options.catalog.homeOf(path)
      app = new App(path, home, this.#shared ?? this.#hostOf(home), this.#options.world)
      this.#apps.set(path, app)
    }
    return app
  }

  /** The application of a folder, or its instances. */
  ofHome(home: string): App[] {
    return [...this.#apps.values()].filter(app => app.home === home)
  }

  /** Is an application served from that folder which is an instance? */
  hasInstances(home: string): boolean {
    for (const app of this.#apps.values()) if (app.home === home && app.path !== home) return true
    return false
  }

  /** Nothing of it is left. */
  forget(app: App): void {
    if (app.standing === 'off' && this.#apps.get(app.path) === app) this.#apps.delete(app.path)
  }

  known(path: string): App | undefined {
    return this.#apps.get(path)
  }

  /** Who hears of what happens in an application, nearest first. */
  chain(path: string): App[] {
    return this.#options.catalog.chain(path).map(each => this.at(each))
  }

  [Symbol.iterator](): Iterator<App> {
    return this.#apps.values()
  }

  /** Instances share one. */
  #hostOf(home: string): AppHost {
    for (const app of this.#apps.values()) if (app.home === home) return app.host
    return this.#host(home || '/')
  }

  #host(name: string): AppHost {
    const { raise, world } = this.#options
    return new AppHost({ name, raise, clock: world.clock, log: world.log })
  }
}
