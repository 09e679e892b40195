import type { GlassEvent, GlassSetup, Load, Turn } from '../../../../sandbox-api/glass.ts'
import type { PinnedSources, ScriptFault } from '../../wire.ts'
import type { Source } from '../source.ts'

/** Of the records below. A journal of another format is not read. */
export const FORMAT = 1

/** The first record, in JSON: it can be read whatever the format of the others. */
export interface Header {
  format: number
  /** Of the server that wrote it, and of its engine: others may differ in what they do. */
  cumulus: string
  v8: string
  /** The application's path. */
  app: string
  /** The path of its folder. */
  home: string
  /** Milliseconds since 1970. */
  began: number
  /** What dates and numbers are written by. */
  zone: string
  language: string
}

/** What the host does with the isolate of a version: all that ever enters it. */
export type Call =
  | { do: 'create'; setup: GlassSetup; megabytes: number; at: number }
  | { do: 'compile'; sources: PinnedSources }
  | { do: 'evaluate'; timeout: number }
  | { do: 'run'; source: Source; timeout: number }
  | { do: 'loads' | 'begin' | 'beginScripts' }
  | { do: 'dispatch'; events: GlassEvent[]; timeout: number; at: number }
  | { do: 'recover'; limit: string; text: string }
  | { do: 'dispose' }

/** What came of it. */
export type Ending =
  | { how: 'done' }
  | { how: 'loads'; loads: Load[] }
  | { how: 'hooks'; hooks: string[] | undefined }
  /** `begun`: of a turn that had to be recovered. */
  | ({ how: 'turn'; turn: Turn; label: string; begun?: boolean } & Interrupted)
  | Unended

/** What did not end by itself. */
export type Unended =
  /** It ran into its time limit, or an operator cut it. */
  ({ how: 'cut'; fault: ScriptFault } & Interrupted) | { how: 'thrown'; fault: ScriptFault } | { how: 'lost' }

interface Interrupted {
  /** An operator's Ctrl+C came, and so many milliseconds after its beginning the turn was over. */
  interrupted?: number
}

/** Versions are numbered from 1; those of a reload are at work at once. `wall`: milliseconds since 1970. */
export type Entry = CallEntry | { version: number; ending: Ending }

export interface CallEntry {
  version: number
  wall: number
  call: Call
}
