import type { NetCommand, NetEvent } from '../../server/apps/net-wire.ts'
import type { Engine } from '../engine.ts'
import { SafeMap } from '../primordials.ts'

/** What hears of a connection: see net-connection.ts. */
interface Hearing {
  handle(event: NetEvent): void
}

/** The script's connections to other servers, by their numbers. */
export class Nets {
  readonly engine: Engine
  readonly #open = new SafeMap<number, Hearing>()

  constructor(engine: Engine) {
    this.engine = engine
  }

  /** A number that no version of the application has used: what is told of an old one's connection finds nobody. */
  number(): number {
    return this.engine.asks.nextTicket++
  }

  enter(connection: number, hearing: Hearing): void {
    this.#open.set(connection, hearing)
  }

  forget(connection: number): void {
    this.#open.delete(connection)
  }

  write(command: NetCommand, bytes: number): void {
    this.engine.outbox.write(command, bytes)
  }

  handle(event: NetEvent): void {
    this.#open.get(event.connection)?.handle(event)
  }
}
