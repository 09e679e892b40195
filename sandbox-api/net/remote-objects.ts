import type { NetCommand, NetSharedOp } from '../../server/apps/net-wire.ts'
import type { SharedTold } from '../../server/apps/wire.ts'
import { ErrorClass } from '../primordials.ts'
import { sharedChanged, sharedMessage, sharedStatus } from '../shared-events.ts'
import { remoteOwner, SharedShelf } from '../shared-state.ts'
import type { Nets } from './nets.ts'

/** The connection by which they are reached. */
export interface Way {
  readonly nets: Nets
  readonly number: number
  /** It stands, or will. */
  readonly leadsSomewhere: boolean
  whenConnected(run: (failure: string | undefined) => void): void
}

/** The shared objects at the server that a connection leads to. */
export class RemoteObjects {
  readonly shelf: SharedShelf
  readonly #way: Way

  constructor(way: Way) {
    this.#way = way
    this.shelf = new SharedShelf(way.nets.engine, remoteOwner(this))
  }

  /** What is asked of them waits with the connection. */
  write(op: NetSharedOp, command: (connection: number) => NetCommand, bytes: number): void {
    const way = this.#way
    if (!way.leadsSomewhere) {
      if (op === 'close') return
      throw new ErrorClass(`${op}: the connection that the shared object came by has ended`)
    }
    way.whenConnected(failure => {
      if (failure === undefined) way.nets.write(command(way.number), bytes)
    })
  }

  /** Those that came by the connection before this one are used again. */
  again(): void {
    this.shelf.forEach(state => {
      if (state.open) state.command('open', { number: state.persistent ? 1 : 0 })
    })
  }

  hear(told: SharedTold): void {
    const { engine } = this.#way.nets
    if (told.e === 'shared') sharedChanged(engine.stage, this.shelf, told.facts)
    else if (told.e === 'sharedMessage') sharedMessage(engine.stage, this.shelf, told)
    else sharedStatus(engine, this.shelf, told)
  }
}
