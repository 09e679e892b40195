import { FrameRole } from './frame.ts'

/** What can be said of a tag without decoding it. */
export interface TagDescription {
  readonly role: FrameRole
  /** The FourCC of Enhanced RTMP where it has one (`avc1`, `hvc1`, `mp4a`, `Opus` …), else a word; '' when unknown. */
  readonly codec: string
  /** Enhanced RTMP: the track the tag belongs to, 0 for the default one; of several tracks in a tag the first. */
  readonly track: number
  /** The other tracks of the same tag; of these nothing else differs. */
  readonly others?: readonly TrackCodec[]
}

/** One of several tracks in a tag. */
export interface TrackCodec {
  readonly track: number
  readonly codec: string
}

/** A codec and what its tags can be: made once, so that describing a frame allocates nothing. */
export class Codec {
  readonly name: string
  readonly #roles: Record<FrameRole, TagDescription>
  /** Of tracks beside the default one, by number and role: as many as streams have had. */
  readonly #beside = new Map<FrameRole, (TagDescription | undefined)[]>()

  constructor(name: string) {
    const description = (role: FrameRole): TagDescription => Object.freeze({ role, codec: name, track: 0 })
    this.name = name
    this.#roles = {
      metadata: description(FrameRole.Metadata),
      header: description(FrameRole.Header),
      key: description(FrameRole.Key),
      inter: description(FrameRole.Inter),
    }
  }

  describe(role: FrameRole, track = 0): TagDescription {
    if (track === 0) return this.#roles[role]
    const tracks = this.#beside.get(role) ?? []
    const known = tracks[track]
    if (known) return known
    const description = Object.freeze({ role, codec: this.name, track })
    tracks[track] = description
    this.#beside.set(role, tracks)
    return description
  }
}

export const unknownCodec = new Codec('')

const avc = new Codec('avc1')
const hevc = new Codec('hvc1')
const aac = new Codec('mp4a')
const mp3 = new Codec('.mp3')
const pcm = new Codec('pcm')
const nellymoser = new Codec('nellymoser')

/** By CodecID (FLV 10.1 §E.4.3.1). 12 is nobody's assignment but a wide-spread habit, laid out as AVC is. */
export const videoCodecs: readonly (Codec | undefined)[] = [
  undefined,
  undefined,
  new Codec('h263'),
  new Codec('screen'),
  new Codec('vp6'),
  new Codec('vp6a'),
  new Codec('screen2'),
  avc,
  undefined,
  undefined,
  undefined,
  undefined,
  hevc,
]

/** By SoundFormat (FLV 10.1 §E.4.2.1); 9 is Enhanced RTMP's. */
export const audioCodecs: readonly (Codec | undefined)[] = [
  pcm,
  new Codec('adpcm'),
  mp3,
  pcm,
  nellymoser,
  nellymoser,
  nellymoser,
  new Codec('alaw'),
  new Codec('mulaw'),
  undefined,
  aac,
  new Codec('speex'),
  undefined,
  undefined,
  mp3,
  new Codec('native'),
]

/** The FourCCs that Enhanced RTMP v2 names, with what people call these codecs. */
export const videoFourCcs: ReadonlyMap<string, string> = new Map([
  ['avc1', 'H.264'],
  ['hvc1', 'HEVC'],
  ['vvc1', 'VVC'],
  ['av01', 'AV1'],
  ['vp09', 'VP9'],
  ['vp08', 'VP8'],
])
export const audioFourCcs: ReadonlyMap<string, string> = new Map([
  ['mp4a', 'AAC'],
  ['.mp3', 'MP3'],
  ['Opus', 'Opus'],
  ['fLaC', 'FLAC'],
  ['ac-3', 'AC-3'],
  ['ec-3', 'E-AC-3'],
])

const known: ReadonlyMap<string, Codec> = new Map([avc, hevc, aac, mp3].map(codec => [codec.name, codec]))

const fourCcs: ReadonlyMap<number, Codec> = new Map(
  [...videoFourCcs.keys(), ...audioFourCcs.keys()].map(name => [fourCc(name), known.get(name) ?? new Codec(name)]),
)

/** Codecs that FLV tags have had a number for since Flash: every player of RTMP is taken to know them. */
const classic: ReadonlySet<string> = new Set(
  [...videoCodecs, ...audioCodecs].flatMap(codec => (codec && codec !== hevc ? [codec.name] : [])),
)

/** Does a codec need Enhanced RTMP? HEVC does: its number of old was nobody's assignment. */
export function isEnhanced(codec: string): boolean {
  return codec !== '' && !classic.has(codec)
}

function fourCc(name: string): number {
  return readFourCc([...name].map(character => character.charCodeAt(0)) as ArrayLike<number>, 0)
}

function readFourCc(bytes: ArrayLike<number>, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}

/** The codec whose FourCC stands at a position; one nobody has heard of by its letters, if it has any. */
export function codecAt(payload: Uint8Array, at: number): Codec {
  if (at + 4 > payload.length) return unknownCodec
  const known = fourCcs.get(readFourCc(payload, at))
  if (known !== undefined) return known
  const name = String.fromCharCode(payload[at]!, payload[at + 1]!, payload[at + 2]!, payload[at + 3]!)
  return /^[\x20-\x7e]{4}$/.test(name) ? new Codec(name) : unknownCodec
}
