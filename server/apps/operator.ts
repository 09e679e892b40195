import type { App } from './app.ts'
import type { Bubbling } from './bubbling.ts'
import type { Catalog } from './catalog.ts'
import { logChars, questionsMax } from './limits.ts'
import type { Members } from './members.ts'
import type { Roster } from './roster.ts'
import type { OperatorEvent } from './wire.ts'

export interface OperatorOptions {
  readonly catalog: Catalog
  readonly roster: Roster
  readonly bubbling: Bubbling
  readonly members: Members
}

/** What became of an application, for whoever looks on. */
export interface Happening {
  readonly app: string
  readonly what: 'started' | 'restarted' | 'reloaded' | 'rolledBack' | 'kept' | 'broken' | 'lost' | 'stopped'
  /** Why, or with what. */
  readonly text: string
}

/** One application, for a list. */
export interface AppRow {
  readonly app: string
  readonly standing: string
  readonly main: string
  readonly clients: number
  readonly hooks: readonly string[]
  /** Of its host; 0 while it has none. */
  readonly pid: number
  /** What is wrong with the last save, when the version before it serves; else ''. */
  readonly trouble: string
}

export interface LineAnswer {
  readonly ok: boolean
  readonly text: string
}

/** An operator's line on its way. */
export interface OperatorLine {
  /** Ends it wherever it is; there is no answer then. */
  cut(): void
}

/** What is asked, without its ticket. */
export type OperatorQuestion =
  | { readonly e: 'evaluate'; readonly session: number; readonly code: string; readonly as: 'text' | 'json' }
  | { readonly e: 'complete'; readonly session: number; readonly text: string }

/** The operator's way to applications: what is typed is evaluated in the application's own isolate, never here. */
export class Operator {
  readonly #options: OperatorOptions
  readonly #watchers = new Set<(happening: Happening) => void>()

  constructor(options: OperatorOptions) {
    this.#options = options
  }

  /**
   * The path of an application that has a script, as people write it: `live`, `/live`, `/` for the root. In Adobe's dialect
   * that of an instance which runs, and the folder's own name means the default one.
   */
  find(name: string): string | undefined {
    const { catalog, roster } = this.#options
    const trimmed = name.replace(/^\/+|\/+$/g, '')
    const path = trimmed === '' ? '' : `/${trimmed}`
    const home = catalog.homeOf(path)
    const place = catalog.locate(home)
    if (catalog.mainOf(home) === undefined || !place.found) return undefined
    // No instance is made by naming it, but for the default one.
    return home === path || place.app === path ? place.app : roster.known(path)?.path
  }

  /** Every application that has a script, parents before children, with the instances that run. */
  list(): AppRow[] {
    const { catalog, roster, members } = this.#options
    return catalog.withMain().flatMap(home => {
      const paths = roster.ofHome(home).map(({ path }) => path)
      return (paths.length === 0 ? [home] : paths).map(path => {
        const app = roster.known(path)
        return {
          app: path,
          standing: app?.standing ?? 'off',
          main: catalog.mainOf(home) ?? '',
          clients: [...members.of(path)].length,
          hooks: app ? [...app.hooks] : [],
          pid: app?.pid ?? 0,
          trouble: app?.good.trouble ?? '',
        }
      })
    })
  }

  /** Calls `watcher` whenever an application starts, changes or ends; gives what ends that. */
  watch(watcher: (happening: Happening) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  happened(app: App, what: Happening['what'], text: string): void {
    for (const watcher of this.#watchers) watcher({ app: app.path, what, text: text.slice(0, logChars) })
  }

  /** Asks the script of an application, which is started if it has to be. `settle` is called once, unless it is cut before. */
  ask(path: string, question: OperatorQuestion, settle: (answer: LineAnswer) => void): OperatorLine {
    const { roster, bubbling } = this.#options
    const app = roster.at(path)
    let ticket = 0
    let isCut = false
    const event = (given: number): OperatorEvent => {
      ticket = given
      return { ...question, ticket }
    }
    bubbling.inquire(path, [{ app, hook: null, event }], 'REPL line', {
      weight: { bytes: (question.e === 'evaluate' ? question.code : question.text).length, calls: questionsMax },
      stale: () => isCut,
      settle: outcome => {
        if (isCut) return
        isCut = true
        if (outcome.how === 'failed') return settle({ ok: false, text: outcome.text })
        if (outcome.how === 'nobody') return settle({ ok: false, text: `Application ${app.name} is not running` })
        const { answer } = outcome
        settle({ ok: answer.c === 'result' && answer.how === 'value', text: answer.text ?? '' })
      },
    })
    return {
      cut: () => {
        if (!isCut && ticket !== 0) app.interrupt(ticket)
        isCut = true
      },
    }
  }

  /** The operator has gone: what the session declared may go too. */
  leave(session: number): void {
    for (const app of this.#options.roster) if (app.standing === 'up') app.channel.tell({ e: 'sessionEnded', session })
  }

  /** Loads an application anew, as a save of another text does; `done` hears what came of it. */
  reload(path: string, done: (happening: Happening) => void): void {
    const app = this.#options.roster.at(path)
    const end = this.watch(happening => {
      if (happening.app !== path) return
      end()
      done(happening)
    })
    if (app.standing === 'off') app.reach()
    else app.saved(true)
  }
}
