import { box, fullBox, letters, u8, u16, u32, u64 } from './box.ts'

/** Times in our files are milliseconds. */
export const timescale = 1000

export interface MovieTrack {
  /** From 1 on. */
  readonly id: number
  readonly isVideo: boolean
  /** Its sample entry. */
  readonly entry: Buffer
  readonly width: number
  readonly height: number
  /** The one of its kind that is played where nobody chooses. */
  readonly isDefault: boolean
  /** One of several of its kind, of which one is played. */
  readonly isAlternative: boolean
}

export interface FragmentSample {
  readonly bytes: Buffer
  /** When it is decoded, in ms of the file's time, and how long it lasts. */
  readonly time: number
  readonly duration: number
  /** From decoding to showing. */
  readonly offset: number
  readonly isKey: boolean
}

export interface FragmentTrack {
  readonly id: number
  readonly samples: readonly FragmentSample[]
}

const matrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
/** Fragments begin their offsets at themselves (§8.8.7.1). */
const defaultBaseIsMoof = 0x020000
const keySample = 0x02000000
const otherSample = 0x01010000

/** What a fragmented file begins with (ISO 14496-12 §8.1, §8.2, §8.8). How long it is it says when that is known. */
export function movieHead(tracks: readonly MovieTrack[]): Buffer {
  const ftyp = box('ftyp', letters('iso5'), u32(512), letters('iso5iso6mp41'))
  const mvhd = fullBox(
    'mvhd',
    0,
    0,
    u32(0, 0, timescale, 0, 0x10000),
    u16(0x0100, 0),
    u32(0, 0),
    matrix,
    Buffer.alloc(24),
    u32(tracks.length + 1),
  )
  const mehd = fullBox('mehd', 1, 0, u64(0))
  const trexes = tracks.map(({ id }) => fullBox('trex', 0, 0, u32(id, 1, 0, 0, 0)))
  return Buffer.concat([ftyp, box('moov', mvhd, ...tracks.map(trak), box('mvex', mehd, ...trexes))])
}

/** Says in the head of a file how long it came to be: in the movie's own box, and in that of its fragments. */
export function tellDuration(head: Buffer, duration: number): void {
  head.writeUInt32BE(Math.min(duration, 0xffffffff), head.indexOf('mvhd', 0, 'latin1') + 20)
  head.writeBigUInt64BE(BigInt(duration), head.indexOf('mehd', 0, 'latin1') + 8)
}

/** What a head says of the duration of its fragments, in ms; 0 when it does not know yet. */
export function toldDuration(head: Buffer): number {
  const mvhd = head.indexOf('mvhd', 0, 'latin1')
  const mehd = head.indexOf('mehd', 0, 'latin1')
  if (mvhd < 0 || mehd < 0 || mvhd + 28 > head.length || mehd + 16 > head.length) return 0
  // Version 1 has dates (§8.2.2), and a duration (§8.8.2), of 64 bits.
  const scale = head.readUInt32BE(mvhd + (head[mvhd + 4] === 1 ? 24 : 16))
  const duration = head[mehd + 4] === 1 ? Number(head.readBigUInt64BE(mehd + 8)) : head.readUInt32BE(mehd + 8)
  return scale === 0 ? 0 : Math.round((duration * 1000) / scale)
}

/** tkhd flags (§8.3.2): every track is in the movie, only default ones are enabled. */
const trackFlags = { isDefault: 3, other: 2 }

function trak({ id, isVideo, entry, width, height, isDefault, isAlternative }: MovieTrack): Buffer {
  const group = isAlternative ? (isVideo ? 1 : 2) : 0
  const tkhd = fullBox(
    'tkhd',
    0,
    isDefault ? trackFlags.isDefault : trackFlags.other,
    u32(0, 0, id, 0, 0, 0, 0),
    u16(0, group, isVideo ? 0 : 0x0100, 0),
    matrix,
    u32(width * 0x10000, height * 0x10000),
  )
  // "und" as three letters of five bits.
  const mdhd = fullBox('mdhd', 0, 0, u32(0, 0, timescale, 0), u16(0x55c4, 0))
  const hdlr = fullBox('hdlr', 0, 0, u32(0), letters(isVideo ? 'vide' : 'soun'), Buffer.alloc(12), u8(0))
  const dinf = box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)))
  const empty = [
    fullBox('stts', 0, 0, u32(0)),
    fullBox('stsc', 0, 0, u32(0)),
    fullBox('stsz', 0, 0, u32(0, 0)),
    fullBox('stco', 0, 0, u32(0)),
  ]
  const stbl = box('stbl', fullBox('stsd', 0, 0, u32(1), entry), ...empty)
  const media = isVideo ? fullBox('vmhd', 0, 1, u16(0, 0, 0, 0)) : fullBox('smhd', 0, 0, u16(0, 0))
  return box('trak', tkhd, box('mdia', mdhd, hdlr, box('minf', media, dinf, stbl)))
}

/** One fragment (§8.8): it plays by itself behind the head. */
export function fragment(sequence: number, tracks: readonly FragmentTrack[]): Buffer[] {
  const build = (dataAt: number): Buffer => {
    let at = dataAt
    const trafs = tracks.map(track => {
      const traf = trackFragment(track, at)
      for (const { bytes } of track.samples) at += bytes.length
      return traf
    })
    return box('moof', fullBox('mfhd', 0, 0, u32(sequence)), ...trafs)
  }
  // Its own length decides where the data begins.
  const moof = build(build(0).length + 8)
  const data = tracks.flatMap(({ samples }) => samples.map(({ bytes }) => bytes))
  const head = Buffer.alloc(8)
  head.writeUInt32BE(data.reduce((sum, { length }) => sum + length, 8))
  head.write('mdat', 4, 'latin1')
  return [moof, head, ...data]
}

function trackFragment({ id, samples }: FragmentTrack, dataAt: number): Buffer {
  const tfhd = fullBox('tfhd', 0, defaultBaseIsMoof, u32(id))
  const tfdt = fullBox('tfdt', 1, 0, u64(samples[0]!.time))
  const rows = Buffer.alloc(16 * samples.length)
  for (const [nth, { bytes, duration, offset, isKey }] of samples.entries()) {
    rows.writeUInt32BE(duration, 16 * nth)
    rows.writeUInt32BE(bytes.length, 16 * nth + 4)
    rows.writeUInt32BE(isKey ? keySample : otherSample, 16 * nth + 8)
    rows.writeInt32BE(offset, 16 * nth + 12)
  }
  // Data offset, and of each sample its duration, size, flags and (signed, version 1) composition offset.
  return box('traf', tfhd, tfdt, fullBox('trun', 1, 0x000f01, u32(samples.length, dataAt), rows))
}

/** Where fragments that begin with a key sample stand (§8.8.9 to §8.8.11): for players that seek from the end. */
export function fragmentIndex(id: number, entries: readonly { time: number; position: number }[]): Buffer {
  const rows = entries.map(({ time, position }) => Buffer.concat([u64(time), u64(position), u8(1, 1, 1)]))
  const tfra = fullBox('tfra', 1, 0, u32(id, 0, entries.length), ...rows)
  const size = 8 + tfra.length + 16
  return box('mfra', tfra, fullBox('mfro', 0, 0, u32(size)))
}
