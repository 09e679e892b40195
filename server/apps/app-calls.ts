import { allows, capabilitySentence, capabilityWord, type Want } from '../base/capability.ts'
import type { Config } from '../config/config.ts'
import type { App } from './app.ts'
import type { Bubbling } from './bubbling.ts'
import type { Catalog } from './catalog.ts'
import type { Roster } from './roster.ts'
import { brief, resultOf } from './verdicts.ts'
import type { AppCommand } from './wire.ts'

export interface AppCallsOptions {
  readonly catalog: Catalog
  readonly roster: Roster
  readonly bubbling: Bubbling
  readonly config: Pick<Config, 'app' | 'file'>
}

/** What applications ask of one another. The isolate has asked for leave already; it is not taken at its word. */
export class AppCalls {
  readonly #options: AppCallsOptions

  constructor(options: AppCallsOptions) {
    this.#options = options
  }

  /** Every application there is to call, by path. */
  paths(): string[] {
    const { catalog } = this.#options
    return catalog.withMain().filter(path => catalog.isScripted(path))
  }

  call(caller: App, { ticket, app: path, name, args }: AppCommand & { c: 'callApp' }): void {
    const { catalog, roster, bubbling, config } = this.#options
    const refuse = (text: string): void => caller.channel.tell({ e: 'answer', ticket, ok: false, text })
    const want: Want = { kind: 'apps', path }
    if (!allows(config.app(caller.path).allow, want)) {
      return refuse(capabilitySentence(caller.path, config.file, capabilityWord(want)))
    }
    if (!catalog.isScripted(path)) return refuse(`Application ${brief(path) || '/'} does not exist`)
    const event = (asked: number) => ({ e: 'appCall', ticket: asked, name, args }) as const
    const missing = `Application ${path || '/'} exports no function '${brief(name)}'`
    bubbling.inquire(path, [{ app: roster.at(path), hook: null, event }], `call ${brief(name)}`, {
      weight: { bytes: args.length, calls: config.app(path).pendingCalls },
      stale: () => false,
      settle: outcome => {
        const result = resultOf(outcome, missing)
        if (result.how === 'error') refuse(result.text)
        else if (result.how === 'nothing') caller.channel.tell({ e: 'answer', ticket, ok: true })
        else caller.channel.tell({ e: 'answer', ticket, ok: true, value: result.value })
      },
    })
  }
}
