/** What one connection may do to us. The configuration's `[rtmp]` section fulfils it. Times in ms, sizes in bytes. */
export interface RtmpLimits {
  /** From the first moment to the end of the handshake, however steadily its bytes drip. */
  readonly handshakeTimeout: number
  /** After that much silence a ping is sent. */
  readonly pingInterval: number
  /** After that much silence the connection is given up. */
  readonly keepAliveTimeout: number
  /** Window we acknowledge within until the peer names its own. */
  readonly windowSize: number
  /** Largest message accepted. */
  readonly messageBytes: number
  /** Bytes of unfinished messages that may wait for their rest. */
  readonly pendingBytes: number
  /** Chunk stream ids that may be in use; real clients need fewer than ten. */
  readonly chunkStreams: number
}

export const rtmpLimits: RtmpLimits = {
  handshakeTimeout: 10_000,
  pingInterval: 10_000,
  keepAliveTimeout: 30_000,
  windowSize: 2_500_000,
  messageBytes: 0xffffff,
  pendingBytes: 32 * 1024 * 1024,
  chunkStreams: 128,
}

/**
 * Memory that one connection's unfinished messages may take ahead of their bytes, because the read at hand promises
 * to fill it. Past it a message's buffer only ever grows to twice what has come.
 */
export const trustedBytes = 65_536

/**
 * Most bytes of answers (pongs, acknowledgements, window sizes) a peer can have in store. It earns one for each byte
 * it sends, so it can never make us send more than it sent; answers past that are left out and counted.
 */
export const replyCreditMax = 16_384

/**
 * Reads at the beginning of a connection that are acknowledged at once when nothing else answers them. Encoders send a
 * command in several small writes without TCP_NODELAY, so the peer's system holds the rest of it back until ours has
 * acknowledged the first part, which it puts off by 40 ms in the hope of an answer to send along. From connect to the
 * first frame FFmpeg reads, 16 are more than it takes.
 */
export const promptReadsMax = 16

/**
 * Messages in one aggregate. It is taken apart in one go, while everyone else waits; those who send aggregates at all
 * put less than a second of a stream into one.
 */
export const aggregateTags = 4096

/**
 * Messages handled between two questions whether others should have their turn. A read of 64 KiB may hold as many empty
 * messages as bytes, and some of them cost fifty microseconds.
 */
export const messagesBetweenLooks = 32
