import { encodeAmf0 } from '../media/amf0.ts'
import { writeDataBody } from '../media/data-body.ts'
import {
  readFlvHeader,
  readTagHeader,
  type TagHeader,
  tagHeaderBytes,
  tagOverheadBytes,
  tagTrailerBytes,
} from '../media/flv-file.ts'
import { describeTag } from '../media/flv-tag.ts'
import { type Frame, FrameKind, FrameRole } from '../media/frame.ts'
import { readDataMessage } from '../media/metadata.ts'
import { timestampDistance } from '../media/timestamp.ts'
import type { ReadableFile } from './disk.ts'
import { FileWindow } from './file-window.ts'
import { Damage, type Film } from './film.ts'
import { type FileMetadata, type IndexEntry, readFileMetadata } from './flv-metadata.ts'
import { beginningTags } from './limits.ts'
import { Prelude } from './prelude.ts'

/** A tag where it stands in its file. */
interface Tag extends TagHeader {
  readonly position: number
  /** Milliseconds of the file's time, which never wraps. */
  readonly time: number
}

const noTag = { kind: FrameKind.Data, size: 0, timestamp: 0 } as const

/** A place between two tags, and the time there. */
interface Spot {
  readonly position: number
  readonly wire: number
  readonly time: number
}

/** An FLV file, read from wherever it is wanted. What ends in the middle of a tag ends before it. */
export class FlvFilm implements Film {
  duration = 0
  /** What its first tag says of it. */
  metadata: FileMetadata | null = null
  hasVideo = false
  /** Metadata and headers before the present position. */
  prelude = new Prelude()
  readonly #file: ReadableFile
  readonly #window: FileWindow
  readonly #first: Spot
  #spot: Spot
  /** The same at the beginning: they hold for every place that the index names. */
  opening = new Prelude()
  #learnt = false
  #index: IndexEntry[] = []

  private constructor(file: ReadableFile, first: number) {
    this.#file = file
    this.#window = new FileWindow(file)
    this.#first = { position: first, wire: 0, time: 0 }
    this.#spot = this.#first
  }

  /** Rejects with Damage when it is no FLV file. */
  static async open(file: ReadableFile): Promise<FlvFilm> {
    const first = readFlvHeader(await file.read(0, 9))
    if (first === 0) throw new Damage('it does not begin like an FLV file')
    const film = new FlvFilm(file, first)
    await film.#learn()
    return film
  }

  /** Byte behind the last whole tag that was read. */
  get position(): number {
    return this.#spot.position
  }

  /** Key frames that are known of, in order. */
  get index(): readonly IndexEntry[] {
    return this.#index
  }

  async seek(ms: number): Promise<Frame[]> {
    const entry = this.#index.findLast(({ time }) => time <= ms)
    this.#spot = entry ? { position: entry.position, wire: entry.time >>> 0, time: entry.time } : this.#first
    this.prelude = this.opening.copy()
    let best = { spot: this.#spot, prelude: this.prelude.copy() }
    for (;;) {
      const spot = this.#spot
      const frame = await this.next()
      if (!frame || (frame.kind !== FrameKind.Data && frame.timestamp > ms)) break
      if (this.#opens(frame)) best = { spot, prelude: this.prelude.copy() }
    }
    this.#spot = best.spot
    this.prelude = best.prelude
    return this.prelude.frames(best.spot.time)
  }

  async next(): Promise<Frame | null> {
    const spot = this.#spot
    const tag = await this.#tag()
    if (!tag) return null
    const body = await this.#window.read(tag.position + tagHeaderBytes, tag.size + tagTrailerBytes)
    if (body.length < tag.size + tagTrailerBytes) return null
    const frame = this.#shown(tag, frameOf(tag, Buffer.from(body.subarray(0, tag.size))))
    const position = tag.position + tagOverheadBytes + tag.size
    const { wire, time } = tag.kind === FrameKind.Data ? spot : { wire: tag.timestamp, time: tag.time }
    this.#spot = { position, wire, time }
    if (frame.kind === FrameKind.Video) this.hasVideo = true
    this.prelude.keep(frame)
    if (this.#opens(frame)) this.#note(tag)
    if (frame.kind !== FrameKind.Data) this.duration = Math.max(this.duration, frame.timestamp)
    return frame
  }

  /** Finds out how long it is: by what it says of itself, by its last tag, or by reading all of it. */
  async measure(): Promise<void> {
    const size = await this.#file.size()
    if (this.metadata?.figures.bytes === size) return
    const trailer = size > 4 ? await this.#file.read(size - tagTrailerBytes, tagTrailerBytes) : null
    const last = trailer?.length === tagTrailerBytes ? size - tagTrailerBytes - trailer.readUInt32BE() : 0
    const header = last > this.#first.position ? await this.#file.read(last, tagHeaderBytes) : null
    const tag = header?.length === tagHeaderBytes ? readTagHeader(header, 0) : null
    if (tag && tag.kind !== FrameKind.Data && last + tagOverheadBytes + tag.size === size) {
      this.duration = Math.max(this.duration, tag.timestamp)
    } else await this.scan()
  }

  /** Reads on to the end, or to where it is damaged, and stands there. */
  async scan(): Promise<void> {
    const last = this.#index.at(-1)
    if (last && last.position > this.position) {
      this.#spot = { position: last.position, wire: last.time >>> 0, time: last.time }
      this.prelude = this.opening.copy()
    }
    try {
      while (await this.next());
    } catch (error) {
      if (!(error instanceof Damage)) throw error
    }
  }

  size(): Promise<number> {
    return this.#file.size()
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  /** What it says of itself, and the headers it begins with. */
  async #learn(): Promise<void> {
    const seen = new Set<FrameKind>()
    try {
      for (let tags = 0; tags < beginningTags && seen.size < 2; tags++) {
        const frame = await this.next()
        if (!frame) break
        if (tags === 0 && frame.kind === FrameKind.Data) this.metadata = readFileMetadata(frame.payload)
        if (frame.role === FrameRole.Metadata || frame.role === FrameRole.Header) continue
        if (frame.kind !== FrameKind.Data) seen.add(frame.kind)
      }
    } catch (error) {
      // What is damaged so early shows when it is played.
      if (!(error instanceof Damage)) throw error
    }
    this.#learnt = true
    this.#index = []
    const size = await this.#file.size()
    if (this.metadata && this.metadata.figures.bytes <= size) {
      this.#index = this.metadata.figures.index.filter(({ position }) => position >= this.#first.position)
      this.duration = Math.max(this.duration, this.metadata.figures.duration)
    }
    const [metadata] = this.prelude.frames(0)
    if (this.metadata && metadata) this.prelude.keep(this.#shown({ ...noTag, ...this.#first }, metadata))
    this.opening = this.prelude
    this.#spot = this.#first
    this.prelude = new Prelude()
  }

  /** What the file says of itself in words for its player, who has no use for places in the file. */
  #shown({ position }: Tag, frame: Frame): Frame {
    if (!this.metadata || frame.role !== FrameRole.Metadata || position !== this.#first.position) return frame
    const said = { ...this.metadata.kept, duration: this.duration / 1000 }
    return { ...frame, payload: writeDataBody('onMetaData', encodeAmf0([said])) }
  }

  async #tag(): Promise<Tag | null> {
    const { position, wire, time } = this.#spot
    const bytes = await this.#window.read(position, tagHeaderBytes)
    if (bytes.length < tagHeaderBytes) return null
    const header = readTagHeader(bytes, 0)
    if (!header) throw new Damage(`there is no tag at byte ${position}`)
    return { ...header, position, time: Math.max(0, time + timestampDistance(wire, header.timestamp)) }
  }

  /** May a player begin with it? */
  #opens({ kind, role }: Frame): boolean {
    if (kind === FrameKind.Video) return role === FrameRole.Key
    return kind === FrameKind.Audio && role === FrameRole.Inter && !this.hasVideo
  }

  /** A place to seek to, as long as the headers of the beginning still hold there. */
  #note({ position, time }: Tag): void {
    const last = this.#index.at(-1)
    if (!this.#learnt || (last && (last.position >= position || time - last.time < 1000))) return
    if (this.prelude.agrees(this.opening)) this.#index.push({ time, position })
  }
}

function frameOf({ kind, time, timestamp }: Tag, payload: Buffer): Frame {
  if (kind !== FrameKind.Data) {
    const { role, track } = describeTag(kind, payload)
    return { kind, role, track, timestamp: time, payload }
  }
  const data = readDataMessage(kind, payload)
  if (data.is !== 'frame') return { kind, role: FrameRole.Inter, track: 0, timestamp: time, payload: Buffer.alloc(0) }
  // Metadata often says 0, wherever it stands.
  const at = timestamp === 0 ? 0 : time
  return { kind, role: data.role, track: 0, timestamp: at, payload: data.payload }
}
