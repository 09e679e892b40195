import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Log } from '../../base/log.ts'
import type { App } from '../app.ts'
import { inspectedMemory } from '../limits.ts'
import type { HostReport } from '../wire.ts'

export interface InspectorDeskOptions {
  /** Absolute folder of the applications. */
  readonly www: string
  /** Milliseconds after which a script that stands still goes on. */
  readonly pauseMs: number
  readonly log: Log
  apps(): Iterable<App>
  /** Starts the application that people call so, unless it runs; undefined when there is none, or it does not start. */
  wake(name: string, done: (app: App | undefined) => void): void
}

/** An application that may be debugged. */
export interface Target {
  /** Nobody guesses it. */
  readonly id: string
  readonly title: string
  /** Of its folder. */
  readonly url: string
}

/** A debugger at the other end of some line. */
export interface Debugger {
  heard(message: string): void
  /** Its application is no more. */
  gone(): void
}

export interface DebugSession {
  tell(message: string): void
  close(): void
}

/** Debuggers and the applications they look at; what they say passes through, and only the app hosts understand it. */
export class InspectorDesk {
  readonly #options: InspectorDeskOptions
  readonly #ids = new WeakMap<App, string>()
  readonly #sessions = new Map<number, { readonly app: App; readonly peer: Debugger }>()
  readonly #paused = new Set<App>()
  /** Those a debugger has looked at since their hosts began. */
  readonly #seen = new WeakSet<App>()
  #last = 0

  constructor(options: InspectorDeskOptions) {
    this.#options = options
  }

  /** Applications that run, each under an id of its own as long as this server lives. */
  targets(): Target[] {
    const { www } = this.#options
    return this.#running().map(app => ({
      id: this.#idOf(app),
      title: app.name,
      url: pathToFileURL(join(www, app.home)).href,
    }))
  }

  /** The id of the application that people call so (`live`, `/` or nothing for the root), which is started if it has to be. */
  named(name: string): Promise<string | undefined> {
    return new Promise(resolve => this.#options.wake(name, app => resolve(app && this.#idOf(app))))
  }

  /** Undefined when nothing runs under that id. */
  open(id: string, peer: Debugger): DebugSession | undefined {
    const app = this.#running().find(each => this.#idOf(each) === id)
    if (app === undefined) return undefined
    const session = ++this.#last
    const { path } = app
    const { www, pauseMs, log } = this.#options
    const post = (what: 'open' | 'tell' | 'close', message = '') =>
      app.host.post({ order: 'inspect', path, session, what, message, www, pauseMs, memory: inspectedMemory })
    this.#sessions.set(session, { app, peer })
    this.#seen.add(app)
    log.info({ app: app.name }, 'a debugger looks at the application')
    post('open')
    return {
      tell: message => {
        if (this.#sessions.has(session)) post('tell', message)
      },
      close: () => {
        if (!this.#sessions.delete(session)) return
        post('close')
        log.info({ app: app.name }, 'the debugger has left the application')
      },
    }
  }

  report(app: App, report: HostReport & { report: 'inspected' | 'paused' }): void {
    if (report.report === 'inspected') {
      const session = this.#sessions.get(report.session)
      if (session?.app === app) session.peer.heard(report.message)
      return
    }
    const { log, pauseMs } = this.#options
    const { on, place, forced } = report
    if (on) this.#paused.add(app)
    else this.#paused.delete(app)
    if (on) log.info({ app: app.name }, `the debugger has stopped the application at ${place}`)
    else if (!forced) log.info({ app: app.name }, 'the application goes on')
    else log.warn({ app: app.name }, `the application goes on: it stood still for apps.inspectorPause (${pauseMs} ms)`)
  }

  /** Its script stands still: what is asked of it waits, and that is not its own doing. */
  isPaused(app: App): boolean {
    return this.#paused.has(app)
  }

  /** Megabytes that its host may have for debuggers' sake, also when they have left: it does not give everything back. */
  memoryFor(app: App): number {
    return this.#seen.has(app) ? inspectedMemory : 0
  }

  /** The application is no more: neither is what debuggers had of it. */
  ended(app: App): void {
    this.#seen.delete(app)
    this.#paused.delete(app)
    for (const [session, { app: inspected, peer }] of this.#sessions) {
      if (inspected !== app) continue
      this.#sessions.delete(session)
      peer.gone()
    }
  }

  #running(): App[] {
    return [...this.#options.apps()].filter(app => app.standing === 'up')
  }

  #idOf(app: App): string {
    let id = this.#ids.get(app)
    if (id === undefined) {
      id = randomUUID()
      this.#ids.set(app, id)
    }
    return id
  }
}
