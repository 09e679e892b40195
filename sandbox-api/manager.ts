import { MANAGE_MS } from './limits.ts'
import { SafeMap } from './primordials.ts'
import type { Script, Stage } from './stage.ts'
import type { Timers } from './timers.ts'

interface Managed {
  label: string
  script: Script
  /** The client it belongs to: once that has gone, the calls end. */
  owner: { readonly gone: boolean; readonly view: object }
}

/** The `onManage` of clients and writers: one timer for all, and none while nobody has one. */
export class Manager {
  readonly #timers: Timers
  readonly #stage: Stage
  readonly #members = new SafeMap<object, Managed>()
  #timer = 0

  constructor(timers: Timers, stage: Stage) {
    this.#timers = timers
    this.#stage = stage
  }

  /** Calls `script` on `member` every two seconds, until set() with undefined. */
  set(member: object, label: string, script: Script | undefined, owner: Managed['owner']): void {
    if (script === undefined) this.#members.delete(member)
    else this.#members.set(member, { label, script, owner })
    if (this.#members.size > 0 && this.#timer === 0) {
      this.#timer = this.#timers.set(MANAGE_MS, () => this.#round(), true)
    } else if (this.#members.size === 0 && this.#timer !== 0) {
      this.#timers.clear(this.#timer)
      this.#timer = 0
    }
  }

  /** Each member in a ring of its own, so that one which is cut does not take the others with it. */
  #round(): void {
    this.#members.forEach((_, member) => {
      this.#timers.set(0, () => this.#manage(member))
    })
  }

  #manage(member: object): void {
    const managed = this.#members.get(member)
    if (managed === undefined) return
    const { label, script, owner } = managed
    if (owner.gone) this.set(member, label, undefined, owner)
    else this.#stage.tell(label, script, member, [], owner.view)
  }
}
