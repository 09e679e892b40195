import { EventEmitter } from 'node:events'
import type { Log } from '../base/log.ts'
import type { Client } from './client.ts'
import type { Play } from './play.ts'
import type { Publication } from './publication.ts'

/** What an application threw while nobody waited for it, or by a slip. */
export interface Fault {
  readonly app: string
  readonly hook: string
  readonly error: unknown
}

/** What a server tells whoever listens, in the order in which it happened. */
export interface ServerEventMap {
  connect: [client: Client]
  /** `failure`: what broke, in words; null after a clean end. */
  disconnect: [client: Client, failure: string | null]
  publish: [client: Client, publication: Publication]
  unpublish: [client: Client, publication: Publication]
  play: [client: Client, play: Play]
  playStop: [client: Client, play: Play]
  fault: [fault: Fault]
}

/** Tells events so that no listener can do harm: what one throws is logged. */
export class ServerEvents extends EventEmitter<ServerEventMap> {
  readonly #log: Log

  constructor(log: Log) {
    super()
    this.#log = log
  }

  tell<Name extends keyof ServerEventMap>(name: Name, ...args: ServerEventMap[Name]): void {
    try {
      ;(this as EventEmitter).emit(name, ...args)
    } catch (err) {
      this.#log.error({ event: name, err }, 'a listener of the server threw')
    }
  }
}
