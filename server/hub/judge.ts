import type { Frame } from '../media/frame.ts'
import type { Client } from './client.ts'
import type { PublicationFacts } from './facts.ts'
import type { Listener } from './listener.ts'
import type { Publication } from './publication.ts'

/**
 * Who decides. The hub asks and rests until it is answered; it does not know that scripts exist. Each question is
 * answered exactly once, at once or later. A five-line object fulfils it in a test; `apps/` fulfils it in earnest.
 */
export interface Judge {
  /** Which application and room a URL's path means. Answered from memory, never from the disk. */
  locate(path: string): Place
  /** May it be heard at all, or is it to go elsewhere? Asked before anybody is told of the client. */
  handshake(client: Client, answer: (verdict: HandshakeVerdict) => void): void
  /** May this client connect? Its arguments are in `client.facts.args`. */
  connect(client: Client, answer: (verdict: ConnectVerdict) => void): void
  publish(client: Client, publication: Publication, answer: (verdict: Verdict) => void): void
  /** The name is taken: `true` replaces its publisher, `false` refuses, undefined leaves it to the hub's own rule. */
  conflict(client: Client, publication: Publication, answer: (replace: boolean | undefined) => void): void
  subscribe(client: Client, listener: Listener, answer: (verdict: Verdict) => void): void
  /** May a client do this with a stream of its own? */
  permit(client: Client, request: StreamRequest, answer: (verdict: Verdict) => void): void
  /** A client calls a function of the application. `silent`: only a returned value is to be sent (transaction id 0). */
  call(client: Client, name: string, args: Uint8Array, silent: boolean, answer: (result: CallResult) => void): void
}

export type Place =
  /** `home`: the application is an instance, one of many that share the folder of that path. */
  | { found: true; app: string; room: string; home?: string }
  /** Why not, in words for the client; the status is NetConnection.Connect.InvalidApp. */
  | { found: false; text: string }

/** Does the place of an address given in `app` belong to another application? Instances keep theirs. */
export function isElsewhere(place: Place, app: string): boolean {
  if (!place.found || place.app === app) return false
  return place.home === undefined || !app.startsWith(`${place.home}/`)
}

/** `text` is what the refused reads; empty means the protocol's own words. */
export type Verdict = { ok: true } | { ok: false; text: string }

/** `redirect`: the URL it is to connect to instead. */
export type Refusal = {
  ok: false
  text: string
  redirect?: string
  /** An AMF0 object whose members are merged into the status. */
  info?: Uint8Array
}

export type HandshakeVerdict = { ok: true } | Refusal

export type ConnectVerdict =
  /** `info`: an AMF0 object whose members are merged into the Success info; null for none. */
  { ok: true; info: Uint8Array | null } | Refusal

/** What a joined client does with its streams, beside publishing and playing. */
export type StreamRequest =
  | { what: 'createStream'; streamId: number }
  | { what: 'pause'; listener: Listener; paused: boolean }
  | { what: 'seek'; listener: Listener; ms: number }

export type CallResult =
  /** One AMF0 value. */
  | { how: 'value'; value: Uint8Array }
  /** The function returned nothing. */
  | { how: 'nothing' }
  | { how: 'error'; text: string }

/**
 * Who is told. Facts come in the order in which they became true; those of one publication never overtake each other,
 * and an `unpublished` of an old generation comes before the `publication` of a newer one.
 */
export interface Witness {
  /** A connection has said who it is; its verdict is asked next. */
  clientKnown(client: Client): void
  clientJoined(client: Client): void
  /** Its verdict was no, or it left before there was one. */
  clientRejected(client: Client, text: string): void
  /** What connected it broke: said before anything else of its end. */
  clientFailed(client: Client, failure: string): void
  /** It is out of `clients`, and what it published and played has ended. */
  clientLeft(client: Client): void
  /** A publication appeared, got a publisher (its verdict is asked next) or lost it. */
  publicationChanged(publication: Publication): void
  publicationRemoved(publication: Publication): void
  /** The verdict was yes: frames may come. */
  published(client: Client, publication: Publication): void
  unpublished(client: Client, publication: Publication, generation: number): void
  /** A subscription's verdict is asked next. */
  listenerKnown(listener: Listener): void
  listenerJoined(listener: Listener): void
  /** It ended; until then it was counted. `joined` is false when it had been refused. */
  listenerLeft(listener: Listener, joined: boolean): void
  metadataChanged(publication: Publication): void
  codecsChanged(publication: Publication): void
  /** A recording's file was closed: its address within the application, with its ending. */
  recorded(facts: PublicationFacts, file: string): void
}

/** Sees the frames of a client's publication, beside the players' path and never on it. */
export interface FrameTap {
  frame(publication: Publication, frame: Frame): void
}
