import type { GopLimits } from './gop-cache.ts'
import type { ListenerLimits } from './listener-limits.ts'

/** What the operator sets; the explanations stand in CumulusServer.ini. */
export interface HubLimits {
  readonly listener: ListenerLimits
  readonly publication: GopLimits & {
    /** A publisher silent for so many ms gives way to who takes its name. */
    readonly staleMs: number
    /** Players hear of an end only when nobody took the name within so many ms. */
    readonly graceMs: number
  }
}

/** Names whose last generation is remembered after nobody uses them any more; the oldest are forgotten first. */
export const generationsMax = 10_000

/** Recordings that may be asked for while a publication's verdict is out. */
export const wishesMax = 8

/** Milliseconds a client that was asked to reconnect elsewhere may stay: until its next key frame, as a rule. */
export const reconnectMs = 10_000
