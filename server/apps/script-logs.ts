import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { App } from './app.ts'
import { ScriptLog } from './script-log.ts'

/** What scripts write, and what is to be said of them: a log for each application. */
export class ScriptLogs {
  readonly #log: Log
  readonly #clock: Clock
  readonly #byApp = new Map<App, ScriptLog>()

  constructor(log: Log, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  of(app: App): ScriptLog {
    let log = this.#byApp.get(app)
    if (!log) {
      log = new ScriptLog(app.name, this.#log, this.#clock)
      this.#byApp.set(app, log)
    }
    return log
  }

  /** No script can name what it does not see, so that this is either a defect of ours or somebody at work. */
  foreign(app: App, about: { client?: string; publication?: string; listener?: number; room?: string }): void {
    const { client, publication, listener, room } = about
    const text = 'a command about what another application owns was ignored'
    this.of(app).warn({ client, publication, listener, room }, text)
  }
}
