import { type HookName, hookNames } from './hook-names.ts'
import { list, SafeMap } from './primordials.ts'
import type { Script } from './stage.ts'

/** The functions of the main module that the server calls. */
export class Hooks {
  readonly #scripts = new SafeMap<string, Script>()
  /** `export const calls`: functions every client may call. */
  calls: object | undefined

  /** `found`: an object without prototype, a function or undefined for each hook's name. Gives the names defined. */
  install(found: Record<string, unknown>, calls: unknown): string[] {
    const names = list<string>()
    for (let i = 0; i < hookNames.length; i++) {
      const name = hookNames[i]!
      const script = found[name]
      if (typeof script !== 'function') continue
      this.#scripts.set(name, script as Script)
      names[names.length] = name
    }
    if ((typeof calls === 'object' && calls !== null) || typeof calls === 'function') {
      this.calls = calls
      names[names.length] = 'calls'
    }
    return names
  }

  get(name: HookName): Script | undefined {
    return this.#scripts.get(name)
  }
}
