/**
 * Saves on their way to the disk, and the bytes in them. A disk that does not keep up is told nothing more: what changed
 * stays in memory, where it is counted, and is tried again with the next round.
 */
export const savesOutstanding = { count: 1_000, bytes: 64 * 1024 * 1024 } as const

/** Milliseconds the last saves may take when the server ends. */
export const closeMs = 2_000
