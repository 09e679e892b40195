import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { App } from './app.ts'
import type { Happening } from './operator.ts'
import type { AppCommand, AppSetup, HostReport, MirrorEvent } from './wire.ts'

/** What an application needs of the house around it. */
export interface AppWorld {
  readonly clock: Clock
  readonly log: Log
  defer(run: () => void): void
  /** What its host needs to raise it; null when it has no main file. */
  setup(path: string): AppSetup | null
  /** All that it may see, at this moment. */
  snapshot(path: string): MirrorEvent[]
  /** Clients that it answered for, or that nobody answered for. */
  adoptees(path: string): string[]
  /** Asks onStart or onStop of the nearest that defines it; the text says what went wrong. */
  starting(app: App, reason: 'start' | 'crash', done: (text: string | null) => void): void
  stopping(app: App, reason: StopReason, done: () => void): void
  commands(app: App, commands: AppCommand[]): void
  /** Something for its debuggers, or about them. */
  inspected(app: App, report: HostReport & { report: 'inspected' | 'paused' }): void
  /** A debugger has stopped its script. */
  isPaused(app: App): boolean
  /** Megabytes that it may take beyond its own limit because somebody debugs it. */
  memoryFor(app: App): number
  /** It came up, went off, or has other hooks now. */
  changed(app: App): void
  /** For whoever looks on: what became of it, and why. */
  happened(app: App, what: Happening['what'], text: string): void
  /** The isolate is gone, with everything the script held. */
  ended(app: App): void
}

export type StopReason = 'deleted' | 'shutdown' | 'unload'
