/** Timestamps of RTMP and FLV: milliseconds modulo 2^32 (RTMP 1.0 §5.2). */

/** How far it is from one timestamp to another the shorter way round, negative when back: -2^31 … 2^31 - 1. */
export function timestampDistance(from: number, to: number): number {
  return (to - from) | 0
}

/** A time of any length as a timestamp of 32 bits. */
export function wrapTimestamp(milliseconds: number): number {
  return (milliseconds % 0x100000000) >>> 0
}
