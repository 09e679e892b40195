import { readName } from '../../hub/address.ts'
import type { FilmFormat } from '../../hub/archive.ts'

/** What of a name is to be played: `live` only, `any` (live, else its recording) or a place in its `file`. */
export interface PlayRequest {
  /** The name as the client gave it. */
  readonly given: string
  readonly from: 'live' | 'any' | 'file'
  /** Milliseconds; negative: so many before the end of what is recorded. */
  readonly start: number
  /** Milliseconds; 0 is one picture, Infinity everything. */
  readonly length: number
  readonly format: FilmFormat | null
  /** What the stream played before is to be forgotten, which the player hears in a status. */
  readonly reset: boolean
}

/**
 * Reads play(name, start, length, reset) (RTMP 1.0 §7.2.2.1). The specification counts seconds, every client
 * milliseconds: -1000 is what ActionScript makes of -1. -1 is live; -2 live, or else its recording; -3 live and
 * unbuffered (C51); from 0 on a place in the recording. Any other negative start is a recording's end less so much:
 * who comes late to a stream that is being recorded sees what he missed.
 */
export function readPlayRequest(given: string, start: unknown, length: unknown, reset: boolean): PlayRequest {
  const { format = null } = readName(given) ?? {}
  const from = placeOf(start)
  const common = { given, format, reset, length: lengthOf(length) }
  if (from === 'file') return { ...common, from, start: start as number }
  return { ...common, from, start: 0 }
}

function placeOf(start: unknown): PlayRequest['from'] {
  if (typeof start !== 'number' || !Number.isFinite(start)) return 'any'
  if (start === -2 || start === -2000) return 'any'
  if (start >= 0) return 'file'
  return start >= -3 || start === -1000 || start === -3000 ? 'live' : 'file'
}

function lengthOf(length: unknown): number {
  return typeof length === 'number' && length >= 0 ? length : Number.POSITIVE_INFINITY
}
