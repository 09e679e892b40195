/** What one client may do to us by its commands. Sizes in bytes, texts in characters. */

/** A command's name: it is looked up, handed to an application and told back in an error. */
export const commandNameChars = 256

/** tcUrl and app, each: they hold the path and the query's values. A longer one is refused, since a part of it would mislead. */
export const urlChars = 4096

/** flashVer, pageUrl and swfUrl, each: they only inform, so what is longer is cut. */
export const introductionChars = 1024

/** The arguments of connect(), which are kept for as long as the client stays. */
export const connectArgsBytes = 65_536

/** The arguments of one call: they cross to the application whole. */
export const callArgsBytes = 4 * 1024 * 1024

/**
 * What a client may have sent ahead of a verdict it waits for: commands behind connect(), frames behind publish().
 * Encoders wait for the answer; this is for those who do not. Past it the connection ends.
 */
export const aheadBytes = 4 * 1024 * 1024

/** What one waiting message costs beside its payload, so that a flood of empty ones is counted too: all are dealt with in one go. */
export const messageOverheadBytes = 1024

/** Calls of ours that one client has not answered; further ones fail at once. */
export const pendingCallsMax = 1024

/** Servers that one relayed stream may have come through; what lies before them is not looked at. */
export const relayedViaMax = 16

/** Streams we have another server make on one connection. */
export const remoteStreamsMax = 64

/** What is sent to measure a line: so much at first, four times as much each time, at most so much. */
export const bandwidthBytes = { first: 32 * 1024, most: 2 * 1024 * 1024 } as const

/** Milliseconds that it must take beyond a ping to be measured by. */
export const bandwidthMs = 100

/** Measurements that one client may ask for; past that it is told the last one again, since each costs two megabytes. */
export const bandwidthTestsMax = 16

/** One piece of it. */
export const bandwidthText = 'x'.repeat(16 * 1024)

/** Bytes queued for a client past which messages that may be dropped are. */
export const droppableQueueBytes = 256 * 1024

/** Events in one shared object message; players send one for each slot that a script of theirs changed in one frame. */
export const sharedEventsMax = 4096

/** A name in a shared object message, of the object, a slot or a function. */
export const sharedNameBytes = 1024

/** One shared object message of ours: RTMP's own bound (RTMP 1.0 §6.1.1). */
export const sharedMessageBytes = 0xffffff

/** Different shared objects that one client may have named. */
export const sharedObjectsMax = 1024

/**
 * Bytes queued for a client past which it is too slow for the shared objects it uses: they cannot be left out, so that it is
 * closed. Whoever comes back is told all anew.
 */
export const sharedQueueBytes = 8 * 1024 * 1024

/** Names that may wait in the playlist of one stream. */
export const playlistMax = 100
