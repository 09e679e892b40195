/**
 * Everything that crosses between the main process and a media worker: plain data, no handles.
 *
 *   main process ── WorkerOrder ──►  worker        one message per direction and turn of the loop;
 *   main process ◄── WorkerReport ── worker        orders and reports travel in arrays, in order
 *
 * A worker has numbers of its own for what it brings: a *seat* is one connection that said who it is, a *stream* one
 * publish() or play() of it. Frames between players and publishers of different workers do not come this way: a relay
 * carries them (relay-frames.ts).
 */

import type {
  HttpConfig,
  ListenerConfig,
  LogLevelName,
  PublicationConfig,
  RecordingConfig,
  RtmpConfig,
  RtmpsConfig,
} from '../config/config.ts'
import type { Address } from '../hub/address.ts'
import type { FileTaken, RecordNews, RecordWish } from '../hub/archive.ts'
import type { Bandwidth, ClientAnswer, Farewell, PeerFigures, StatusOptions } from '../hub/client.ts'
import type { Amf, PublicationFacts, QosFacts } from '../hub/facts.ts'
import type { ConnectOutcome, Introduction } from '../hub/hub.ts'
import type { CallResult, Verdict } from '../hub/judge.ts'
import type { SharedMessage } from '../hub/shared-events.ts'
import type { Track } from '../hub/tracks.ts'
import type { Frame, FrameRole } from '../media/frame.ts'

export interface WorkerSetup {
  /** From 1 on; a worker that replaces another has its number. */
  readonly number: number
  /** With the port that all workers share, and this worker's part of the connections. */
  readonly rtmp: RtmpConfig
  readonly rtmps: RtmpsConfig
  readonly http: HttpConfig
  readonly listener: ListenerConfig
  readonly publication: PublicationConfig
  readonly recording: RecordingConfig
  readonly logLevel: LogLevelName
  /** Where this worker offers its publications to the others. */
  readonly relay: string
  /** Where connections are handed to it that came in by a port of the main process. */
  readonly handed: string
}

export type Refusal = Extract<ConnectOutcome, { ok: false }>

// ------------------------------------------------------------------------------------------ main → worker

export type WorkerOrder =
  /** Comes first, and once; answered by `listening` or `failed`. */
  | { o: 'start'; setup: WorkerSetup }
  /** Everybody hears these last words; answered by `dismissed`. Then the worker ends. */
  | { o: 'dismiss'; farewell: Farewell }
  /** Addresses and ranges that are kept out of the server, or no longer. */
  | { o: 'ban'; on: boolean; entries: readonly string[] }
  // Answers.
  | { o: 'admitted'; seat: number; id: string; app: string; room: string; info: Amf | null }
  | { o: 'refused'; seat: number; refusal: Refusal }
  | { o: 'result'; ticket: number; result: CallResult }
  | { o: 'permitted'; ticket: number; verdict: Verdict }
  | { o: 'streamLength'; ticket: number; seconds: number }
  | { o: 'publishing'; stream: number; app: string; address: Address; query: Record<string, string> }
  | { o: 'notPublishing'; stream: number; code: 'Publish.BadName' | 'Publish.Failed'; text: string }
  | { o: 'playing'; stream: number; live: boolean; audioSampleAccess: boolean; videoSampleAccess: boolean }
  | { o: 'notPlaying'; stream: number; text: string }
  // What a client is to hear; with a ticket its answer comes back.
  | { o: 'call'; seat: number; name: string; args: Amf; droppable: boolean; ticket: number }
  | { o: 'status'; seat: number; code: string; description: string; options: StatusOptions }
  | { o: 'ping'; seat: number }
  | { o: 'bandwidth'; seat: number; ticket: number }
  | { o: 'close'; seat: number; farewell: Farewell }
  /** What a client is told of a shared object. */
  | { o: 'shared'; seat: number; message: SharedMessage }
  /** So many bytes that a client said of one have been taken. */
  | { o: 'sharedTaken'; bytes: number }
  // Of a publication.
  | { o: 'closePublishing'; stream: number; code: string; description: string }
  /** Somebody looks at its frames in the main process, or nobody does any more. */
  | { o: 'tap'; stream: number; on: boolean }
  /** So many bytes of packets have been looked at. */
  | { o: 'seen'; count: number; bytes: number }
  /** Records what a stream publishes; its news come back as `recording`. */
  | { o: 'record'; stream: number; ticket: number; wish: RecordWish }
  | { o: 'stopRecording'; stream: number }
  /** Files that are written by any process from now on, or no longer. */
  | { o: 'files'; files: readonly string[]; written: boolean }
  /** Whether a worker may write the file it asked for. */
  | { o: 'fileTaken'; ticket: number; isOurs: boolean }
  /** A data message for all its listeners, from this worker on. */
  | { o: 'send'; publication: string; role: FrameRole; payload: Uint8Array }
  /** Where players of this worker get the frames of a publication: a relay's address, or null when nobody publishes. */
  | { o: 'source'; publication: string; relay: string | null }
  // Of a listener.
  | { o: 'published'; stream: number }
  | { o: 'unpublished'; stream: number }
  | { o: 'closePlaying'; stream: number; code: string; description: string }
  | { o: 'receive'; stream: number; audio: boolean; video: boolean }
  | { o: 'tell'; stream: number; payload: Uint8Array }

// ------------------------------------------------------------------------------------------ worker → main

export type ReportedLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace'

export interface PublicationFigures {
  readonly stream: number
  readonly audio: QosFacts
  readonly video: QosFacts
  /** Milliseconds since its publisher was heard last. */
  readonly silence: number
}

export interface ListenerFigures {
  readonly stream: number
  readonly audio: QosFacts
  readonly video: QosFacts
}

/** A StreamRequest: the listener is the one of that stream. */
export type ReportedRequest =
  | { what: 'createStream'; streamId: number }
  | { what: 'pause'; stream: number; paused: boolean }
  | { what: 'seek'; stream: number; ms: number }

export type WorkerReport =
  /** The ports are open, by protocol. */
  | { r: 'listening'; addresses: Record<string, string> }
  /** It cannot be had: the system's error, as startErrorText() reads it. */
  | { r: 'failed'; message: string; code: string; address: string; port: number }
  /** So many more orders have been taken. */
  | { r: 'handled'; count: number }
  /** All clients have been told, and their leaving was reported before. */
  | { r: 'dismissed' }
  | { r: 'log'; level: ReportedLevel; subject: Record<string, unknown>; text: string }
  | { r: 'connect'; seat: number; introduction: Introduction }
  | { r: 'leave'; seat: number; failure: string | null }
  | { r: 'ask'; seat: number; ticket: number; name: string; args: Amf; silent: boolean }
  | { r: 'permit'; seat: number; ticket: number; request: ReportedRequest }
  | { r: 'bandwidth'; seat: number; ticket: number; bandwidth: Bandwidth | null }
  | { r: 'answer'; seat: number; ticket: number; answer: ClientAnswer }
  /** What a client says of a shared object; answered by `sharedTaken`. */
  | { r: 'shared'; seat: number; message: SharedMessage; bytes: number }
  | { r: 'publish'; seat: number; stream: number; given: string }
  | { r: 'unpublish'; stream: number }
  | { r: 'play'; seat: number; stream: number; given: string }
  | { r: 'stop'; stream: number }
  /** onMetaData as a data frame. */
  | { r: 'metadata'; stream: number; payload: Uint8Array }
  | { r: 'codecs'; stream: number; tracks: readonly Track[] }
  | { r: 'streamLength'; seat: number; ticket: number; given: string }
  | { r: 'recording'; ticket: number; news: RecordNews; text: string }
  /** A file is wanted for a recording; answered by `fileTaken`, after another worker has closed it. */
  | { r: 'takeFile'; ticket: number; taken: FileTaken }
  /** Nothing is added to it any more; it is closed. */
  | { r: 'endingFile'; file: string }
  | { r: 'releaseFile'; file: string }
  /** A file was closed. */
  | { r: 'recorded'; facts: PublicationFacts; file: string }
  /** A frame somebody looks at in the main process. */
  | { r: 'packet'; stream: number; frame: Frame }
  /** Once a second, empty or not: the worker's sign of life. */
  | {
      r: 'figures'
      clients: [seat: number, figures: PeerFigures][]
      publications: PublicationFigures[]
      listeners: ListenerFigures[]
    }
