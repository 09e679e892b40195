import { type Client, clientStateOf } from './client.ts'
import type { Hooks } from './hooks.ts'
import { INCIDENTS, STATUS_TEXT } from './limits.ts'
import type { Outbox } from './outbox.ts'
import type { Owned } from './own-fields.ts'
import { ObjectClass, setOwn } from './primordials.ts'
import type { Outcome, Stage } from './stage.ts'
import { faultOf, textOf } from './thrown.ts'
import type { Timers } from './timers.ts'

/** What goes wrong while nobody waits for an answer: it is logged, and the script's onStatus hears of it (R26). */
export class Incidents {
  readonly #outbox: Outbox
  readonly #timers: Timers
  readonly #hooks: Hooks
  #waiting = 0

  constructor(outbox: Outbox, timers: Timers, hooks: Hooks) {
    this.#outbox = outbox
    this.#timers = timers
    this.#hooks = hooks
  }

  /** A hook, a timer or an onManage that went wrong; `about` is what it was called on or with. A cut is logged by the host. */
  failed(stage: Stage, hook: string, outcome: Exclude<Outcome, { how: 'value' }>, about: readonly unknown[]): void {
    if (outcome.how === 'thrown') this.#outbox.fault(hook, faultOf(outcome.error))
    const text = outcome.how === 'thrown' ? textOf(outcome.error, STATUS_TEXT) : outcome.text
    this.tell(stage, hook, text, clientAmong(about))
  }

  /** In a turn of its own kind: what failed is still on the stage. Past INCIDENTS that wait, only the log knows. */
  tell(stage: Stage, hook: string, description: string, client: Owned | null): void {
    const script = this.#hooks.get('onStatus')
    // Nobody is told of its own errors, or one would bring on the next.
    if (script === undefined || hook === 'onStatus' || this.#waiting >= INCIDENTS) return
    const info = new ObjectClass()
    setOwn(info, 'level', 'error')
    setOwn(info, 'code', 'Application.Script.Error')
    setOwn(info, 'description', description)
    setOwn(info, 'hook', hook)
    setOwn(info, 'client', client)
    this.#waiting++
    this.#timers.set(0, () => {
      this.#waiting--
      stage.tell('onStatus', script, undefined, [info])
    })
  }
}

function clientAmong(about: readonly unknown[]): Owned | null {
  for (let i = 0; i < about.length; i++) {
    try {
      return clientStateOf(about[i] as Client).view
    } catch {
      // It is something else.
    }
  }
  return null
}
