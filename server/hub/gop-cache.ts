import { type Frame, FrameKind, FrameRole } from '../media/frame.ts'

export interface GopLimits {
  /** Past either bound the group is given up, and newcomers wait for the next key frame. */
  readonly gopBytes: number
  readonly gopFrames: number
}

/** What a latecomer needs to see a picture at once: metadata, codec headers, and all frames since the last key frame. */
export class GopCache {
  metadata: Frame | null = null
  readonly #headers = new Map<FrameKind, Frame>()
  #frames: Frame[] = []
  #bytes = 0
  #whole = false
  readonly #limits: GopLimits

  constructor(limits: GopLimits) {
    this.#limits = limits
  }

  /** Codec headers, in the order in which they came. */
  get headers(): Iterable<Frame> {
    return this.#headers.values()
  }

  header(kind: FrameKind): Frame | undefined {
    return this.#headers.get(kind)
  }

  /** Everything since the last key frame; empty when there is none, or when it grew past its bounds. */
  get frames(): readonly Frame[] {
    return this.#frames
  }

  keep(frame: Frame): void {
    switch (frame.role) {
      case FrameRole.Metadata:
        if (frame.kind === FrameKind.Data) this.metadata = frame
        break
      case FrameRole.Header:
        this.#headers.set(frame.kind, frame)
        break
      case FrameRole.Key:
        this.#begin()
        break
      case FrameRole.Inter:
        break
      default:
        frame.role satisfies never
    }
    if (!this.#whole) return
    this.#bytes += frame.payload.length
    if (this.#bytes > this.#limits.gopBytes || this.#frames.length >= this.#limits.gopFrames) this.#giveUp()
    else this.#frames.push(frame)
  }

  /** Another publisher takes over: nothing of the old stream may reach a newcomer. */
  clear(): void {
    this.metadata = null
    this.#headers.clear()
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
