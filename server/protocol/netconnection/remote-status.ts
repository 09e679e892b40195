import { CodedError } from '../../base/errors.ts'
import { Amf0Reader } from '../../media/amf0.ts'
import { readAnnounced, readingOf } from '../../media/announced.ts'
import type { Reading } from '../../media/readable.ts'
import { memberOf, textOf } from './member.ts'

/** What another server's status says, as far as it keeps to the custom; texts are '' where there are none. */
export interface RemoteStatus {
  readonly code: string
  readonly description: string
  readonly isError: boolean
  /** Where to connect instead (`ex.redirect`, as Adobe's server says it). */
  readonly redirect: string
  /** The version of AMF that is spoken from here on. */
  readonly encoding: 0 | 3
  /** What of Enhanced RTMP the other side can take apart. */
  readonly reading: Reading
  /** The whole information object, one AMF0 value. */
  readonly info: Uint8Array
}

/** Longest text of a status that is looked at, in characters: they only inform. */
const statusChars = 1024

/** Takes any bytes: what is no status has empty texts. */
export function readStatus(info: Uint8Array): RemoteStatus {
  const value = read(info)
  const text = (name: string): string => textOf(value, name).slice(0, statusChars)
  return {
    code: text('code'),
    description: text('description'),
    isError: text('level') === 'error',
    redirect: textOf(memberOf(value, 'ex'), 'redirect').slice(0, statusChars),
    encoding: memberOf(value, 'objectEncoding') === 3 ? 3 : 0,
    reading: readingOf(readAnnounced(value)),
    info,
  }
}

function read(info: Uint8Array): unknown {
  try {
    return new Amf0Reader(info).read()
  } catch (error) {
    if (error instanceof CodedError) return undefined
    throw error
  }
}
