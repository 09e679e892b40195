/** What we chose for media and AMF; what the formats themselves say stands where they are read. */

/** Bounds of one AMF message, read or written. */
export interface AmfLimits {
  /** Values within values. Players and servers have been felled by 10,000; real messages stay below ten. */
  readonly depth: number
  /** Values in all, members and elements included. A value may cost one byte on the wire and some dozens in memory. */
  readonly elements: number
  /** Bytes of the message; RTMP's own bound is 2^24 - 1 (RTMP 1.0 §6.1.1). */
  readonly bytes: number
  /** Bytes of one string. */
  readonly stringBytes: number
}

export const amfLimits: AmfLimits = { depth: 64, elements: 131_072, bytes: 16_777_215, stringBytes: 4_194_304 }

/** Bounds of what a publisher says to all its listeners: each player decodes it, and few of them are careful. */
export const dataLimits: AmfLimits = { depth: 32, elements: 65_536, bytes: 1_048_576, stringBytes: 1_048_576 }

/** Bytes of an onMetaData, which is kept and given to every newcomer. A long file's key frame index fits. */
export const metadataBytes = 262_144

/** Bytes of the name of a data message, which is a method of the player's. */
export const dataNameBytes = 1_024

/** Modifiers in front of one Enhanced RTMP packet; one is known today. */
export const modifierChain = 16

/** Metadata and codec headers kept of one stream, of all tracks together; what comes past it is passed on but not kept. */
export const keptFramesMax = 64

/** Codecs that one client may announce; a dozen are known. */
export const announcedMax = 64

/** Tracks in one tag: their numbers are bytes. */
export const tagTracks = 256

/** When a step of the publisher's clock is time that passed, and when it is a new clock. All in milliseconds. */
export const timelineLimits = {
  /** A longer silence counts only as far as the wall clock confirms it. */
  gap: 10_000,
  /** How far the wall clock and the publisher's may disagree about a long silence. */
  slack: 2_000,
  /** Frames of one kind that step back by less are flattened, by more they begin a new clock. */
  stepBack: 500,
  /** How far audio and video stand apart when they are interleaved. */
  skew: 5_000,
} as const
