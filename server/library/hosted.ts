import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Client as HubClient } from '../hub/client.ts'
import type { Listener } from '../hub/listener.ts'
import type { Publication as HubPublication } from '../hub/publication.ts'
import type { App } from './app.ts'
import type { Client } from './client.ts'
import { refusalChars } from './limits.ts'
import type { Play } from './play.ts'
import type { Publication } from './publication.ts'

/** What came of a question. */
export type Outcome = { ok: true; value: unknown } | { ok: false; text: string }

export interface HostedOptions {
  /** `/live`. */
  readonly path: string
  readonly app: App
  /** Of its class '*': it goes when nobody is left. */
  readonly passing: boolean
  readonly clock: Clock
  readonly log: Log
  /** Milliseconds it may take to answer. */
  readonly waitMs: number
  /** Something threw that nobody was waiting for. */
  faulted(hook: string, error: unknown): void
}

/** One application at work: what the hub's members are to it, and how its hooks are called without harm. */
export class Hosted {
  readonly path: string
  readonly app: App
  readonly passing: boolean
  /** Accepted, by id. */
  readonly clients = new Map<string, Client>()
  /** Live, by address. */
  readonly publications = new Map<string, Publication>()
  /** Every client that it has been asked about and that is still there. */
  readonly known = new Map<HubClient, Client>()
  readonly views = new WeakMap<HubPublication, Publication>()
  readonly plays = new WeakMap<Listener, Play>()
  /** Streams of the server's own. */
  streams = 0
  /** Calls that wait for its answer. */
  callsWaiting = 0
  readonly #options: HostedOptions
  /** Who waits until onStart has been answered; null once it has. */
  #waiting: ((trouble: string | null) => void)[] | null = []
  #trouble: string | null = null

  constructor(options: HostedOptions) {
    this.path = options.path
    this.app = options.app
    this.passing = options.passing
    this.#options = options
  }

  get isIdle(): boolean {
    return this.known.size === 0 && this.streams === 0
  }

  start(): void {
    this.ask(
      'onStart',
      () => this.app.onStart(),
      outcome => {
        const waiting = this.#waiting ?? []
        this.#waiting = null
        this.#trouble = outcome.ok ? null : outcome.text
        for (const up of waiting) up(this.#trouble)
      },
    )
  }

  /** Calls back once onStart has been answered; with what went wrong in it, if anything did. */
  whenUp(up: (trouble: string | null) => void): void {
    if (this.#waiting) this.#waiting.push(up)
    else up(this.#trouble)
  }

  /** Asks a hook, and settles once: with its answer, with what it threw, or because its time is over. */
  ask(hook: string, run: () => unknown, settle: (outcome: Outcome) => void): void {
    const { clock, log, waitMs } = this.#options
    let isOpen = true
    const once = (outcome: Outcome): void => {
      if (isOpen) settle(outcome)
      isOpen = false
    }
    try {
      const value = run()
      if (!isThenable(value)) return once({ ok: true, value })
      const timer = clock.after(waitMs, () => {
        log.warn({ hook }, `gave no answer within ${waitMs} ms`)
        once({ ok: false, text: `${hook} gave no answer within ${waitMs} ms` })
      })
      Promise.resolve(value).then(
        settled => {
          timer.cancel()
          once({ ok: true, value: settled })
        },
        error => {
          timer.cancel()
          this.#threw(hook, error)
          once({ ok: false, text: textOf(error) })
        },
      )
    } catch (error) {
      this.#threw(hook, error)
      once({ ok: false, text: textOf(error) })
    }
  }

  /** Tells a hook what nobody waits for: what it throws is logged, and that is all. */
  tell(hook: string, run: () => unknown): void {
    const { faulted } = this.#options
    try {
      const value = run()
      if (isThenable(value)) Promise.resolve(value).catch(error => faulted(hook, error))
    } catch (error) {
      faulted(hook, error)
    }
  }

  /** A refusal in the application's words, unless it looks like a slip. */
  #threw(hook: string, error: unknown): void {
    const isSlip = error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError
    if (isSlip || hook === 'onStart') this.#options.faulted(hook, error)
    else this.#options.log.info({ hook }, `refused: ${textOf(error)}`)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

function textOf(error: unknown): string {
  return error === undefined ? '' : messageOf(error).slice(0, refusalChars)
}
