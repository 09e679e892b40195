import type { AppEvent } from '../server/apps/wire.ts'
import { decode } from './amf.ts'
import type { Answers } from './answers.ts'
import { clientMembers } from './client.ts'
import type { ClientState } from './client-state.ts'
import { fromCloneBytes } from './clone-bytes.ts'
import type { Engine } from './engine.ts'
import { hookNames } from './hook-names.ts'
import type { Hooks } from './hooks.ts'
import { proxyOf } from './net/proxies.ts'
import { ownFunction } from './own-function.ts'
import { isArray, list, reflectApply, SafeSet } from './primordials.ts'
import type { Script } from './stage.ts'

type CallEvent = AppEvent & { e: 'call' }

const neverCalled = new SafeSet<string>()
for (let i = 0; i < hookNames.length; i++) neverCalled.add(hookNames[i]!)

/**
 * Calls of clients: own enumerable functions that the script put on the client, then the functions of `calls`, then
 * onCall. Never what is inherited, a getter, or a hook; a member of every client only when `calls` has that name, too.
 */
export class Calls {
  readonly #engine: Engine
  readonly #hooks: Hooks
  readonly #answers: Answers

  readonly #find: (client: object, name: string) => Script | undefined

  /** `find` stands in another dialect for what clients may call. */
  constructor(engine: Engine, hooks: Hooks, answers: Answers, find?: Calls['find']) {
    this.#engine = engine
    this.#hooks = hooks
    this.#answers = answers
    this.#find = find ?? ((client, name) => this.find(client, name))
  }

  handle(event: CallEvent, client: ClientState | undefined): void {
    const { ticket, name, scope } = event
    if (client === undefined) {
      this.#answers.pass(ticket)
      return
    }
    const called = scope === 'onCall' ? undefined : (this.#find(client.view, name) ?? proxyOf(name))
    if (called !== undefined) {
      this.#play(event, client, `call ${name}`, called, list())
      return
    }
    const onCall = scope === 'functions' ? undefined : this.#hooks.get('onCall')
    if (onCall === undefined) {
      this.#answers.pass(ticket)
      return
    }
    const first = list<unknown>()
    first[0] = client.view
    first[1] = name
    this.#play(event, client, 'onCall', onCall, first)
  }

  /** Another application calls what this one exports, hooks excepted. */
  fromApp({ ticket, name, args }: AppEvent & { e: 'appCall' }): void {
    const called = neverCalled.has(name) ? undefined : ownFunction(this.#hooks.exports, name)
    if (called === undefined) {
      this.#answers.pass(ticket)
      return
    }
    const label = `call ${name}`
    const read = () => reflectApply(called as (...values: unknown[]) => unknown, undefined, valuesOf(args))
    this.#engine.stage.play(label, read, undefined, list(), true, outcome =>
      this.#answers.toApp(ticket, label, outcome),
    )
  }

  find(client: object, name: string): Script | undefined {
    if (neverCalled.has(name)) return undefined
    const own = clientMembers.has(name) ? undefined : ownFunction(client, name)
    return own ?? ownFunction(this.#hooks.calls, name)
  }

  #play(event: CallEvent, client: ClientState, label: string, script: Script, values: unknown[]): void {
    const { ticket } = event
    const self = label === 'onCall' ? undefined : client.view
    // Reading the values may run the script's code too: classes, onTypedObject.
    const read = () => {
      const given = decode(event.args)
      for (let i = 0; i < given.length; i++) values[values.length] = given[i]
      return reflectApply(script as (...values: unknown[]) => unknown, self, values)
    }
    this.#engine.counts.calls++
    this.#engine.serving = { ticket, client: client.facts.id }
    this.#engine.stage.play(label, read, undefined, list(), true, outcome =>
      this.#answers.result(ticket, label, client, outcome),
    )
    this.#engine.serving = undefined
  }
}

function valuesOf(args: Uint8Array): unknown[] {
  const values = fromCloneBytes(args)
  return isArray(values) ? values : list()
}
