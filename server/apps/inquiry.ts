import type { Clock, Timer } from '../base/clock.ts'
import type { App } from './app.ts'
import { verdictGraceMs } from './limits.ts'
import type { Answer, Asker } from './tickets.ts'
import type { AppEvent } from './wire.ts'

/** One application to be asked, if it defines `hook`; null asks in any case. */
export interface Step {
  readonly app: App
  readonly hook: string | null
  /** It is asked whatever its standing: its isolate is there, and about to come up or to go. */
  readonly direct?: boolean
  event(ticket: number): AppEvent
}

export type Outcome =
  /** `app` has decided. */
  | { readonly how: 'answered'; readonly app: App; readonly answer: Answer }
  /** No application had anything to say. */
  | { readonly how: 'nobody' }
  /** The one whose turn it was cannot answer, and why, in words for the client. */
  | { readonly how: 'failed'; readonly text: string }

export interface InquiryOptions {
  /** What is asked, as it is called in texts: a hook, or `call NAME`. */
  readonly name: string
  /** Nearest first. */
  readonly steps: readonly Step[]
  readonly clock: Clock
  /** A call: how many bytes it carries, and how many calls may wait for their answers. */
  readonly weight?: { readonly bytes: number; readonly calls: number }
  /** Milliseconds until it is given up, the way up of the applications included. */
  readonly timeout: number
  /** One whose script is broken is passed over, as one that does not define the hook; else nothing is allowed in its name. */
  readonly passesBroken?: boolean
  /** The one who asked has gone: nobody is to be bothered with it any more. */
  stale(): boolean
  /** Told once. */
  settle(outcome: Outcome): void
  /** An answer before the answer (writeAMFResult). */
  early?(value: Uint8Array): void
}

/**
 * One question on its way up a chain of applications: it waits for those that are starting, passes those that have
 * nothing to say, and ends with the first that answers, that cannot, or when its time is over.
 */
export class Inquiry implements Asker {
  readonly #options: InquiryOptions
  #at = -1
  #ticket = 0
  #settled = false
  #deadline: Timer

  constructor(options: InquiryOptions) {
    this.#options = options
    this.#deadline = options.clock.after(options.timeout, () => this.#expired())
    this.#next()
  }

  early(value: Uint8Array): void {
    this.#options.early?.(value)
  }

  answered(answer: Answer): void {
    this.#ticket = 0
    if (answer.c === 'verdict' ? answer.pass : answer.how === 'pass') return this.#next()
    this.#settle({ how: 'answered', app: this.#app(), answer })
  }

  lost(text: string): void {
    this.#ticket = 0
    this.#settle({ how: 'failed', text })
  }

  #app(): App {
    return this.#options.steps[this.#at]!.app
  }

  #next(): void {
    this.#at++
    this.#proceed()
  }

  /** The application of this step may have changed its standing since it was looked at last. */
  #proceed(): void {
    const { steps, stale } = this.#options
    for (; !this.#settled; this.#at++) {
      const step = steps[this.#at]
      if (!step) return this.#settle({ how: 'nobody' })
      if (stale()) return this.#settle({ how: 'failed', text: 'nobody waits for it any more' })
      const { app, hook, direct } = step
      if (direct) return this.#ask(step)
      app.reach()
      const { standing } = app
      if (standing === 'off' || (standing === 'stopping' && !app.returns)) continue
      if (standing === 'broken' && this.#options.passesBroken) continue
      if (standing === 'broken') return this.#settle({ how: 'failed', text: app.trouble })
      if (app.knowsHooks && hook !== null && !app.hooks.has(hook)) continue
      if (standing === 'up') return this.#ask(step)
      if (!app.wait(() => this.#proceed())) this.#settle({ how: 'failed', text: app.trouble })
      return
    }
  }

  #ask({ app, event }: Step): void {
    const weight = this.#options.weight ?? { bytes: 0 }
    const limit = app.channel.full(weight)
    if (limit === null) this.#ticket = app.channel.ask(this, event, weight.bytes)
    else this.#settle({ how: 'failed', text: `Application ${app.name} is too busy: ${limit}` })
  }

  #expired(): void {
    const { clock, name, timeout } = this.#options
    const limit = `apps.verdictTimeout (${timeout} ms)`
    const app = this.#app()
    if (this.#ticket === 0)
      return this.#settle({ how: 'failed', text: `${app.trouble}, and was not back within ${limit}` })
    this.#deadline = clock.after(verdictGraceMs, () => {
      this.#settle({ how: 'failed', text: `${name} gave no answer within ${limit}` })
    })
  }

  #settle(outcome: Outcome): void {
    if (this.#settled) return
    this.#settled = true
    this.#deadline.cancel()
    if (this.#ticket !== 0) this.#app().channel.forget(this.#ticket)
    this.#options.settle(outcome)
  }
}
