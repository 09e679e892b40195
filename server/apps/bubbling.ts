import type { Clock } from '../base/clock.ts'
import type { Config } from '../config/config.ts'
import type { App } from './app.ts'
import type { Catalog } from './catalog.ts'
import { Inquiry, type InquiryOptions, type Outcome, type Step } from './inquiry.ts'
import type { Roster } from './roster.ts'
import type { AppEvent, HookEvent, MirrorEvent } from './wire.ts'

export interface BubblingOptions {
  readonly catalog: Catalog
  readonly roster: Roster
  readonly config: Pick<Config, 'app'>
  readonly clock: Clock
}

export type Asked = Pick<InquiryOptions, 'stale' | 'settle' | 'passesBroken'>

/**
 * How what happens in an application reaches it and its ancestors. Facts reach all of them; a hook is for the nearest
 * that defines it; and in a folder without a script nobody is asked.
 */
export class Bubbling {
  readonly #options: BubblingOptions

  constructor(options: BubblingOptions) {
    this.#options = options
  }

  /** Who may see what is in an application, nearest first. */
  seers(path: string): App[] {
    return this.#options.roster.chain(path)
  }

  /** Whose hooks count for what happens in an application, nearest first. */
  chain(path: string): App[] {
    return this.#options.catalog.isScripted(path) ? this.seers(path) : []
  }

  /** Its ancestors, nearest first. */
  ancestors(app: App): App[] {
    return this.seers(app.path).filter(each => each !== app)
  }

  /** Asks the nearest that defines the hook; without one the outcome is `nobody`. */
  ask(path: string, hook: string, event: (ticket: number) => AppEvent, asked: Asked): void {
    this.inquire(
      path,
      this.chain(path).map(app => ({ app, hook, event })),
      hook,
      asked,
    )
  }

  inquire(path: string, steps: Step[], name: string, asked: Asked & Pick<InquiryOptions, 'early' | 'weight'>): void {
    if (steps.length === 0) return asked.settle({ how: 'nobody' })
    const { clock, config } = this.#options
    new Inquiry({ ...asked, name, steps, clock, timeout: config.app(path).verdictTimeout })
  }

  /**
   * onStart and onStop: asked of the application itself while it comes up or goes, else of the nearest above it. `drain` asks
   * the application in any case: when it answers, it has heard all it was told before, that its clients left included.
   */
  askLife(
    app: App,
    hook: string,
    event: (ticket: number) => AppEvent,
    settle: (outcome: Outcome) => void,
    drain = false,
  ): void {
    const above = this.ancestors(app).map((ancestor): Step => ({ app: ancestor, hook, event }))
    const own: Step = { app, hook, event, direct: true }
    const steps = app.hooks.has(hook) ? [own] : drain ? [own, ...above] : above
    this.inquire(app.path, steps, hook, { stale: () => false, settle })
  }

  /** A fact, for the application and all its ancestors, but for `except`. */
  tell(path: string, event: MirrorEvent, except?: App): void {
    for (const app of this.seers(path)) if (app !== except) app.channel.tell(event)
  }

  /** A hook that nobody waits for: the nearest that defines it. While that one is down nobody else is told in its place. */
  call(path: string, hook: string, event: HookEvent): void {
    this.chain(path)
      .find(app => app.hooks.has(hook))
      ?.channel.call(event)
  }
}
