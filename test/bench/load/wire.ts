import { encodeAmf0 } from '../../../server/media/amf0.ts'

/**
 * RTMP as the load speaks it, written on its own: a fault of the server's writers must not be mirrored here.
 * Chunks: RTMP 1.0 §5.3.1; message types: §5.4 and §7.1.
 */
export const type = {
  setChunkSize: 1,
  acknowledgement: 3,
  userControl: 4,
  windowSize: 5,
  audio: 8,
  video: 9,
  data: 18,
  command: 20,
} as const

/** Bytes of a full header on one of the chunk streams 2–63, without an extended timestamp. */
const headerBytes = 12
const timestampMax = 0xfffffe

/** One message with a full header, cut into chunks. `timestamp` below 2^24 - 1: four hours. */
export function chunked(
  chunkStream: number,
  messageType: number,
  streamId: number,
  timestamp: number,
  payload: Uint8Array,
  chunkSize: number,
): Buffer {
  const chunks = Math.max(1, Math.ceil(payload.length / chunkSize))
  const bytes = Buffer.allocUnsafeSlow(headerBytes + payload.length + chunks - 1)
  bytes[0] = chunkStream
  writeTimestamp(bytes, timestamp)
  bytes.writeUIntBE(payload.length, 4, 3)
  bytes[7] = messageType
  bytes.writeUInt32LE(streamId, 8)
  let at = headerBytes
  for (let from = 0; from < payload.length; from += chunkSize) {
    if (from > 0) bytes[at++] = 0xc0 | chunkStream
    const part = payload.subarray(from, from + chunkSize)
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Gives a message of chunked() another time. */
export function writeTimestamp(bytes: Buffer, timestamp: number): void {
  bytes.writeUIntBE(Math.min(timestamp, timestampMax), 1, 3)
}

/** Where byte `offset` of the payload of a message of chunked() stands, in its first chunk. */
export const payloadAt = (offset: number): number => headerBytes + offset

/** A command, or anything else that fits a first chunk of 4096 bytes. */
export function command(streamId: number, ...values: unknown[]): Buffer {
  return chunked(streamId === 0 ? 3 : 8, type.command, streamId, 0, encodeAmf0(values), outChunkSize)
}

export function control(messageType: number, ...values: readonly number[]): Buffer {
  return chunked(2, messageType, 0, 0, Buffer.concat(values.map(uint32)), 128)
}

/** A user control message (§7.1.7) of an event and four bytes of data. */
export function userControl(event: number, ...values: readonly number[]): Buffer {
  return chunked(2, type.userControl, 0, 0, Buffer.concat([Buffer.of(0, event), ...values.map(uint32)]), 128)
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

/** What encoders send with: OBS and FFmpeg take about as much. */
export const outChunkSize = 4096

/** C0 and C1, plain. */
export const hello: Buffer = Buffer.alloc(1537, 0x5a)
hello.fill(0, 1, 9)
hello[0] = 3

/** S0, S1 and S2 together. */
export const answerBytes = 1 + 1536 + 1536
