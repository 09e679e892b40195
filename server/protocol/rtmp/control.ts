import { ProtocolError } from '../../base/errors.ts'
import { type Message, MessageType } from './message.ts'

/** Events of a user control message (RTMP 1.0 §7.1.7). */
export const UserEvent = {
  StreamBegin: 0,
  StreamEof: 1,
  StreamDry: 2,
  SetBufferLength: 3,
  StreamIsRecorded: 4,
  PingRequest: 6,
  PingResponse: 7,
} as const
export type UserEvent = (typeof UserEvent)[keyof typeof UserEvent]

/** How a peer means its SetPeerBandwidth (§5.4.5). */
export const BandwidthLimit = { Hard: 0, Soft: 1, Dynamic: 2 } as const
export type BandwidthLimit = (typeof BandwidthLimit)[keyof typeof BandwidthLimit]

export interface UserControl {
  /** One of UserEvent, or a number of a vendor's own. */
  readonly event: number
  /** The stream the event is about; for pings the sender's time in ms, 32 bit. */
  readonly value: number
  /** The player's buffer in ms; of SetBufferLength only, else 0. */
  readonly bufferMs: number
}

// ---------------------------------------------------------------------------------------------- to the wire

/** Chunks after this message have up to `size` bytes (§5.4.1). */
export const setChunkSize = (size: number): Message => control(MessageType.SetChunkSize, uint32(size))

/** The unfinished message on that chunk stream will not be finished (§5.4.2). */
export const abort = (chunkStream: number): Message => control(MessageType.Abort, uint32(chunkStream))

/** `bytes`: received so far, modulo 2^32 (§5.4.3). */
export const acknowledgement = (bytes: number): Message => control(MessageType.Acknowledgement, uint32(bytes))

/** We want to hear an acknowledgement within so many bytes (§5.4.4). */
export const windowAcknowledgementSize = (bytes: number): Message =>
  control(MessageType.WindowAcknowledgementSize, uint32(bytes))

/** The peer is asked to send no more than so many unacknowledged bytes (§5.4.5). */
export function setPeerBandwidth(bytes: number, limit: BandwidthLimit): Message {
  return control(MessageType.SetPeerBandwidth, Buffer.concat([uint32(bytes), Buffer.of(limit)]))
}

/** `value` is a message stream's id, or the time of a ping in ms. */
export function userControl(event: UserEvent, value: number): Message {
  const payload = Buffer.alloc(6)
  payload.writeUInt16BE(event)
  payload.writeUInt32BE(value >>> 0, 2)
  return control(MessageType.UserControl, payload)
}

/** A player's buffer for a stream is `ms` long; sent before play. */
export function setBufferLength(streamId: number, ms: number): Message {
  const { payload } = userControl(UserEvent.SetBufferLength, streamId)
  return control(MessageType.UserControl, Buffer.concat([payload, uint32(ms)]))
}

function control(type: MessageType, payload: Buffer): Message {
  return { type, streamId: 0, timestamp: 0, payload }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

// -------------------------------------------------------------------------------------------- from the wire

/** Bytes behind what a message needs are ignored; too few are the peer's fault. */
function need(payload: Buffer, bytes: number, name: string): void {
  if (payload.length >= bytes) return
  throw new ProtocolError('rtmp.control.short', `${name} of ${payload.length} bytes, it takes ${bytes}`)
}

/** Throws a ProtocolError for 0, which could carry nothing, and for sizes with bit 31 set (§5.4.1). */
export function decodeChunkSize(payload: Buffer): number {
  need(payload, 4, 'SetChunkSize')
  const size = payload.readUInt32BE()
  if (size === 0 || size > 0x7fffffff) {
    throw new ProtocolError('rtmp.chunk.size', `SetChunkSize to ${size}, sizes are 1 to 2147483647`)
  }
  return size
}

/** The chunk stream whose message is given up. */
export function decodeAbort(payload: Buffer): number {
  need(payload, 4, 'Abort')
  return payload.readUInt32BE()
}

export function decodeAcknowledgement(payload: Buffer): number {
  need(payload, 4, 'Acknowledgement')
  return payload.readUInt32BE()
}

export function decodeWindowAcknowledgementSize(payload: Buffer): number {
  need(payload, 4, 'WindowAcknowledgementSize')
  return payload.readUInt32BE()
}

/** `limit` is one of BandwidthLimit or a number nobody has assigned. */
export function decodePeerBandwidth(payload: Buffer): { bytes: number; limit: number } {
  need(payload, 5, 'SetPeerBandwidth')
  return { bytes: payload.readUInt32BE(), limit: payload[4]! }
}

export function decodeUserControl(payload: Buffer): UserControl {
  need(payload, 2, 'UserControl')
  const event = payload.readUInt16BE()
  const bodyBytes = userEventBytes.get(event)
  if (bodyBytes === undefined) return { event, value: payload.length >= 6 ? payload.readUInt32BE(2) : 0, bufferMs: 0 }
  need(payload, 2 + bodyBytes, `UserControl event ${event}`)
  return { event, value: payload.readUInt32BE(2), bufferMs: bodyBytes === 8 ? payload.readUInt32BE(6) : 0 }
}

/** Bytes each event has behind its number. */
const userEventBytes = new Map<number, number>(
  Object.values(UserEvent).map(event => [event, event === UserEvent.SetBufferLength ? 8 : 4]),
)
