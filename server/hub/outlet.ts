import { type Frame, FrameKind } from '../media/frame.ts'
import type { Listener } from './listener.ts'

/**
 * How frames become the bytes of one wire (RTMP with a chunk size, FLV over HTTP …). Protocols fulfil it.
 * Listeners whose forms have equal keys share their bytes.
 */
export interface WireForm {
  readonly key: string
  /** The frame as its players can read it, or null when it is nothing for them; without it they take all as it is. */
  fit?(frame: Frame): Frame | null
  /** `last`: when the newest frame of each kind was that nobody is given by this encoder any more, in the publication's time. */
  encoder(last: ReadonlyMap<FrameKind, number>): FormEncoder
}

/** One encoder serves one outlet. Both methods append buffers to `out`; nothing they are given is kept or changed. */
export interface FormEncoder {
  /**
   * Bytes for all who have been given every frame of this kind so far (or at least the previous one). Called exactly
   * once for each frame, in order.
   */
  shared(frame: Frame, out: Buffer[]): void
  /** Bytes that stand on their own, for one listener, at `timestamp` ms of its own time. */
  entry(frame: Frame, timestamp: number, out: Buffer[]): void
}

/** Kinds of frame as bits of a set. */
export const bitOf = (kind: FrameKind): number => (kind === FrameKind.Audio ? 1 : kind === FrameKind.Video ? 2 : 4)

/** What gathered in an outlet between two flushes, counted once for all its listeners. */
export class Batch {
  readonly frames: Frame[] = []
  /** Kinds in it, as a set of bits. */
  kinds = 0
  audioBytes = 0
  videoBytes = 0
  audioFrames = 0
  videoFrames = 0
  readonly #parts: Buffer[] = []

  /** The shared form of all its frames: made once, when the first listener asks. */
  #bytes: Buffer | null = null

  add(frame: Frame, encoder: FormEncoder): void {
    this.frames.push(frame)
    this.kinds |= bitOf(frame.kind)
    if (frame.kind === FrameKind.Audio) {
      this.audioBytes += frame.payload.length
      this.audioFrames++
    } else if (frame.kind === FrameKind.Video) {
      this.videoBytes += frame.payload.length
      this.videoFrames++
    }
    encoder.shared(frame, this.#parts)
  }

  get dataFrames(): number {
    return this.frames.length - this.audioFrames - this.videoFrames
  }

  get bytes(): Buffer {
    this.#bytes ??= this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
    return this.#bytes
  }
}

/**
 * The shared way out of a publication: each frame is encoded once, what gathered is joined once, and every listener
 * gets one write of the same bytes. Listeners that are not on the common path (just come, lagging) are served frame by
 * frame from their own, without slowing the others.
 */
export class Outlet {
  readonly encoder: FormEncoder
  readonly #form: WireForm
  readonly #members: Listener[] = []
  #batch = new Batch()

  /** `before`: the frames that its first listener is given alone; what is shared follows the last of them. */
  constructor(form: WireForm, before: readonly Frame[]) {
    this.#form = form
    const last = new Map<FrameKind, number>()
    for (const frame of before) if (this.fit(frame)) last.set(frame.kind, frame.timestamp)
    this.encoder = form.encoder(last)
  }

  get size(): number {
    return this.#members.length
  }

  add(listener: Listener): void {
    this.#members.push(listener)
  }

  remove(listener: Listener): void {
    const at = this.#members.indexOf(listener)
    if (at < 0) return
    const last = this.#members.pop()!
    if (last !== listener) this.#members[at] = last
  }

  /** The frame as its listeners can read it, or null when it is nothing for them. */
  fit(frame: Frame): Frame | null {
    return this.#form.fit ? this.#form.fit(frame) : frame
  }

  push(frame: Frame): void {
    const fit = this.fit(frame)
    if (fit) this.#batch.add(fit, this.encoder)
  }

  /** Gives everyone what gathered since the last flush. `now` in ms of the hub's clock. */
  flush(now: number): void {
    const batch = this.#batch
    if (batch.kinds === 0) return
    this.#batch = new Batch()
    const { dataFrames } = batch
    // Backwards, because a listener that is closed for its lag leaves while we walk.
    for (let i = this.#members.length - 1; i >= 0; i--) this.#members[i]!.deliver(batch, now)
    // Rare, and so counted apart.
    if (dataFrames === 0) return
    for (const { paused, lagging, passed } of this.#members) if (!paused && !lagging) passed.others += dataFrames
  }
}
