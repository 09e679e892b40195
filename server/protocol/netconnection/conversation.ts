import type { Log } from '../../base/log.ts'
import type { Farewell } from '../../hub/client.ts'
import type { Message } from '../rtmp/message.ts'

/** What is said over a channel, as the wire beneath it knows it: with a client of ours, or with a server we are a client of. */
export interface Conversation {
  /** Nobody has been let in, or refused: the wire's timeout runs. */
  readonly isFresh: boolean
  /** What the log knows it by. */
  readonly log: Log
  /** The handshake is over. */
  ready(): void
  /** Throws a ProtocolError when the other side breaks the protocol. */
  receive(message: Message): void
  /** The wire has ended. `failure`: what broke, in words; null after a clean end. Harmless twice. */
  ended(failure: string | null): void
  /** Ends it with these last words, whatever it had come to. */
  close(farewell: Farewell): void
}
