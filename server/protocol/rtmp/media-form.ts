import { encodeAmf0 } from '../../media/amf0.ts'
import { type Frame, type FrameKind, FrameRole } from '../../media/frame.ts'
import { type Reading, readableTag } from '../../media/readable.ts'
import { chunkStreamOf } from './chunk.ts'
import { headerBytesMax, writeContinuation, writeDeltaHeader, writeFullHeader } from './chunk-writer.ts'

/** What a publisher says before its metadata, so that the server keeps it for newcomers. */
const setDataFrame = encodeAmf0(['@setDataFrame'])

const everything: Reading = { multitrack: true, modEx: true }

/**
 * Frames as RTMP bytes that many players share, though each one's time begins near 0 at its own moment:
 *
 *     player 1, from the start   ┌ full, t=0 ┐┌ +40 ┐┌ +40 ┐┌ +40 ┐
 *     player 2, two frames late                     ┌ full, t=0 ┐┌ +40 ┐
 *
 * The first message of each kind a player gets has a full header with its own timestamp (`entry`). Every later one
 * says only how much later it is than the one of its kind before (`shared`), which is true for all. Audio, video and
 * data each have a chunk stream, so that no delta leans on another kind's time.
 */
export class RtmpForm {
  readonly key: string
  readonly #streamId: number
  readonly #chunkSize: number
  readonly #reading: Reading
  readonly #as: 'player' | 'publisher'

  /**
   * `chunkSize`: the size the other side has been told (SetChunkSize) before the first of these bytes. `as`: what we are
   * the server of, or are ourselves at another server.
   */
  constructor(
    streamId: number,
    chunkSize: number,
    reading: Reading = everything,
    as: 'player' | 'publisher' = 'player',
  ) {
    const can = `${reading.multitrack ? 'm' : ''}${reading.modEx ? 'x' : ''}`
    this.key = `rtmp:${streamId}:${chunkSize}:${can}${as === 'publisher' ? ':publisher' : ''}`
    this.#streamId = streamId
    this.#chunkSize = chunkSize
    this.#reading = reading
    this.#as = as
  }

  /** The frame as these players can read it; what most encoders send is that already. */
  fit(frame: Frame): Frame | null {
    if (this.#as === 'publisher' && frame.role === FrameRole.Metadata) {
      return { ...frame, payload: Buffer.concat([setDataFrame, frame.payload]) }
    }
    const payload = readableTag(frame.kind, frame.payload, this.#reading)
    return payload === frame.payload ? frame : payload && { ...frame, payload }
  }

  /** `last`: when the newest frame of each kind was, from which the first shared one of its kind is counted. */
  encoder(last: ReadonlyMap<FrameKind, number>): RtmpFormEncoder {
    return new RtmpFormEncoder(this.#streamId, this.#chunkSize, last)
  }
}

export class RtmpFormEncoder {
  readonly #streamId: number
  readonly #chunkSize: number
  /** The frame of each kind that the next shared one follows: when it was, in the publication's time. */
  readonly #last: Map<FrameKind, number>

  constructor(streamId: number, chunkSize: number, last: ReadonlyMap<FrameKind, number>) {
    this.#streamId = streamId
    this.#chunkSize = chunkSize
    this.#last = new Map(last)
  }

  /** Bytes of the frame for all who have the frame of its kind before it. Called once for each frame, in order. */
  shared(frame: Frame, out: Buffer[]): void {
    const time = Math.floor(frame.timestamp)
    // Whole ms of both, so that roundings never add up. Nobody follows the first of its kind: each is given it alone.
    const delta = Math.max(0, time - Math.floor(this.#last.get(frame.kind) ?? time))
    this.#last.set(frame.kind, time)
    const chunkStream = chunkStreamOf(frame.kind, this.#streamId)
    const header = Buffer.allocUnsafe(headerBytesMax)
    const end = writeDeltaHeader(header, 0, chunkStream, delta, frame.payload.length, frame.kind)
    out.push(header.subarray(0, end))
    this.#pushPayload(frame.payload, chunkStream, delta, out)
  }

  /** Bytes that stand on their own, for one player, at `timestamp` ms of its own time. */
  entry(frame: Frame, timestamp: number, out: Buffer[]): void {
    const time = Math.floor(timestamp) >>> 0
    const chunkStream = chunkStreamOf(frame.kind, this.#streamId)
    const header = Buffer.allocUnsafe(headerBytesMax)
    const end = writeFullHeader(header, 0, chunkStream, time, frame.payload.length, frame.kind, this.#streamId)
    out.push(header.subarray(0, end))
    this.#pushPayload(frame.payload, chunkStream, time, out)
  }

  #pushPayload(payload: Buffer, chunkStream: number, time: number, out: Buffer[]): void {
    if (payload.length <= this.#chunkSize) {
      if (payload.length > 0) out.push(payload)
      return
    }
    const continuation = Buffer.allocUnsafe(headerBytesMax)
    const between = continuation.subarray(0, writeContinuation(continuation, 0, chunkStream, time))
    for (let from = 0; from < payload.length; from += this.#chunkSize) {
      if (from > 0) out.push(between)
      out.push(payload.subarray(from, from + this.#chunkSize))
    }
  }
}
