import type { FileTaken } from '../hub/archive.ts'
import type { Bus } from './bus.ts'
import type { WorkerOrder, WorkerReport } from './wire.ts'

export type FileOrder = WorkerOrder & { o: 'files' | 'fileTaken' }

/** The files that are being recorded, as a worker knows them: what it wants to write it asks the main process for. */
export class WorkerFiles {
  readonly #bus: Bus<WorkerReport>
  /** Written by any process. */
  readonly #written = new Set<string>()
  readonly #asked = new Map<number, (isOurs: boolean) => void>()
  #lastTicket = 0

  constructor(bus: Bus<WorkerReport>) {
    this.#bus = bus
  }

  take(taken: FileTaken): Promise<boolean> {
    const ticket = ++this.#lastTicket
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#asked.set(ticket, resolve)
    this.#bus.post({ r: 'takeFile', ticket, taken })
    return promise
  }

  ending(file: string): void {
    this.#bus.post({ r: 'endingFile', file })
  }

  release(file: string): void {
    this.#bus.post({ r: 'releaseFile', file })
  }

  isTaken(file: string): boolean {
    return this.#written.has(file)
  }

  async isFree(file: string): Promise<boolean> {
    return !this.#written.has(file)
  }

  receive(order: FileOrder): void {
    if (order.o === 'fileTaken') {
      this.#asked.get(order.ticket)?.(order.isOurs)
      this.#asked.delete(order.ticket)
      return
    }
    for (const file of order.files) {
      if (order.written) this.#written.add(file)
      else this.#written.delete(file)
    }
  }
}
