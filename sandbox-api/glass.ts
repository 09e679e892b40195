/** What crosses between the host process and the runtime in its isolate, beyond the words of server/apps/wire.ts. */

import type {
  AppCommand,
  AppEvent,
  AppLimits,
  FieldsOf,
  MirrorEvent,
  ScriptFault,
  ServerFacts,
} from '../server/apps/wire.ts'
import type { Capability } from '../server/base/capability.ts'
import type { OutsideCommand, OutsideEvent } from './outside/words.ts'
import type { Counts, Spent } from './tally.ts'
import type { Reads } from './wall-clock.ts'

/** Given once, before the application's own modules are evaluated. */
export interface GlassSetup {
  /** The application's path, "" for the root. */
  path: string
  wwwFolder: string
  limits: AppLimits
  allow: readonly Capability[]
  /** The name of the file in which `allow` stands. */
  configFile: string
  /** Bytes that one handler of a socket may leave unconsumed. */
  socketBytes: number
  config: Record<string, string | boolean>
  server: ServerFacts
  /** The name of the instance of a main.asc, which brings Adobe's dialect; null for a module. */
  instance: string | null
  /** Random bytes of the system's, for this isolate alone. */
  seed: Uint8Array
  /** What comes in is kept: time and chance come from where they can be replayed. */
  journal: boolean
}

/** A file that a script of Adobe's dialect wants loaded, and where it says so. */
export interface Load {
  name: string
  place: { file: string; line: number }
}

/** What an old version leaves to the new one, apart from the bag. */
export interface Estate {
  /** The events that fill empty mirrors. */
  mirror: MirrorEvent[]
  /** Clients whose onConnection this version answered: the new one adopts them. */
  answered: string[]
  /** The first ticket the new version may use for its own commands. */
  nextTicket: number
  /** Absent after a start: nothing was counted before. */
  counts?: Counts
}

/** Own data fields of one object. */
export interface KnownFields {
  of: FieldsOf
  id: string
  /** [name, bytes as clone-bytes.ts makes them or null, how often it was told and has not come back] */
  fields: [string, Uint8Array | null, number][]
}

/** Asked by the host itself. Their tickets are negative, so that they never meet the media process's. */
export type InnerEvent =
  /** onStop(path, 'reload'); its value is the bag. */
  | { e: 'handOver'; ticket: number; path: string }
  | { e: 'packEstate'; ticket: number }
  /** Apart from the estate because reading a script's fields may run its code. */
  | { e: 'packFields'; ticket: number }
  | { e: 'unpack'; ticket: number; estate: Estate; fields: KnownFields[] | undefined }
  | { e: 'takeOver'; ticket: number; path: string; reason: 'reload' | 'rollback'; state: unknown }
  /** As the wire's `adopt`, with an answer when the adoption has run its course. */
  | { e: 'adoptAsked'; ticket: number; client: string }
  /** What the isolate has used so far; wants no answer. */
  | { e: 'spent'; ticket: 0; spent: Spent }
  /** This version is the one before the last save, which was taken back, and why; wants no answer. */
  | { e: 'rolledBack'; ticket: 0; text: string }
  /** Whoever still waits for a promise of this version's reads the text instead. */
  | { e: 'giveUp'; ticket: number; text: string }

export type GlassEvent = AppEvent | InnerEvent | OutsideEvent

/** The answer to an inner event. */
export interface Settled {
  c: 'settled'
  ticket: number
  ok: boolean
  fault?: ScriptFault
  value?: unknown
}

/** A throw that looks like a slip of the author's, though somebody was told it as an answer. */
export interface Slip {
  c: 'slip'
  text: string
}

export type GlassCommand = AppCommand | Settled | Slip | OutsideCommand

/**
 * What a turn brought. One object, kept true while promises settle: the engine copies it out only after the last of
 * the turn's microtasks has run.
 */
export interface Turn {
  commands: GlassCommand[]
  /** When the runtime wants the next turn, in the host's milliseconds; -1: only when something happens. */
  wake: number
  /** Tickets that wait for a promise. */
  pending: number
  /** There is more to do at once: events left over from the slice, or timers that are due. */
  more: boolean
  /** With a journal: the wall clock as it was read. */
  reads?: Reads
}

/** A turn that did not end by itself. */
export interface Recovered {
  /** What was cut. */
  label: string
  /** Its first step was taken. If not, none of its events has been looked at. */
  begun: boolean
  turn: Turn
}
