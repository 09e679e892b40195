/** RTMP message types (RTMP 1.0 §5.4, §7.1). */
export const MessageType = {
  SetChunkSize: 1,
  Abort: 2,
  Acknowledgement: 3,
  UserControl: 4,
  WindowAcknowledgementSize: 5,
  SetPeerBandwidth: 6,
  Audio: 8,
  Video: 9,
  DataAmf3: 15,
  SharedObjectAmf3: 16,
  CommandAmf3: 17,
  DataAmf0: 18,
  SharedObjectAmf0: 19,
  CommandAmf0: 20,
  Aggregate: 22,
} as const
export type MessageType = (typeof MessageType)[keyof typeof MessageType]

/** A whole RTMP message, joined from its chunks. */
export interface Message {
  /** One of MessageType, or a number nobody has assigned. */
  readonly type: number
  readonly streamId: number
  /** Milliseconds, 32 bit, as it stood on the wire (absolute, deltas already added, modulo 2^32). */
  readonly timestamp: number
  readonly payload: Buffer
}
