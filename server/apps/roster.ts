import { App, type AppWorld } from './app.ts'
import { AppHost } from './app-host.ts'
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
      app = new App(path, this.#shared ?? this.#host(path || '/'), this.#options.world)
      this.#apps.set(path, app)
    }
    return app
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

  #host(name: string): AppHost {
    const { raise, world } = this.#options
    return new AppHost({ name, raise, clock: world.clock, log: world.log })
  }
}
