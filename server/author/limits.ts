/** What we chose for the commands of authors. */

/** Milliseconds an application may take to load while it is checked: its top level has apps.verdictTimeout, and as much again. */
export const checkMs = 20_000

/** Milliseconds one test may take in real time. Time that is waited for in a test is virtual: nothing should take this long. */
export const testMs = 5_000

/** A test that does not even hear that its time is over is given so many milliseconds more. */
export const deafMs = 500

/** Lines of type errors that are shown; the first few are what one mends. */
export const typeErrors = 50
