import { audioHeader, audioTag, audioTagMs, interTag, keyTag, metadata, videoHeader } from './media-samples.ts'
import type { RtmpStream } from './rtmp-stream.ts'

export interface PaceOptions {
  /** Pictures a second. Default 25. */
  readonly fps?: number
  /** Every so many pictures one is a key picture. Default 25. */
  readonly keyEvery?: number
  /** How heavy a picture is, in bytes. Default as small as they come. */
  readonly videoBytes?: number
  /** Sound beside the pictures. Default true. */
  readonly audio?: boolean
  /** Timestamp of the first frame. Default 0. */
  readonly firstTimestamp?: number
}

/** Publishes by the wall clock, as an encoder does: `start()` announces the stream, `using` stops it. */
export class PacedPublisher implements Disposable {
  readonly stream: RtmpStream
  readonly #options: Required<PaceOptions>
  #pictures = 0
  #sounds = 0
  #begunAt = 0
  #timer: NodeJS.Timeout | null = null

  constructor(stream: RtmpStream, options: PaceOptions = {}) {
    this.stream = stream
    this.#options = { fps: 25, keyEvery: 25, videoBytes: 0, audio: true, firstTimestamp: 0, ...options }
  }

  /** Pictures sent so far. */
  get pictures(): number {
    return this.#pictures
  }

  /** When a picture was due, on the clock of performance.now(); by its timestamp. */
  dueAt(timestamp: number): number {
    return this.#begunAt + timestamp - this.#options.firstTimestamp
  }

  start(): this {
    const { firstTimestamp, audio } = this.#options
    this.stream.sendData(firstTimestamp, metadata)
    this.stream.sendVideo(firstTimestamp, videoHeader)
    if (audio) this.stream.sendAudio(firstTimestamp, audioHeader)
    this.#begunAt = performance.now()
    this.#send()
    return this
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
  }

  [Symbol.dispose](): void {
    this.stop()
  }

  /** All that is due; after a delay several at once, so that the stream is never slower than the clock. */
  #send(): void {
    const { fps, keyEvery, videoBytes, audio, firstTimestamp } = this.#options
    const elapsed = performance.now() - this.#begunAt
    for (;;) {
      const picture = Math.floor((this.#pictures * 1000) / fps)
      const sound = audio ? Math.floor(this.#sounds * audioTagMs) : Number.POSITIVE_INFINITY
      if (Math.min(picture, sound) > elapsed) {
        this.#timer = setTimeout(() => this.#send(), Math.min(picture, sound) - elapsed)
        return
      }
      if (sound < picture) {
        this.stream.sendAudio(firstTimestamp + sound, audioTag)
        this.#sounds++
      } else {
        const nth = this.#pictures % keyEvery
        const tag = nth === 0 ? keyTag(this.#pictures / keyEvery, videoBytes) : interTag(nth, videoBytes)
        this.stream.sendVideo(firstTimestamp + picture, tag)
        this.#pictures++
      }
    }
  }
}
