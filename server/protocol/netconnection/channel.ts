import type { CodedError } from '../../base/errors.ts'
import type { PeerFigures } from '../../hub/client.ts'
import type { WireForm } from '../../hub/outlet.ts'
import type { Reading } from '../../media/readable.ts'
import type { Message } from '../rtmp/message.ts'

/**
 * The wire beneath a NetConnection, as it needs it: RTMP fulfils it with a socket, RTMFP with flows. Nothing here
 * throws, and all of it is harmless after the end.
 */
export interface MessageChannel {
  /** rtmp, rtmps, rtmpt, rtmfp … */
  readonly protocol: string
  readonly secure: boolean
  /** "ip:port", IPv6 in brackets. */
  readonly address: string
  /** Goes out with whatever else this turn of the loop brings, in order with sendEncoded(). */
  send(message: Message): void
  /** What this wire has to say before a client hears of its success, or once we have heard of ours: windows and chunk sizes. */
  welcome(): void
  /** How frames are put on this wire for a stream that plays, or publishes at another server, which can read so much; asked after welcome(). */
  form(streamId: number, reading: Reading, as?: 'player' | 'publisher'): WireForm
  /** Frames in that form. */
  sendEncoded(bytes: Buffer): void
  /** So many messages were in those bytes. */
  counted(messages: number): void
  /** Bytes that have not left this process. */
  readonly queuedBytes: number
  ping(): void
  /** Sends these, and a ping behind them: `ponged` is told how many ms its answer took. Not told when it never comes. */
  probe(messages: readonly Message[], ponged: (ms: number) => void): void
  figures(): PeerFigures
  /** Sends what is there, then closes. Nothing is received from here on. */
  end(): void
  /** Closes because of an error, which is told to the log and to NetConnection.ended(). */
  fail(error: CodedError): void
}
