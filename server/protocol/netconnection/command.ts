import { ProtocolError } from '../../base/errors.ts'
import { Amf0Reader, Amf0Writer, encodeAmf0 } from '../../media/amf0.ts'
import { type Message, MessageType } from '../rtmp/message.ts'
import { commandNameChars } from './limits.ts'
import type { Status } from './status.ts'

/** A command message (RTMP 1.0 §7.1.1), its arguments still as bytes. */
export interface Command {
  readonly name: string
  /** What the answer refers to; 0 when none is wanted. */
  readonly transactionId: number
  /** connect()'s properties; null for most commands. */
  readonly object: unknown
  /** AMF0 values, one after another; checked, so that whoever decodes them finds nothing bad. */
  readonly args: Uint8Array
}

/** Reads a message of type CommandAmf0 or CommandAmf3; a ProtocolError for anything that is no command. */
export function decodeCommand(message: Message): Command {
  const payload = withoutEnvelope(message)
  const reader = new Amf0Reader(payload)
  const name = reader.read()
  if (typeof name !== 'string') throw new ProtocolError('netconnection.command', 'a command that begins with no name')
  if (name.length > commandNameChars) {
    throw new ProtocolError('netconnection.name', `a command's name of ${name.length} characters`)
  }
  const transactionId = reader.done ? 0 : reader.read()
  if (typeof transactionId !== 'number') {
    throw new ProtocolError('netconnection.transaction', `the command ${JSON.stringify(name)} has no transaction id`)
  }
  const object = reader.done ? null : reader.read()
  const args = payload.subarray(reader.position)
  return {
    name,
    // Nobody could answer to infinity, or be asked for NaN.
    transactionId: Number.isFinite(transactionId) ? transactionId : 0,
    object,
    args: checkedArgs(args, reader),
  }
}

/** The first values of a command's arguments. */
export function readArgs(command: Command, count: number): unknown[] {
  const reader = new Amf0Reader(command.args)
  const values: unknown[] = []
  while (values.length < count && !reader.done) values.push(reader.read())
  return values
}

/** The bytes of the first argument; of `undefined` when there is none. */
export function firstArg(command: Command): Uint8Array {
  if (command.args.length === 0) return encodeAmf0([undefined])
  const reader = new Amf0Reader(command.args)
  return withExternals(() => {
    reader.skip()
    return command.args.subarray(0, reader.position)
  }, command.args)
}

/** Type 17 has a byte 0 before its AMF0 values (RTMP 1.0 §7.1.1, and everyone's habit); who forgets it is understood. */
export function withoutEnvelope({ type, payload }: Message): Buffer {
  const enveloped = type === MessageType.CommandAmf3 || type === MessageType.DataAmf3
  return enveloped && payload[0] === 0 ? payload.subarray(1) : payload
}

/**
 * References of AMF0 count the whole message. Where the command object brought objects (as connect()'s does) and an
 * argument may refer back (0x07), the arguments are written anew so that they stand alone.
 */
function checkedArgs(args: Uint8Array, message: Amf0Reader): Uint8Array {
  return withExternals(() => {
    if (message.references > 0 && args.includes(0x07)) return encodeAmf0(restOf(message))
    const reader = new Amf0Reader(args)
    while (!reader.done) reader.skip()
    return args
  }, args)
}

function restOf(message: Amf0Reader): unknown[] {
  const values: unknown[] = []
  while (!message.done) values.push(message.read())
  return values
}

/** Only its class knows where an externalizable ends: the application will see, within the bounds of its own reader. */
function withExternals(read: () => Uint8Array, otherwise: Uint8Array): Uint8Array {
  try {
    return read()
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'AMF_EXTERNALIZABLE') return otherwise
    throw error
  }
}

export interface CommandParts {
  readonly streamId?: number
  readonly transactionId?: number
  readonly object?: unknown
  /** What follows the command object: values, or bytes that are AMF0 already. */
  readonly args?: readonly unknown[] | Uint8Array
}

/** A command to a client. Clients of AMF3 get it in the envelope of type 17. */
export function encodeCommand(encoding: 0 | 3, name: string, parts: CommandParts = {}): Message {
  const { streamId = 0, transactionId = 0, object = null, args = [] } = parts
  const writer = new Amf0Writer()
  if (encoding === 3) writer.raw(Uint8Array.of(0))
  writer.string(name).number(transactionId).value(object)
  if (args instanceof Uint8Array) writer.raw(args)
  else for (const value of args) writer.value(value)
  const bytes = writer.finish()
  const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return { type: encoding === 3 ? MessageType.CommandAmf3 : MessageType.CommandAmf0, streamId, timestamp: 0, payload }
}

/** A description without words is left out, as CumulusServer did. */
export function encodeStatus(encoding: 0 | 3, streamId: number, status: Status): Message {
  const { description, ...wordless } = status
  return encodeCommand(encoding, 'onStatus', { streamId, args: [description === '' ? wordless : status] })
}

/** A data message whose values players expect in AMF0, whatever the client's encoding. */
export function encodeData(streamId: number, values: readonly unknown[]): Message {
  const bytes = encodeAmf0(values)
  const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return { type: MessageType.DataAmf0, streamId, timestamp: 0, payload }
}
