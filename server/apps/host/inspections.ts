import type { HostOrder, HostReport } from '../wire.ts'
import { Inspection } from './inspection.ts'
import type { Cell } from './isolate.ts'

/** The debuggers that look at one application. */
export class Inspections {
  readonly #path: string
  readonly #report: (report: HostReport) => void
  readonly #open = new Map<number, Inspection>()
  /** Those at whose breakpoint the script stands still. */
  readonly #pausing = new Set<number>()
  #isolate: Cell | undefined

  constructor(path: string, report: (report: HostReport) => void) {
    this.#path = path
    this.#report = report
  }

  /** The script stands still: its time does not pass. */
  get isPaused(): boolean {
    return this.#pausing.size > 0
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
      if (this.#isolate !== undefined) inspection.attach(this.#isolate)
    }
  }

  end(): void {
    for (const session of [...this.#open.keys()]) this.#close(session)
  }

  #close(session: number): void {
    this.#open.get(session)?.end()
    this.#open.delete(session)
  }

  #paused(session: number, place: string | null, forced: boolean): void {
    const was = this.isPaused
    if (place === null) this.#pausing.delete(session)
    else this.#pausing.add(session)
    if (was === this.isPaused) return
    this.#report({ report: 'paused', path: this.#path, on: this.isPaused, place: place ?? '', forced })
  }
}
