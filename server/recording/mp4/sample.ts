import { AudioPacket, isEnhancedTag, readEnhancedTag, VideoPacket } from '../../media/enhanced-tag.ts'
import { FrameKind } from '../../media/frame.ts'
import { readableTag } from '../../media/readable.ts'

/** What the body of an FLV tag holds for a file of another kind. */
export interface Sample {
  /** The FourCC of its codec. */
  readonly codec: string
  /** The codec's configuration, or coded data. */
  readonly is: 'config' | 'data'
  readonly bytes: Buffer
  /** Milliseconds from decoding to showing it. */
  readonly offset: number
}

const AvcPacket = { Header: 0, Coded: 1 } as const

/** Null for what carries neither; of several tracks the default one is taken. */
export function readSample(kind: FrameKind, payload: Buffer): Sample | null {
  if (kind === FrameKind.Data || payload.length === 0) return null
  const single = readableTag(kind, payload, { multitrack: false, modEx: false })
  if (!single) return null
  if (isEnhancedTag(kind, single)) return enhanced(kind, single)
  return kind === FrameKind.Video ? video(single) : audio(single)
}

function enhanced(kind: FrameKind, payload: Buffer): Sample | null {
  const tag = readEnhancedTag(kind, payload)
  const track = tag?.tracks[0]
  if (!tag || !track) return null
  const codec = track.codec.name
  const bytes = payload.subarray(track.from, track.to)
  if (kind === FrameKind.Audio) {
    if (tag.packetType === AudioPacket.SequenceStart) return { codec, is: 'config', bytes, offset: 0 }
    return tag.packetType === AudioPacket.CodedFrames ? { codec, is: 'data', bytes, offset: 0 } : null
  }
  if (tag.packetType === VideoPacket.SequenceStart) return { codec, is: 'config', bytes, offset: 0 }
  if (tag.packetType === VideoPacket.CodedFramesX) return { codec, is: 'data', bytes, offset: 0 }
  if (tag.packetType !== VideoPacket.CodedFrames) return null
  // Only codecs with pictures out of order say when theirs are shown.
  if (codec !== 'hvc1') return { codec, is: 'data', bytes, offset: 0 }
  return bytes.length < 3 ? null : { codec, is: 'data', bytes: bytes.subarray(3), offset: bytes.readIntBE(0, 3) }
}

/** AVC, and HEVC by a wide-spread habit, in their legacy form (FLV 10.1 §E.4.3.2). */
function video(payload: Buffer): Sample | null {
  const id = payload[0]! & 0x0f
  const codec = id === 7 ? 'avc1' : id === 12 ? 'hvc1' : `video codec ${id}`
  if (id !== 7 && id !== 12) return { codec, is: 'data', bytes: payload.subarray(1), offset: 0 }
  if (payload.length < 5 || payload[0]! >> 4 === 5) return null
  const bytes = payload.subarray(5)
  if (payload[1] === AvcPacket.Header) return bytes.length > 0 ? { codec, is: 'config', bytes, offset: 0 } : null
  return payload[1] === AvcPacket.Coded ? { codec, is: 'data', bytes, offset: payload.readIntBE(2, 3) } : null
}

function audio(payload: Buffer): Sample | null {
  const format = payload[0]! >> 4
  if (format === 10) {
    if (payload.length < 3) return null
    return { codec: 'mp4a', is: payload[1] === 0 ? 'config' : 'data', bytes: payload.subarray(2), offset: 0 }
  }
  const codec = format === 2 || format === 14 ? '.mp3' : `audio format ${format}`
  return { codec, is: 'data', bytes: payload.subarray(1), offset: 0 }
}
