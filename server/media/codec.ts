import { FrameRole } from './frame.ts'

/** What can be said of a tag without decoding it. */
export interface TagDescription {
  readonly role: FrameRole
  /** The FourCC of Enhanced RTMP where it has one (`avc1`, `hvc1`, `mp4a`, `Opus` …), else a word; '' when unknown. */
  readonly codec: string
  /** Enhanced RTMP: the track the tag belongs to, 0 for the default one; of several tracks in a tag the first. */
  readonly track: number
}

/** A codec and what its tags can be: made once, so that describing a frame allocates nothing. */
export class Codec {
  readonly name: string
  readonly #roles: Record<FrameRole, TagDescription>

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
    return track === 0 ? this.#roles[role] : { role, codec: this.name, track }
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

/** The FourCCs that Enhanced RTMP v2 names for video and audio. */
const fourCcs: ReadonlyMap<number, Codec> = new Map(
  [
    avc,
    hevc,
    aac,
    mp3,
    ...['vvc1', 'av01', 'vp09', 'vp08', 'Opus', 'fLaC', 'ac-3', 'ec-3'].map(name => new Codec(name)),
  ].map(codec => [fourCc(codec.name), codec]),
)

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
