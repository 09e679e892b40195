import { type Frame, FrameKind, FrameRole } from '../../media/frame.ts'
import { type Container, type Patch, Unfit } from '../container.ts'
import { keptValues } from '../flv-metadata.ts'
import { fragmentsIndexed } from '../limits.ts'
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
import { readSample, type Sample } from './sample.ts'
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

/** One of the two tracks a file may have, and what of it waits for the end of the fragment. */
class Track {
  readonly kind: FrameKind
  config: TrackConfig | null = null
  samples: Pending[] = []
  /** How long its newest sample lasted: as long as the one after which none has come. */
  lastDuration = 0

  constructor(kind: FrameKind) {
    this.kind = kind
  }
}

/** Frames as fragmented MP4: every fragment that was written plays, whatever becomes of those after it. */
export class Mp4Container implements Container {
  duration = 0
  gathered = 0
  readonly #limits: Mp4Limits
  readonly #beginning: Mp4Beginning | null
  readonly #video = new Track(FrameKind.Video)
  readonly #audio = new Track(FrameKind.Audio)
  #size = { width: 0, height: 0 }
  #head: Buffer | null = null
  #tracks: MovieTrack[] = []
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
    const sample = readSample(kind, frame.payload)
    if (!sample || sample.bytes.length === 0) return false
    if (!isMapped(sample.codec)) throw new RecordError('Failed', `${sample.codec} has no place in MP4; record to FLV`)
    const track = kind === FrameKind.Video ? this.#video : this.#audio
    if (sample.is === 'config') {
      this.#configure(track, sample)
      return false
    }
    if (!track.config && isSelfContained(sample.codec)) this.#configure(track, { ...sample, bytes: Buffer.alloc(0) })
    if (track.config?.codec !== sample.codec) return false
    const isKey = kind === FrameKind.Audio || role === FrameRole.Key
    const ends = this.#isDue(kind, isKey, time)
    if (ends) this.#flush(out)
    this.#gather(track, sample, time, isKey)
    return ends
  }

  end(out: Buffer[]): void {
    this.#flush(out)
    const [leading] = this.#tracks
    if (leading && this.#index.length > 0) out.push(fragmentIndex(leading.id, this.#index))
  }

  patches(bytes: number): Patch[] {
    const told = this.#head ?? this.#beginning?.head
    if (!told || bytes < told.length) return []
    const head = Buffer.from(told)
    tellDuration(head, this.duration)
    return [{ at: 0, bytes: head }]
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

  #isDue(kind: FrameKind, isKey: boolean, time: number): boolean {
    const first = Math.min(this.#video.samples[0]?.time ?? Infinity, this.#audio.samples[0]?.time ?? Infinity)
    if (first === Infinity) return false
    const age = time - first
    const leads = kind === FrameKind.Video || !this.#video.config
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
    for (const [track, { id }] of this.#pairs()) {
      if (track.samples.length > 0) tracks.push({ id, samples: track.samples })
      track.samples = []
    }
    this.gathered = 0
    const [first] = tracks
    if (!first) return
    if (first.id === this.#tracks[0]!.id && first.samples[0]!.isKey && this.#index.length < fragmentsIndexed) {
      this.#index.push({ time: first.samples[0]!.time, position: this.#position })
    }
    for (const part of fragment(++this.#sequence, tracks)) {
      out.push(part)
      this.#position += part.length
    }
  }

  /** The tracks of which something is known by now are all there will be. */
  #begin(out: Buffer[]): void {
    const { width, height } = this.#size
    const { config: video } = this.#video
    const { config: audio } = this.#audio
    if (video) this.#tracks.push({ id: 1, isVideo: true, entry: videoEntry(video, width, height), width, height })
    if (audio) {
      this.#tracks.push({ id: this.#tracks.length + 1, isVideo: false, entry: audioEntry(audio), width: 0, height: 0 })
    }
    if (this.#tracks.length === 0) return
    this.#head = movieHead(this.#tracks)
    if (!this.#beginning) {
      out.push(this.#head)
      this.#position = this.#head.length
    } else if (!this.#head.equals(this.#beginning.head)) {
      // Nothing of what was gathered belongs into that file, and its head stays.
      this.#head = this.#beginning.head
      this.#video.samples = []
      this.#audio.samples = []
      this.duration = this.#beginning.duration
      throw new Unfit('the codec is another one than in the file')
    }
  }

  *#pairs(): Generator<[Track, MovieTrack]> {
    for (const each of this.#tracks) yield [each.isVideo ? this.#video : this.#audio, each]
  }
}
