import type { Clock } from '../../base/clock.ts'
import type { AppCommand } from '../wire.ts'
import type { Journals } from './journal/journals.ts'
import type { Premises } from './outside/premises.ts'
import type { Rehearsal } from './rehearsal.ts'
import type { Version } from './version.ts'
import type { Watch } from './watch.ts'

/** Who owns versions of an application. */
export interface VersionOwner {
  readonly clock: Clock
  /** Set while it is tried without a server. */
  readonly rehearsal: Rehearsal | undefined
  readonly watch: Watch
  /** A debugger has stopped it. */
  readonly isPaused: boolean
  /** A debugger looks at it. */
  readonly isInspected: boolean
  /** What the versions of this application share outside. */
  readonly premises: Premises
  readonly journals: Journals
  /** What a turn wrote, in order. */
  commands(commands: AppCommand[]): void
  /** That version did something its author did not mean: see `troubles`. */
  troubled(version: Version): void
  /** A turn was cut. */
  cut(limit: string): void
  /** A limit was hit that the process cannot survive. */
  spent(limit: string): void
  /** No further turn may begin until the promise is fulfilled; undefined when one may. */
  congested(): Promise<void> | undefined
}
