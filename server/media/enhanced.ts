import { type Codec, codecAt, type TagDescription, unknownCodec } from './codec.ts'
import { FrameRole } from './frame.ts'
import { modifierChain } from './limits.ts'

/** Enhanced RTMP v2, "Enhanced Video": VideoPacketType. */
const VideoPacket = {
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
const AudioPacket = {
  SequenceStart: 0,
  MultichannelConfig: 4,
  Multitrack: 5,
  ModEx: 7,
} as const

/** VideoFrameType, as in legacy tags. */
export const VideoFrame = { Key: 1, GeneratedKey: 4, Command: 5 } as const

/** Anything whose meaning did not arrive: it goes to those who listen now and is not kept. */
const nothingKnown = unknownCodec.describe(FrameRole.Inter)

/**
 * A video tag with ExVideoTagHeader. Packets of metadata (colour information for HDR) must be known before the frames
 * they affect, so they are kept for newcomers like headers. A tag of several tracks is what its packet type says, with
 * the codec and the number of its first track; the tracks are not looked into.
 */
export function describeEnhancedVideo(payload: Uint8Array): TagDescription {
  const at = packetTypeAt(payload, VideoPacket.ModEx)
  if (at < 0) return nothingKnown
  const type = payload[at]! & 0x0f
  const frameType = (payload[0]! >> 4) & 7
  // A command (the edges of a seek) is all there is of the tag: no FourCC follows.
  if (frameType === VideoFrame.Command && type !== VideoPacket.Metadata) return nothingKnown
  const isKey = frameType === VideoFrame.Key || frameType === VideoFrame.GeneratedKey
  if (type === VideoPacket.Multitrack) {
    const inner = payload[at + 1]
    if (inner === undefined) return nothingKnown
    return describeTrack(payload, at + 2, videoRole(inner & 0x0f, isKey))
  }
  return codecAt(payload, at + 1).describe(videoRole(type, isKey))
}

function videoRole(type: number, isKey: boolean): FrameRole {
  switch (type) {
    case VideoPacket.SequenceStart:
    case VideoPacket.Mpeg2TsSequenceStart:
      return FrameRole.Header
    case VideoPacket.CodedFrames:
    case VideoPacket.CodedFramesX:
      return isKey ? FrameRole.Key : FrameRole.Inter
    case VideoPacket.Metadata:
      return FrameRole.Metadata
    default:
      return FrameRole.Inter
  }
}

/** An audio tag with ExAudioTagHeader. The channels of a multichannel sound are kept for newcomers, as metadata. */
export function describeEnhancedAudio(payload: Uint8Array): TagDescription {
  const at = packetTypeAt(payload, AudioPacket.ModEx)
  if (at < 0) return nothingKnown
  const type = payload[at]! & 0x0f
  if (type === AudioPacket.Multitrack) {
    const inner = payload[at + 1]
    if (inner === undefined) return nothingKnown
    return describeTrack(payload, at + 2, audioRole(inner & 0x0f))
  }
  return codecAt(payload, at + 1).describe(audioRole(type))
}

function audioRole(type: number): FrameRole {
  if (type === AudioPacket.SequenceStart) return FrameRole.Header
  return type === AudioPacket.MultichannelConfig ? FrameRole.Metadata : FrameRole.Inter
}

/** With one codec or with many, the first FourCC comes first, and the number of the first track behind it. */
function describeTrack(payload: Uint8Array, at: number, role: FrameRole): TagDescription {
  const codec: Codec = codecAt(payload, at)
  return codec.describe(role, payload[at + 4] ?? 0)
}

/**
 * Where the packet type stands, in the lower half of a byte: in the first, or behind modifiers (ModEx), each of which
 * names the type that follows it. -1 when they run past the end, or on and on.
 */
function packetTypeAt(payload: Uint8Array, modEx: number): number {
  let at = 0
  for (let chain = 0; chain <= modifierChain; chain++) {
    if ((payload[at]! & 0x0f) !== modEx) return at
    if (at + 1 >= payload.length) return -1
    let size = payload[at + 1]! + 1
    at += 2
    if (size === 256) {
      if (at + 2 > payload.length) return -1
      size = ((payload[at]! << 8) | payload[at + 1]!) + 1
      at += 2
    }
    at += size
    if (at >= payload.length) return -1
  }
  return -1
}
