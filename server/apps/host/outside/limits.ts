/** What we chose for the outside of applications; what an operator chooses (apps.sockets, apps.fetchBytes …) comes with the setup. */

/** Milliseconds a connection may take to stand, the resolving of its name included. */
export const CONNECT_MS = 10_000

/** Milliseconds a peer has to end its side of a connection that the script has closed. */
export const CLOSE_MS = 5_000

/** Bytes of one socket that the script has not looked at yet, past which no more are read from it. */
export const RECEIVE_WINDOW = 64 * 1024

/** Bytes in all that wait outside for one application: unsent data, bodies of requests and answers. */
export const OUTSIDE_BYTES = 32 * 1024 * 1024

/** Connections that wait to be accepted by a script's server. */
export const LISTEN_BACKLOG = 128

/** Redirects that one request follows (as browsers do). */
export const REDIRECTS = 20

/** Bytes of the headers of an answer. */
export const HEADER_BYTES = 64 * 1024

/** Milliseconds a connection to a host is kept open for the next request. */
export const KEEP_ALIVE_MS = 4_000

/** Mails of one application that are on their way at once; more wait, bounded by apps.pendingCalls. */
export const MAILS_AT_ONCE = 4

/** Recipients of one mail, and characters of its subject and its addresses. */
export const MAIL_RECIPIENTS = 100
export const MAIL_LINE = 998

/** Bytes a storage entry weighs beyond its key and value: many tiny ones cost, too. */
export const STORAGE_ENTRY_BYTES = 64

/** Keys that one list() gives. */
export const STORAGE_LIST = 100_000

/** Milliseconds a storage waits for another process of the same application that is about to end. */
export const STORAGE_BUSY_MS = 2_000

/** Milliseconds between two lines about the same thing that is dropped. */
export const COMPLAIN_MS = 1_000
