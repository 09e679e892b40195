import type { Log } from '../../base/log.ts'
import type { Client } from '../../hub/client.ts'
import type { Reception } from '../../hub/hub.ts'
import type { AheadBudget } from './ahead.ts'
import type { MessageChannel } from './channel.ts'
import type { Status } from './status.ts'

/** What the streams of one connection share. */
export interface StreamContext {
  readonly client: Client
  readonly hub: Reception
  readonly channel: MessageChannel
  /** Names the client and its application. */
  readonly log: Log
  readonly encoding: 0 | 3
  readonly ahead: AheadBudget
  /** Runs what the hub calls back, so that an error in it ends only this connection. */
  safely(run: () => void): void
}

/** A name as a client gave it, for a line of the log: what stands behind a `?` is often a secret, and names may be long. */
export function loggable(given: string): string {
  return given.slice(0, 64).split('?', 1)[0]!
}

/** The stream that a publishing or playing belongs to. */
export interface StreamOwner {
  readonly id: number
  status(status: Status): void
  /** It was refused, or ended from the other side: the stream is free again. */
  over(): void
  /** A file was shown to its end. */
  played(): void
}
