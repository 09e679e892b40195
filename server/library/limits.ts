/** What we chose for applications that are classes: each bound with its unit and reason. */

/** Calls of one client that wait until it is accepted; further ones fail at once. */
export const deferredCallsMax = 1024

/** Milliseconds all onStop together may take before the server ends without them: half of its five seconds are for sockets. */
export const stopMs = 2_000

/** Milliseconds between two lines of the log about a handler of frames that throws; what it threw in between is counted. */
export const frameFaultMs = 1_000

/** Characters of a refusal that its client reads. */
export const refusalChars = 4_096

/** Longest path of a URL that is looked up, in characters. */
export const pathCharsMax = 1_024
