/**
 * RTMP on its own (RTMP 1.0; Adobe, December 2012): machines without sockets, clocks or promises. Bytes and the time go
 * in, messages and bytes come out. RtmpSession is the whole of one connection, either side; the others are its parts.
 */
export { CodedError, ProtocolError } from '../base/errors.ts'
export {
  type Command,
  type CommandParts,
  decodeCommand,
  encodeCommand,
  readArgs,
} from '../protocol/netconnection/command.ts'
export { ChunkReader, type ChunkReaderLimits } from '../protocol/rtmp/chunk-reader.ts'
export { ChunkWriter } from '../protocol/rtmp/chunk-writer.ts'
export {
  abort,
  acknowledgement,
  BandwidthLimit,
  setBufferLength,
  setChunkSize,
  setPeerBandwidth,
  UserEvent,
  userControl,
  windowAcknowledgementSize,
} from '../protocol/rtmp/control.ts'
export { ClientHandshake, type Handshake, type HandshakeStep, ServerHandshake } from '../protocol/rtmp/handshake.ts'
export { type RtmpLimits, rtmpLimits } from '../protocol/rtmp/limits.ts'
export { type Message, MessageType } from '../protocol/rtmp/message.ts'
export { RtmpSession } from '../protocol/rtmp/rtmp-session.ts'
export type { RtmpSessionHost } from '../protocol/rtmp/session-host.ts'
