/** What we chose for the inside of the glass. What an operator chooses (`apps.*`) comes with the setup. */

/** Milliseconds after which a turn hands over to the next before it begins another handler: commands leave early, and a
 * batch of many small events is never mistaken for one that runs too long. */
export const SLICE_MS = 25

/** Commands one turn may write; a script that goes past it gets a RangeError at the call. */
export const OUTBOX_COMMANDS = 100_000
/** Bytes of AMF and packets one turn may write; likewise a RangeError. */
export const OUTBOX_BYTES = 16 * 1024 * 1024

/** Lines and faults one turn may log; the rest are counted and told in one line. */
export const LOG_LINES = 200
/** Characters of one log line or stack; the rest is cut off. */
export const LOG_TEXT = 8_192

/** Errors that may wait for onStatus; of more only the log knows. */
export const INCIDENTS = 200

/** Characters of a text that travels to a client. */
export const STATUS_TEXT = 4_096

/** Characters of an IP address or range. */
export const IP_RANGE_TEXT = 64

/** Characters of an access list: it is searched at every publish and play of its client. */
export const ACCESS_TEXT = 4_096

/** Addresses one onHandshake may return, levels of arrays it may put them in, and characters of each. */
export const REDIRECTS = 64
export const REDIRECT_DEPTH = 4
export const REDIRECT_TEXT = 4_096

/** Milliseconds between calls of client.onManage and writer.onManage. */
export const MANAGE_MS = 2_000

/** Nested levels a bag of state, a structuredClone or a data field may have. */
export const CLONE_DEPTH = 1_000

/** Characters of a publication's address that a script asks for. */
export const ADDRESS_TEXT = 1_024

/** Classes one application may register for AMF, and characters of a class's name. */
export const CLASSES = 1_000
export const CLASS_NAME_TEXT = 1_024
/** Functions whose plays are counted by name; what comes past them is counted together. */
export const HOOKS_TALLIED = 200

/** Bytes of one field that travels to other applications and survives a crash; a larger one stays in its application. */
export const FIELD_BYTES = 64 * 1024

/** Groups without members that a script may have let go of before they are looked through. */
export const GROUPS_SWEPT = 1_000

/** Streams of the server's (`Stream.get`) that a script holds at once. */
export const STREAMS = 10_000

/** Characters of a key of the storage. */
export const STORAGE_KEY = 1_024

/** What an operator's lines may leave in an application: characters of one answer, operators at once, lines of each whose
 * declarations are kept, and names that a completion offers. */
export const REPL_TEXT = 256 * 1024
export const REPL_SESSIONS = 32
export const REPL_SCOPES = 250
export const REPL_NAMES = 200

/** Characters of a key and of a value that a script writes into its own section. */
export const CONFIG_KEY = 128
export const CONFIG_VALUE = 16_384

/** Bytes of the name of a shared object, a property or a handler; of a value; and properties of one object: as the hub has them. */
export const SHARED_NAME = 1_024
export const SHARED_VALUE = 256 * 1024
export const SHARED_SLOTS = 4_096
