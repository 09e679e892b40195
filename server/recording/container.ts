import type { Frame } from '../media/frame.ts'

/** Bytes for a place that was written before. */
export interface Patch {
  readonly at: number
  readonly bytes: Buffer
}

export type RecordFormat = 'flv' | 'mp4'

/** How frames become the bytes of a file. A machine: frames go in, bytes come out, whole units at a time. */
export interface Container {
  /**
   * Appends the file's bytes for a frame to `out`: none when it gathers more first. `time` is the file's own, in ms.
   * True when these bytes end something that plays by itself, so that this is a moment to make it durable.
   */
  add(frame: Frame, time: number, out: Buffer[]): boolean
  /** What remains to be written once no frame follows. */
  end(out: Buffer[]): void
  /** What is said at the head of a file of which `bytes` bytes were written. */
  patches(bytes: number): Patch[]
  /** Milliseconds of the file's time. */
  readonly duration: number
  /** Bytes it holds that have not been given out. */
  readonly gathered: number
}

/** What comes does not go with what is in the file already: another file must begin. */
export class Unfit extends Error {
  override readonly name = 'Unfit'
}
