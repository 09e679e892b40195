import { textGiven } from '../given.ts'
import { RangeErrorClass, SafeMap, TypeErrorClass } from '../primordials.ts'
import type { Script } from '../stage.ts'
import { isNetConnection, netStateOf } from './net-connection.ts'

/** Names that may be passed on at once. */
const PROXIES = 1000

const byName = new SafeMap<string, Script>()

/** Calls of that name are passed on to the connection's server (R30), there perhaps under another; null ends it. */
export function registerProxy(name: string, connection: object | null, there: string = name): void {
  const method = textGiven(name, 'registerProxy: name')
  if (connection === null || connection === undefined) {
    byName.delete(method)
    return
  }
  if (!isNetConnection(connection)) {
    throw new TypeErrorClass('registerProxy: connection is a NetConnection, or null to end it')
  }
  if (byName.size >= PROXIES && !byName.has(method)) {
    throw new RangeErrorClass(`registerProxy: ${PROXIES} names are passed on, more are not allowed`)
  }
  const state = netStateOf(connection)
  const remote = textGiven(there, 'registerProxy: the name there')
  byName.set(method, (...values) => state.call(remote, values))
}

/** What answers a call of that name, when nothing of the application's own does. */
export function proxyOf(name: string): Script | undefined {
  return byName.get(name)
}
