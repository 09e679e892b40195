import { audioCodecs, type TagDescription, unknownCodec, videoCodecs } from './codec.ts'
import { describeEnhancedAudio, describeEnhancedVideo } from './enhanced.ts'
import { VideoFrame } from './enhanced-tag.ts'
import { FrameKind, FrameRole } from './frame.ts'

export type { TagDescription } from './codec.ts'

const SoundFormat = { ExHeader: 9, Aac: 10 } as const
const CodecId = { Avc: 7, Hevc: 12 } as const

/** AVCPacketType and AACPacketType: the codec's configuration. */
const sequenceHeader = 0
/** AVCPacketType: coded pictures. */
const coded = 1

const empty = unknownCodec.describe(FrameRole.Inter)

/**
 * What the body of an FLV audio or video tag is, legacy (FLV 10.1 §E.4.2, §E.4.3) or Enhanced RTMP v2. Takes any
 * bytes and never throws: what was cut off is not known, and what is not known is an inter frame without a codec.
 * Allocates nothing but for tracks other than the default one and FourCCs nobody has heard of.
 *
 * Sound is an inter frame when it is no header: whether it can begin a group of pictures is for the cache to say.
 * A configuration without content says nothing and must not take the place of one that did: it is an inter frame.
 */
export function describeTag(kind: FrameKind, payload: Uint8Array): TagDescription {
  // Empty audio is legal: some encoders send it for silence.
  if (payload.length === 0) return empty
  if (kind === FrameKind.Video) return describeVideo(payload)
  return kind === FrameKind.Audio ? describeAudio(payload) : empty
}

function describeVideo(payload: Uint8Array): TagDescription {
  const first = payload[0]!
  if ((first & 0x80) !== 0) return describeEnhancedVideo(payload)
  const frameType = first >> 4
  const id = first & 0x0f
  const codec = videoCodecs[id] ?? unknownCodec
  if (frameType === VideoFrame.Command) return codec.describe(FrameRole.Inter)
  const isKey = frameType === VideoFrame.Key || frameType === VideoFrame.GeneratedKey
  if (id !== CodecId.Avc && id !== CodecId.Hevc) return codec.describe(isKey ? FrameRole.Key : FrameRole.Inter)
  // Two bytes of header, three of composition time, then the content.
  const packetType = payload[1]
  if (packetType === sequenceHeader && payload.length > 5) return codec.describe(FrameRole.Header)
  return codec.describe(packetType === coded && isKey ? FrameRole.Key : FrameRole.Inter)
}

function describeAudio(payload: Uint8Array): TagDescription {
  const format = payload[0]! >> 4
  if (format === SoundFormat.ExHeader) return describeEnhancedAudio(payload)
  const codec = audioCodecs[format] ?? unknownCodec
  const isHeader = format === SoundFormat.Aac && payload[1] === sequenceHeader && payload.length > 2
  return codec.describe(isHeader ? FrameRole.Header : FrameRole.Inter)
}
