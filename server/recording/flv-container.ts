import { flvHeader, writeTag } from '../media/flv-file.ts'
import { type Frame, FrameKind, FrameRole } from '../media/frame.ts'
import type { Container, Patch } from './container.ts'
import { type FileFigures, type IndexEntry, type KeptValues, keptValues, metadataTag } from './flv-metadata.ts'
import { beginningTags, indexEntriesMax } from './limits.ts'
import { Prelude } from './prelude.ts'

/** What a file holds that is continued. */
export interface FlvBeginning extends FileFigures {
  readonly kept: KeptValues
  /** Its first tag can be written anew in its place. */
  readonly patchable: boolean
  /** The headers it begins with, as long as they hold to its end; null when others followed. */
  readonly headers: Prelude | null
}

/**
 * Frames as the tags of an FLV file, each whole: what was written up to a power cut plays up to its last tag. Any codec
 * that travels in RTMP travels in it, for the tags are the same.
 */
export class FlvContainer implements Container {
  duration = 0
  readonly gathered = 0
  #position: number
  #kept: KeptValues
  #begun: boolean
  readonly #patchable: boolean
  #index: IndexEntry[]
  /** Key frames closer than this to the last one listed are left out; doubled whenever the list is full. */
  #spacing = 0
  /** Whether the headers of the beginning still hold: the index leads only to places where they do. */
  #headersHold: boolean
  readonly #headers: Prelude
  /** Kinds of which coded frames came, and tags written, while the file begins. */
  readonly #seen = new Set<FrameKind>()
  #tags = 0

  constructor(beginning: FlvBeginning | null = null) {
    this.#begun = beginning !== null
    this.#patchable = beginning?.patchable ?? true
    this.#position = beginning?.bytes ?? 0
    this.#kept = beginning?.kept ?? {}
    this.#index = [...(beginning?.index ?? [])]
    this.duration = beginning?.duration ?? 0
    this.#headersHold = beginning === null || beginning.headers !== null
    this.#headers = beginning?.headers ?? new Prelude()
    this.#tags = beginning === null ? 0 : beginningTags
  }

  add(frame: Frame, time: number, out: Buffer[]): boolean {
    const { kind, role, payload } = frame
    if (!this.#begun) {
      this.#begun = true
      // The encoder's own onMetaData, if it comes first, is merged into ours.
      const isOurs = kind === FrameKind.Data && role === FrameRole.Metadata
      if (isOurs) this.#kept = keptValues(payload)
      out.push(flvHeader, metadataTag(this.#kept, { duration: 0, bytes: 0, index: [] }))
      this.#position = flvHeader.length + out.at(-1)!.length
      if (isOurs) return false
    }
    if (role === FrameRole.Header) this.#header(frame)
    else if (role === FrameRole.Key) this.#note(time)
    this.#tags++
    if (kind !== FrameKind.Data && (role === FrameRole.Key || role === FrameRole.Inter)) this.#seen.add(kind)
    const from = out.length
    writeTag(kind, time, payload, out)
    for (let at = from; at < out.length; at++) this.#position += out[at]!.length
    this.duration = Math.max(this.duration, time)
    return role === FrameRole.Key
  }

  end(): void {}

  patches(bytes: number): Patch[] {
    if (!this.#begun || !this.#patchable) return []
    const index = this.#index.filter(({ position }) => position < bytes)
    return [{ at: flvHeader.length, bytes: metadataTag(this.#kept, { duration: this.duration, bytes, index }) }]
  }

  /** While the file begins, headers are its own; a different one later ends what the index may list. */
  #header(frame: Frame): void {
    if (this.#tags < beginningTags && this.#seen.size < 2) this.#headers.keep(frame)
    else if (!this.#headers.accepts(frame)) this.#headersHold = false
  }

  #note(time: number): void {
    if (!this.#headersHold) return
    const last = this.#index.at(-1)
    if (last && time - last.time < this.#spacing) return
    if (this.#index.length >= indexEntriesMax) {
      this.#index = this.#index.filter((_entry, at) => at % 2 === 0)
      const span = time - (this.#index[0]?.time ?? 0)
      this.#spacing = Math.max(2 * this.#spacing, Math.ceil(span / (indexEntriesMax / 2)))
    }
    this.#index.push({ time, position: this.#position })
  }
}
