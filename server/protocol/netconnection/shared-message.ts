import { ByteReader, ByteWriter } from '../../base/bytes.ts'
import { ProtocolError } from '../../base/errors.ts'
import { utf8Length } from '../../base/utf8.ts'
import type { SharedEvent, SharedMessage, SharedValue } from '../../hub/shared-events.ts'
import { Amf0Reader, Amf0Writer } from '../../media/amf0.ts'
import { type Message, MessageType } from '../rtmp/message.ts'
import { sharedEventsMax, sharedMessageBytes, sharedNameBytes } from './limits.ts'

/**
 * Types of events in a shared object message. RTMP 1.0 §7.1.3 names the first eleven; what they hold was published by
 * those who looked at the wire, as is the last one, which asks for what Clear says.
 */
export const SharedEventType = {
  Use: 1,
  Release: 2,
  RequestChange: 3,
  Change: 4,
  Success: 5,
  SendMessage: 6,
  Status: 7,
  Clear: 8,
  Remove: 9,
  RequestRemove: 10,
  UseSuccess: 11,
  RequestClear: 14,
} as const

/** In the flags: the object is kept on the server's disk. Other bits are of no consequence. */
const persistentFlag = 0x02

/**
 * Reads a message of type SharedObjectAmf0 or SharedObjectAmf3, either side's. Events nobody knows are passed over. Bad
 * input is a ProtocolError; memory follows the bytes that came, and values are copied out of them.
 *
 *     [type 16: a byte 0]  name  u32 version  u32 flags  u32 0  { u8 type  u32 length  length bytes }…
 */
export function decodeShared({ type, payload }: Message): SharedMessage {
  const reader = new ByteReader(payload, 'SHARED')
  if (type === MessageType.SharedObjectAmf3 && payload[0] === 0) reader.skip(1)
  const object = readName(reader)
  const version = reader.u32()
  const persistent = (reader.u32() & persistentFlag) !== 0
  reader.skip(4)
  const events: SharedEvent[] = []
  while (reader.remaining > 0) {
    const kind = reader.u8()
    readEvent(kind, reader.take(reader.u32()), events)
    if (events.length <= sharedEventsMax) continue
    throw new ProtocolError('SHARED_EVENTS', `more than ${sharedEventsMax} events in one shared object message`)
  }
  return { object, version, persistent, events }
}

function readEvent(type: number, body: Uint8Array, events: SharedEvent[]): void {
  const reader = new ByteReader(body, 'SHARED')
  switch (type) {
    case SharedEventType.Use:
      events.push({ kind: 'use' })
      return
    case SharedEventType.Release:
      events.push({ kind: 'release' })
      return
    case SharedEventType.RequestChange:
      return readSlots('requestChange', reader, events)
    case SharedEventType.Change:
      return readSlots('change', reader, events)
    case SharedEventType.Success:
      events.push({ kind: 'success', name: readName(reader) })
      return
    case SharedEventType.SendMessage:
      events.push(readCall(body))
      return
    case SharedEventType.Status: {
      const code = readName(reader)
      const level = reader.remaining > 0 && readName(reader) === 'error' ? 'error' : 'status'
      events.push({ kind: 'status', code, level })
      return
    }
    case SharedEventType.Clear:
      events.push({ kind: 'clear' })
      return
    case SharedEventType.Remove:
      events.push({ kind: 'remove', name: readName(reader) })
      return
    case SharedEventType.RequestRemove:
      events.push({ kind: 'requestRemove', name: readName(reader) })
      return
    case SharedEventType.UseSuccess:
      events.push({ kind: 'useSuccess' })
      return
    case SharedEventType.RequestClear:
      events.push({ kind: 'requestClear' })
      return
    default:
  }
}

/** One pair of name and value, as players send them; some put several into one event. */
function readSlots(kind: 'requestChange' | 'change', reader: ByteReader, events: SharedEvent[]): void {
  do {
    const name = readName(reader)
    const value = readValue(reader)
    events.push({ kind, name, value })
  } while (reader.remaining > 0 && events.length <= sharedEventsMax)
}

function readValue(reader: ByteReader): SharedValue {
  const rest = reader.bytes.subarray(reader.position)
  const length = valueLength(rest)
  reader.skip(length)
  // (A Buffer's slice() would be a window on the whole message.)
  return new Uint8Array(rest.subarray(0, length))
}

function valueLength(rest: Uint8Array): number {
  try {
    const amf = new Amf0Reader(rest)
    amf.skip()
    return amf.position
  } catch (error) {
    // Only its class knows where an externalizable ends; nothing stands behind it in what players send.
    if (error instanceof ProtocolError && error.code === 'AMF_EXTERNALIZABLE') return rest.length
    throw error
  }
}

/** The handler's name is a whole AMF value, with its marker; the arguments follow. */
function readCall(body: Uint8Array): SharedEvent {
  const amf = new Amf0Reader(body)
  const name = amf.read()
  if (typeof name !== 'string' || utf8Length(name) > sharedNameBytes) {
    throw new ProtocolError('SHARED_NAME', 'a message to a shared object that begins with no name')
  }
  const args = new Uint8Array(body.subarray(amf.position))
  for (let at = 0; at < args.length; ) at += valueLength(args.subarray(at))
  return { kind: 'message', name, args }
}

function readName(reader: ByteReader): string {
  const length = reader.u16()
  if (length <= sharedNameBytes) return reader.utf8(length)
  throw new ProtocolError('SHARED_NAME', `a name of ${length} bytes in a shared object message`)
}

/** A message for a client or, from a client, for a server; `type` is SharedObjectAmf0 or SharedObjectAmf3. */
export function encodeShared(message: SharedMessage, type: Message['type']): Message {
  const writer = new ByteWriter('SHARED', sharedMessageBytes)
  if (type === MessageType.SharedObjectAmf3) writer.u8(0)
  writeName(writer, message.object)
  writer.u32(message.version >>> 0)
  writer.u32(message.persistent ? persistentFlag : 0)
  writer.u32(0)
  for (const event of message.events) writeEvent(writer, event)
  const bytes = writer.finish()
  const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return { type, streamId: 0, timestamp: 0, payload }
}

const typeOf: { readonly [Kind in SharedEvent['kind']]: number } = {
  use: SharedEventType.Use,
  release: SharedEventType.Release,
  requestChange: SharedEventType.RequestChange,
  change: SharedEventType.Change,
  success: SharedEventType.Success,
  message: SharedEventType.SendMessage,
  status: SharedEventType.Status,
  clear: SharedEventType.Clear,
  remove: SharedEventType.Remove,
  requestRemove: SharedEventType.RequestRemove,
  useSuccess: SharedEventType.UseSuccess,
  requestClear: SharedEventType.RequestClear,
}

function writeEvent(writer: ByteWriter, event: SharedEvent): void {
  writer.u8(typeOf[event.kind])
  switch (event.kind) {
    case 'requestChange':
    case 'change':
      writer.u32(2 + utf8Length(event.name) + event.value.length)
      writeName(writer, event.name)
      writer.put(event.value)
      return
    case 'success':
    case 'remove':
    case 'requestRemove':
      writer.u32(2 + utf8Length(event.name))
      writeName(writer, event.name)
      return
    case 'message': {
      const name = new Amf0Writer().string(event.name).finish()
      writer.u32(name.length + event.args.length)
      writer.put(name)
      writer.put(event.args)
      return
    }
    case 'status':
      writer.u32(4 + event.code.length + event.level.length)
      writeName(writer, event.code)
      writeName(writer, event.level)
      return
    default:
      writer.u32(0)
  }
}

function writeName(writer: ByteWriter, name: string): void {
  const length = utf8Length(name)
  writer.u16(length)
  writer.utf8(name, length)
}
