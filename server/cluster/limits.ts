/** What we chose for media workers. Times in milliseconds, sizes in bytes. */

/**
 * Back-off of a worker that ended by itself: the first replacement after `first`, each next one after twice as long, at
 * most `most`; one that lived for `calm` starts from the beginning.
 */
export const backoff = { first: 100, most: 10_000, calm: 30_000 } as const

/** From the fork of a worker to its open port; then it is replaced. */
export const startMs = 15_000

/** Workers report every second: one that was silent for so long hangs, and is replaced. */
export const silenceMs = 10_000

/** How long a worker may take to tell its clients of the end; applications hear of it then. */
export const dismissMs = 1_000

/**
 * How long a worker may take from the first of its last words to its end: longer than the transports' lingerMs and a
 * tick, shorter than the stop of the whole server.
 */
export const endMs = 4_000

/** Messages to a worker that the system has not taken yet; more means that nobody reads at the other end. */
export const unsentOrdersMax = 10_000

/** Milliseconds of one turn of the loop that a worker gives to what it is told; the rest waits for the next turn. */
export const ordersMs = 2

/** A worker says how many orders it has taken whenever there were so many more. */
export const handledEvery = 256

/**
 * With more orders than that on their way, a worker cannot keep up with what scripts ask for. Then they are given their
 * time only every so many ms, so that what they ask waits with them, where it is counted.
 */
export const congested = { orders: 2_000, pauseMs: 20 } as const

/** Calls of clients on their way to the main process, and bytes in them; further ones fail at once. */
export const callsOutstanding = { count: 10_000, bytes: 32 * 1024 * 1024 } as const

/** How often figures are reported, and every how many times those of clients and listeners are among them. */
export const figuresMs = 1_000
export const figuresOfAllEvery = 2

/** Clients or listeners whose figures are gathered in one turn of the loop. */
export const figuresPerTurn = 500

/** Frames on their way to hooks in the main process that it has not looked at; more are dropped. */
export const packetsOutstanding = { count: 2_000, bytes: 8 * 1024 * 1024 } as const

/**
 * Bytes that wait for one worker that pulls a publication; past that it is given no more until the next key frame after
 * all but an eighth has left. Many players stand behind it, so that it is more than listener.queueBytes.
 */
export const relayQueueBytes = 16 * 1024 * 1024
export const relayReturnPart = 1 / 8

/** The first frames of a publication are kept whole for who pulls it a moment later, up to any of these bounds. */
export const overture = { ms: 1_000, bytes: 1024 * 1024, frames: 256 } as const

/** A relay that broke while its publication goes on is opened again after so long. */
export const relayRetryMs = 200

/** Who connects to a relay and does not say what it wants within that time is cut. */
export const relayHelloMs = 5_000

/** What clients of one worker said of shared objects, on its way to the main process: who sends more is closed. */
export const sharedOutstanding = { count: 10_000, bytes: 16 * 1024 * 1024 } as const
