import { readHandlers } from './claims.ts'
import { type HookName, hookNames } from './hook-names.ts'
import { list, SafeMap } from './primordials.ts'
import type { Script } from './stage.ts'

/** The functions of the main module that the server calls. */
export class Hooks {
  readonly #scripts = new SafeMap<string, Script>()
  /** `export const calls`: functions every client may call. */
  calls: object | undefined
  /** The main module's exports: other applications may call the functions among them. */
  exports: object | undefined
  /** `export const connectHandlers`: they claim connections in place of onConnection. */
  connectHandlers: readonly Script[] | undefined

  /**
   * `found`: an object without prototype, what the module has under each hook's name or undefined. Gives the names defined,
   * and tells `wrong` what has such a name and cannot be called. Throws a TypeError for handlers that are none.
   */
  install(
    found: Record<string, unknown>,
    calls: unknown,
    connectHandlers: unknown,
    wrong: (text: string) => void,
  ): string[] {
    const names = list<string>()
    for (let i = 0; i < hookNames.length; i++) {
      const name = hookNames[i]!
      const script = found[name]
      if (typeof script !== 'function') {
        if (script !== undefined) wrong(`${name} is ${kindOf(script)}, no function: the server never calls it`)
        continue
      }
      this.#scripts.set(name, script as Script)
      names[names.length] = name
    }
    if ((typeof calls === 'object' && calls !== null) || typeof calls === 'function') {
      this.calls = calls
      names[names.length] = 'calls'
    } else if (calls !== undefined) wrong(`calls is ${kindOf(calls)}, no object: clients can call nothing of it`)
    this.connectHandlers = readHandlers(connectHandlers)
    // Handlers answer what onConnection is asked.
    const answersConnect = this.connectHandlers !== undefined && !this.#scripts.has('onConnection')
    if (answersConnect) names[names.length] = 'onConnection'
    return names
  }

  get(name: HookName): Script | undefined {
    return this.#scripts.get(name)
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
