import { type Codec, codecAt } from './codec.ts'
import { FrameKind } from './frame.ts'
import { modifierChain, tagTracks } from './limits.ts'

/** Enhanced RTMP v2, "Enhanced Video": VideoPacketType. */
export const VideoPacket = {
  SequenceStart: 0,
  CodedFrames: 1,
  SequenceEnd: 2,
  CodedFramesX: 3,
  Metadata: 4,
  Mpeg2TsSequenceStart: 5,
  Multitrack: 6,
  ModEx: 7,
} as const

/** Enhanced RTMP v2, "Enhanced Audio": AudioPacketType. */
export const AudioPacket = {
  SequenceStart: 0,
  CodedFrames: 1,
  SequenceEnd: 2,
  MultichannelConfig: 4,
  Multitrack: 5,
  ModEx: 7,
} as const

/** AvMultitrackType. */
export const Multitrack = { One: 0, Many: 1, ManyCodecs: 2 } as const

/** VideoFrameType, as in legacy tags. */
export const VideoFrame = { Key: 1, GeneratedKey: 4, Command: 5 } as const

/** VideoPacketModExType and AudioPacketModExType: nanoseconds that stand behind the timestamp. */
const timestampOffsetNano = 0

/** SoundFormat of an ExAudioTagHeader. */
const exHeader = 9

export interface EnhancedTrack {
  readonly track: number
  readonly codec: Codec
  /** Where its FourCC stands; several tracks may share one. */
  readonly fourCcAt: number
  /** What follows the header, from here up to there. */
  readonly from: number
  readonly to: number
}

/** A tag of Enhanced RTMP v2, taken apart. */
export interface EnhancedTag {
  /** VideoFrameType; 0 for audio. */
  readonly frameType: number
  /** VideoPacketType or AudioPacketType behind all modifiers, of the tracks when there are any. */
  readonly packetType: number
  /** Where that stands for the tag as a whole, in the lower half of a byte; what comes before are modifiers. */
  readonly typeAt: number
  readonly isMultitrack: boolean
  /** One, of the default track, without multitrack. Those whose bytes did not all arrive are left out. */
  readonly tracks: readonly EnhancedTrack[]
  /** To be added to the timestamp, 0 to 999,999 ns. */
  readonly nanoOffset: number
}

/** The tag's parts; null when it is none of Enhanced RTMP, a command (the edges of a seek), or one that
 * makes no sense or is cut off in its header. */
export function readEnhancedTag(kind: FrameKind, payload: Uint8Array): EnhancedTag | null {
  if (!isEnhancedTag(kind, payload)) return null
  const isVideo = kind === FrameKind.Video
  const { Multitrack: multitrack, ModEx: modEx } = isVideo ? VideoPacket : AudioPacket
  const typeAt = packetTypeAt(payload, modEx)
  if (typeAt < 0) return null
  const frameType = isVideo ? (payload[0]! >> 4) & 7 : 0
  const packetType = payload[typeAt]! & 0x0f
  if (isVideo && frameType === VideoFrame.Command && packetType !== VideoPacket.Metadata) return null
  const nanoOffset = nanoOffsetBefore(payload, typeAt)
  const isMultitrack = packetType === multitrack
  if (!isMultitrack) {
    const fourCcAt = typeAt + 1
    const from = fourCcAt + 4
    if (from > payload.length) return null
    const only = { track: 0, codec: codecAt(payload, fourCcAt), fourCcAt, from, to: payload.length }
    return { frameType, packetType, typeAt, isMultitrack, tracks: [only], nanoOffset }
  }
  const inner = payload[typeAt + 1]
  if (inner === undefined) return null
  // "This fetch MUST not result in a VideoPacketType.Multitrack" (Enhanced RTMP v2); modifiers have all come before.
  const innerType = inner & 0x0f
  if (innerType === multitrack || innerType === modEx) return null
  const tracks = readTracks(payload, typeAt + 2, inner >> 4)
  return { frameType, packetType: innerType, typeAt, isMultitrack, tracks, nanoOffset }
}

/** Does the tag have an ExVideoTagHeader or ExAudioTagHeader? */
export function isEnhancedTag(kind: FrameKind, payload: Uint8Array): boolean {
  if (payload.length === 0) return false
  if (kind === FrameKind.Video) return (payload[0]! & 0x80) !== 0
  return kind === FrameKind.Audio && payload[0]! >> 4 === exHeader
}

/** The tracks of a tag; a number that comes twice is taken once. */
function readTracks(payload: Uint8Array, start: number, how: number): EnhancedTrack[] {
  const tracks: EnhancedTrack[] = []
  const seen = new Set<number>()
  let at = start
  let fourCcAt = start
  if (how === Multitrack.One || how === Multitrack.Many) at += 4
  else if (how !== Multitrack.ManyCodecs) return tracks
  for (let nth = 0; nth < tagTracks; nth++) {
    if (how === Multitrack.ManyCodecs) {
      fourCcAt = at
      at += 4
    }
    const track = payload[at++]
    if (track === undefined) break
    let to = payload.length
    if (how !== Multitrack.One) {
      if (at + 3 > payload.length) break
      to = at + 3 + ((payload[at]! << 16) | (payload[at + 1]! << 8) | payload[at + 2]!)
      at += 3
      if (to > payload.length) break
    }
    if (!seen.has(track)) tracks.push({ track, codec: codecAt(payload, fourCcAt), fourCcAt, from: at, to })
    seen.add(track)
    at = to
    if (at >= payload.length) break
  }
  return tracks
}

/**
 * Where the packet type stands, in the lower half of a byte: in the first, or behind modifiers (ModEx), each of which
 * names the type that follows it. -1 when they run past the end, or on and on.
 */
export function packetTypeAt(payload: Uint8Array, modEx: number): number {
  let at = 0
  for (let chain = 0; chain <= modifierChain; chain++) {
    if ((payload[at]! & 0x0f) !== modEx) return at
    at = modifierData(payload, at) + modifierSize(payload, at)
    // Without a size this is not a number.
    if (!(at < payload.length)) return -1
  }
  return -1
}

/** The last of them wins, as they come. More than a millisecond has is nobody's meaning. */
function nanoOffsetBefore(payload: Uint8Array, typeAt: number): number {
  let offset = 0
  for (let at = 0; at < typeAt; ) {
    const data = modifierData(payload, at)
    const size = modifierSize(payload, at)
    at = data + size
    if (payload[at]! >> 4 !== timestampOffsetNano || size < 3) continue
    const given = (payload[data]! << 16) | (payload[data + 1]! << 8) | payload[data + 2]!
    if (given <= 999_999) offset = given
  }
  return offset
}

/** How many bytes of data a modifier has, whose type is named at `at`: in one byte, or in two behind it. */
function modifierSize(payload: Uint8Array, at: number): number {
  const size = payload[at + 1]! + 1
  return size === 256 ? ((payload[at + 2]! << 8) | payload[at + 3]!) + 1 : size
}

function modifierData(payload: Uint8Array, at: number): number {
  return payload[at + 1] === 255 ? at + 4 : at + 2
}
