import { crc32 } from 'node:zlib'
import { RECORD_BYTES } from './limits.ts'

/** A journal begins so, and then come its records: length and CRC-32 (both 32 bits, big-endian), and as many bytes. */
export const MAGIC = Buffer.from('\x89cumulus journal\n', 'latin1')

const HEAD_BYTES = 8

export function frame(payload: Uint8Array): Buffer[] {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32BE(payload.length, 0)
  head.writeUInt32BE(crc32(payload), 4)
  return [head, Buffer.from(payload.buffer, payload.byteOffset, payload.length)]
}

/** The whole records of a journal, up to where it ends or was cut. */
export class Frames {
  readonly #bytes: Buffer

  /** `bytes`: all that follows the magic. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  *[Symbol.iterator](): Generator<Buffer, void, void> {
    for (let at = 0; ; ) {
      const payload = this.#at(at)
      if (payload === undefined) return
      yield payload
      at += HEAD_BYTES + payload.length
    }
  }

  /** Bytes behind the last whole record: what was being written when the process ended. */
  get rest(): number {
    let whole = 0
    for (const payload of this) whole += HEAD_BYTES + payload.length
    return this.#bytes.length - whole
  }

  #at(at: number): Buffer | undefined {
    const bytes = this.#bytes
    if (bytes.length - at < HEAD_BYTES) return undefined
    const length = bytes.readUInt32BE(at)
    const start = at + HEAD_BYTES
    if (length > RECORD_BYTES || bytes.length - start < length) return undefined
    const payload = bytes.subarray(start, start + length)
    return crc32(payload) === bytes.readUInt32BE(at + 4) ? payload : undefined
  }
}
