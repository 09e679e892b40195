import type { MessageChannel } from './channel.ts'
import type { Conversation } from './conversation.ts'

/** Where another server is. */
export interface Dialled {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
  readonly secure: boolean
  /** Only these may be connected to, when they are given. */
  readonly addresses?: readonly string[]
}

export interface Dialling {
  /** It stands: who is to talk over it? */
  converse(channel: MessageChannel): Conversation
  /** It does not, and never will. */
  failed(text: string): void
}

/** Makes connections to other servers; a transport fulfils it. */
export interface Dial {
  /** Gives what cuts it, without a word to anybody but the conversation. */
  dial(to: Dialled, dialling: Dialling): () => void
}
