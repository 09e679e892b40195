import { type Frame, FrameRole } from '../media/frame.ts'
import { KeptFrames } from '../media/kept-frames.ts'

export interface GopLimits {
  /** Past either bound the group is given up, and newcomers wait for the next key frame. */
  readonly gopBytes: number
  readonly gopFrames: number
}

/** What a latecomer needs to see a picture at once: metadata, codec headers, and all frames since the last key frame. */
export class GopCache {
  readonly #kept = new KeptFrames()
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
    return this.#kept.metadata
  }

  /** Metadata of the stream, then headers in the order in which they came: the beginning for every newcomer. */
  prelude(): readonly Frame[] {
    return this.#kept.all
  }

  /** Everything since the last key frame; empty when there is none, or when it grew past its bounds. */
  get frames(): readonly Frame[] {
    return this.#frames
  }

  keep(frame: Frame): void {
    const { role, track } = frame
    this.#kept.keep(frame)
    if (role === FrameRole.Key) {
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
    this.#kept.forgetMetadata()
  }

  /** Another publisher takes over: nothing of the old stream may reach a newcomer. */
  clear(): void {
    this.#kept.clear()
    this.#leadingTrack = -1
    this.#giveUp()
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
