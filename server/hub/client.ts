import { trimSlashes } from './address.ts'
import type { ClientFacts } from './facts.ts'
import type { Listener } from './listener.ts'
import type { Publication } from './publication.ts'

/** What the hub asks of a connection; each protocol fulfils it. Nothing here throws, and all of it is harmless after the end. */
export interface Peer {
  /** Calls a function of the client. `args`: AMF0 values in the client's own encoding. `answered` is called once, when it answers. */
  call(name: string, args: Uint8Array, options: CallOptions): void
  /** An onStatus event of the connection, level "status"; the code comes without its `NetConnection.` prefix. */
  status(code: string, description: string, options?: StatusOptions): void
  ping(): void
  /** Measures what the line can take; null when the client leaves before that is known. */
  bandwidth(measured: (bandwidth: Bandwidth | null) => void): void
  close(farewell: Farewell): void
  figures(): PeerFigures
}

export interface Bandwidth {
  /** Of a ping, ms. */
  latency: number
  /** Bytes a second to the client. */
  maximum: number
  /** What was sent to find that out, and how many ms it took beyond the latency. */
  bytes: number
  ms: number
}

export interface StatusOptions {
  /** A client that lags may miss it. */
  readonly droppable?: boolean
  /** Where it is to connect instead (Connect.ReconnectRequest). */
  readonly tcUrl?: string
}

export interface CallOptions {
  /** A client that lags may miss it. */
  droppable?: boolean
  /** The client's answer: one AMF0 value, or the error it returned, or `ok: false` with a text when it left. */
  answered?: (answer: ClientAnswer) => void
}

export type ClientAnswer = { ok: true; value: Uint8Array } | { ok: false; value?: Uint8Array; text?: string }

/** The last words a client hears: a status of NetConnection. */
export interface Farewell {
  /** `Connect.Closed`, `Connect.AppShutdown` … */
  code: string
  description: string
  /** Where it is to connect instead. */
  redirect?: string
  /** What its application hears as the failure of the connection; without it the end is a clean one. */
  failure?: string
}

export interface PeerFigures {
  /** Round trip, ms; 0 until measured. */
  ping: number
  bytesIn: number
  bytesOut: number
  /** Messages, as the protocol has them; those to players are counted about once a second. */
  messagesIn: number
  messagesOut: number
  /** Milliseconds since anything came from it. */
  silence: number
}

/** One connected client, whatever it speaks. */
export class Client {
  readonly facts: ClientFacts
  readonly peer: Peer
  readonly listeners = new Set<Listener>()
  readonly publications = new Set<Publication>()
  /** `arriving`: nobody has been told of it. `asking` until its verdict, then `joined`, then `gone`. */
  state: 'arriving' | 'asking' | 'joined' | 'gone' = 'arriving'

  constructor(facts: ClientFacts, peer: Peer) {
    this.facts = facts
    this.peer = peer
  }

  get id(): string {
    return this.facts.id
  }

  /** The path of its application, "" for the root. */
  get app(): string {
    return this.facts.path
  }
}

/**
 * Is `address` inside one of the `;`-separated folders of an access list? `/` covers everything, `/open` covers `open`
 * and `open/…` but not `opener`, an empty list nothing.
 */
export function allows(accessList: string, address: string): boolean {
  return accessList.split(';').some(entry => {
    const folder = entry.trim()
    const path = trimSlashes(folder)
    return path === '' ? folder !== '' : address === path || address.startsWith(`${path}/`)
  })
}
