import type { AppSetup } from '../../../../server/apps/wire.ts'
import type { Capability } from '../../../../server/base/capability.ts'
import { readCapability } from '../../../../server/config/capabilities.ts'
import { outside } from '../child.ts'
import { type Lab, runner, type TriedApp } from '../lab.ts'

/** The words of `allow`, as the configuration reads them. */
export function allowed(...words: string[]): Capability[] {
  return words.map(word => {
    const read = readCapability(word)
    if (typeof read === 'string') throw new Error(read)
    return read
  })
}

/** An application that runs pieces of script, as bodies of async functions, and gives what they return. */
export class Script {
  readonly app: TriedApp
  readonly #client: string

  constructor(app: TriedApp) {
    this.app = app
    this.#client = app.join().id
  }

  static async raise(lab: Lab, allow: string[], change: Partial<AppSetup['outside']> = {}): Promise<Script> {
    const data = `${lab.www.folder}/.data`
    return new Script(await lab.app(runner, { allow: allowed(...allow), outside: { ...outside, data, ...change } }))
  }

  run(body: string): Promise<unknown> {
    return this.app.call(this.#client, 'run', `return (async () => { ${body} })()`)
  }
}

/** How a promise of a script's ends, as text: what it gives or the name and message of what it throws. */
export const outcome = (expression: string) =>
  `try { return String(await (${expression})) } catch (error) { return error.name + ': ' + error.message }`
