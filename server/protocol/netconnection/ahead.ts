import { ProtocolError } from '../../base/errors.ts'
import type { Message } from '../rtmp/message.ts'
import { aheadBytes, messageOverheadBytes } from './limits.ts'

/** Counts what a connection has sent ahead of the verdicts it waits for, in all its streams together. */
export class AheadBudget {
  #bytes = 0

  /** Throws a ProtocolError past the limit: whoever sends so much without waiting for an answer will not listen to one. */
  take(message: Message): void {
    this.#bytes += costOf(message)
    if (this.#bytes <= aheadBytes) return
    throw new ProtocolError(
      'netconnection.ahead',
      `more than ${aheadBytes} bytes were sent ahead of a verdict`,
      'wait for NetConnection.Connect.Success and NetStream.Publish.Start before sending on',
    )
  }

  give(messages: readonly Message[]): void {
    for (const message of messages) this.#bytes -= costOf(message)
  }
}

function costOf(message: Message): number {
  return message.payload.length + messageOverheadBytes
}
