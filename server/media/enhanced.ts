import { codecAt, type TagDescription, unknownCodec } from './codec.ts'
import { AudioPacket, Multitrack, packetTypeAt, readEnhancedTag, VideoFrame, VideoPacket } from './enhanced-tag.ts'
import { FrameKind, FrameRole } from './frame.ts'

/** Anything whose meaning did not arrive: it goes to those who listen now and is not kept. */
const nothingKnown = unknownCodec.describe(FrameRole.Inter)

/**
 * A video tag with ExVideoTagHeader. Packets of metadata (colour information for HDR) must be known before the frames
 * they affect, so they are kept for newcomers like headers. A tag of several tracks is what its packet type says, for
 * all of them alike.
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
    return describeTracks(FrameKind.Video, payload, at + 1, videoRole(inner & 0x0f, isKey))
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
    return describeTracks(FrameKind.Audio, payload, at + 1, audioRole(inner & 0x0f))
  }
  return codecAt(payload, at + 1).describe(audioRole(type))
}

function audioRole(type: number): FrameRole {
  if (type === AudioPacket.SequenceStart) return FrameRole.Header
  return type === AudioPacket.MultichannelConfig ? FrameRole.Metadata : FrameRole.Inter
}

/** `at`: where the kind of multitrack stands. With one codec or with many, the first FourCC comes first, and its track. */
function describeTracks(kind: FrameKind, payload: Uint8Array, at: number, role: FrameRole): TagDescription {
  const first = codecAt(payload, at + 1).describe(role, payload[at + 5] ?? 0)
  if (payload[at]! >> 4 === Multitrack.One) return first
  const [, ...others] = readEnhancedTag(kind, payload)?.tracks ?? []
  if (others.length === 0) return first
  return { ...first, others: others.map(({ track, codec }) => ({ track, codec: codec.name })) }
}
