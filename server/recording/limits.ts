/** What we chose for files; what the operator may choose stands in CumulusServer.ini under [recording]. */

/** Key frames listed at the head of an FLV file, which keeps room for them; past it every other one is left out. */
export const indexEntriesMax = 512

/** Values of an encoder's onMetaData that are kept in a file, and the characters of one of them. */
export const keptValuesMax = 64
export const keptTextChars = 512

/** Bytes gathered into one write to the disk. */
export const writeBytesMax = 1024 * 1024

/** What each piece that waits for the disk costs beside its bytes, so that a flood of empty frames is counted too. */
export const jobBytes = 256

/** Bytes of a file between two looks at how much room the disk has left. */
export const roomCheckBytes = 16 * 1024 * 1024

/** Bytes of a file read at once. */
export const windowBytes = 256 * 1024

/** What continues a recording begins so many milliseconds after its last frame: one picture at 25 a second. */
export const appendGapMs = 40

/** Recordings of one publication at once (one by its publisher or the configuration, others by scripts). */
export const recordingsMax = 8

/** Streams that are read for players of files at once, in one process; further ones are refused. */
export const showingsMax = 10_000

/** How often a showing looks whether its player has room for more, in milliseconds. */
export const showingTickMs = 50

/** A player that named no buffer is sent so much ahead, in milliseconds. */
export const standardBufferMs = 1_000

/** What a player is ahead besides its buffer, so that it never runs dry between two ticks, in milliseconds. */
export const aheadMs = 500

/** Bytes that may wait for a player before its file is read on. */
export const playerQueueBytes = 512 * 1024

/** Frames sent in one go before others get their turn. */
export const framesAtOnce = 200

/** Tags at the beginning of an FLV file among which its metadata and codec headers are looked for. */
export const beginningTags = 64

/** Folders looked into when recordings are cleared. */
export const foldersMax = 10_000

/** Fragments listed at the end of an MP4 file; later ones are found by reading. */
export const fragmentsIndexed = 20_000

/** Bytes of the head of an MP4 file that is continued. */
export const headBytesMax = 1024 * 1024

/** Tracks of one MP4 file, pictures and sounds together; further ones are left out. */
export const mp4TracksMax = 32

/** How often one recording may go on in another file because its codec changed. */
export const movesMax = 100

/** Packets read ahead of a track of MP4, among which pictures out of order are put into order: more than any codec needs. */
export const reorderMax = 17
