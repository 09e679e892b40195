import type { SharedOp } from '../server/apps/wire.ts'
import type { Engine } from './engine.ts'
import { textGiven } from './given.ts'
import { SHARED_NAME } from './limits.ts'
import { ErrorClass, freeze, PromiseClass, TypeErrorClass } from './primordials.ts'
import { asked, type SharedObject } from './shared-object.ts'
import type { SharedDetails, SharedShelf } from './shared-state.ts'

/** The objects that a connection of the script's leads to; undefined for what is no connection, or leads to no server. */
export type RemoteShelves = (connection: unknown) => SharedShelf | undefined

/** The global `SharedObject`. */
export interface SharedObjectFunctions {
  get(name: string, persistent?: boolean, connection?: unknown): SharedObject
  commit(name?: string): Promise<boolean>
  delete(pattern: string): Promise<boolean>
}

export function sharedObjectFunctions(
  engine: Engine,
  shelf: SharedShelf,
  remote: RemoteShelves,
): SharedObjectFunctions {
  const stored = (op: SharedOp, object: string): Promise<boolean> => {
    return new PromiseClass(resolve => {
      const command = (details: SharedDetails) => shelf.owner.command(op, object, engine.asks.nextTicket++, details)
      asked(engine, command, resolve)
    })
  }
  return freeze({
    /** The object of that name, made if there is none: the same one each time. */
    get(name: string, persistent: boolean = false, connection: unknown = undefined): SharedObject {
      const text = objectName(name, 'get')
      const found = connection === undefined ? shelf : remote(connection)
      if (found === undefined) {
        throw new TypeErrorClass(
          'SharedObject.get: the third argument must be a NetConnection to an RTMP server, after its connect()',
        )
      }
      const known = found.find(text)
      if (known !== undefined && known.persistent !== !!persistent) {
        throw new ErrorClass(`SharedObject.get: ${text} is ${known.persistent ? '' : 'not '}persistent already`)
      }
      const state = known ?? found.make(text, !!persistent)
      if (!state.open) {
        state.command('open', { number: persistent ? 1 : 0 })
        state.open = true
      }
      return state.view
    },

    /** Stores a persistent object, or all that changed; resolves as flush() does. */
    commit(name?: string): Promise<boolean> {
      const object = name === undefined ? '' : objectName(name, 'commit')
      const op = object === '' ? 'commit' : 'flush'
      return stored(op, object)
    },

    /** Clears objects and deletes what is stored of them; `*` stands for any characters and `?` for one. */
    delete(pattern: string): Promise<boolean> {
      const object = objectName(pattern, 'delete')
      return stored('delete', object)
    },
  })
}

function objectName(given: unknown, method: string): string {
  const name = textGiven(given, `SharedObject.${method}: the name`)
  if (name !== '' && name.length <= SHARED_NAME) return name
  throw new TypeErrorClass(`SharedObject.${method}: a name has 1 to ${SHARED_NAME} characters`)
}
