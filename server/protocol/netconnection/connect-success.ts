import { messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { Amf0Reader } from '../../media/amf0.ts'
import { ownCapabilities } from '../../media/announced.ts'
import { connectStatus } from './status.ts'

/**
 * What a client expects to hear of the server. Flash's players and encoders compare the version with those of Adobe's
 * server before they send H.264, so it is in Adobe's form.
 */
const properties = { fmsVer: 'FMS/3,5,7,7009', capabilities: 31, mode: 1 }

/** The script may add to the info of a success, not say another thing in its place. */
const own: ReadonlySet<string> = new Set(['code', 'level', 'objectEncoding'])

export interface Success {
  readonly encoding: 0 | 3
  /** An AMF0 object of the application's. */
  readonly added: Uint8Array | null
  /** The client has said something of Enhanced RTMP: others are not told what they never asked for. */
  readonly isEnhanced: boolean
}

/**
 * The two objects of connect()'s `_result`. What the server can do of Enhanced RTMP stands in both, as the specification
 * says only "an object" and clients look into one or the other.
 */
export function successOf({ encoding, added, isEnhanced }: Success, log: Log): { properties: object; info: object } {
  // Anew for each: a reference from one to the other is more AMF than most clients know.
  const capabilities = () => (isEnhanced ? structuredClone(ownCapabilities) : {})
  const info = { ...connectStatus.success(), ...capabilities(), objectEncoding: encoding }
  return {
    properties: { ...properties, ...capabilities() },
    info: added ? { ...info, ...membersOf(added, log) } : info,
  }
}

/** What an application has to say beside the status; nothing of the protocol's own is among it. */
export function membersOf(bytes: Uint8Array, log: Log): object {
  try {
    const object = new Amf0Reader(bytes).read()
    if (typeof object !== 'object' || object === null) return {}
    return Object.fromEntries(Object.entries(object).filter(([name]) => !own.has(name)))
  } catch (error) {
    log.warn({}, `what the application adds to its answer could not be read: ${messageOf(error)}`)
    return {}
  }
}
