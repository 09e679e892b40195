import { describeTag } from './flv-tag.ts'
import { type Frame, FrameKind, FrameRole } from './frame.ts'
import { keptFramesMax } from './limits.ts'

/** The metadata and codec headers in force at some place of a stream: the newest of each kind and track. */
export class KeptFrames {
  /** In the order in which they came first. */
  #frames: readonly Frame[]

  constructor(frames: readonly Frame[] = []) {
    this.#frames = frames
  }

  /** onMetaData, or null. */
  get metadata(): Frame | null {
    return this.#frames.find(isStreamMetadata) ?? null
  }

  get headers(): readonly Frame[] {
    return this.#frames.filter(({ role }) => role === FrameRole.Header)
  }

  /** Metadata of the stream, then all else in its order: the beginning for every newcomer. */
  get all(): readonly Frame[] {
    return [...this.#frames].sort((a, b) => Number(isStreamMetadata(b)) - Number(isStreamMetadata(a)))
  }

  /** Passes over what is neither metadata nor a header, and what comes past the bound. */
  keep(frame: Frame): void {
    if (frame.role !== FrameRole.Metadata && frame.role !== FrameRole.Header) return
    const at = this.#frames.findIndex(old => covers(frame, old))
    const isInPlace = at >= 0 && covers(this.#frames[at]!, frame)
    const frames = this.#frames.filter((old, index) => (isInPlace && index === at) || !covers(frame, old))
    if (isInPlace) frames[at] = frame
    else if (frames.length < keptFramesMax) frames.push(frame)
    this.#frames = frames
  }

  forgetMetadata(): void {
    this.#frames = this.#frames.filter(frame => !isStreamMetadata(frame))
  }

  clear(): void {
    this.#frames = []
  }

  copy(): KeptFrames {
    return new KeptFrames(this.#frames)
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
