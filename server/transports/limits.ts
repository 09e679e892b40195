/** What the sockets hold on to. Times in milliseconds, sizes in bytes. */

/** How often connections look at their timeouts: all of them in one go, with no timer of their own. */
export const tickMs = 1000

/**
 * Bytes of one peer that took longer than this to deal with let everybody else's go first: the system would hand out
 * some two megabytes of one socket before it looks at the next, which may be many thousand commands.
 */
export const readMs = 2

/**
 * The last words may take so long to be read; then a connection is cut, at the next tick. FFmpeg looks at one message
 * for about ten it sends, so that they may stand behind others for two seconds; a server that stops has five in all.
 */
export const lingerMs = 2500

/**
 * Bytes that may wait for one peer, media and answers together. A listener's own limit is far below; this ends the
 * peer who asks and never reads what it is told, and must hold the largest group of pictures a newcomer is given.
 */
export const sendQueueBytes = 48 * 1024 * 1024

/** After that much silence the system looks whether the peer's machine is there (TCP keep-alive). */
export const tcpKeepAliveMs = 60_000
