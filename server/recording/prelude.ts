import { type Frame, FrameKind, FrameRole } from '../media/frame.ts'

/** Different metadata and headers kept of one file; what comes past it is shown but not kept. */
const keptMax = 64

/** The metadata and codec headers in force at some place of a file: who begins there needs them first. */
export class Prelude {
  readonly #kept = new Map<string, Frame>()

  keep(frame: Frame): void {
    const { kind, role, track } = frame
    if (role !== FrameRole.Metadata && role !== FrameRole.Header) return
    const key = `${kind} ${role} ${track}`
    if (this.#kept.size < keptMax || this.#kept.has(key)) this.#kept.set(key, frame)
  }

  /** Metadata of the stream first, all at the time given. */
  frames(timestamp: number): Frame[] {
    const frames = [...this.#kept.values()].map(frame => ({ ...frame, timestamp }))
    return frames.sort((a, b) => Number(b.kind === FrameKind.Data) - Number(a.kind === FrameKind.Data))
  }

  copy(): Prelude {
    const copy = new Prelude()
    for (const [key, frame] of this.#kept) copy.#kept.set(key, frame)
    return copy
  }

  /** Are the codec headers the same? Metadata only informs. */
  agrees(other: Prelude): boolean {
    const own = this.#headers()
    const others = other.#headers()
    return own.length === others.length && own.every((frame, at) => others[at]!.payload.equals(frame.payload))
  }

  /** The codec headers of this and of what is to come agree where both have one. */
  accepts(frame: Frame): boolean {
    const known = this.#kept.get(`${frame.kind} ${frame.role} ${frame.track}`)
    return frame.role !== FrameRole.Header || (known?.payload.equals(frame.payload) ?? false)
  }

  #headers(): Frame[] {
    return [...this.#kept.values()]
      .filter(frame => frame.role === FrameRole.Header)
      .sort((a, b) => a.kind - b.kind || a.track - b.track)
  }
}
