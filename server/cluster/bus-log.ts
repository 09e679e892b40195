import type { Log, Subject } from '../base/log.ts'
import type { LogLevelName } from '../config/config.ts'
import type { Bus } from './bus.ts'
import type { ReportedLevel, WorkerReport } from './wire.ts'

/** From the most important on; those that come after the chosen one are not sent. */
const order: readonly (LogLevelName | ReportedLevel)[] = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']

/** A worker's log: the main process writes it. */
export class BusLog implements Log {
  readonly #bus: Bus<WorkerReport>
  readonly #level: LogLevelName
  readonly #subject: Subject

  constructor(bus: Bus<WorkerReport>, level: LogLevelName, subject: Subject = {}) {
    this.#bus = bus
    this.#level = level
    this.#subject = subject
  }

  error(subject: Subject, text: string): void {
    this.#line('error', subject, text)
  }

  warn(subject: Subject, text: string): void {
    this.#line('warn', subject, text)
  }

  info(subject: Subject, text: string): void {
    this.#line('info', subject, text)
  }

  debug(subject: Subject, text: string): void {
    this.#line('debug', subject, text)
  }

  trace(subject: Subject, text: string): void {
    this.#line('trace', subject, text)
  }

  child(subject: Subject): Log {
    return new BusLog(this.#bus, this.#level, { ...this.#subject, ...subject })
  }

  #line(level: ReportedLevel, subject: Subject, text: string): void {
    if (order.indexOf(level) > order.indexOf(this.#level)) return
    this.#bus.post({ r: 'log', level, subject: { ...this.#subject, ...subject }, text })
  }
}
