import { Collected } from './collected.ts'
import type { ReceivedFrame, RtmpStream } from './rtmp-stream.ts'

/** Bodies of FLV video tags: a picture (not a codec configuration, nor the end of a sequence), and one that needs no other. */
const isPicture = (payload: Buffer): boolean => payload[1] === 1
const isKey = (payload: Buffer): boolean => payload[0]! >> 4 === 1

/** Follows a player's pictures as they come, and keeps what is wrong with them instead of the pictures. */
export class Watcher {
  /** Pictures that came. */
  pictures = 0
  /** Where pictures were missing: from the time of the last one to that of the next, in ms. */
  readonly gaps: { from: number; to: number; opensWithKey: boolean }[] = []
  /** Times that went back, or pictures in front of the first key picture. */
  readonly faults: string[] = []
  lastTimestamp = -1
  readonly #counts = new Collected<number>('picture')
  readonly #interval: number
  readonly #seen: (timestamp: number) => void

  /** `fps`: of the publisher; `seen` is told the time of each picture, as the player has it. */
  constructor(stream: RtmpStream, fps = 25, seen: (timestamp: number) => void = () => {}) {
    this.#interval = 1000 / fps
    this.#seen = seen
    for (const frame of stream.frames) this.#take(frame)
    stream.onFrame = frame => this.#take(frame)
  }

  /** Resolves when so many pictures have come. */
  async sees(pictures: number): Promise<void> {
    await this.#counts.first(count => count >= pictures)
  }

  #take({ kind, timestamp, payload }: ReceivedFrame): void {
    if (kind !== 'video' || !isPicture(payload)) return
    const key = isKey(payload)
    if (this.lastTimestamp < 0) {
      if (!key) this.faults.push(`begins at ${timestamp} with a picture that is no key picture`)
    } else if (timestamp <= this.lastTimestamp) {
      this.faults.push(`goes from ${this.lastTimestamp} to ${timestamp}`)
    } else if (timestamp - this.lastTimestamp > this.#interval * 1.5) {
      this.gaps.push({ from: this.lastTimestamp, to: timestamp, opensWithKey: key })
    }
    this.lastTimestamp = timestamp
    this.pictures++
    this.#seen(timestamp)
    this.#counts.push(this.pictures)
  }
}
