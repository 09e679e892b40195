import type { TagDescription } from '../media/codec.ts'
import { FrameKind } from '../media/frame.ts'

/** One of the sounds or pictures of a publication. */
export interface Track {
  readonly kind: 'audio' | 'video'
  /** Its number among those of its kind; 0 is the default one. */
  readonly track: number
  /** By name (`avc1`, `Opus` …). */
  readonly codec: string
}

/** Tracks of each kind that are told to scripts and players; media of further ones pass unnamed. */
const tracksMax = 32

/** The tracks of a publication, as its tags name them: each from its first tag with a codec. */
export class Tracks {
  #audio: readonly Track[] = []
  #video: readonly Track[] = []

  of(kind: FrameKind): readonly Track[] {
    if (kind === FrameKind.Audio) return this.#audio
    return kind === FrameKind.Video ? this.#video : []
  }

  get all(): readonly Track[] {
    return [...this.#video, ...this.#audio]
  }

  /** The codec of the track that players of a single one get, '' until seen. */
  codec(kind: FrameKind): string {
    return this.of(kind)[0]?.codec ?? ''
  }

  /** Did the tag bring anything new? Runs for every frame. */
  note(kind: FrameKind, { codec, track, others }: TagDescription): boolean {
    let isNew = this.#note(kind, track, codec)
    if (others) for (const other of others) if (this.#note(kind, other.track, other.codec)) isNew = true
    return isNew
  }

  /** As they were noted elsewhere. */
  set(tracks: readonly Track[]): void {
    this.#audio = tracks.filter(({ kind }) => kind === 'audio')
    this.#video = tracks.filter(({ kind }) => kind === 'video')
  }

  clear(): void {
    this.#audio = this.#video = []
  }

  #note(kind: FrameKind, track: number, codec: string): boolean {
    if (codec === '' || kind === FrameKind.Data) return false
    const tracks = this.of(kind)
    let known: Track | undefined
    for (const each of tracks) if (each.track === track) known = each
    if (known?.codec === codec || (!known && tracks.length >= tracksMax)) return false
    const named: Track = { kind: kind === FrameKind.Audio ? 'audio' : 'video', track, codec }
    const now = [...tracks.filter(each => each !== known), named].sort((a, b) => a.track - b.track)
    if (kind === FrameKind.Audio) this.#audio = now
    else this.#video = now
    return true
  }
}
