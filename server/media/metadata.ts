import { CodedError, ProtocolError } from '../base/errors.ts'
import { Amf0Marker } from './amf-markers.ts'
import { Amf0Reader, encodeAmf0 } from './amf0.ts'
import { FrameRole } from './frame.ts'
import { dataLimits, dataNameBytes, metadataBytes } from './limits.ts'

/** What a publisher's data message comes to. */
export type DataMessage =
  /** To be relayed: `payload` is the body of a data frame, the name first. Metadata is kept for newcomers. */
  | { readonly is: 'frame'; readonly role: FrameRole; readonly name: string; readonly payload: Buffer }
  /** What was kept under this name is to be forgotten; players are not told. */
  | { readonly is: 'clear'; readonly name: string }
  /** Not to be relayed, and why. The publisher's connection need not suffer for it. */
  | { readonly is: 'refused'; readonly code: string; readonly reason: string }

const setDataFrame = '@setDataFrame'
const clearDataFrame = '@clearDataFrame'
const onMetaData = 'onMetaData'

/** RTMP 1.0 §7.1.2: a data message of AMF3, which begins with a format byte of 0 and goes on with AMF0 values. */
const dataAmf3 = 15

/**
 * Reads the data message of a publisher (type 18, or 15 for AMF3 clients).
 *
 * Everything that will be relayed is checked from end to end within `dataLimits`: players decode it with little care.
 * `@setDataFrame` is an order to the server and taken off. Of onMetaData only the object is kept, in AMF0 even if it
 * came in AMF3, because files and most players know nothing else.
 */
export function readDataMessage(type: number, message: Buffer): DataMessage {
  // One byte of a chunk brings one of these: it must not cost an error with its stack.
  if (message.length === 0) return nameless
  try {
    // A first value that began with 0 would be a number and no name, so the format byte cannot be mistaken.
    return read(type === dataAmf3 && message[0] === 0 ? message.subarray(1) : message)
  } catch (thrown) {
    if (thrown instanceof CodedError) return { is: 'refused', code: thrown.code, reason: thrown.message }
    throw thrown
  }
}

const nameless: DataMessage = { is: 'refused', code: 'DATA_NAME', reason: 'a data message without a name' }

function read(bytes: Buffer): DataMessage {
  const reader = new Amf0Reader(bytes, { limits: dataLimits })
  let nameAt = 0
  let name = readName(reader)
  const order = name
  if (order === setDataFrame || order === clearDataFrame) {
    nameAt = reader.position
    name = readName(reader)
  }
  if (order === clearDataFrame) return { is: 'clear', name }
  const valuesAt = reader.position
  if (name === onMetaData) return metadata(reader, bytes, nameAt, valuesAt)
  while (!reader.done) reader.skip()
  return { is: 'frame', role: FrameRole.Inter, name, payload: frame(name, bytes, nameAt, valuesAt, bytes.length) }
}

function readName(reader: Amf0Reader): string {
  if (reader.done) throw new ProtocolError('DATA_NAME', 'a data message without a name')
  const name = reader.read()
  if (typeof name !== 'string') throw new ProtocolError('DATA_NAME', 'a data message that does not begin with a name')
  if (name.length > dataNameBytes) throw new ProtocolError('DATA_NAME', `a data message with a name of ${name.length}`)
  return name
}

function metadata(reader: Amf0Reader, bytes: Buffer, nameAt: number, valueAt: number): DataMessage {
  const marker = bytes[valueAt]
  let payload: Buffer
  if (marker === Amf0Marker.AvmPlus) {
    const value = reader.read()
    if (typeof value !== 'object' || value === null) throw noObject()
    const encoded = encodeAmf0([onMetaData, value], { limits: dataLimits })
    payload = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length)
  } else {
    if (marker !== Amf0Marker.Object && marker !== Amf0Marker.EcmaArray && marker !== Amf0Marker.TypedObject) {
      throw noObject()
    }
    reader.skip()
    payload = frame(onMetaData, bytes, nameAt, valueAt, reader.position)
  }
  if (payload.length > metadataBytes) {
    throw new ProtocolError('METADATA_SIZE', `onMetaData of ${payload.length} bytes, ${metadataBytes} are allowed`)
  }
  return { is: 'frame', role: FrameRole.Metadata, name: onMetaData, payload }
}

function noObject(): ProtocolError {
  return new ProtocolError('METADATA_OBJECT', 'onMetaData without an object')
}

/** The message from its name on; a name that came in AMF3 is written anew. */
function frame(name: string, bytes: Buffer, nameAt: number, valuesAt: number, end: number): Buffer {
  if (bytes[nameAt] === Amf0Marker.String) return bytes.subarray(nameAt, end)
  return Buffer.concat([encodeAmf0([name]), bytes.subarray(valuesAt, end)])
}
