import { AudioPacket, VideoPacket } from '../media/enhanced-tag.ts'

/** How a codec's packets become bodies of FLV tags: in their legacy form where they have one. */
export interface TagCodec {
  readonly form: 'avc' | 'video' | 'aac' | 'mp3' | 'audio'
  /** The FourCC of Enhanced RTMP. */
  readonly fourCc: string
}

const codecs = new Map<string, TagCodec>([
  ['avc', { form: 'avc', fourCc: 'avc1' }],
  ['hevc', { form: 'video', fourCc: 'hvc1' }],
  ['av1', { form: 'video', fourCc: 'av01' }],
  ['vp9', { form: 'video', fourCc: 'vp09' }],
  ['vp8', { form: 'video', fourCc: 'vp08' }],
  ['aac', { form: 'aac', fourCc: 'mp4a' }],
  ['mp3', { form: 'mp3', fourCc: '.mp3' }],
  ['opus', { form: 'audio', fourCc: 'Opus' }],
  ['flac', { form: 'audio', fourCc: 'fLaC' }],
])

/** By the name WebCodecs and their kin have for it. */
export function codecOf(name: string | null): TagCodec | null {
  return codecs.get(name ?? '') ?? null
}

/** FrameType of a key picture and of another, in the upper half of the first byte. */
const key = 0x10
const inter = 0x20

/** The tag that configures the decoder. */
export function headerTag({ form, fourCc }: TagCodec, config: Buffer): Buffer | null {
  switch (form) {
    case 'avc':
      return Buffer.concat([Buffer.of(key | 7, 0, 0, 0, 0), config])
    case 'aac':
      return Buffer.concat([Buffer.of(0xaf, 0), config])
    case 'mp3':
      return null
    case 'video':
      return Buffer.concat([Buffer.of(0x80 | key | VideoPacket.SequenceStart), letters(fourCc), config])
    case 'audio':
      return Buffer.concat([Buffer.of(0x90 | AudioPacket.SequenceStart), letters(fourCc), config])
  }
}

/** `offset`: milliseconds from decoding to showing. */
export function packetTag({ form, fourCc }: TagCodec, data: Uint8Array, isKey: boolean, offset: number): Buffer {
  const type = isKey ? key : inter
  const later = Buffer.alloc(3)
  later.writeIntBE(Math.min(offset, 0x7fffff), 0, 3)
  switch (form) {
    case 'avc':
      return Buffer.concat([Buffer.of(type | 7, 1), later, data])
    case 'aac':
      return Buffer.concat([Buffer.of(0xaf, 1), data])
    case 'mp3':
      // 44.1 kHz, 16 bit, stereo: what MP3 really is, its own header says.
      return Buffer.concat([Buffer.of(0x2f), data])
    case 'audio':
      return Buffer.concat([Buffer.of(0x90 | AudioPacket.CodedFrames), letters(fourCc), data])
    case 'video': {
      const isTimed = fourCc === 'hvc1'
      const packet = isTimed ? VideoPacket.CodedFrames : VideoPacket.CodedFramesX
      return Buffer.concat([Buffer.of(0x80 | type | packet), letters(fourCc), ...(isTimed ? [later] : []), data])
    }
  }
}

function letters(fourCc: string): Buffer {
  return Buffer.from(fourCc, 'latin1')
}
