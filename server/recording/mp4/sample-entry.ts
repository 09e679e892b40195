import { box, fullBox, letters, u8, u16, u32 } from './box.ts'

/** What stands in a track's sample description: the codec, and how it is configured. */
export interface TrackConfig {
  readonly codec: string
  readonly config: Buffer
}

/** Codecs that have a place in MP4, and of these which need a configuration before their first data. */
const needsConfig = new Map([
  ['avc1', true],
  ['hvc1', true],
  ['av01', true],
  ['vp09', true],
  ['mp4a', true],
  ['Opus', true],
  ['fLaC', true],
  ['.mp3', false],
])

export function isMapped(codec: string): boolean {
  return needsConfig.has(codec)
}

export function isSelfContained(codec: string): boolean {
  return needsConfig.get(codec) === false
}

/** The configuration box of each video codec (ISO 14496-15; the bindings of AV1 and VP9). */
const videoConfig = new Map([
  ['avc1', 'avcC'],
  ['hvc1', 'hvcC'],
  ['av01', 'av1C'],
  ['vp09', 'vpcC'],
])

/** VisualSampleEntry (ISO 14496-12 §12.1.3). */
export function videoEntry({ codec, config }: TrackConfig, width: number, height: number): Buffer {
  const compressor = Buffer.alloc(32)
  return box(
    codec,
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(16),
    u16(width, height),
    u32(0x00480000, 0x00480000, 0),
    u16(1),
    compressor,
    u16(0x18, 0xffff),
    codec === 'vp09' ? fullVpcc(config) : box(videoConfig.get(codec)!, config),
  )
}

/** Enhanced RTMP carries the configuration with its version and flags, or without. */
function fullVpcc(config: Buffer): Buffer {
  return config.length >= 12 ? box('vpcC', config) : fullBox('vpcC', 1, 0, config)
}

/** AudioSampleEntry (§12.2.3). */
export function audioEntry({ codec, config }: TrackConfig): Buffer {
  const { channels, rate } = soundOf(codec, config)
  const entry = (type: string, ...inside: Buffer[]): Buffer =>
    box(
      type,
      Buffer.alloc(6),
      u16(1),
      Buffer.alloc(8),
      u16(channels, 16, 0, 0),
      u32((rate & 0xffff) * 0x10000),
      ...inside,
    )
  if (codec === 'Opus') return entry('Opus', box('dOps', opusBox(config)))
  if (codec === 'fLaC') return entry('fLaC', fullBox('dfLa', 0, 0, flacBlocks(config)))
  return entry('mp4a', codec === 'mp4a' ? esds(0x40, config) : esds(0x6b, Buffer.alloc(0)))
}

const rates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350]

function soundOf(codec: string, config: Buffer): { channels: number; rate: number } {
  if (codec === 'Opus') return { channels: config[9] ?? 2, rate: 48_000 }
  if (codec !== 'mp4a' || config.length < 2) return { channels: 2, rate: 44_100 }
  // AudioSpecificConfig (ISO 14496-3 §1.6.2.1): five bits of type, four of rate, four of channels.
  const bits = config.readUInt16BE()
  return { channels: (bits >> 3) & 0x0f || 2, rate: rates[(bits >> 7) & 0x0f] ?? 44_100 }
}

/** ES_Descriptor (ISO 14496-1 §7.2.6.5); `object`: what kind of sound it is. */
function esds(object: number, config: Buffer): Buffer {
  const specific = config.length === 0 ? config : descriptor(0x05, config)
  const decoder = descriptor(0x04, u8(object, 0x15, 0, 0, 0), u32(0, 0), specific)
  return fullBox('esds', 0, 0, descriptor(0x03, u16(1), u8(0), decoder, descriptor(0x06, u8(2))))
}

function descriptor(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const size = body.length
  return Buffer.concat([
    u8(tag, 0x80 | (size >> 21), 0x80 | ((size >> 14) & 0x7f), 0x80 | ((size >> 7) & 0x7f), size & 0x7f),
    body,
  ])
}

/** OpusHead (RFC 7845 §5.1) counts from the small end, dOps from the big one. */
function opusBox(head: Buffer): Buffer {
  const isHead = head.length >= 19 && head.toString('latin1', 0, 8) === 'OpusHead'
  if (!isHead) return Buffer.concat([u8(0, 2), u16(0), u32(48_000), u16(0), u8(0)])
  return Buffer.concat([
    u8(0, head[9]!),
    u16(head.readUInt16LE(10)),
    u32(head.readUInt32LE(12)),
    u16(head.readUInt16LE(16)),
    head.subarray(18),
  ])
}

/** Metadata blocks, without the marker that begins a FLAC file. */
function flacBlocks(config: Buffer): Buffer {
  return config.subarray(0, 4).equals(letters('fLaC')) ? config.subarray(4) : config
}
