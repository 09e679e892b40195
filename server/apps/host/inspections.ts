import type { AppCommand, HostOrder, HostReport } from '../wire.ts'
import { Inspection } from './inspection.ts'
import type { Cell } from './isolate.ts'
import type { Watch } from './watch.ts'

/** The debuggers that look at one application. */
export class Inspections {
  readonly #path: string
  readonly #report: (report: HostReport) => void
  readonly #stir: () => void
  readonly #watch: Watch
  readonly #open = new Map<number, Inspection>()
  #isAllowed = false
  /** Those at whose breakpoint the script stands still. */
  readonly #pausing = new Set<number>()
  #isolate: Cell | undefined

  /** `stir` gives the version that serves a turn. */
  constructor(path: string, watch: Watch, report: (report: HostReport) => void, stir: () => void) {
    this.#path = path
    this.#stir = stir
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

  /** What a turn has written. */
  wrote(commands: readonly AppCommand[]): void {
    if (this.#open.size === 0) return
    for (const command of commands) {
      if (command.c !== 'log' && command.c !== 'fault') continue
      for (const inspection of this.#open.values()) inspection.logged(command)
    }
  }

  take(order: HostOrder & { order: 'inspect' }): void {
    const { session, message, what } = order
    if (what === 'tell') this.#open.get(session)?.send(message)
    else if (what === 'close') this.#close(session)
    else {
      const inspection = new Inspection({
        name: this.#path || '/',
        www: order.www,
        pauseMs: order.pauseMs,
        heard: text => this.#report({ report: 'inspected', path: this.#path, session, message: text }),
        paused: (place, forced) => this.#paused(session, place, forced),
        stir: () => this.#stir(),
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
