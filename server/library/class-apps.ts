import type { Apps, AppsOptions } from '../apps/apps.ts'
import { AppError } from '../base/errors.ts'
import { addressIn, readName } from '../hub/address.ts'
import type { Hub } from '../hub/hub.ts'
import type { Publisher } from '../hub/publication.ts'
import { moveIn } from './app.ts'
import type { ServerEvents } from './events.ts'
import { FrameTaps } from './frames.ts'
import { HookJudge } from './hook-judge.ts'
import { HookWitness } from './hook-witness.ts'
import { Hosted } from './hosted.ts'
import type { Installed } from './installed.ts'
import { stopMs } from './limits.ts'
import { Publication } from './publication.ts'
import { ServerPublication } from './server-publication.ts'

export interface ClassAppsOptions extends Pick<AppsOptions, 'config' | 'clock' | 'log'> {
  readonly installed: Installed
  readonly events: ServerEvents
}

/** The applications of a server whose applications are classes: in this process, asked directly. */
export class ClassApps implements Apps {
  readonly judge: HookJudge
  readonly witness: HookWitness
  readonly #options: ClassAppsOptions
  readonly #apps = new Map<string, Hosted>()
  #hub: Hub | null = null

  constructor(options: ClassAppsOptions) {
    this.#options = options
    this.judge = new HookJudge({ ...options, apps: this })
    this.witness = new HookWitness({ ...options, apps: this })
  }

  attach(hub: Hub): void {
    this.#hub = hub
  }

  get hub(): Hub {
    if (!this.#hub) throw new Error('attach() comes before the first client')
    return this.#hub
  }

  serverBans(): readonly string[] {
    return []
  }

  /** Rejects with the error of the first application that does not start. */
  async start(): Promise<void> {
    const apps = [...this.#options.installed.named.keys()].map(path => this.at(path))
    await Promise.all(
      apps.map(
        app =>
          new Promise<void>((resolve, reject) => {
            const failed = (text: string) => new AppError('APP_START', `Application ${app.path || '/'}: ${text}`)
            app.whenUp(trouble => (trouble === null ? resolve() : reject(failed(trouble))))
          }),
      ),
    )
  }

  async stop(): Promise<void> {
    const apps = [...this.#apps.values()]
    this.#apps.clear()
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = this.#options.clock.after(stopMs, resolve)
    await Promise.race([Promise.all(apps.map(app => new Promise<void>(done => this.#stopOne(app, done)))), late])
    timer.cancel()
  }

  get(path: string): Hosted | undefined {
    return this.#apps.get(path)
  }

  /** The application at a path that has a class, begun when it is not there. */
  at(path: string): Hosted {
    const known = this.#apps.get(path)
    if (known) return known
    const { installed, config, clock, log, events } = this.#options
    const Kind = installed.classOf(path)
    if (!Kind) throw new AppError('APP_UNKNOWN', `Application ${path || '/'} does not exist`)
    const app = new Kind()
    const own = log.child({ app: path || '/' })
    const hosted = new Hosted({
      ...{ path, app, clock, log: own, passing: !installed.named.has(path), waitMs: config.app(path).verdictTimeout },
      faulted(hook, err) {
        own.error({ hook, err }, 'the application threw')
        events.tell('fault', { app: path.slice(1), hook, error: err })
      },
    })
    moveIn(app, {
      ...{ name: path.slice(1), log: own, clients: hosted.clients, publications: hosted.publications },
      publish: name => this.publish(path, name),
    })
    this.#apps.set(path, hosted)
    hosted.start()
    return hosted
  }

  /** Nobody may need it any more. */
  prune(app: Hosted): void {
    if (!app.passing || !app.isIdle || this.#apps.get(app.path) !== app) return
    this.#apps.delete(app.path)
    this.#stopOne(app, () => {})
  }

  /** Throws an AppError when the name cannot be had. */
  publish(path: string, given: string): ServerPublication {
    const name = readName(String(given))
    if (name?.name !== given) {
      throw new AppError('PUBLICATION_NAME', `${JSON.stringify(String(given).slice(0, 64))} is not a name to publish`)
    }
    const app = this.at(path)
    const { address } = addressIn('', name)
    const publisher: Publisher = { id: 'script', client: null, closed: () => ended() }
    const publication = this.hub.publishing.publishAs(publisher, path, given)
    if (!publication) {
      this.prune(app)
      throw new AppError('PUBLICATION_BUSY', `${address} is already published`)
    }
    const view = new Publication(this.hub, publication, null, this.taps(app, address))
    const ended = (): void => {
      if (app.publications.get(address) === view) app.publications.delete(address)
      Publication.ended(view)
      app.streams--
      this.prune(app)
    }
    app.streams++
    app.publications.set(address, view)
    return new ServerPublication(this.hub, publication, publisher)
  }

  taps(app: Hosted, address: string): FrameTaps {
    const { clock, log } = this.#options
    return new FrameTaps(clock, (err, times) => {
      log.error({ app: app.path || '/', publication: address, times, err }, 'a handler of frames threw')
    })
  }

  #stopOne(app: Hosted, done: () => void): void {
    app.ask('onStop', () => app.app.onStop(), done)
  }
}
