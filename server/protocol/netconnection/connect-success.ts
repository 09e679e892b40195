import { messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { Amf0Reader } from '../../media/amf0.ts'
import { connectStatus } from './status.ts'

/**
 * What a client expects to hear of the server. Flash's players and encoders compare the version with those of Adobe's
 * server before they send H.264, so it is in Adobe's form.
 */
const properties = { fmsVer: 'FMS/3,5,7,7009', capabilities: 31, mode: 1 }

/** The script may add to the info of a success, not say another thing in its place (API §8.8). */
const own: ReadonlySet<string> = new Set(['code', 'level', 'objectEncoding'])

/** The two objects of connect()'s `_result`. `added`: an AMF0 object of the application's, or null. */
export function successOf(encoding: 0 | 3, added: Uint8Array | null, log: Log): { properties: object; info: object } {
  const info = { ...connectStatus.success(), objectEncoding: encoding }
  return { properties, info: added ? { ...info, ...membersOf(added, log) } : info }
}

function membersOf(bytes: Uint8Array, log: Log): object {
  try {
    const object = new Amf0Reader(bytes).read()
    if (typeof object !== 'object' || object === null) return {}
    return Object.fromEntries(Object.entries(object).filter(([name]) => !own.has(name)))
  } catch (error) {
    log.warn({ text: messageOf(error) }, 'what onConnection returned could not be added to the success')
    return {}
  }
}
