import { Amf0Reader } from './amf0-reader.ts'
import { Amf0Writer } from './amf0-writer.ts'

/** The body of a data frame as scripts see it: its name, and the AMF0 values that follow. */
export interface DataBody {
  readonly name: string
  readonly values: Uint8Array
}

/** AMF0 string and long string (AMF 0 §2.4, §2.14): whatever else comes first is no name. */
const stringMarkers = [0x02, 0x0c]

/** Takes any bytes: what has no name in front has the name ''. */
export function readDataBody(payload: Uint8Array): DataBody {
  if (stringMarkers.includes(payload[0] ?? -1)) {
    try {
      const reader = new Amf0Reader(payload)
      const name = reader.read()
      if (typeof name === 'string') return { name, values: payload.subarray(reader.position) }
    } catch {
      // Its length goes past the end: there is no name to be had.
    }
  }
  return { name: '', values: payload }
}

export function writeDataBody(name: string, values: Uint8Array): Buffer {
  const bytes = new Amf0Writer().string(name).raw(values).finish()
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
