import type { CodedError } from '../../base/errors.ts'
import type { Message } from './message.ts'

/** The connection a session lives in: sends its bytes, and takes what it made of the peer's. */
export interface RtmpSessionHost {
  /** Bytes for the peer, in order. */
  write(bytes: Buffer): void
  /** The handshake is over; messages may be sent from here on. */
  ready(): void
  /** Audio, video, data, shared object or command; or a user control event other than a ping. Aggregates come split. */
  message(message: Message): void
  /**
   * The connection is to be closed. A ProtocolError: the peer broke the protocol or fell silent. Any other CodedError:
   * we failed, at handling a message (the error has its `cause`) or at sending one. Told once, and nothing after it.
   */
  failed(error: CodedError): void
  /** Asked every few messages of a read: false leaves the others to `goOn`. Without it a read is dealt with in one go. */
  mayGoOn?(): boolean
}
