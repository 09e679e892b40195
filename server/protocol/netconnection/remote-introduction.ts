import { ownCapabilities } from '../../media/announced.ts'

/** As whom and where we connect to another server. */
export interface RemoteTarget {
  /** All behind the URL's host. */
  readonly app: string
  readonly tcUrl: string
  /** The version of AMF we ask for. */
  readonly encoding: 0 | 3
  /** What follows connect()'s command object: AMF0 values. */
  readonly args: Uint8Array
  /** The servers that it came through, ours the last, so that none of them lets it in again. */
  readonly via: readonly string[]
}

/** connect()'s command object, with what Flash's clients say of themselves (RTMP 1.0 §7.2.1.1), and its arguments. */
export function introductionOf({ app, tcUrl, encoding, args, via }: RemoteTarget): {
  object: object
  args: Uint8Array
} {
  const object = {
    app,
    flashVer: 'LNX 9,0,124,2',
    tcUrl,
    fpad: false,
    capabilities: 239,
    audioCodecs: 3575,
    videoCodecs: 252,
    videoFunction: 1,
    objectEncoding: encoding,
    ...ownCapabilities,
    ...(via.length > 0 && { relayedVia: via.join(',') }),
  }
  return { object, args }
}
