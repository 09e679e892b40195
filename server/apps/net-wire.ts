import type { Amf } from '../hub/facts.ts'
import type { SharedMessage } from '../hub/shared-events.ts'
import type { SharedTold } from './wire.ts'

/**
 * What crosses about connections of scripts to other servers (NetConnection, NetStream). The media process makes them, and
 * frames pass from one to the other there; `connection` and `stream` are the application's own numbers.
 */

/** Up. */
export type NetCommand =
  /** `addresses`: where its host may be, as the app host has checked. `args`: AMF0 values. `encoding`: 0 or 3. */
  | { c: 'netConnect'; connection: number; uri: string; addresses: string[]; encoding: number; args: Amf }
  | { c: 'netClose'; connection: number }
  /** Connections of lower numbers end: a version of the script made them that serves no more. */
  | { c: 'netEndOld'; before: number }
  /** The answer to a ticket comes as `answer`; 0 wants none. */
  | { c: 'netCall'; connection: number; ticket: number; name: string; args: Amf }
  /** To `netCalled`. */
  | { c: 'netAnswer'; connection: number; call: number; how: 'value' | 'nothing' | 'error'; value?: Amf; text?: string }
  /** `publication`: key of what is published there, or of what is published here by what is played there. */
  | { c: 'netPublish'; connection: number; stream: number; name: string; kind: string; publication: string }
  | { c: 'netPlay'; connection: number; stream: number; name: string; args: Amf; publication: string; bufferMs: number }
  | { c: 'netSend'; connection: number; stream: number; name: string; values: Amf }
  | { c: 'netBuffer'; connection: number; stream: number; ms: number }
  | { c: 'netStop'; connection: number; stream: number }
  /** Something about a shared object that lives there: as `shared` of those that live here, and without tickets. */
  | {
      c: 'netShared'
      connection: number
      op: NetSharedOp
      object: string
      seq: number
      name: string
      value?: Amf
      number: number
    }

/** What another server can be asked of a shared object of its own. */
export type NetSharedOp = 'open' | 'close' | 'set' | 'remove' | 'clear' | 'send'

/** Down. `info`: an information object, one AMF0 value. */
export type NetEvent =
  | { e: 'netConnected'; connection: number; encoding: 0 | 3; info: Amf }
  | { e: 'netStatus'; connection: number; info: Amf }
  /** `failure`: what broke, '' after a clean end. Nothing of this connection comes after it. */
  | { e: 'netEnded'; connection: number; failure: string }
  | { e: 'netCalled'; connection: number; call: number; name: string; args: Amf }
  | { e: 'netStreamStatus'; connection: number; stream: number; info: Amf }
  | { e: 'netShared'; connection: number; told: SharedTold }

/** What is about one connection that is there. */
export type ReachedCommand = Exclude<NetCommand, { c: 'netConnect' | 'netEndOld' | 'netShared' }>

export type NetConnectCommand = NetCommand & { c: 'netConnect' }

/** Makes a connection for the application at `app`; server/relay fulfils it. */
export type Reach = (
  app: string,
  to: NetConnectCommand,
  told: (told: NetTold) => void,
  /** What the server says of its shared objects. */
  shared: (message: SharedMessage) => void,
) => Reached

/** What is told by a connection: an event, or what became of a call. */
export type NetTold =
  | Exclude<NetEvent, { e: 'netShared' }>
  | { e: 'answer'; ticket: number; ok: boolean; value?: Amf; text?: string }

export interface Reached {
  take(command: ReachedCommand): void
  /** Says something about a shared object that lives there. */
  share(message: SharedMessage): void
}
