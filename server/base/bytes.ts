import { AppError, ProtocolError } from './errors.ts'
import { readUtf8, utf8Length, writeUtf8 } from './utf8.ts'

/**
 * Reads big-endian numbers from bytes that came from a peer. Never reads past the end: what is not there is a
 * ProtocolError `<what>_TRUNCATED`. Plain ECMAScript, so that it also runs inside an isolate.
 */
export class ByteReader {
  readonly bytes: Uint8Array
  /** Index of the next byte. */
  position = 0
  readonly #view: DataView
  readonly #what: string

  /** @param what names the format in error codes and sentences: `AMF`, `FLV`. */
  constructor(bytes: Uint8Array, what: string) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#what = what
  }

  get remaining(): number {
    return this.bytes.length - this.position
  }

  /** Moves on by `count` bytes and gives the position they begin at. */
  skip(count: number): number {
    const at = this.position
    if (count > this.bytes.length - at) {
      const sentence = `${this.#what} ends too early: ${count} bytes wanted at ${at}, ${this.bytes.length - at} are there`
      throw new ProtocolError(`${this.#what}_TRUNCATED`, sentence)
    }
    this.position = at + count
    return at
  }

  /** The next byte, without moving on. */
  peek(): number {
    const byte = this.u8()
    this.position--
    return byte
  }

  u8(): number {
    return this.bytes[this.skip(1)]!
  }

  u16(): number {
    return this.#view.getUint16(this.skip(2))
  }

  u32(): number {
    return this.#view.getUint32(this.skip(4))
  }

  i32(): number {
    return this.#view.getInt32(this.skip(4))
  }

  f64(): number {
    return this.#view.getFloat64(this.skip(8))
  }

  /** A view of the next `count` bytes, not a copy. */
  take(count: number): Uint8Array {
    const at = this.skip(count)
    return this.bytes.subarray(at, at + count)
  }

  utf8(count: number): string {
    const at = this.skip(count)
    return readUtf8(this.bytes, at, at + count)
  }
}

/** What a writer begins with; most messages fit. */
const firstCapacity = 1024

/** The buffer of the last finished writer, for the next one: a small message then costs its own bytes only. */
let spare: Uint8Array | undefined

/** Writes big-endian numbers into a buffer that grows up to a limit. Plain ECMAScript, as ByteReader. */
export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  #length = 0
  readonly #what: string
  readonly #limit: number

  /** @param limit in bytes; more is an AppError `<what>_SIZE`, for what is written here came from a script. */
  constructor(what: string, limit: number) {
    this.#bytes = spare ?? new Uint8Array(firstCapacity)
    spare = undefined
    this.#view = new DataView(this.#bytes.buffer)
    this.#what = what
    this.#limit = limit
  }

  get length(): number {
    return this.#length
  }

  u8(value: number): void {
    const at = this.#grow(1)
    this.#bytes[at] = value
  }

  u16(value: number): void {
    const at = this.#grow(2)
    this.#view.setUint16(at, value)
  }

  u32(value: number): void {
    const at = this.#grow(4)
    this.#view.setUint32(at, value)
  }

  f64(value: number): void {
    const at = this.#grow(8)
    this.#view.setFloat64(at, value)
  }

  put(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length)
    this.#bytes.set(bytes, at)
  }

  /** `length` is utf8Length(text), which whoever writes a length before the text knows already. */
  utf8(text: string, length = utf8Length(text)): void {
    const at = this.#grow(length)
    writeUtf8(text, this.#bytes, at)
  }

  /** What was written, exactly as long as it is. The writer is done with. */
  finish(): Uint8Array {
    const result = this.#bytes.slice(0, this.#length)
    if (this.#bytes.length === firstCapacity) spare = this.#bytes
    this.#bytes = new Uint8Array(0)
    this.#view = new DataView(this.#bytes.buffer)
    this.#length = 0
    return result
  }

  #grow(count: number): number {
    const at = this.#length
    const wanted = at + count
    if (wanted > this.#limit) {
      const sentence = `more than ${this.#limit} bytes of ${this.#what}`
      throw new AppError(`${this.#what}_SIZE`, sentence, 'send less at once')
    }
    if (wanted > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(wanted, Math.min(2 * this.#bytes.length, this.#limit)))
      grown.set(this.#bytes)
      this.#bytes = grown
      this.#view = new DataView(grown.buffer)
    }
    this.#length = wanted
    return at
  }
}
