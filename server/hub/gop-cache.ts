import { describeTag } from '../media/flv-tag.ts'
import { type Frame, FrameKind, FrameRole } from '../media/frame.ts'

export interface GopLimits {
  /** Past either bound the group is given up, and newcomers wait for the next key frame. */
  readonly gopBytes: number
  readonly gopFrames: number
}

/** Metadata and codec headers kept for newcomers, of all tracks together; what comes past it is passed on but not kept. */
const keptFramesMax = 64

/** What a latecomer needs to see a picture at once: metadata, codec headers, and all frames since the last key frame. */
export class GopCache {
  /** The newest metadata and headers of each kind and track, in the order in which they came. */
  #kept: Frame[] = []
  #frames: Frame[] = []
  #bytes = 0
  #whole = false
  /** The video track whose key frames begin groups: the lowest that had one, as 0 is the default one. */
  #leadingTrack = -1
  readonly #limits: GopLimits

  constructor(limits: GopLimits) {
    this.#limits = limits
  }

  /** onMetaData, or null. */
  get metadata(): Frame | null {
    return this.#kept.find(isStreamMetadata) ?? null
  }

  /** Metadata of the stream, then headers in the order in which they came: the beginning for every newcomer. */
  *prelude(): Iterable<Frame> {
    const { metadata } = this
    if (metadata) yield metadata
    for (const frame of this.#kept) if (frame !== metadata) yield frame
  }

  /** Everything since the last key frame; empty when there is none, or when it grew past its bounds. */
  get frames(): readonly Frame[] {
    return this.#frames
  }

  keep(frame: Frame): void {
    const { role, track } = frame
    if (role === FrameRole.Metadata || role === FrameRole.Header) {
      this.#keepForNewcomers(frame)
    } else if (role === FrameRole.Key) {
      if (this.#leadingTrack < 0 || track < this.#leadingTrack) this.#leadingTrack = track
      if (track === this.#leadingTrack) this.#begin(frame)
    }
    if (!this.#whole) return
    this.#bytes += frame.payload.length
    if (this.#bytes > this.#limits.gopBytes || this.#frames.length >= this.#limits.gopFrames) {
      this.#giveUp()
      // Its key frames are far apart, or have ceased: the next track that has one may lead.
      this.#leadingTrack = -1
    } else this.#frames.push(frame)
  }

  forgetMetadata(): void {
    this.#kept = this.#kept.filter(frame => !isStreamMetadata(frame))
  }

  /** Another publisher takes over: nothing of the old stream may reach a newcomer. */
  clear(): void {
    this.#kept = []
    this.#leadingTrack = -1
    this.#giveUp()
  }

  #keepForNewcomers(frame: Frame): void {
    const at = this.#kept.findIndex(old => covers(frame, old))
    const inPlace = at >= 0 && covers(this.#kept[at]!, frame)
    const kept = this.#kept.filter((old, index) => (inPlace && index === at) || !covers(frame, old))
    if (inPlace) kept[at] = frame
    else if (kept.length < keptFramesMax) kept.push(frame)
    this.#kept = kept
  }

  /** With the key frames of other tracks that came just before, at the same time. */
  #begin({ timestamp, track }: Frame): void {
    const isBeside = (old: Frame) => old.role === FrameRole.Key && old.timestamp === timestamp && old.track !== track
    this.#frames = this.#frames.filter(isBeside)
    this.#bytes = this.#frames.reduce((sum, { payload }) => sum + payload.length, 0)
    this.#whole = true
  }

  #giveUp(): void {
    this.#frames = []
    this.#bytes = 0
    this.#whole = false
  }
}

/** Only the newest onMetaData counts, whatever stood in it. */
function isStreamMetadata({ kind, role }: Frame): boolean {
  return kind === FrameKind.Data && role === FrameRole.Metadata
}

/** A header of several tracks stands for each of them, and is replaced when all of them have newer ones. */
function covers(frame: Frame, old: Frame): boolean {
  if (frame.kind !== old.kind || frame.role !== old.role) return false
  const tracks = tracksOf(frame)
  return tracksOf(old).every(track => tracks.includes(track))
}

function tracksOf({ kind, track, payload }: Frame): readonly number[] {
  const { others } = describeTag(kind, payload)
  return others ? [track, ...others.map(each => each.track)] : [track]
}
