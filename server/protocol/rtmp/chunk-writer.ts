import { ChunkType, chunkSizeInitial, chunkStreamOf, messageHeaderBytes, timestampExtended } from './chunk.ts'
import { decodeChunkSize } from './control.ts'
import { type Message, MessageType } from './message.ts'

/** Longest header we write: three bytes of chunk stream, the full message header, the extended timestamp. */
export const headerBytesMax = 3 + 11 + 4

/**
 * Messages as chunks, each message with a full header: readable without knowing what went before. A SetChunkSize among
 * them holds for what follows it.
 */
export class ChunkWriter {
  #chunkSize = chunkSizeInitial

  get chunkSize(): number {
    return this.#chunkSize
  }

  /** All of them as one buffer. Throws a RangeError for a payload past 16 MiB - 1, which no header can tell. */
  encode(messages: readonly Message[]): Buffer {
    let size = 0
    let chunkSize = this.#chunkSize
    for (const message of messages) {
      size += chunkedBytes(message, chunkSize)
      chunkSize = chunkSizeAfter(message, chunkSize)
    }
    // A slice of Node's shared pool would pin 64 kB of it for as long as a slow peer leaves these few bytes queued.
    const bytes = Buffer.allocUnsafeSlow(size)
    let at = 0
    for (const message of messages) {
      at = writeMessage(bytes, at, message, this.#chunkSize)
      this.#chunkSize = chunkSizeAfter(message, this.#chunkSize)
    }
    return bytes
  }
}

function chunkSizeAfter(message: Message, before: number): number {
  return message.type === MessageType.SetChunkSize ? decodeChunkSize(message.payload) : before
}

/** Bytes a message takes on the wire with a full header, cut into chunks of `chunkSize`. */
export function chunkedBytes(message: Message, chunkSize: number): number {
  const basic = basicHeaderBytes(chunkStreamOf(message.type, message.streamId))
  const extended = message.timestamp >= timestampExtended ? 4 : 0
  const chunks = Math.max(1, Math.ceil(message.payload.length / chunkSize))
  return basic + messageHeaderBytes[ChunkType.Full]! + chunks * extended + (chunks - 1) * basic + message.payload.length
}

function writeMessage(bytes: Buffer, start: number, message: Message, chunkSize: number): number {
  const { type, streamId, payload } = message
  const timestamp = message.timestamp >>> 0
  const chunkStream = chunkStreamOf(type, streamId)
  let at = writeFullHeader(bytes, start, chunkStream, timestamp, payload.length, type, streamId)
  for (let from = 0; from < payload.length; from += chunkSize) {
    if (from > 0) at = writeContinuation(bytes, at, chunkStream, timestamp)
    at += payload.copy(bytes, at, from, from + chunkSize)
  }
  return at
}

/** Writes a type 0 header at `at`; returns where it ends. `timestamp` is absolute, 32 bit. */
export function writeFullHeader(
  bytes: Buffer,
  at: number,
  chunkStream: number,
  timestamp: number,
  length: number,
  type: number,
  streamId: number,
): number {
  const end = writeKindHeader(bytes, at, ChunkType.Full, chunkStream, timestamp, length, type)
  bytes.writeUInt32LE(streamId, end)
  return writeExtended(bytes, end + 4, timestamp)
}

/** Writes a type 1 header, of the same stream and with the time since the message before; returns where it ends. */
export function writeDeltaHeader(
  bytes: Buffer,
  at: number,
  chunkStream: number,
  delta: number,
  length: number,
  type: number,
): number {
  const end = writeKindHeader(bytes, at, ChunkType.SameStream, chunkStream, delta, length, type)
  return writeExtended(bytes, end, delta)
}

/**
 * Writes the header of a message's second and later chunks; returns where it ends. `time` is the timestamp or delta
 * of its first header: where that was extended it stands here again, as §5.3.1.3 says and Flash and FFmpeg expect.
 */
export function writeContinuation(bytes: Buffer, at: number, chunkStream: number, time: number): number {
  return writeExtended(bytes, writeBasicHeader(bytes, at, ChunkType.Same, chunkStream), time)
}

function writeKindHeader(
  bytes: Buffer,
  start: number,
  chunkType: ChunkType,
  chunkStream: number,
  time: number,
  length: number,
  type: number,
): number {
  const at = writeBasicHeader(bytes, start, chunkType, chunkStream)
  bytes.writeUIntBE(Math.min(time, timestampExtended), at, 3)
  bytes.writeUIntBE(length, at + 3, 3)
  bytes[at + 6] = type
  return at + 7
}

function writeExtended(bytes: Buffer, at: number, time: number): number {
  return time >= timestampExtended ? bytes.writeUInt32BE(time, at) : at
}

/** Ids 2–63 take one byte, up to 319 two, up to 65,599 three (§5.3.1.1). */
function writeBasicHeader(bytes: Buffer, at: number, chunkType: ChunkType, chunkStream: number): number {
  if (chunkStream < 64) {
    bytes[at] = (chunkType << 6) | chunkStream
    return at + 1
  }
  if (chunkStream < 320) {
    bytes[at] = chunkType << 6
    bytes[at + 1] = chunkStream - 64
    return at + 2
  }
  bytes[at] = (chunkType << 6) | 1
  return bytes.writeUInt16LE(chunkStream - 64, at + 1)
}

function basicHeaderBytes(chunkStream: number): number {
  return chunkStream < 64 ? 1 : chunkStream < 320 ? 2 : 3
}
