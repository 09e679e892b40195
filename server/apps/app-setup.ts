import type { Capability } from '../base/capability.ts'

/**
 * What a host is told about an application before it raises it, and what it says of a script that went wrong: plain data,
 * as all that crosses (see wire.ts).
 */

/** What an isolate may spend; the supervisor and the host each keep their half. */
export interface AppLimits {
  /** Megabytes of heap. */
  memory: number
  /** Milliseconds one dispatch may run. */
  timeout: number
  /** Milliseconds a promised verdict or call may take. */
  verdictTimeout: number
  /** Timers alive at once. */
  timers: number
  /** Calls awaiting their answers at once. */
  pendingCalls: number
  /** Errors of a new version in its first seconds that take it back; 0 never does. */
  rollback: number
}

/** Everything a host needs to raise one app. */
export interface AppSetup {
  /** The application's path, "" for the root. */
  path: string
  /** The path of the folder's application: of an instance that of its main.asc, else the same. */
  home: string
  /** The name of the instance of a main.asc, `chat/lobby`: Adobe's dialect; null for modules. */
  instance: string | null
  /** What to raise in place of what the folder holds: a version that is known to be good. */
  pinned?: PinnedSources
  /** Absolute folder of the application, and of www/lib: the only places imports may come from. */
  folder: string
  libFolder: string
  wwwFolder: string
  /** main.js, main.ts … as found in the folder. */
  main: string
  limits: AppLimits
  /** What it may reach outside itself, and the name of the file where that is written, for errors. */
  allow: readonly Capability[]
  configFile: string
  /** application.config: the app's own section, strings except true/false. */
  config: Record<string, string | boolean>
  outside: OutsideSetup
  /** What comes in is kept for a replay, in files of so many bytes at most; null: it is not. */
  journal: { bytes: number } | null
  server: ServerFacts
}

/** What the app host needs for what an application reaches outside; none of it gets behind the glass. */
export interface OutsideSetup {
  /** Absolute folder for what the server keeps. */
  data: string
  /** Sockets open at once. */
  sockets: number
  /** Bytes that may wait in one socket. */
  socketBytes: number
  /** Milliseconds a fetch may take. */
  fetchTimeout: number
  /** Bytes of one answer's body. */
  fetchBytes: number
  /** Bytes of all stored keys and values. */
  storage: number
  /** null for an application that may not send mail. */
  smtp: SmtpSetup | null
}

/** The operator's mail server. */
export interface SmtpSetup {
  /** '' when there is none. */
  host: string
  port: number
  /** Milliseconds until a mail is given up. */
  timeout: number
  user: string
  password: string
  /** STARTTLS when it is offered, STARTTLS or nothing, TLS from the first byte, never. */
  secure: 'auto' | 'required' | 'tls' | 'none'
}

export interface ServerFacts {
  /** server.configs: nested by section, without secrets and other apps' sections. */
  configs: Record<string, unknown>
  publicAddress: string
  hostname: string
  version: string
  platform: string
}

/** Where a script went wrong, in the author's own source. */
export interface ScriptFault {
  text: string
  /** Relative to www/, with forward slashes; '' when unknown. */
  file: string
  line: number
  column: number
  stack: string
  /** The author's own lines around the place, a caret below it; once for each place and version. */
  frame?: string
}

/** All the sources of one version: it can be raised again whatever has become of its files. */
export interface PinnedSources {
  main: string
  sources: { id: string; file: string; code: string; tail: string }[]
  /** [importer, what it wrote, what that means]; the first and the last are ids of sources. */
  ways: [string, string, string][]
}
