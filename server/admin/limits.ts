/** What we chose for the admin socket: each bound with its unit and reason. */

/** Operators at once; one more is told so and closed. */
export const sessionsMax = 16

/** Bytes of one line of the protocol, either way: a long paste, or the largest answer with what JSON adds to it. */
export const lineBytesMax = 2 * 1024 * 1024

/** Characters of one text to evaluate. */
export const codeCharsMax = 64 * 1024

/** Questions of one session that wait for their answers; more are refused. */
export const questionsMax = 64

/** Bytes that wait for an operator who does not read: past the first lines of the log are left out and counted, past the
 * second the session is closed. */
export const outputBytes = { log: 256 * 1024, all: 8 * 1024 * 1024 } as const

/** Bytes of a path that the address of a Unix socket has room for (104 on macOS, 108 on Linux, one for its end). */
export const socketPathMax = 103

/** Milliseconds another server may take to answer at the socket it left or holds. */
export const probeMs = 1_000

/** Rows of one list; more are counted. */
export const rowsMax = 200

/** Bytes of the audit log before it is turned, how many turned ones are kept, and lines that wait for the disk: of more the
 * log says that they are lost. */
export const auditBytesMax = 1024 * 1024
export const auditFilesKept = 4
export const auditWaitingMax = 1_000
