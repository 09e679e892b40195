import { type } from './wire.ts'

/** Whoever reads a connection. Nothing of `head` or `body` may be kept. */
export interface SkimmerSink {
  /** A message of audio or video is complete. `head`: the first bytes of its payload. */
  media(messageType: number, length: number, head: Uint8Array): void
  /** Any other message. */
  message(messageType: number, body: Buffer): void
}

/** As much of a media message as is looked at. */
export const headBytes = 36

/** Longest header: three bytes of chunk stream, 11 of message, 4 of extended time. */
const headerBytesMax = 18
const headerLengths = [11, 7, 3, 0] as const

/** What is known of one chunk stream. */
class Channel {
  length = 0
  messageType = 0
  extended = false
  /** Bytes of the message at hand that have come. */
  got = 0
  readonly head = new Uint8Array(headBytes)
  /** The message at hand when it is no media. */
  body: Buffer | null = null
}

/**
 * Reads RTMP chunks of any size and interleaving and keeps next to nothing of them: a thousand of these share one
 * core with room to spare. Media is skipped over but for its head.
 */
export class ChunkSkimmer {
  readonly #sink: SkimmerSink
  readonly #channels: (Channel | undefined)[] = []
  #chunkSize = 128
  /** The chunk at hand: its channel, and bytes of it still to come. */
  #channel: Channel | null = null
  #left = 0
  /** A header that came in two reads. */
  readonly #header = Buffer.alloc(headerBytesMax)
  #headerLength = 0

  constructor(sink: SkimmerSink) {
    this.#sink = sink
  }

  read(bytes: Buffer, start: number, end: number): void {
    let at = start
    while (at < end) {
      if (this.#channel === null) {
        at = this.#headerLength === 0 ? this.#readHeader(bytes, at, end) : this.#completeHeader(bytes, at)
        continue
      }
      const channel = this.#channel
      const take = Math.min(this.#left, end - at)
      this.#take(channel, bytes, at, take)
      at += take
      this.#left -= take
      if (this.#left > 0) return
      this.#channel = null
      if (channel.got === channel.length) this.#complete(channel)
    }
  }

  /** Returns where it ended; keeps what is there when the header is not whole. */
  #readHeader(bytes: Buffer, at: number, end: number): number {
    const length = this.#parseHeader(bytes, at, end)
    if (length > 0) return at + length
    bytes.copy(this.#header, 0, at, end)
    this.#headerLength = end - at
    return end
  }

  #completeHeader(bytes: Buffer, at: number): number {
    this.#header[this.#headerLength++] = bytes[at]!
    if (this.#parseHeader(this.#header, 0, this.#headerLength) > 0) this.#headerLength = 0
    return at + 1
  }

  /** Returns its length, or 0 when it is not whole. */
  #parseHeader(bytes: Buffer, start: number, end: number): number {
    const first = bytes[start]!
    const form = first >> 6
    let id = first & 0x3f
    let at = start + 1
    if (id === 0) {
      if (end < at + 1) return 0
      id = 64 + bytes[at++]!
    } else if (id === 1) {
      if (end < at + 2) return 0
      id = 64 + bytes.readUInt16LE(at)
      at += 2
    }
    let channel = this.#channels[id]
    if (!channel) {
      channel = new Channel()
      this.#channels[id] = channel
    }
    const fields = headerLengths[form]!
    if (end < at + fields) return 0
    const extended = form === 3 ? channel.extended : bytes[at] === 255 && bytes[at + 1] === 255 && bytes[at + 2] === 255
    const after = at + fields + (extended ? 4 : 0)
    if (end < after) return 0
    channel.extended = extended
    if (form < 2) {
      channel.length = (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!
      channel.messageType = bytes[at + 6]!
    }
    this.#begin(channel)
    return after - start
  }

  #begin(channel: Channel): void {
    this.#left = Math.min(this.#chunkSize, channel.length - channel.got)
    if (this.#left > 0) this.#channel = channel
    else this.#complete(channel)
  }

  #take(channel: Channel, bytes: Buffer, at: number, length: number): void {
    const { got, messageType } = channel
    channel.got += length
    if (messageType === type.audio || messageType === type.video) {
      const { head } = channel
      const until = Math.min(headBytes, got + length)
      for (let i = got; i < until; i++) head[i] = bytes[at + i - got]!
      return
    }
    channel.body ??= Buffer.allocUnsafe(channel.length)
    bytes.copy(channel.body, got, at, at + length)
  }

  #complete(channel: Channel): void {
    const { messageType, length, body } = channel
    channel.got = 0
    channel.body = null
    if (messageType === type.audio || messageType === type.video)
      return this.#sink.media(messageType, length, channel.head)
    if (messageType === type.setChunkSize && body) this.#chunkSize = body.readUInt32BE(0) & 0x7fffffff
    this.#sink.message(messageType, body ?? Buffer.alloc(0))
  }
}
