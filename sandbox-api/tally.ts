import { dateNow } from './primordials.ts'

/** What this application has seen since it started; a new version goes on counting where the old one ended. */
export interface Counts {
  /** Milliseconds since 1970. */
  startedAt: number
  accepted: number
  rejected: number
  left: number
  calls: number
  /** Bytes of clients that have left. */
  bytesIn: number
  bytesOut: number
  /** Bytes of the isolate's heap in use, as the host measured it last. */
  memory: number
}

export function newCounts(): Counts {
  return { startedAt: dateNow(), accepted: 0, rejected: 0, left: 0, calls: 0, bytesIn: 0, bytesOut: 0, memory: 0 }
}
