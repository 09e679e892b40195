import type { AppLimits } from '../server/apps/wire.ts'
import type { Asks } from './asks.ts'
import type { Capabilities } from './capabilities.ts'
import type { FieldWatch } from './field-watch.ts'
import type { GlassClock } from './glass-clock.ts'
import type { Manager } from './manager.ts'
import type { Outbox } from './outbox.ts'
import type { Outside } from './outside/outside.ts'
import type { Stage } from './stage.ts'
import type { Counts, HookTally } from './tally.ts'
import type { Timers } from './timers.ts'

/** What the objects a script holds need of the runtime behind them. */
export interface Engine {
  /** The application's path, "" for the root. */
  readonly path: string
  readonly limits: AppLimits
  readonly capabilities: Capabilities
  readonly outbox: Outbox
  readonly outside: Outside
  readonly clock: GlassClock
  readonly asks: Asks
  readonly manager: Manager
  readonly stage: Stage
  readonly fields: FieldWatch
  readonly timers: Timers
  counts: Counts
  readonly tally: HookTally
  /** Logs what a hook threw, with its place. */
  fault(hook: string, error: unknown): void
  /** The call being served: writeAMFResult answers it. */
  serving: { ticket: number; client: string } | undefined
}
