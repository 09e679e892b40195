import type { Clock } from '../base/clock.ts'
import type { Hub } from '../hub/hub.ts'

/** What became of an application. */
export interface Happening {
  readonly app: string
  readonly what: 'started' | 'restarted' | 'reloaded' | 'rolledBack' | 'kept' | 'broken' | 'lost' | 'stopped'
  readonly text: string
}

export interface AppRow {
  readonly app: string
  readonly standing: string
  readonly main: string
  readonly clients: number
  readonly hooks: readonly string[]
  readonly pid: number
  /** What is wrong with the last save, when the version before it serves; else ''. */
  readonly trouble: string
}

export type Question =
  | { readonly e: 'evaluate'; readonly session: number; readonly code: string; readonly as: 'text' | 'json' }
  | { readonly e: 'complete'; readonly session: number; readonly text: string }

/** What the admin socket asks of the applications. Paths are "" for the root, "/live". */
export interface Applications {
  /** The path of an application with a script, however people write it. */
  find(name: string): string | undefined
  list(): AppRow[]
  watch(watcher: (happening: Happening) => void): () => void
  /** Asks the script; `settle` is called once, unless it is cut before. */
  ask(path: string, question: Question, settle: (answer: { ok: boolean; text: string }) => void): { cut(): void }
  /** The session has ended. */
  leave(session: number): void
  reload(path: string, done: (happening: Happening) => void): void
}

/** The server, as operators may see and change it. */
export interface World {
  readonly applications: Applications
  readonly hub: Pick<Hub, 'clients' | 'publications' | 'listeners' | 'publishing'>
  readonly clock: Clock
  readonly version: string
  /** Media workers; 1 is the main process itself. */
  readonly workers: number
}

/** As people write it. */
export function nameOf(path: string): string {
  return path || '/'
}

const said = {
  started: 'started',
  restarted: 'is back',
  reloaded: 'was reloaded',
  rolledBack: 'was taken back to the version before its last save:',
  kept: 'was not reloaded, the last good version serves on:',
  broken: 'did not start:',
  lost: 'ended and is being restarted:',
  stopped: 'was stopped',
} as const

/** What became of an application, in a sentence. */
export function sentenceOf({ app, what, text }: Happening): string {
  return `application ${nameOf(app)} ${said[what]}${text === '' ? '' : ` ${text}`}`
}
