import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { encodeAmf0 } from '../../server/media/amf0.ts'

/** Bytes from hexadecimal digits; blanks are for the reader. */
export function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(/\s/g, ''), 'hex')
}

export interface ChunkParts {
  /** 0 to 3. */
  readonly type?: number
  /** Chunk stream id. */
  readonly id?: number
  /** Timestamp or delta as it stands in the header; 0xffffff is written with `extended`. */
  readonly time?: number
  readonly extended?: number
  /** The length announced; the payload's own unless said otherwise. */
  readonly length?: number
  /** The message's type. */
  readonly message?: number
  readonly streamId?: number
  readonly payload?: Uint8Array
}

/** One chunk, whether it makes sense or not. */
export function chunk(parts: ChunkParts): Buffer {
  const { type = 0, id = 3, time = 0, extended, message = 20, streamId = 0, payload = Buffer.alloc(0) } = parts
  const { length = payload.length } = parts
  const basic =
    id < 64
      ? Buffer.of((type << 6) | id)
      : id < 320
        ? Buffer.of(type << 6, id - 64)
        : Buffer.of((type << 6) | 1, (id - 64) & 0xff, (id - 64) >> 8)
  const header = Buffer.alloc([11, 7, 3, 0][type]!)
  if (type < 3) header.writeUIntBE(extended === undefined ? time : 0xffffff, 0, 3)
  if (type < 2) {
    header.writeUIntBE(length, 3, 3)
    header[6] = message
  }
  if (type < 1) header.writeUInt32LE(streamId, 7)
  const tail = Buffer.alloc(extended === undefined ? 0 : 4)
  if (extended !== undefined) tail.writeUInt32BE(extended)
  return Buffer.concat([basic, header, tail, payload])
}

/** A whole message in chunks of `chunkSize`. */
export function chunked(parts: ChunkParts & { payload: Uint8Array }, chunkSize = 65_536): Buffer {
  const { payload } = parts
  const out = [chunk({ ...parts, length: payload.length, payload: payload.subarray(0, chunkSize) })]
  for (let at = chunkSize; at < payload.length; at += chunkSize) {
    out.push(chunk({ id: parts.id ?? 3, type: 3, payload: payload.subarray(at, at + chunkSize) }))
  }
  return Buffer.concat(out)
}

/** A command of AMF0 as one message. */
export function command(streamId: number, ...values: unknown[]): Buffer {
  return chunked({ message: 20, streamId, payload: encodeAmf0(values) })
}

/** C0, C1 and C2 of a client that looks at nothing. */
export const plainHandshake = Buffer.concat([Buffer.of(3), Buffer.alloc(1536), Buffer.alloc(1536)])

export interface OpenSocket {
  readonly socket: Socket
  /** Resolves when the server has closed it. */
  readonly closed: Promise<void>
  /** Resolves when so many bytes have come. */
  receives(bytes: number): Promise<void>
}

/** A socket without a protocol: it reads and forgets. */
export async function openSocket(port: number): Promise<OpenSocket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => {}).resume()
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  await once(socket, 'connect')
  const receives = async (bytes: number): Promise<void> => {
    while (socket.bytesRead < bytes) await once(socket, 'data')
  }
  return { socket, closed, receives }
}
