import type { ClientAnswer } from '../../hub/client.ts'
import { pendingCallsMax } from './limits.ts'

type Answered = (answer: ClientAnswer) => void

/** Calls of ours that the other side has not answered yet. Each is answered once, at the latest when it is gone. */
export class PendingCalls {
  /** Made for the first call: most clients are never called. */
  #calls: Map<number, Answered> | null = null
  #lastId = 0
  readonly #who: string

  /** `who` has to answer, for the error of those who call too often. */
  constructor(who = 'the client') {
    this.#who = who
  }

  /** The transaction id to send, or null when too many wait already (and this one has been answered with that). */
  add(answered: Answered): number | null {
    this.#calls ??= new Map()
    if (this.#calls.size >= pendingCallsMax) {
      answered({ ok: false, text: `${this.#who} has not answered ${pendingCallsMax} calls` })
      return null
    }
    this.#calls.set(++this.#lastId, answered)
    return this.#lastId
  }

  /** An answer to nothing we asked is ignored: clients answer what needs no answer, too. */
  answer(transactionId: number, answer: ClientAnswer): void {
    const answered = this.#calls?.get(transactionId)
    this.#calls?.delete(transactionId)
    answered?.(answer)
  }

  end(text: string): void {
    const calls = this.#calls ?? new Map<number, Answered>()
    this.#calls = null
    for (const answered of calls.values()) answered({ ok: false, text })
  }
}
