/** What the sockets hold on to. Times in milliseconds, sizes in bytes. */

/** How often connections look at their timeouts: all of them in one go, with no timer of their own. */
export const tickMs = 1000

/**
 * Bytes of one peer that took longer than this to deal with let everybody else's go first: the system would hand out
 * some two megabytes of one socket before it looks at the next, which may be many thousand commands.
 */
export const readMs = 2

/** Bytes handed on at once of what came by no socket of its own; Node reads as many from one. */
export const readBytes = 65_536

/**
 * The last words may take so long to be read; then a connection is cut, at the next tick. FFmpeg looks at one message
 * for about ten it sends, so that they may stand behind others for two seconds; a server that stops has five in all.
 */
export const lingerMs = 2500

/**
 * Bytes that may wait for one peer beside its media, for which `listener.queueBytes` and twice `publication.gopBytes`
 * are added: a lagging listener must find its own limit first, and a newcomer its group of pictures. Past it all the
 * peer is closed: it asks, or is told, and never reads.
 */
export const unreadBytes = 8 * 1024 * 1024

/** After that much silence the system looks whether the peer's machine is there (TCP keep-alive). */
export const tcpKeepAliveMs = 60_000

/** From the first packet to another server until the connection stands, TLS included. */
export const dialMs = 10_000

/** How often the files of a certificate are looked at. */
export const certificateLookMs = 2000

/** An HTTP request's first line and headers. */
export const httpRequestBytes = 16_384

/** What one request may bring through the tunnel: Flash sends what gathered since its last, some hundred kB at most. */
export const tunnelBodyBytes = 4 * 1024 * 1024

/**
 * What waits in the process that has the HTTP port, for one tunnel that another process serves: more than a request
 * takes along, so that this sets no pace; the rest waits there, where it is counted.
 */
export const tunnelWaitingBytes = 1024 * 1024

/** What a tunnel may have brought that nobody has read; past it it is closed. */
export const tunnelUnreadBytes = 16 * 1024 * 1024

/** Who hands a connection on says so quickly whose it is, and in so many characters. */
export const handedHelloMs = 5_000
export const handedAddressChars = 100

/** Parts of a body joined at once: a proxy may cut it into single bytes, each of which costs a hundred. */
export const tunnelParts = 256

/**
 * The byte before every answer of the tunnel, which tells Flash how soon to ask again; the next one holds after so many
 * requests in vain. Both are what Adobe's servers were seen to send.
 */
export const tunnelIntervals = [1, 3, 5, 9, 17, 33] as const
export const tunnelPatience = 10
