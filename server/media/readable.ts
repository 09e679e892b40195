import { AudioPacket, type EnhancedTag, type EnhancedTrack, readEnhancedTag, VideoPacket } from './enhanced-tag.ts'
import { FrameKind } from './frame.ts'

/** What of Enhanced RTMP v2 a player can take apart. */
export interface Reading {
  /** Tags of several tracks, or of one that is not the default. */
  readonly multitrack: boolean
  /** Modifiers (ModEx) before the packet, as nanoseconds are. */
  readonly modEx: boolean
}

/** First bytes of legacy tags: AVC behind the frame type in the upper half; AAC and MP3, 44.1 kHz, 16 bit, stereo. */
const legacyAvc = 7
const legacyAac = 0xaf
const legacyMp3 = 0x2f

/**
 * The body of an FLV tag as a player can read it: the same, or written anew, or null when there is nothing in it for that
 * player. One that knows a single track gets the default one, numbered 0, as if it had been alone; and H.264, AAC and
 * MP3 in their legacy form, which every player of RTMP knows. Coded bytes are never touched.
 */
export function readableTag(kind: FrameKind, payload: Buffer, { multitrack, modEx }: Reading): Buffer | null {
  if (multitrack && modEx) return payload
  const tag = readEnhancedTag(kind, payload)
  // What nobody can read is no worse for this player than for others.
  if (!tag) return payload
  const keepsModifiers = tag.typeAt === 0 || modEx
  if (multitrack) {
    if (keepsModifiers) return payload
    return Buffer.concat([plainHead(payload, payload[tag.typeAt]! & 0x0f), payload.subarray(tag.typeAt + 1)])
  }
  const track = tag.tracks.find(each => each.track === 0)
  if (!track) return null
  const legacy = legacyTag(kind, payload, tag, track)
  if (legacy !== undefined) return legacy
  if (keepsModifiers && !tag.isMultitrack) return payload
  return Buffer.concat([
    keepsModifiers ? modifiedHead(payload, tag) : plainHead(payload, tag.packetType),
    payload.subarray(track.fourCcAt, track.fourCcAt + 4),
    payload.subarray(track.from, track.to),
  ])
}

/** The first byte of a tag of that packet type, without modifiers. */
function plainHead(payload: Buffer, type: number): Buffer {
  return Buffer.of((payload[0]! & 0xf0) | type)
}

/** All up to the packet type, which is that of the track. */
function modifiedHead(payload: Buffer, { typeAt, packetType }: EnhancedTag): Buffer {
  const head = Buffer.from(payload.subarray(0, typeAt + 1))
  head[typeAt] = (head[typeAt]! & 0xf0) | packetType
  return head
}

/** Null for what has no legacy form; undefined for codecs without one. */
function legacyTag(
  kind: FrameKind,
  payload: Buffer,
  tag: EnhancedTag,
  track: EnhancedTrack,
): Buffer | null | undefined {
  const body = payload.subarray(track.from, track.to)
  if (kind === FrameKind.Video) return track.codec.name === 'avc1' ? legacyVideo(tag, body) : undefined
  const isFrames = tag.packetType === AudioPacket.CodedFrames
  if (track.codec.name === '.mp3') return isFrames ? Buffer.concat([Buffer.of(legacyMp3), body]) : null
  if (track.codec.name !== 'mp4a') return undefined
  if (!isFrames && tag.packetType !== AudioPacket.SequenceStart) return null
  return Buffer.concat([Buffer.of(legacyAac, isFrames ? 1 : 0), body])
}

/** AVCPacketType and the composition time stand before the content (FLV 10.1 §E.4.3.2). */
function legacyVideo({ frameType, packetType }: EnhancedTag, body: Buffer): Buffer | null {
  const first = (frameType << 4) | legacyAvc
  switch (packetType) {
    case VideoPacket.SequenceStart:
      return Buffer.concat([Buffer.of(first, 0, 0, 0, 0), body])
    case VideoPacket.CodedFrames:
      return Buffer.concat([Buffer.of(first, 1), body])
    case VideoPacket.CodedFramesX:
      return Buffer.concat([Buffer.of(first, 1, 0, 0, 0), body])
    case VideoPacket.SequenceEnd:
      return Buffer.of(first, 2, 0, 0, 0)
    default:
      return null
  }
}
