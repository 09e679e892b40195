import {
  AudioPacket,
  type EnhancedTag,
  type EnhancedTrack,
  isEnhancedTag,
  readEnhancedTag,
  VideoPacket,
} from '../../media/enhanced-tag.ts'
import { FrameKind } from '../../media/frame.ts'

/** What the body of an FLV tag holds for a file of another kind. */
export interface Sample {
  /** Its track among those of its kind; 0 is the default one. */
  readonly track: number
  /** The FourCC of its codec. */
  readonly codec: string
  /** The codec's configuration, or coded data. */
  readonly is: 'config' | 'data'
  readonly bytes: Buffer
  /** Milliseconds from decoding to showing it. */
  readonly offset: number
}

const AvcPacket = { Header: 0, Coded: 1 } as const

type Content = Omit<Sample, 'track'>

/** One for each track of a tag; none for what carries neither configuration nor data. */
export function readSamples(kind: FrameKind, payload: Buffer): Sample[] {
  if (kind === FrameKind.Data || payload.length === 0) return []
  if (!isEnhancedTag(kind, payload)) {
    const only = kind === FrameKind.Video ? video(payload) : audio(payload)
    return only ? [{ ...only, track: 0 }] : []
  }
  const tag = readEnhancedTag(kind, payload)
  if (!tag) return []
  return tag.tracks.flatMap(each => {
    const content = enhanced(kind, tag, each, payload.subarray(each.from, each.to))
    return content ? [{ ...content, track: each.track }] : []
  })
}

function enhanced(kind: FrameKind, tag: EnhancedTag, track: EnhancedTrack, bytes: Buffer): Content | null {
  const codec = track.codec.name
  if (kind === FrameKind.Audio) {
    if (tag.packetType === AudioPacket.SequenceStart) return { codec, is: 'config', bytes, offset: 0 }
    return tag.packetType === AudioPacket.CodedFrames ? { codec, is: 'data', bytes, offset: 0 } : null
  }
  if (tag.packetType === VideoPacket.SequenceStart) return { codec, is: 'config', bytes, offset: 0 }
  if (tag.packetType === VideoPacket.CodedFramesX) return { codec, is: 'data', bytes, offset: 0 }
  if (tag.packetType !== VideoPacket.CodedFrames) return null
  // Only codecs with pictures out of order say when theirs are shown.
  if (codec !== 'hvc1' && codec !== 'avc1') return { codec, is: 'data', bytes, offset: 0 }
  return bytes.length < 3 ? null : { codec, is: 'data', bytes: bytes.subarray(3), offset: bytes.readIntBE(0, 3) }
}

/** AVC, and HEVC by a wide-spread habit, in their legacy form (FLV 10.1 §E.4.3.2). */
function video(payload: Buffer): Content | null {
  const id = payload[0]! & 0x0f
  const codec = id === 7 ? 'avc1' : id === 12 ? 'hvc1' : `video codec ${id}`
  if (id !== 7 && id !== 12) return { codec, is: 'data', bytes: payload.subarray(1), offset: 0 }
  if (payload.length < 5 || payload[0]! >> 4 === 5) return null
  const bytes = payload.subarray(5)
  if (payload[1] === AvcPacket.Header) return bytes.length > 0 ? { codec, is: 'config', bytes, offset: 0 } : null
  return payload[1] === AvcPacket.Coded ? { codec, is: 'data', bytes, offset: payload.readIntBE(2, 3) } : null
}

function audio(payload: Buffer): Content | null {
  const format = payload[0]! >> 4
  if (format === 10) {
    if (payload.length < 3) return null
    return { codec: 'mp4a', is: payload[1] === 0 ? 'config' : 'data', bytes: payload.subarray(2), offset: 0 }
  }
  const codec = format === 2 || format === 14 ? '.mp3' : `audio format ${format}`
  return { codec, is: 'data', bytes: payload.subarray(1), offset: 0 }
}
