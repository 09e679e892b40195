import { MessageType } from './message.ts'

/** The four forms of a chunk's message header (RTMP 1.0 §5.3.1.2). */
export const ChunkType = {
  /** Everything, with an absolute timestamp: 11 bytes. */
  Full: 0,
  /** The stream id of the message before, a timestamp delta: 7 bytes. */
  SameStream: 1,
  /** Length and type of the message before too: 3 bytes. */
  SameKind: 2,
  /** Nothing: goes on with a message, or begins one like the last. */
  Same: 3,
} as const
export type ChunkType = (typeof ChunkType)[keyof typeof ChunkType]

/** Bytes of the message header by chunk type (§5.3.1.2). */
export const messageHeaderBytes: readonly number[] = [11, 7, 3, 0]

/** Chunk size of both directions until SetChunkSize (§5.4.1). */
export const chunkSizeInitial = 128

/** Sizes beyond a message's largest length are the same as this one (§5.4.1). */
export const chunkSizeMax = 0xffffff

/** The length of a message has 24 bit (§5.3.1.2.1). */
export const messageLengthMax = 0xffffff

/** In place of a timestamp or delta: 4 bytes with the whole of it follow the header (§5.3.1.3). */
export const timestampExtended = 0xffffff

/** Chunk stream of protocol control messages (§5.4). */
const controlChunkStream = 2

/** Chunk stream of commands to the connection itself; Flash's habit. */
const commandChunkStream = 3

const chunkStreamMax = 65_599

/**
 * The chunk stream we send a message on: 2 for control and 3 for the connection's commands; each message stream has
 * four of its own, for audio, video, data and commands, so that deltas of one kind never lean on another's. Stream 1
 * has 4–7; up to stream 15 the basic header stays one byte.
 */
export function chunkStreamOf(type: number, streamId: number): number {
  if (type <= MessageType.SetPeerBandwidth) return controlChunkStream
  if (streamId === 0) return commandChunkStream
  const streams = Math.floor((chunkStreamMax - 3) / 4)
  const first = 4 + 4 * ((streamId - 1) % streams)
  if (type === MessageType.Audio) return first
  if (type === MessageType.Video) return first + 1
  if (type === MessageType.DataAmf0 || type === MessageType.DataAmf3) return first + 2
  return first + 3
}
