import type { AppsOptions } from '../apps/apps.ts'
import { type Apps, createApps } from '../apps/apps.ts'
import { AppError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { CheckedConfig } from '../config/checked-config.ts'
import { packageVersion } from '../config/own-package.ts'
import { trimSlashes } from '../hub/address.ts'
import { type RunningServer, startServer } from '../main.ts'
import { App, type AppClass } from './app.ts'
import { ClassApps } from './class-apps.ts'
import { type ServerEventMap, ServerEvents } from './events.ts'
import { Installed, pathOf } from './installed.ts'
import { type CumulusServerOptions, readOptions } from './options.ts'
import type { ServerPublication } from './server-publication.ts'
import { SideBySide } from './side-by-side.ts'

/**
 * A media server within a program of yours, whose applications are classes. It touches nothing of the process: no signals,
 * no exit, no working folder; there may be as many as there are ports.
 */
export class CumulusServer {
  readonly #config: CheckedConfig
  readonly #log: Log
  readonly #events: ServerEvents
  readonly #installed = new Installed()
  readonly #scripts: boolean
  #classes: ClassApps | null = null
  #running: Promise<RunningServer> | null = null
  #stopping: Promise<void> | null = null
  #addresses: Readonly<Record<string, string>> = {}

  /** Throws a ConfigError that names the option and what was expected. */
  constructor(options: CumulusServerOptions = {}) {
    const { config, log } = readOptions(options)
    this.#config = config
    this.#log = log
    this.#events = new ServerEvents(log)
    this.#scripts = options.www !== undefined
  }

  /**
   * Installs applications: a class for each name (`live` answers at rtmp://HOST/live), any number of names for one class, '*' for
   * every name that has none. Without any, everybody is accepted everywhere. Before start(). Throws a TypeError.
   */
  apps(apps: Readonly<Record<string, AppClass>>): this {
    if (this.#running) throw new TypeError('apps() comes before start()')
    this.#installed.add(apps)
    if (this.#scripts && this.#installed.fallback) {
      throw new TypeError("apps(): with the option www every name without a class is the scripts': leave out '*'")
    }
    return this
  }

  /**
   * Starts the applications, then listens. Resolves with the addresses by protocol: `{ rtmp: '0.0.0.0:1935' }`. Rejects
   * with the system's error when a port cannot be had, with an AppError when an application does not start. Once.
   */
  async start(): Promise<Readonly<Record<string, string>>> {
    if (this.#running) throw new TypeError('a server is started once')
    if (!this.#scripts && this.#installed.named.size === 0) this.#installed.fallback ??= App
    this.#running = startServer({
      ...{ config: this.#config, log: this.#log, version: packageVersion() },
      apps: options => this.#applications(options),
    })
    this.#addresses = (await this.#running).addresses
    return this.#addresses
  }

  /** By protocol, as host:port; none before it has started. */
  get addresses(): Readonly<Record<string, string>> {
    return this.#addresses
  }

  /** Says goodbye to everybody, calls onStop, closes the ports: within five seconds. Harmless twice, and before start(). */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** The application of a class, by its name; under '*' only while somebody uses it. */
  app(name: string): App | undefined {
    return this.#classes?.get(pathOf(trimSlashes(name)))?.app
  }

  /** Publishes a stream of the server's own in an application. Throws an AppError when the name is taken or cannot be one. */
  publish(app: string, name: string): ServerPublication {
    if (!this.#classes) throw new AppError('SERVER_NOT_STARTED', 'the server has not been started')
    return this.#classes.publish(this.#pathOf(app), name)
  }

  /** Each listener is told by itself: what one throws is logged. Throws a TypeError when there is no such event. */
  on<Name extends keyof ServerEventMap>(name: Name, listener: (...args: ServerEventMap[Name]) => unknown): this {
    this.#events.on(name, listener)
    return this
  }

  off<Name extends keyof ServerEventMap>(name: Name, listener: (...args: ServerEventMap[Name]) => unknown): this {
    this.#events.off(name, listener)
    return this
  }

  async #stop(): Promise<void> {
    // Who waits for start() hears why it failed; there is nothing to be stopped then.
    const running = await this.#running?.catch(() => null)
    await running?.stop()
  }

  #applications(options: AppsOptions): Apps {
    const installed = this.#installed
    this.#classes = new ClassApps({ ...options, installed, events: this.#events })
    if (!this.#scripts) return this.#classes
    const isClass = (path: string) => installed.named.has(path)
    return new SideBySide(this.#classes, createApps({ ...options, foreign: isClass }), isClass)
  }

  #pathOf(app: string): string {
    const name = trimSlashes(String(app))
    const place = this.#installed.locate(name)
    if (place.found && place.room === '') return place.app
    throw new AppError('APP_UNKNOWN', `Application /${name} does not exist`)
  }
}
