import type { Clock, Timer } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Farewell } from '../hub/client.ts'
import { GatheringBus } from './bus.ts'
import type { ClientReport, Desk } from './desk.ts'
import { congested, dismissMs, endMs, silenceMs, startMs } from './limits.ts'
import type { WorkerLink } from './stand-ins.ts'
import type { WorkerOrder, WorkerReport, WorkerSetup } from './wire.ts'
import type { RaiseWorker, WorkerProcess } from './worker-process.ts'

export interface WorkerLifeOptions {
  readonly setup: WorkerSetup
  readonly raise: RaiseWorker
  readonly clock: Clock
  readonly log: Log
  defer(run: () => void): void
  /** Where what its clients want is brought. */
  desk(link: WorkerLink): Desk
  /** It is gone, and so are its clients; `cause` is the system's error when it could not listen. */
  ended(how: string, cause: Error | null): void
}

/** One worker from its start to its end, as the main process sees it. */
export class WorkerLife implements WorkerLink {
  readonly relay: string
  /** Resolves with the addresses it listens on, by protocol; null when it ended before. */
  readonly listening: Promise<Record<string, string> | null>
  readonly #options: WorkerLifeOptions
  readonly #process: WorkerProcess
  readonly #orders: GatheringBus<WorkerOrder>
  readonly #desk: Desk
  readonly #watch: Timer
  readonly #gone: Promise<void>
  readonly #starting = Promise.withResolvers<Record<string, string> | null>()
  readonly #ending = Promise.withResolvers<void>()
  readonly #dismissing = Promise.withResolvers<void>()
  #heardAt: number
  /** Orders that it has not taken, or not said so. */
  #outstanding = 0
  /** When its end began. */
  #dismissedAt = Number.NaN
  /** It listens. */
  isUp = false
  #reason = ''
  #cause: Error | null = null

  constructor(options: WorkerLifeOptions) {
    const { setup, clock, raise } = options
    this.#options = options
    this.relay = setup.relay
    this.listening = this.#starting.promise
    this.#gone = this.#ending.promise
    this.#orders = new GatheringBus(
      orders => this.#process.post(orders),
      run => options.defer(run),
    )
    this.#desk = options.desk(this)
    this.#process = raise({ reports: reports => this.#receive(reports), ended: how => this.#ended(how) })
    this.#heardAt = clock.now()
    this.#watch = clock.every(1000, () => this.#look())
    this.post({ o: 'start', setup })
  }

  get pid(): number {
    return this.#process.pid
  }

  /** It cannot keep up with what it is told. */
  get isCongested(): boolean {
    return this.#outstanding > congested.orders
  }

  post(order: WorkerOrder): void {
    this.#outstanding++
    this.#orders.post(order)
  }

  /** Resolves when everybody has heard the last words, and their leaving has been told. */
  async dismiss(farewell: Farewell): Promise<void> {
    this.#dismissedAt = this.#options.clock.now()
    const limit = this.#options.clock.after(dismissMs, () => this.#dismissing.resolve())
    this.post({ o: 'dismiss', farewell })
    await this.#dismissing.promise
    limit.cancel()
  }

  /** After dismiss(): resolves when the process is gone. */
  async close(): Promise<void> {
    const { clock } = this.#options
    const took = Number.isNaN(this.#dismissedAt) ? 0 : clock.now() - this.#dismissedAt
    const limit = clock.after(Math.max(0, endMs - took), () => this.#process.kill())
    await this.#gone
    limit.cancel()
  }

  kill(why: string): void {
    this.#reason ||= why
    this.#process.kill()
  }

  #receive(reports: WorkerReport[]): void {
    this.#heardAt = this.#options.clock.now()
    for (const report of reports) {
      switch (report.r) {
        case 'listening':
          this.isUp = true
          this.#starting.resolve(report.addresses)
          break
        case 'failed': {
          const { message, code, address, port } = report
          this.#cause = Object.assign(new Error(message), { code, address, port })
          break
        }
        case 'handled':
          this.#outstanding -= report.count
          break
        case 'dismissed':
          this.#dismissing.resolve()
          break
        case 'log':
          this.#options.log[report.level](report.subject, report.text)
          break
        default:
          this.#desk.receive(report satisfies ClientReport)
      }
    }
  }

  #look(): void {
    const silence = this.#options.clock.now() - this.#heardAt
    if (silence > (this.isUp ? silenceMs : startMs)) this.kill(`silent for ${Math.round(silence)} ms`)
  }

  #ended(how: string): void {
    this.#watch.cancel()
    const why = this.#reason || how
    this.#desk.lost(`the media worker that served it ended: ${why}`)
    this.#starting.resolve(null)
    this.#dismissing.resolve()
    this.#ending.resolve()
    this.#options.ended(why, this.#cause)
  }
}
