import type { HostOrder, HostReport } from '../wire.ts'
import { Inspection } from './inspection.ts'
import type { Cell } from './isolate.ts'
import type { Watch } from './watch.ts'

/** The debuggers that look at one application. */
export class Inspections {
  readonly #path: string
  readonly #report: (report: HostReport) => void
  readonly #watch: Watch
  readonly #open = new Map<number, Inspection>()
  #isAllowed = false
  /** Those at whose breakpoint the script stands still. */
  readonly #pausing = new Set<number>()
  #isolate: Cell | undefined

  constructor(path: string, watch: Watch, report: (report: HostReport) => void) {
    this.#path = path
    this.#watch = watch
    this.#report = report
  }

  /** The script stands still, or waits until the engine has done what a debugger wants: its time does not pass. */
  get isPaused(): boolean {
    return this.#pausing.size > 0 || [...this.#open.values()].some(inspection => inspection.isWorking)
  }

  get areOpen(): boolean {
    return this.#open.size > 0
  }

  /** This version serves from now on. */
  attach(isolate: Cell): void {
    this.#isolate = isolate
    for (const inspection of this.#open.values()) inspection.attach(isolate)
  }

  take(order: HostOrder & { order: 'inspect' }): void {
    const { session, message, what } = order
    if (what === 'tell') this.#open.get(session)?.send(message)
    else if (what === 'close') this.#close(session)
    else {
      const inspection = new Inspection({
        www: order.www,
        pauseMs: order.pauseMs,
        heard: text => this.#report({ report: 'inspected', path: this.#path, session, message: text }),
        paused: (place, forced) => this.#paused(session, place, forced),
      })
      this.#open.set(session, inspection)
      // Until the process ends: what a snapshot took does not all come back.
      if (!this.#isAllowed) this.#watch.allow(order.memory)
      this.#isAllowed = true
      if (this.#isolate !== undefined) inspection.attach(this.#isolate)
    }
  }

  end(): void {
    for (const session of [...this.#open.keys()]) this.#close(session)
  }

  #close(session: number): void {
    const open = this.#open.get(session)
    this.#open.delete(session)
    open?.end()
  }

  #paused(session: number, place: string | null, forced: boolean): void {
    const was = this.#pausing.size > 0
    if (place === null) this.#pausing.delete(session)
    else this.#pausing.add(session)
    const on = this.#pausing.size > 0
    if (on !== was) this.#report({ report: 'paused', path: this.#path, on, place: place ?? '', forced })
  }
}
