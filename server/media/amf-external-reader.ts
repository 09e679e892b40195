import type { ByteReader } from '../base/bytes.ts'
import { AppError } from '../base/errors.ts'
import { countOf, type Endian, endianOf, textOf } from './amf-external-values.ts'
import { readMultiByte } from './multi-byte.ts'

/** Ends its use; whoever kept it reads nothing more. */
export let releaseReader: (reader: ExternalReader) => void

/**
 * What an object's `__readExternal(reader)` reads itself from: ActionScript's IDataInput, with readAMF in place of
 * readObject. Of use during that call only. What the message does not hold is a ProtocolError AMF_TRUNCATED, an
 * argument that is none a TypeError.
 */
export class ExternalReader {
  static {
    releaseReader = reader => {
      reader.#input = undefined
    }
  }

  #endian: Endian = 'bigEndian'
  #input: ByteReader | undefined
  readonly #readValue: () => unknown

  constructor(input: ByteReader, readValue: () => unknown) {
    this.#input = input
    this.#readValue = readValue
  }

  /** Order of the bytes of numbers, readAMF's excepted, which is always what AMF says. */
  get endian(): Endian {
    return this.#endian
  }

  set endian(order: Endian) {
    this.#endian = endianOf(order)
  }

  /** Bytes left in the message, those behind the object included: AMF does not say where an externalizable ends. */
  get bytesAvailable(): number {
    return this.#use().remaining
  }

  readBoolean(): boolean {
    return this.#use().u8() !== 0
  }

  readByte(): number {
    return this.#numbers(1).getInt8(0)
  }

  readUnsignedByte(): number {
    return this.#use().u8()
  }

  readShort(): number {
    return this.#numbers(2).getInt16(0, this.#little)
  }

  readUnsignedShort(): number {
    return this.#numbers(2).getUint16(0, this.#little)
  }

  readInt(): number {
    return this.#numbers(4).getInt32(0, this.#little)
  }

  readUnsignedInt(): number {
    return this.#numbers(4).getUint32(0, this.#little)
  }

  readFloat(): number {
    return this.#numbers(4).getFloat32(0, this.#little)
  }

  readDouble(): number {
    return this.#numbers(8).getFloat64(0, this.#little)
  }

  /** The next `count` bytes, 0 or none for all that are left. */
  readBytes(count = 0): Uint8Array {
    const input = this.#use()
    return Uint8Array.from(input.take(countOf(count, 'readBytes') || input.remaining))
  }

  /** A text behind its length in 16 bits. */
  readUTF(): string {
    return this.#use().utf8(this.readUnsignedShort())
  }

  readUTFBytes(count: number): string {
    return this.#use().utf8(countOf(count, 'readUTFBytes'))
  }

  /** `count` bytes in a charset: utf-8, utf-16, utf-16be, iso-8859-1 or us-ascii; any other is read as utf-8. */
  readMultiByte(count: number, charset: string): string {
    const wanted = countOf(count, 'readMultiByte')
    return readMultiByte(this.#use().take(wanted), textOf(charset, 'readMultiByte: charset'))
  }

  /** One value; several in an array; 0 or none: an array of all that are left in the message. */
  readAMF(count = 0): unknown {
    const input = this.#use()
    const wanted = countOf(count, 'readAMF')
    if (wanted === 1) return this.#readValue()
    const values: unknown[] = []
    while (wanted > 0 ? values.length < wanted : input.remaining > 0) values.push(this.#readValue())
    return values
  }

  get #little(): boolean {
    return this.#endian === 'littleEndian'
  }

  #numbers(count: number): DataView {
    const bytes = this.#use().take(count)
    return new DataView(bytes.buffer, bytes.byteOffset, count)
  }

  #use(): ByteReader {
    if (this.#input === undefined) {
      throw new AppError('AMF_READER_RELEASED', 'a reader can be used only while __readExternal runs')
    }
    return this.#input
  }
}
