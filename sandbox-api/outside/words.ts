/**
 * What passes between an application and its outside: plain data, copied both ways. The script's side asks under a number
 * and is answered exactly once under the same; a note wants no answer. What happens by itself is told as an event.
 */

/** Socket numbers: those the script made are above 0, those a listening socket accepted below. */
export type Ask =
  | { noun: 'tcp'; what: 'connect'; socket: number; host: string; port: number }
  | { noun: 'tcp'; what: 'send'; socket: number; data: Uint8Array }
  | { noun: 'tcp'; what: 'listen'; socket: number; port: number }
  | { noun: 'udp'; what: 'bind'; socket: number; host: string; port: number; broadcast: boolean }
  | { noun: 'udp'; what: 'connect'; socket: number; host: string; port: number; broadcast: boolean }
  /** `host` '': to whom it is connected. */
  | { noun: 'udp'; what: 'send'; socket: number; host: string; port: number; data: Uint8Array; broadcast: boolean }
  | FetchAsk
  /** Where an RTMP server is that a NetConnection is to connect to; answered with its addresses. */
  | { noun: 'rtmp'; what: 'find'; host: string; port: number }
  | { noun: 'mail'; what: 'send'; sender: string; subject: string; content: string; recipients: string[] }
  | { noun: 'storage'; what: 'get' | 'delete'; key: string }
  | { noun: 'storage'; what: 'set'; key: string; value: unknown }
  | { noun: 'storage'; what: 'list'; key: string }

export interface FetchAsk {
  noun: 'fetch'
  what: 'fetch'
  url: string
  method: string
  headers: [string, string][]
  body: Uint8Array | undefined
  redirect: 'follow' | 'error' | 'manual'
}

export type Note =
  /** Nobody waits for that question's answer any more. */
  | { noun: 'ask'; what: 'abort'; id: number }
  | { noun: 'socket'; what: 'close'; socket: number }
  /** So many bytes of it have been looked at: as many more may come. */
  | { noun: 'socket'; what: 'taken'; socket: number; bytes: number }
  /** Nobody ever asked for this accepted connection, or its bytes were too many: it ends at once. */
  | { noun: 'socket'; what: 'destroy'; socket: number }

/** Glass to host. */
export type OutsideCommand = { c: 'outside'; id: number; ask: Ask } | { c: 'note'; note: Note }

/** What a FetchAsk is answered with. */
export interface FetchAnswer {
  status: number
  statusText: string
  url: string
  redirected: boolean
  headers: [string, string][]
  body: Uint8Array
}

/** What connect, bind and listen are answered with. */
export interface SocketPlace {
  address: string
  peerAddress: string
  port: number
}

/** Host to glass. `name` tells kinds of errors apart: Error, CapabilityError, QuotaError, TypeError … */
export type OutsideEvent =
  | { e: 'answered'; id: number; ok: true; value: unknown }
  | { e: 'answered'; id: number; ok: false; name: string; text: string }
  | { e: 'received'; socket: number; data: Uint8Array; from: string }
  | { e: 'accepted'; server: number; socket: number; place: SocketPlace }
  /** It is no more; `error` is empty after an orderly end. */
  | { e: 'closed'; socket: number; error: string }
