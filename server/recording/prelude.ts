import { type Frame, FrameRole } from '../media/frame.ts'
import { KeptFrames } from '../media/kept-frames.ts'

/** The metadata and codec headers in force at some place of a file: who begins there needs them first. */
export class Prelude {
  readonly #kept: KeptFrames

  constructor(kept = new KeptFrames()) {
    this.#kept = kept
  }

  keep(frame: Frame): void {
    this.#kept.keep(frame)
  }

  /** Metadata of the stream first, all at the time given. */
  frames(timestamp: number): Frame[] {
    return this.#kept.all.map(frame => ({ ...frame, timestamp }))
  }

  copy(): Prelude {
    return new Prelude(this.#kept.copy())
  }

  /** Are the codec headers the same? Metadata only informs. */
  agrees(other: Prelude): boolean {
    const own = this.#headers()
    const others = other.#headers()
    return own.length === others.length && own.every((frame, at) => others[at]!.payload.equals(frame.payload))
  }

  /** The codec headers of this and of what is to come agree where both have one. */
  accepts(frame: Frame): boolean {
    if (frame.role !== FrameRole.Header) return true
    return this.#kept.headers.some(({ kind, payload }) => kind === frame.kind && payload.equals(frame.payload))
  }

  #headers(): Frame[] {
    return [...this.#kept.headers].sort((a, b) => a.kind - b.kind || a.track - b.track)
  }
}
