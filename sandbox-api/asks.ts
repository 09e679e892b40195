import type { AppLimits } from '../server/apps/wire.ts'
import { ErrorClass, PromiseClass, SafeMap } from './primordials.ts'
import type { Timers } from './timers.ts'

/** An answer that came back for a command's ticket. */
export interface Answer {
  ok: boolean
  value?: Uint8Array
  text?: string
}

interface Ask {
  /** The client whose going ends the waiting, '' for none. */
  client: string
  answered: (answer: Answer) => void
  deadline: number
}

/** Commands of this app that wait for their answers: calls to clients, publications asked for. */
export class Asks {
  readonly #open = new SafeMap<number, Ask>()
  readonly #timers: Timers
  readonly #limits: AppLimits
  /** A new version goes on where the old one ended, so that late answers find the one who asked. */
  nextTicket = 1

  constructor(timers: Timers, limits: AppLimits) {
    this.#timers = timers
    this.#limits = limits
  }

  /**
   * Writes a command that wants an answer. `answered` hears it once; after verdictTimeout it hears a refusal.
   * Throws when more than pendingCalls are open.
   */
  open(client: string, command: (ticket: number) => void, answered: (answer: Answer) => void): void {
    const { pendingCalls, verdictTimeout } = this.#limits
    if (this.#open.size >= pendingCalls) {
      throw new ErrorClass(`${pendingCalls} calls wait for their answers, more are not allowed: apps.pendingCalls`)
    }
    const ticket = this.nextTicket++
    command(ticket)
    const deadline = this.#timers.set(verdictTimeout, () => {
      this.close(ticket, { ok: false, text: `no answer within apps.verdictTimeout (${verdictTimeout} ms)` })
    })
    this.#open.set(ticket, { client, answered, deadline })
  }

  close(ticket: number, answer: Answer): void {
    this.take(ticket)?.(answer)
  }

  /** Who waits for the ticket's answer, and no longer does. */
  take(ticket: number): ((answer: Answer) => void) | undefined {
    const ask = this.#open.get(ticket)
    if (ask === undefined) return undefined
    this.#open.delete(ticket)
    this.#timers.clear(ask.deadline)
    return ask.answered
  }

  /** The client has gone: nobody is left to answer. */
  abandon(client: string): void {
    this.#open.forEach((ask, ticket) => {
      if (ask.client === client) this.close(ticket, { ok: false, text: 'the client has gone' })
    })
  }

  /** A message to a client as a promise of its answer; `read` makes a value of the bytes. */
  call(client: string, command: (ticket: number) => void, read: (bytes: Uint8Array) => unknown): Promise<unknown> {
    return new PromiseClass((resolve, reject) => {
      this.open(client, command, answer => {
        try {
          const value = answer.value === undefined ? undefined : read(answer.value)
          if (answer.ok) resolve(value)
          else reject(failure(answer.text ?? '', value))
        } catch (error) {
          reject(error)
        }
      })
    })
  }
}

/** What a client answered in place of a result; its own object is in `info`. */
function failure(text: string, info: unknown): Error {
  const error = new ErrorClass(text)
  return info === undefined ? error : Object.assign(error, { info })
}
