import type { Clock } from '../base/clock.ts'
import type { FrameTap } from '../hub/judge.ts'
import type { Publication } from '../hub/publication.ts'
import { type Frame, FrameKind, type FrameRole } from '../media/frame.ts'
import { frameFaultMs } from './limits.ts'

/** One frame of a publication, as an application sees it. */
export interface MediaFrame {
  readonly kind: 'audio' | 'video' | 'data'
  /** `header`: a codec's configuration; `metadata`: onMetaData; `key` begins a group of pictures; `inter`: all else. */
  readonly role: FrameRole
  /** Enhanced RTMP: which of several tracks of its kind; 0 for the default one. */
  readonly track: number
  /** Milliseconds on the publication's own timeline: monotonic within a kind, never wrapping. */
  readonly time: number
  /**
   * The body of an FLV tag (FLV 10.1 §E.4): codec byte first for audio and video; for data AMF0 values, the name first.
   * Players share these bytes: they are to be read and not to be written.
   */
  readonly payload: Uint8Array
}

export type FrameHandler = (frame: MediaFrame) => unknown

const kindNames = { [FrameKind.Audio]: 'audio', [FrameKind.Video]: 'video', [FrameKind.Data]: 'data' } as const

/** Told of what a handler threw, and how often since it was told last. */
export type FrameFault = (error: unknown, times: number) => void

/** Shows the frames of one publication to handlers, after the players have them. A handler that throws hurts nobody else. */
export class FrameTaps implements FrameTap {
  readonly #handlers = new Set<FrameHandler>()
  readonly #clock: Clock
  readonly #fault: FrameFault
  #faults = 0
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, fault: FrameFault) {
    this.#clock = clock
    this.#fault = fault
  }

  get size(): number {
    return this.#handlers.size
  }

  add(handler: FrameHandler): void {
    this.#handlers.add(handler)
  }

  remove(handler: FrameHandler): void {
    this.#handlers.delete(handler)
  }

  frame(_publication: Publication, { kind, role, track, timestamp, payload }: Frame): void {
    const frame: MediaFrame = { kind: kindNames[kind], role, track, time: timestamp, payload }
    for (const handler of this.#handlers) {
      try {
        const done = handler(frame)
        // Nobody waits for it; what it throws in the end is caught all the same.
        if (done instanceof Promise) done.catch(error => this.#threw(error))
      } catch (error) {
        this.#threw(error)
      }
    }
  }

  #threw(error: unknown): void {
    this.#faults++
    const now = this.#clock.now()
    if (now - this.#toldAt < frameFaultMs) return
    this.#toldAt = now
    this.#fault(error, this.#faults)
    this.#faults = 0
  }
}
