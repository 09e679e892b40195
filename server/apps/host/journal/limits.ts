/** What we chose for journals; how large one may be is the operator's (`apps.journalBytes`). */

/** Bytes that wait to be written. More, and the disk does not keep up: the journal ends, the application goes on. */
export const QUEUE_BYTES = 8 * 1024 * 1024

/** Journals kept of one application; the oldest goes when another begins. */
export const JOURNALS = 8

/** A version that comes when its journal is filled so far begins another: it finds room for a life of its own. */
export const FILLED = 0.5

/** Bytes of one record. A longer one is not believed: no turn is given so much. */
export const RECORD_BYTES = 1024 ** 3 - 1

/** At a replay a turn that was not cut may take so many times its limit, and so many milliseconds at least: the machine
 * may be a slower one, and nobody waits. */
export const REPLAY_SLOWNESS = 10
export const REPLAY_MS = 5_000

/** Characters of one event or command when it is shown. */
export const SHOWN_TEXT = 2_000
