import { questionBytesMax, questionsMax } from './limits.ts'
import type { AppCommand } from './wire.ts'

export type Early = AppCommand & { c: 'early' }
export type Answer = AppCommand & { c: 'verdict' | 'result' }

/** Who asked an application something under a ticket. */
export interface Asker {
  answered(answer: Answer): void
  /** An answer before the answer (writeAMFResult). */
  early(value: Uint8Array): void
  /** There will be no answer, and why. */
  lost(text: string): void
}

/** What one application was asked and has not answered. Tickets are never used twice. */
export class Tickets {
  #last = 0
  #bytes = 0
  readonly #open = new Map<number, { asker: Asker; bytes: number }>()

  next(): number {
    return ++this.#last
  }

  /** Which limit keeps a question from being asked, in words; null when none does. `calls`: apps.pendingCalls, for a call. */
  full({ bytes = 0, calls = questionsMax }: { bytes?: number; calls?: number }): string | null {
    if (this.#open.size >= questionsMax) return `${questionsMax} questions wait`
    if (this.#open.size >= calls) return `apps.pendingCalls (${calls})`
    // One may be as large as it likes, when it is alone.
    return this.#bytes > 0 && this.#bytes + bytes > questionBytesMax ? `${questionBytesMax} bytes wait` : null
  }

  open(asker: Asker, bytes: number): number {
    const ticket = this.next()
    this.#open.set(ticket, { asker, bytes })
    this.#bytes += bytes
    return ticket
  }

  get(ticket: number): Asker | undefined {
    return this.#open.get(ticket)?.asker
  }

  /** The ticket is used up. */
  take(ticket: number): Asker | undefined {
    const open = this.#open.get(ticket)
    if (!open) return undefined
    this.#open.delete(ticket)
    this.#bytes -= open.bytes
    return open.asker
  }

  /** Nothing of this will be answered. */
  lose(text: string): void {
    const open = [...this.#open.values()]
    this.#open.clear()
    this.#bytes = 0
    for (const { asker } of open) asker.lost(text)
  }
}
