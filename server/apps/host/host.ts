import { systemClock } from '../../base/clock.ts'
import type { HostOrder, HostReport } from '../wire.ts'
import { HostedApp } from './hosted-app.ts'
import { REPORTS_WAITING } from './limits.ts'
import type { Rehearsal } from './rehearsal.ts'
import { Watch } from './watch.ts'

/** The process a host runs in. */
export interface HostPort {
  /** `sent` is called when the report has left. */
  send(report: HostReport, sent: () => void): void
  /** Sends last words and ends the process. */
  end(report: HostReport): void
}

/** The applications of one process: carries out the orders of the media process, and reports. */
export class Host {
  readonly #port: HostPort
  readonly #rehearsal: Rehearsal | undefined
  readonly #watch = new Watch()
  readonly #apps = new Map<string, HostedApp>()
  #waiting = 0
  #spent = false
  #relieved: (() => void) | undefined
  #congestion: Promise<void> | undefined

  /** `rehearsal`: what stands in for the world when nothing is served. */
  constructor(port: HostPort, rehearsal?: Rehearsal) {
    this.#port = port
    this.#rehearsal = rehearsal
  }

  /** Nothing happens in any of them until something is sent or the time has come. */
  get resting(): boolean {
    return [...this.#apps.values()].every(app => app.resting)
  }

  /** A script runs right now. */
  get busy(): boolean {
    return this.#watch.busy
  }

  receive(order: HostOrder): void {
    if (this.#spent) return
    switch (order.order) {
      case 'start': {
        const app = new HostedApp(order.app.path, order.app.outside.data, {
          watch: this.#watch,
          clock: this.#rehearsal?.clock ?? systemClock,
          rehearsal: this.#rehearsal,
          report: report => this.#report(report),
          spent: (path, limit) => this.#end(path, limit),
          congested: () => this.#congestion,
        })
        this.#apps.get(order.app.path)?.dispose()
        this.#apps.set(order.app.path, app)
        app.start(order.app, order.mirror)
        break
      }
      case 'reload':
        this.#apps.get(order.app.path)?.reload(order.app, order.ifOther)
        break
      case 'events':
        this.#apps.get(order.path)?.take(order.events)
        break
      case 'interrupt':
        this.#apps.get(order.path)?.interrupt(order.ticket)
        break
      case 'dispose':
        this.#apps.get(order.path)?.dispose()
        this.#apps.delete(order.path)
        break
      case 'inspect':
        this.#apps.get(order.path)?.inspections.take(order)
        break
      case 'ping':
        this.#report({ report: 'pong', id: order.id })
        break
      default:
        order satisfies never
    }
  }

  #report(report: HostReport): void {
    if (this.#spent) return
    this.#waiting++
    this.#port.send(report, () => this.#sent())
    if (this.#waiting >= REPORTS_WAITING) {
      this.#congestion ??= new Promise(resolve => {
        this.#relieved = resolve
      })
    }
  }

  #sent(): void {
    this.#waiting--
    if (this.#waiting > REPORTS_WAITING / 2 || this.#relieved === undefined) return
    this.#relieved()
    this.#relieved = this.#congestion = undefined
  }

  /** Last words, and the end: whoever comes after us begins with memory and time of its own. */
  #end(path: string, limit: string): void {
    if (this.#spent) return
    this.#spent = true
    this.#port.end({ report: 'spent', path, limit })
  }
}
