import { type Frame, FrameKind, FrameRole } from '../../media/frame.ts'
import { type Container, type Patch, Unfit } from '../container.ts'
import { keptValues } from '../flv-metadata.ts'
import { fragmentsIndexed, mp4TracksMax } from '../limits.ts'
import { RecordError } from '../record-error.ts'
import {
  type FragmentSample,
  type FragmentTrack,
  fragment,
  fragmentIndex,
  type MovieTrack,
  movieHead,
  tellDuration,
} from './movie.ts'
import { readSamples, type Sample } from './sample.ts'
import { audioEntry, isMapped, isSelfContained, type TrackConfig, videoEntry } from './sample-entry.ts'

export interface Mp4Limits {
  /** Milliseconds that a fragment gathers before it ends at the next key frame; after twice that it ends anywhere. */
  readonly fragment: number
  /** Bytes after which it ends anywhere. */
  readonly fragmentBytes: number
}

/** What a file holds that is continued. */
export interface Mp4Beginning {
  /** Its ftyp and moov. */
  readonly head: Buffer
  /** Where its last whole fragment ends. */
  readonly bytes: number
  /** Milliseconds. */
  readonly duration: number
  readonly sequence: number
}

type Pending = { -readonly [Key in keyof FragmentSample]: FragmentSample[Key] }

/** One of the tracks of a file, and what of it waits for the end of the fragment. */
class Track {
  readonly kind: FrameKind
  /** Among those of its kind; 0 is the default one. */
  readonly number: number
  config: TrackConfig | null = null
  samples: Pending[] = []
  /** How long its newest sample lasted: as long as the one after which none has come. */
  lastDuration = 0

  constructor(kind: FrameKind, number: number) {
    this.kind = kind
    this.number = number
  }

  get isVideo(): boolean {
    return this.kind === FrameKind.Video
  }
}

/** Frames as fragmented MP4: every fragment that was written plays, whatever becomes of those after it. */
export class Mp4Container implements Container {
  duration = 0
  gathered = 0
  readonly #limits: Mp4Limits
  readonly #beginning: Mp4Beginning | null
  /** Pictures first, the default tracks first among them. */
  #known: Track[] = []
  #size = { width: 0, height: 0 }
  #head: Buffer | null = null
  /** Those the file's head tells of, in its order. */
  #tracks: Track[] = []
  #position: number
  #sequence: number
  #index: { time: number; position: number }[] = []

  constructor(limits: Mp4Limits, beginning: Mp4Beginning | null = null) {
    this.#limits = limits
    this.#beginning = beginning
    this.#position = beginning?.bytes ?? 0
    this.#sequence = beginning?.sequence ?? 0
    this.duration = beginning?.duration ?? 0
  }

  /** Throws Unfit when the codec changes, RecordError when it has no place in MP4. */
  add(frame: Frame, time: number, out: Buffer[]): boolean {
    const { kind, role } = frame
    if (kind === FrameKind.Data) {
      if (role === FrameRole.Metadata) this.#measure(frame.payload)
      return false
    }
    const isKey = kind === FrameKind.Audio || role === FrameRole.Key
    let ends = false
    for (const sample of readSamples(kind, frame.payload)) if (this.#take(kind, sample, time, isKey, out)) ends = true
    return ends
  }

  end(out: Buffer[]): void {
    this.#flush(out)
    if (this.#tracks.length > 0 && this.#index.length > 0) out.push(fragmentIndex(1, this.#index))
  }

  patches(bytes: number): Patch[] {
    const told = this.#head ?? this.#beginning?.head
    if (!told || bytes < told.length) return []
    const head = Buffer.from(told)
    tellDuration(head, this.duration)
    return [{ at: 0, bytes: head }]
  }

  #take(kind: FrameKind, sample: Sample, time: number, isKey: boolean, out: Buffer[]): boolean {
    const { codec, is, bytes } = sample
    if (bytes.length === 0) return false
    if (!isMapped(codec)) {
      // What players of a single track see must be in the file; of the others, what can be.
      if (sample.track > 0) return false
      throw new RecordError('Failed', `${codec} has no place in MP4; record to FLV`)
    }
    const track = this.#trackOf(kind, sample.track)
    if (!track) return false
    if (is === 'config') {
      this.#configure(track, sample)
      return false
    }
    if (!track.config && isSelfContained(codec)) this.#configure(track, { ...sample, bytes: Buffer.alloc(0) })
    if (track.config?.codec !== codec) return false
    const ends = this.#isDue(track, isKey, time)
    if (ends) this.#flush(out)
    this.#gather(track, sample, time, isKey)
    return ends
  }

  /** Null past the most that are recorded. */
  #trackOf(kind: FrameKind, number: number): Track | null {
    const known = this.#known.find(track => track.kind === kind && track.number === number)
    if (known) return known
    if (this.#known.length >= mp4TracksMax) return null
    const track = new Track(kind, number)
    this.#known = [...this.#known, track].sort((a, b) => Number(b.isVideo) - Number(a.isVideo) || a.number - b.number)
    return track
  }

  /** Widths and heights are only informed of; decoders read their own. */
  #measure(payload: Buffer): void {
    const { width, height } = keptValues(payload)
    const isSize = (value: unknown): value is number => typeof value === 'number' && value > 0 && value < 65_536
    if (isSize(width) && isSize(height)) this.#size = { width: Math.round(width), height: Math.round(height) }
  }

  #configure(track: Track, { codec, bytes }: Sample): void {
    const { config } = track
    if (config && config.codec === codec && config.config.equals(bytes)) return
    if (this.#head) throw new Unfit(config ? 'the codec is another one now' : 'a track was added')
    track.config = { codec, config: Buffer.from(bytes) }
  }

  #isDue(track: Track, isKey: boolean, time: number): boolean {
    let first = Infinity
    for (const { samples } of this.#known) if (samples.length > 0) first = Math.min(first, samples[0]!.time)
    if (first === Infinity) return false
    const age = time - first
    // Those of one tag belong together.
    const leads = track === this.#known.find(({ config }) => config !== null)
    if (leads && isKey && age >= this.#limits.fragment) return true
    return age >= 2 * this.#limits.fragment || this.gathered >= this.#limits.fragmentBytes
  }

  #gather(track: Track, { bytes, offset }: Sample, time: number, isKey: boolean): void {
    const last = track.samples.at(-1)
    if (last) track.lastDuration = last.duration = Math.max(0, time - last.time)
    track.samples.push({ bytes, time, offset, isKey, duration: track.lastDuration })
    this.gathered += bytes.length
    this.duration = Math.max(this.duration, time)
  }

  #flush(out: Buffer[]): void {
    if (!this.#head) this.#begin(out)
    const tracks: FragmentTrack[] = []
    for (const [nth, track] of this.#tracks.entries()) {
      if (track.samples.length > 0) tracks.push({ id: nth + 1, samples: track.samples })
      track.samples = []
    }
    this.gathered = 0
    const [first] = tracks
    if (!first) return
    if (first.id === 1 && first.samples[0]!.isKey && this.#index.length < fragmentsIndexed) {
      this.#index.push({ time: first.samples[0]!.time, position: this.#position })
    }
    for (const part of fragment(++this.#sequence, tracks)) {
      out.push(part)
      this.#position += part.length
    }
  }

  /** The tracks of which something is known by now are all there will be. */
  #begin(out: Buffer[]): void {
    this.#tracks = this.#known.filter(({ config }) => config !== null)
    if (this.#tracks.length === 0) return
    this.#head = movieHead(this.#tracks.map((track, nth) => this.#told(track, nth)))
    if (!this.#beginning) {
      out.push(this.#head)
      this.#position = this.#head.length
    } else if (!this.#head.equals(this.#beginning.head)) {
      // Nothing of what was gathered belongs into that file, and its head stays.
      this.#head = this.#beginning.head
      for (const track of this.#known) track.samples = []
      this.duration = this.#beginning.duration
      throw new Unfit('the codec is another one than in the file')
    }
  }

  /** Whichever of its pictures is shown, it is shown in the size of the first. */
  #told(track: Track, nth: number): MovieTrack {
    const { isVideo, config } = track
    const { width, height } = isVideo ? this.#size : { width: 0, height: 0 }
    const entry = isVideo ? videoEntry(config!, width, height) : audioEntry(config!)
    const ofKind = this.#tracks.filter(other => other.isVideo === isVideo)
    const isAlternative = ofKind.length > 1
    return { id: nth + 1, isVideo, entry, width, height, isDefault: ofKind[0] === track, isAlternative }
  }
}
