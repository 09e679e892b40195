/** What the media process and an app host say to each other of the host itself; what is about an application is in wire.ts. */

import type { AppSetup, PinnedSources, ScriptFault } from './app-setup.ts'
import type { AppCommand, AppEvent, MirrorEvent } from './wire.ts'

/** media process → app host */
export type HostOrder =
  /** Load and evaluate; answered by `started` or `failed`. `mirror` fills the mirrors first; onStart and `adopt` are events. */
  | { order: 'start'; app: AppSetup; reason: 'start' | 'crash'; mirror: MirrorEvent[] }
  /**
   * Raise the new version beside the old; answered by `reloaded` or `failed`. Events sent meanwhile wait in the host.
   * `ifOther`: only if the files hold other text than what runs; otherwise the answer is `unchanged`.
   */
  | { order: 'reload'; app: AppSetup; ifOther?: boolean }
  | { order: 'events'; path: string; events: AppEvent[] }
  /** Cuts what an `evaluate` with that ticket runs, wherever it is. */
  | { order: 'interrupt'; path: string; ticket: number }
  /** Give the isolate back; onStop has been asked by an event before. */
  | { order: 'dispose'; path: string }
  | { order: 'ping'; id: number }
  /** From a debugger; sessions have numbers of their own. `message`: of the Chrome DevTools Protocol, with `tell`. */
  | {
      order: 'inspect'
      path: string
      session: number
      what: 'open' | 'tell' | 'close'
      message: string
      www: string
      pauseMs: number
      /** Megabytes that the host may take for it. */
      memory: number
    }

/** app host → media process */
export type HostReport =
  /** `hooks`: the names that are defined; also `calls` when it is exported, and `acceptUnknownApps` when it is true. */
  | { report: 'started'; path: string; hooks: string[]; ms: number; sources: PinnedSources }
  | { report: 'reloaded'; path: string; hooks: string[]; ms: number; sources: PinnedSources }
  /** What was saved is what runs: nothing was done. */
  | { report: 'unchanged'; path: string }
  /** The version that came last made too many errors in its first seconds: the one before serves again. */
  | { report: 'rolledBack'; path: string; hooks: string[]; ms: number; text: string }
  /** The version did not compile, evaluate or start. After a failed reload the old one serves on. */
  | { report: 'failed'; path: string; phase: 'start' | 'reload'; fault: ScriptFault }
  | { report: 'commands'; path: string; commands: AppCommand[] }
  | { report: 'disposed'; path: string }
  /** A limit was hit so hard that the host must be replaced; it may be killed at once. */
  | { report: 'spent'; path: string; limit: string }
  | { report: 'pong'; id: number }
  /** To a debugger. */
  | { report: 'inspected'; path: string; session: number; message: string }
  /** A debugger has stopped the script at `place`, or it goes on; `forced`: because its time was over. */
  | { report: 'paused'; path: string; on: boolean; place: string; forced: boolean }
