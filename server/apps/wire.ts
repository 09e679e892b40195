/**
 * Everything that crosses between the media process and an app host: plain data, no handles.
 *
 *   media process ── HostOrder ──►  app host        one message per direction and turn of the loop;
 *   media process ◄── HostReport ── app host        events and commands travel in arrays, in order
 *
 * Events keep their per-app order. Those with a `ticket` want exactly one `verdict` or `result` back, and commands
 * a handler issued arrive before its verdict. AMF crosses as bytes: the AMF0 values one after another (AMF3 behind
 * the 0x11 marker), decoded inside the isolate only.
 */

import type { Access, Amf, ClientFacts, ListenerFacts, PublicationFacts, QosFacts } from '../hub/facts.ts'
import type { Track } from '../hub/tracks.ts'
import type { ScriptFault } from './app-setup.ts'
import type { NetCommand, NetEvent } from './net-wire.ts'

/** Wherever this file says `publication: string` or, of what happens, `room: string`, this key is meant. */
export { publicationKey, publicationKey as groupKey, publicationKey as roomKey } from '../hub/address.ts'
export type { Access, Amf, ClientFacts, ListenerFacts, PublicationFacts, QosFacts } from '../hub/facts.ts'
export type { Track } from '../hub/tracks.ts'
export type {
  AppLimits,
  AppSetup,
  OutsideSetup,
  PinnedSources,
  ScriptFault,
  ServerFacts,
  SmtpSetup,
} from './app-setup.ts'
export type { HostOrder, HostReport } from './host-words.ts'

/** What may have fields that scripts put there: a client by its id, a publication or a room by its key. */
export type FieldsOf = 'client' | 'publication' | 'room'

/** [name, structured-clone value as the isolates write it; null: removed]. Opaque here. */
export type FieldValues = [string, Uint8Array | null][]

// ---------------------------------------------------------------------------------------------- events: down

/** Of a client: round trip in ms, what came and what went, ms since anything came. */
export type Figures = [
  ping: number,
  bytesIn: number,
  bytesOut: number,
  silence: number,
  messagesIn: number,
  messagesOut: number,
]

/** Facts that keep the mirrors true. Sent to the app itself and to all its running ancestors. */
export type MirrorEvent =
  /** Known from here on; in `clients` only once `joined`. `present`: it was there before this host started. */
  | { e: 'client'; facts: ClientFacts; present?: boolean }
  | { e: 'joined'; client: string }
  /** Out of `clients`, with its last figures (as in `stats`); the object lives on read-only until `forget`. */
  | { e: 'left'; client: string; figures?: Figures }
  | { e: 'forget'; client: string }
  /** There is such a room from here on (here by its name, and its application). */
  | { e: 'room'; app: string; room: string }
  | { e: 'unroom'; room: string }
  /** Appeared or changed publisher; the same key replaces what was known. */
  | { e: 'publication'; facts: PublicationFacts }
  | { e: 'unpublication'; publication: string }
  /** Known from here on (before onSubscribe); counted once `listening`. */
  | { e: 'listener'; facts: ListenerFacts }
  | { e: 'listening'; listener: number }
  | { e: 'unlistener'; listener: number }
  /** Another application has changed what a client may, or the client's lists have changed what a listener may. */
  | ({ e: 'access'; client: string } & Access)
  | { e: 'sampleAccess'; listener: number; audio: boolean; video: boolean }
  /** The values that followed the name `onMetaData`. */
  | { e: 'metadata'; publication: string; metadata: Amf }
  /** Codecs of the default tracks, '' while there is none, and all tracks. */
  | { e: 'codecs'; publication: string; audio: string; video: string; tracks: readonly Track[] }
  /** A group of application `app` has a member more, or one less; without any it is no more. */
  | { e: 'groupJoined'; app: string; id: string; client: string }
  | { e: 'groupLeft'; app: string; id: string; client: string }
  /** The paths of all applications that have a script. */
  | { e: 'applications'; paths: string[] }
  /** Another application wrote them, or they were there before. */
  | { e: 'fields'; of: FieldsOf; id: string; fields: FieldValues }
  /** This application's own `fields` command has had its turn: what `fields` tells from here on is newer. */
  | { e: 'fieldsTaken'; of: FieldsOf; id: string; names: string[] }
  /** A shared object of the application itself: what is new of it, or all. */
  | { e: 'shared'; facts: SharedFacts }
  | {
      e: 'stats'
      clients: [client: string, ...Figures][]
      publications: { publication: string; audio: QosFacts; video: QosFacts }[]
      listeners: { listener: number; audio: QosFacts; video: QosFacts }[]
    }

/** Hooks: asked of the nearest app that defines them. A ticket of 0 wants no answer. */
export type HookEvent =
  | { e: 'onStart'; ticket: number; path: string; reason: 'start' | 'crash' }
  | { e: 'onStop'; ticket: number; path: string; reason: 'deleted' | 'shutdown' | 'unload' }
  | { e: 'onManage' }
  /** Before there is a client. `path`: the URL's, with its leading slash and without its query. */
  | {
      e: 'onHandshake'
      ticket: number
      address: string
      path: string
      properties: Record<string, string>
      attempts: number
    }
  | { e: 'onConnection'; ticket: number; client: string }
  | { e: 'onConnectionAccepted'; client: string }
  | { e: 'onConnectionRejected'; client: string; text: string }
  | { e: 'onDisconnection'; client: string }
  | { e: 'onFailed'; client: string; error: string }
  /** Its answer says only that the hook is through with it. */
  | { e: 'onRoomCreate'; ticket: number; room: string }
  | { e: 'onRoomEnter'; ticket: number; client: string; room: string }
  | { e: 'onRoomLeave'; client: string; room: string }
  | { e: 'onRoomDestroy'; room: string }
  | { e: 'onPublish'; ticket: number; client: string; publication: string }
  | { e: 'onPublishConflict'; ticket: number; client: string; publication: string; current: string }
  | { e: 'onUnpublish'; client: string; publication: string; generation: number }
  | { e: 'onSubscribe'; ticket: number; client: string; listener: number }
  /** A recording was closed: `facts` as they were when it began, `file` within the application's folder of recordings. */
  | { e: 'onRecorded'; facts: PublicationFacts; file: string }
  | { e: 'onUnsubscribe'; client: string; listener: number }
  | { e: 'onCreateStream'; ticket: number; client: string; streamId: number }
  | { e: 'onPause'; ticket: number; client: string; listener: number; paused: boolean }
  | { e: 'onSeek'; ticket: number; client: string; listener: number; ms: number }
  | { e: 'onJoinGroup'; client: string; app: string; id: string }
  | { e: 'onUnjoinGroup'; client: string; app: string; id: string }
  /** Another application calls a function that this one exports. `args`: a list as the isolates write it, so is the result. */
  | { e: 'appCall'; ticket: number; name: string; args: Uint8Array }
  /** This app answered for that client before (reload, crash): onAdopt, or onConnection with its verdict ignored. */
  | { e: 'adopt'; client: string }
  /**
   * A client calls. `functions`: own functions of the client, then `calls`; `onCall`: only that hook;
   * `all`: one after the other. An app that has nothing by that name answers `pass`.
   */
  | {
      e: 'call'
      ticket: number
      client: string
      name: string
      args: Amf
      scope: 'functions' | 'onCall' | 'all'
      /** The client's transaction id was 0: it hears only a value that was returned. */
      silent: boolean
    }
  /**
   * Packets for an app with packet hooks: batched, dropped (counted in `dropped`) when the app falls behind. The verdict
   * on the ticket says that the hooks have seen them all; what was not answered yet counts as outstanding.
   */
  | { e: 'packets'; ticket: number; packets: PacketFacts[]; dropped: number }
  /** A client called a function of all that use a shared object. */
  | { e: 'sharedMessage'; object: string; name: string; args: Amf }
  /** What the script wanted of a shared object was not done; `code` is whole. */
  | { e: 'sharedStatus'; object: string; code: string; description: string }
  /** All that was said of shared objects before has been heard, once this is answered: more may follow. */
  | { e: 'sharedHeard'; ticket: number }
  /** What the server plays into a stream of the script's: a NetStream code, and of which entry. */
  | { e: 'streamStatus'; stream: string; code: string; name: string; description: string }
  /** What became of a command that carried a ticket. */
  | { e: 'answer'; ticket: number; ok: boolean; value?: Amf; text?: string }

/** What is told of shared objects that an application sees. */
export type SharedTold = (MirrorEvent & { e: 'shared' }) | (HookEvent & { e: 'sharedMessage' | 'sharedStatus' })

/**
 * A mirror of a shared object is kept true by states, not by steps: `seen` is the newest command of the script's that
 * these facts know of, and what the script has changed after it is not touched by them.
 */
export interface SharedFacts {
  name: string
  persistent: boolean
  version: number
  seen: number
  dirty: boolean
  /** Nothing of what was known is left but what follows; `own`: by the script's doing. */
  cleared: 'no' | 'own' | 'other'
  /** A value of null: there is no such slot. None at all: it is what the script made it last. */
  slots: SharedSlotFacts[]
  /** The object is no more. */
  dropped: boolean
  /** What a version of the application leaves to the next. */
  estate?: { seq: number; clearSeq: number; open: boolean; locks: number; autoCommit: boolean; resyncDepth: number }
}

export interface SharedSlotFacts {
  name: string
  value?: Amf | null
  /** The script's command that set it last, in an estate. */
  seq?: number
}

export interface PacketFacts {
  kind: 'audio' | 'video' | 'data'
  client: string
  publication: string
  time: number
  /** Data only: the frame's name. */
  name: string
  packet: Uint8Array
}

/**
 * What the operator asks of the running script. `evaluate` and `complete` get a `result` each, whose text is for people (of
 * `complete`: JSON of names and of how many characters they stand for).
 */
export type OperatorEvent =
  /** `session`: what it declares, and the last value, are its own. */
  | { e: 'evaluate'; ticket: number; session: number; code: string; as: 'text' | 'json' }
  | { e: 'complete'; ticket: number; session: number; text: string }
  /** A line that awaits something is waited for no more. */
  | { e: 'cutLine'; ticket: number }
  | { e: 'sessionEnded'; session: number }

export type AppEvent = MirrorEvent | HookEvent | OperatorEvent | NetEvent

// -------------------------------------------------------------------------------------------- commands: up

export type LogLevel = 'error' | 'warn' | 'note' | 'info' | 'debug' | 'trace'

/** Tickets of commands are the app's own numbers, apart from those of events. */
export type AppCommand =
  | NetCommand
  /**
   * The answer to a ticket: onHandshake, onConnection, onRoomCreate, onRoomEnter, onPublish, onPublishConflict ('replace'
   * is ok), onSubscribe, onCreateStream, onPause, onSeek, onStart, onStop. `redirect`: where onHandshake sends the client,
   * URLs, addresses and 'again' for this server, the best first.
   * `text` is what a refused client reads, `info` an AMF0 object merged into Connect.Success. `pass`: the app has no such
   * hook (a reload has just taken it away), the next in the chain is asked. Packets are answered with `ok`.
   */
  | { c: 'verdict'; ticket: number; ok: boolean; pass?: boolean; text?: string; info?: Amf; redirect?: string[] }
  /** The answer to a call: one AMF value, an error text, or nothing by that name. To an operator's: a text. */
  | { c: 'result'; ticket: number; how: 'value' | 'nothing' | 'error' | 'pass'; value?: Amf; text?: string }
  /** A message to one client. With a ticket the client's own answer comes back as `answer`. `droppable` marks what a lagging client may miss. */
  | { c: 'message'; client: string; name: string; args: Amf; ticket: number; droppable: boolean }
  /** A message to many: args in both encodings, made once. `room` undefined: all of the app, in all its rooms. */
  | { c: 'broadcast'; room?: string; name: string; args0: Amf; args3: Amf }
  /** onStatus, level "status", code prefixed by NetConnection. */
  | { c: 'status'; client: string; code: string; description: string; droppable: boolean }
  /** `result` inside a call in progress: answers it early (writeAMFResult). */
  | { c: 'early'; ticket: number; value: Amf }
  /** `failed`: applications hear the reason as the failure of the connection. */
  | { c: 'closeClient'; client: string; reason: string; failed: boolean }
  /** To an address or a URL; carried out at once, also while its verdict is out. */
  | { c: 'redirect'; client: string; to: string }
  | ({ c: 'access'; client: string } & Access)
  | { c: 'groupAdd'; app: string; id: string; client: string }
  | { c: 'groupRemove'; app: string; id: string; client: string }
  /** Calls what another application exports; `answer` brings what it gives. */
  | { c: 'callApp'; ticket: number; app: string; name: string; args: Uint8Array }
  /** Takes this application down; whoever connects next starts it again. */
  | { c: 'unload' }
  /** Data that the script put on an object; the last writer of a field wins. */
  | { c: 'fields'; of: FieldsOf; id: string; fields: FieldValues }
  | { c: 'ping'; client: string }
  /** Measures its line; the answer is an object with `maximum` (bytes a second), `latency` (ms), and the `bytes` and `ms` it took. */
  | { c: 'bandwidth'; client: string; ticket: number }
  /** IP addresses and ranges that the application keeps out from now on, or no longer. */
  | { c: 'ban'; on: boolean; entries: string[] }
  /** Of that generation only; 0 means the script's own. */
  | { c: 'closePublication'; publication: string; generation: number; code: string; description: string }
  | { c: 'closeListener'; listener: number; code: string; description: string }
  | { c: 'listener'; listener: number; receiveAudio: boolean; receiveVideo: boolean }
  | { c: 'sampleAccess'; listener: number; audio: boolean; video: boolean }
  /** A data message to all listeners of a publication (publication.send). */
  | { c: 'send'; publication: string; name: string; values: Amf }
  /** Records a publication; `answer` says that it is recorded from now on, or the text why not. */
  | {
      c: 'record'
      ticket: number
      publication: string
      format: string
      append: boolean
      /** Seconds; 0 never. */
      segment: number
      path: string
    }
  /**
   * About recordings of the application: `facts` of one (`answer` is an object of seconds and bytes, or null), or `delete`
   * one, or `clear` all below a name ('' is all; `answer` is how many).
   */
  | { c: 'recordings'; ticket: number; what: string; name: string }
  /** Ends all recordings of it. */
  | { c: 'stopRecording'; publication: string }
  /**
   * Has the server play a live stream or a recording into a stream, in seconds as Adobe's Stream.play() counts them;
   * `reset`: at once, else after what is played there. What becomes of it is told by `streamStatus`.
   */
  | { c: 'streamPlay'; stream: string; source: string; start: number; length: number; reset: boolean }
  | { c: 'streamStop'; stream: string }
  /** A publication of the script's own. `answer` says ok, or the text why not. */
  | { c: 'publish'; ticket: number; address: string }
  | { c: 'push'; publication: string; frames: PushedFrame[] }
  /** Writes into the application's own section; answered by `answer`, whose text says that another value stays. */
  | { c: 'configure'; ticket: number; key: string; value: string }
  /**
   * Something about a shared object of the application. `seq` numbers these commands, from 1. `name` and `value`: of a slot
   * or a message; `number`: a flag, a version or a depth. Those with a ticket get an `answer`.
   */
  | {
      c: 'shared'
      op: SharedOp
      object: string
      seq: number
      name: string
      value?: Amf
      number: number
      ticket: number
    }
  | { c: 'log'; level: LogLevel; text: string; file: string; line: number }
  /** An error while handling a message for this app; goes to the log (R26). */
  | ({ c: 'fault'; hook: string } & ScriptFault)

export type SharedOp =
  /** `number` 1: persistent. */
  | 'open'
  | 'close'
  | 'set'
  | 'remove'
  | 'clear'
  | 'lock'
  | 'unlock'
  | 'send'
  | 'purge'
  | 'autoCommit'
  /** Negative: for ever. */
  | 'resyncDepth'
  /** Asked with a ticket: the answer comes when it is on the disk. `commit`: all that changed; `delete`: `object` is a pattern. */
  | 'flush'
  | 'commit'
  | 'delete'

export interface PushedFrame {
  kind: 'audio' | 'video' | 'data'
  time: number
  name: string
  packet: Uint8Array
  /** Packets that are missing before it. */
  lost: number
}
