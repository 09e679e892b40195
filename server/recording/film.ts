import type { Frame } from '../media/frame.ts'

/** What a reader found where something else should be. */
export class Damage extends Error {
  override readonly name = 'Damage'
}

/** A file open for being shown. Its frames come one after another, as fast as they are asked for. */
export interface Film {
  /** Milliseconds, as far as is known; measure() makes it known. */
  readonly duration: number
  /**
   * Goes to the last key frame at or before `ms` of the file's time. Gives metadata and codec headers, which a player
   * needs before the frames that next() gives from there. Rejects with Damage.
   */
  seek(ms: number): Promise<Frame[]>
  measure(): Promise<void>
  /** The next frame; null at the end, which of a recording in progress may be further away later. Rejects with Damage. */
  next(): Promise<Frame | null>
  close(): Promise<void>
}
