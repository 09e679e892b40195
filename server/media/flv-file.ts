import { FrameKind } from './frame.ts'
import { wrapTimestamp } from './timestamp.ts'

/** The parts of an FLV file (FLV 10.1 §E.2, §E.3, §E.4.1): a header, then tags, each followed by its own size. */

export const tagHeaderBytes = 11
/** PreviousTagSize, behind every tag. */
export const tagTrailerBytes = 4

/** Whole tags are larger than their bodies by so much. */
export const tagOverheadBytes = tagHeaderBytes + tagTrailerBytes

/** The header with both flags set (what a stream brings is not known before it is over), and PreviousTagSize0. */
export const flvHeader: Buffer = Buffer.from('464c5601050000000900000000', 'hex')

export interface TagHeader {
  readonly kind: FrameKind
  /** Bytes of the body. */
  readonly size: number
  /** Milliseconds, 32 bit. */
  readonly timestamp: number
}

/** Appends a tag's bytes to `out`; the body is not copied. `timestamp` in ms, of any length. */
export function writeTag(kind: FrameKind, timestamp: number, body: Buffer, out: Buffer[]): void {
  const header = Buffer.alloc(tagHeaderBytes)
  const time = wrapTimestamp(Math.floor(timestamp))
  header[0] = kind
  header.writeUIntBE(body.length, 1, 3)
  header.writeUIntBE(time & 0xffffff, 4, 3)
  header[7] = time >>> 24
  const trailer = Buffer.alloc(tagTrailerBytes)
  trailer.writeUInt32BE(tagHeaderBytes + body.length)
  out.push(header, body, trailer)
}

/** Does a file begin like FLV? Gives where its first tag stands, or 0 when it does not. */
export function readFlvHeader(bytes: Buffer): number {
  if (bytes.length < 9 || bytes.toString('latin1', 0, 3) !== 'FLV') return 0
  const offset = bytes.readUInt32BE(5)
  // Everybody writes 9; a larger one would be a later version's.
  return offset >= 9 && offset <= 4096 ? offset + tagTrailerBytes : 0
}

/** Reads the header of a tag; null when it cannot be one, which is how damage shows. */
export function readTagHeader(bytes: Buffer, at: number): TagHeader | null {
  const kind = bytes[at]!
  if (kind !== FrameKind.Audio && kind !== FrameKind.Video && kind !== FrameKind.Data) return null
  // StreamID is always 0.
  if (bytes.readUIntBE(at + 8, 3) !== 0) return null
  const timestamp = (bytes.readUIntBE(at + 4, 3) | (bytes[at + 7]! << 24)) >>> 0
  return { kind, size: bytes.readUIntBE(at + 1, 3), timestamp }
}
