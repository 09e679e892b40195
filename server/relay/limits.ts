/** What we chose for connections to other servers. Times in milliseconds. */

/**
 * Pauses before a relay connects again: `first` after a connection that relayed something, twice as long after each that
 * did not, at most `most`. Each is up to `spread` of it shorter, so that all that one server fed do not return at once.
 */
export const backoff = { first: 250, most: 15_000, spread: 0.25 } as const

/** From a connection that stands to the start of what it is for. */
export const answerMs = 10_000

/** How often a relay lets itself be sent elsewhere before it pauses. */
export const redirectsMax = 4

/** Servers that a stream may come through: one more would make a longer way than anybody meant. */
export const hopsMax = 16

/** Relays at once, pushes and pulls together; past it streams are not relayed, which the log says. */
export const relaysMax = 1000

/** What another server may send ahead of its time when we play its stream. */
export const pullBufferMs = 3000

/** Streams on one connection of a script. */
export const streamsMax = 64

/** Calls of another server that a script has not answered. */
export const answersMax = 1000
