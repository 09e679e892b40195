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
  /** The newest metadata and header of each kind and track. Metadata of the stream itself comes first. */
  readonly #kept = new Map<number, Frame>()
  #frames: Frame[] = []
  #bytes = 0
  #whole = false
  /** The video track whose key frames begin groups: the first that had one. */
  #leadingTrack = -1
  readonly #limits: GopLimits

  constructor(limits: GopLimits) {
    this.#limits = limits
  }

  /** onMetaData, or null. */
  get metadata(): Frame | null {
    return this.#kept.get(keyOf(FrameKind.Data, FrameRole.Metadata, 0)) ?? null
  }

  /** Metadata of the stream, then headers in the order in which they came: the beginning for every newcomer. */
  *prelude(): Iterable<Frame> {
    const { metadata } = this
    if (metadata) yield metadata
    for (const frame of this.#kept.values()) if (frame !== metadata) yield frame
  }

  /** Everything since the last key frame; empty when there is none, or when it grew past its bounds. */
  get frames(): readonly Frame[] {
    return this.#frames
  }

  keep(frame: Frame): void {
    const { kind, role, track } = frame
    if (role === FrameRole.Metadata || role === FrameRole.Header) {
      const key = keyOf(kind, role, track)
      if (this.#kept.size < keptFramesMax || this.#kept.has(key)) this.#kept.set(key, frame)
    } else if (role === FrameRole.Key) {
      if (this.#leadingTrack < 0) this.#leadingTrack = track
      if (track === this.#leadingTrack) this.#begin()
    }
    if (!this.#whole) return
    this.#bytes += frame.payload.length
    if (this.#bytes > this.#limits.gopBytes || this.#frames.length >= this.#limits.gopFrames) this.#giveUp()
    else this.#frames.push(frame)
  }

  forgetMetadata(): void {
    this.#kept.delete(keyOf(FrameKind.Data, FrameRole.Metadata, 0))
  }

  /** Another publisher takes over: nothing of the old stream may reach a newcomer. */
  clear(): void {
    this.#kept.clear()
    this.#leadingTrack = -1
    this.#giveUp()
  }

  #begin(): void {
    this.#frames = []
    this.#bytes = 0
    this.#whole = true
  }

  #giveUp(): void {
    this.#frames = []
    this.#bytes = 0
    this.#whole = false
  }
}

/** One number for kind, role and track (a byte on the wire): no string is made per frame. */
function keyOf(kind: FrameKind, role: FrameRole, track: number): number {
  return kind * 512 + (role === FrameRole.Metadata ? 256 : 0) + (track & 255)
}
