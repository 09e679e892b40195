import { audioHeader, metadata, videoHeader } from '../../support/media-samples.ts'
import { type Caller, Connection, targetOf } from './connection.ts'
import { audioPerSecond, FrameMaker, type StreamShape, usualShape } from './frames.ts'
import { Countdown, type Role, type RoleOptions, streamName } from './role.ts'
import { monotonicMicros } from './stamp.ts'
import { chunked, command, outChunkSize, type } from './wire.ts'

/** One stream, paced by the clock: what is late is sent at once, and stamped with when it was really sent. */
class Publishing implements Caller {
  pictures = 0
  sounds = 0
  bytes = 0
  /** How late a frame was sent, in ms, and how much waited in this process, at worst. */
  lateMax = 0
  queuedMax = 0
  readonly #connection: Connection
  readonly #name: string
  readonly #nth: number
  readonly #shape: StreamShape
  readonly #ready: Countdown
  #frames: FrameMaker | null = null
  #begunAt = 0

  constructor(url: string, name: string, nth: number, shape: StreamShape, ready: Countdown) {
    this.#name = name
    this.#nth = nth
    this.#shape = shape
    this.#ready = ready
    this.#connection = new Connection(targetOf(url), this)
  }

  opened(): void {
    this.#connection.write(command(this.#connection.streamId, 'publish', 5, null, this.#name, 'live'))
  }

  /** onStatus: it has begun (or been refused, which the answer to publish says first). */
  called(name: string, body: Buffer): void {
    if (name !== 'onStatus' || this.#frames) return
    if (!body.includes('NetStream.Publish.Start')) return this.#ready.fail(body.toString('latin1'))
    const { streamId } = this.#connection
    this.#frames = new FrameMaker(this.#shape, this.#nth, streamId)
    const send = (stream: number, kind: number, payload: Buffer) =>
      this.#connection.write(chunked(stream, kind, streamId, 0, payload, outChunkSize))
    send(4, type.data, metadata)
    send(6, type.video, videoHeader)
    send(4, type.audio, audioHeader)
    this.#begunAt = performance.now()
    this.#ready.one()
  }

  /** Sends what is due; returns when the next frame is, on the clock of performance.now(). */
  send(now: number): number {
    const frames = this.#frames
    if (!frames) return Number.POSITIVE_INFINITY
    for (;;) {
      const picture = (this.pictures * 1000) / this.#shape.fps
      const sound = (this.sounds * 1000) / audioPerSecond
      const due = Math.min(picture, sound)
      if (this.#begunAt + due > now) return this.#begunAt + due
      const micros = monotonicMicros()
      const time = Math.floor(due)
      const isPicture = picture <= sound
      const bytes = isPicture ? frames.video(this.pictures++, time, micros) : frames.audio(this.sounds++, time, micros)
      this.#connection.write(bytes)
      this.bytes += bytes.length
      this.lateMax = Math.max(this.lateMax, now - this.#begunAt - due)
      this.queuedMax = Math.max(this.queuedMax, this.#connection.queuedBytes)
    }
  }

  media(): void {}
  answered(): void {}

  closed(why: string): void {
    this.#ready.fail(`the publisher of ${this.#name}: ${why}`)
  }
}

/** Publishers of one process: an encoder each, spread evenly over the time of a picture. */
export class Publisher implements Role {
  readonly ready: Promise<void>
  readonly #publishings: Publishing[] = []

  constructor({ url, streams, kbps }: RoleOptions) {
    const ready = new Countdown(streams)
    const { stream } = targetOf(url)
    const shape = { ...usualShape, kbps }
    const gap = 1000 / shape.fps / streams
    for (let nth = 0; nth < streams; nth++) {
      setTimeout(() => {
        this.#publishings.push(new Publishing(url, streamName(stream, streams, nth), nth, shape, ready))
      }, nth * gap)
    }
    this.ready = ready.done
    this.ready.then(
      () => this.#send(),
      () => {},
    )
  }

  perform(task: string): PublisherFigures {
    if (task !== 'figures') throw new Error(`a publisher cannot ${task}`)
    const sum = (of: (each: Publishing) => number) => this.#publishings.reduce((total, each) => total + of(each), 0)
    const max = (of: (each: Publishing) => number) => Math.max(...this.#publishings.map(of))
    return {
      pictures: sum(each => each.pictures),
      sounds: sum(each => each.sounds),
      bytes: sum(each => each.bytes),
      lateMaxMs: Math.round(max(each => each.lateMax)),
      queuedMax: max(each => each.queuedMax),
    }
  }

  #send(): void {
    const now = performance.now()
    const next = this.#publishings.reduce((least, each) => Math.min(least, each.send(now)), Number.POSITIVE_INFINITY)
    setTimeout(() => this.#send(), Math.max(1, Math.ceil(next - performance.now())))
  }
}

/** Since the beginning. */
export interface PublisherFigures {
  readonly pictures: number
  readonly sounds: number
  readonly bytes: number
  readonly lateMaxMs: number
  readonly queuedMax: number
}
