/** How often a version's heap and processor time are measured at most, in milliseconds, while it has something to do. */
export const SPENT_MS = 1_000

/** For so many milliseconds a new version is on trial: apps.rollback errors in them, and the one before serves again. */
export const TRIAL_MS = 10_000

/** What we chose for the process an application lives in; what an operator chooses comes with each order. */

/** Megabytes beyond what the process had when it began and what its applications may hold. They are not a script's:
 * messages on their way, the engine's own books, garbage between two collections. Past it the process ends itself. */
export const MEMORY_MARGIN_MB = 96

/** Share of what isolates may hold from which on collecting garbage takes more time than the script: a limit of time that
 * is hit then is called by its cause. */
export const MEMORY_CROWDED = 0.75

/** Milliseconds for which V8 keeps the pages of an isolate that is gone, for others to use. */
export const RELEASE_MS = 10_000

/** Milliseconds between two looks at memory and time while a script runs; nothing looks while none does. */
export const WATCH_MS = 10

/** Milliseconds of processor time a process may take past a turn's limit: native code that cannot be cut ends with it. */
export const OVERDUE_MS = 250

/** Milliseconds past which a turn's process ends although it had less of the processor: a cut takes a few milliseconds of
 * it, and no machine that serves anybody keeps them back for so long. */
export const STARVED_MS = 5_000

/** That many cuts of one application within a minute end the process. */
export const CUTS_PER_MINUTE = 3

/** Bytes of one source file. */
export const MODULE_BYTES = 4 * 1024 * 1024

/** Milliseconds for which a file that is empty is taken for one that is being saved. */
export const EMPTY_FILE_MS = 1_000

/** A file that changes while it is read is read again after so many milliseconds, and so many times at most. */
export const SETTLE_MS = 10
export const SETTLE_TRIES = 20

/** Source files of one application. */
export const MODULES = 1_000

/** Places of one version whose lines are shown when something goes wrong there. */
export const FRAMES = 100

/** Events that wait for one application's turn. More means that it never catches up: the process is replaced. */
export const EVENTS_WAITING = 200_000

/** Commands of one report. */
export const COMMANDS_PER_REPORT = 250

/** Reports the parent has not taken yet, past which no further turn begins. */
export const REPORTS_WAITING = 1_000

/** Milliseconds the last words of an ending process may take to leave. */
export const LAST_WORDS_MS = 50

/** Random bytes an isolate begins with: the 256 bits its generator has, and half as many again (NIST SP 800-90A §8.6.7). */
export const SEED_BYTES = 48
