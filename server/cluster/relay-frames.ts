import { type Frame, type FrameKind, FrameRole } from '../media/frame.ts'

/**
 * How a relay's frames look on their socket, big-endian:
 *
 *     u32 payload length │ u8 kind │ u8 role │ u8 track │ f64 timestamp │ payload
 *
 * A kind of 0 is an order to forget the stream's metadata. Whoever connects says before that what it wants: u16 length
 * and the publication's key in UTF-8. Both ends are processes of one server, so nothing is checked but the bounds.
 */
const headerBytes = 15
const roles: readonly FrameRole[] = [FrameRole.Metadata, FrameRole.Header, FrameRole.Key, FrameRole.Inter]
const forgetKind = 0

export function encodeHeader({ kind, role, track, timestamp, payload }: Frame): Buffer {
  const header = Buffer.allocUnsafe(headerBytes)
  header.writeUInt32BE(payload.length, 0)
  header[4] = kind
  header[5] = roles.indexOf(role)
  header[6] = track & 255
  header.writeDoubleBE(timestamp, 7)
  return header
}

export function encodeForget(): Buffer {
  const header = Buffer.alloc(headerBytes)
  header[4] = forgetKind
  return header
}

export function encodeHello(publication: string): Buffer {
  const key = Buffer.from(publication)
  const length = Buffer.allocUnsafe(2)
  length.writeUInt16BE(key.length)
  return Buffer.concat([length, key])
}

/** The key in a hello; null while it is not complete. */
export function readHello(bytes: Buffer): string | null {
  if (bytes.length < 2 || bytes.length < 2 + bytes.readUInt16BE(0)) return null
  return bytes.toString('utf8', 2, 2 + bytes.readUInt16BE(0))
}

export interface FrameTaker {
  frame(frame: Frame): void
  forget(): void
}

/** Joins frames from the bytes of a socket; each payload is copied once, so that none keeps a whole read alive. */
export class FrameReader {
  readonly #taker: FrameTaker
  readonly #header = Buffer.alloc(headerBytes)
  #headerFilled = 0
  #payload: Buffer | null = null
  #payloadFilled = 0

  constructor(taker: FrameTaker) {
    this.#taker = taker
  }

  receive(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#headerFilled < headerBytes) {
        const copied = bytes.copy(this.#header, this.#headerFilled, at)
        this.#headerFilled += copied
        at += copied
        if (this.#headerFilled < headerBytes) return
        this.#payload = Buffer.allocUnsafe(this.#header.readUInt32BE(0))
        this.#payloadFilled = 0
      }
      const payload = this.#payload!
      const copied = bytes.copy(payload, this.#payloadFilled, at)
      this.#payloadFilled += copied
      at += copied
      if (this.#payloadFilled === payload.length) this.#whole(payload)
    }
  }

  #whole(payload: Buffer): void {
    const header = this.#header
    this.#headerFilled = 0
    this.#payload = null
    if (header[4] === forgetKind) return this.#taker.forget()
    const role = roles[header[5]!] ?? FrameRole.Inter
    this.#taker.frame({
      kind: header[4] as FrameKind,
      role,
      track: header[6]!,
      timestamp: header.readDoubleBE(7),
      payload,
    })
  }
}
