import { textGiven } from '../given.ts'
import { RangeErrorClass, reflectApply, SafeMap, TypeErrorClass } from '../primordials.ts'
import type { Script } from '../stage.ts'
import { NetConnection } from './net-connection.ts'

/** Names that may be passed on at once. */
const PROXIES = 1000

const byName = new SafeMap<string, Script>()
const { call } = NetConnection.prototype

/** Calls of that name are passed on to the connection's server (R30); null ends it. */
export function registerProxy(name: string, connection: NetConnection | null): void {
  const method = textGiven(name, 'registerProxy: name')
  if (connection === null || connection === undefined) {
    byName.delete(method)
    return
  }
  if (!(connection instanceof NetConnection)) {
    throw new TypeErrorClass('registerProxy: connection is a NetConnection, or null to end it')
  }
  if (byName.size >= PROXIES && !byName.has(method)) {
    throw new RangeErrorClass(`registerProxy: ${PROXIES} names are passed on, more are not allowed`)
  }
  byName.set(method, (...values) =>
    reflectApply(call as (...values: unknown[]) => unknown, connection, [method, ...values]),
  )
}

/** What answers a call of that name, when nothing of the application's own does. */
export function proxyOf(name: string): Script | undefined {
  return byName.get(name)
}
