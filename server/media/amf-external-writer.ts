import type { ByteWriter } from '../base/bytes.ts'
import { AppError } from '../base/errors.ts'
import { utf8Length } from '../base/utf8.ts'
import { bytesGiven, countOf, type Endian, endianOf, numberOf, textOf } from './amf-external-values.ts'
import { writeMultiByte } from './multi-byte.ts'

/** Ends its use; whoever kept it writes nothing more. */
export let releaseWriter: (writer: ExternalWriter) => void

/**
 * What an object's `__writeExternal(writer)` writes itself to: ActionScript's IDataOutput, with writeAMF in place of
 * writeObject. Of use during that call only. An argument that is none is a TypeError.
 */
export class ExternalWriter {
  static {
    releaseWriter = writer => {
      writer.#output = undefined
    }
  }

  #endian: Endian = 'bigEndian'
  #output: ByteWriter | undefined
  readonly #writeValue: (value: unknown) => void

  constructor(output: ByteWriter, writeValue: (value: unknown) => void) {
    this.#output = output
    this.#writeValue = writeValue
  }

  /** Order of the bytes of numbers, writeAMF's excepted. */
  get endian(): Endian {
    return this.#endian
  }

  set endian(order: Endian) {
    this.#endian = endianOf(order)
  }

  writeBoolean(value: boolean): void {
    this.#use().u8(value ? 1 : 0)
  }

  /** The lowest 8 bits, as all whole numbers here are cut to their size. */
  writeByte(value: number): void {
    this.#use().u8(numberOf(value, 'writeByte'))
  }

  writeUnsignedByte(value: number): void {
    this.writeByte(value)
  }

  writeShort(value: number): void {
    numberOf(value, 'writeShort')
    this.#numbers(2, view => view.setInt16(0, value, this.#little))
  }

  writeUnsignedShort(value: number): void {
    this.writeShort(value)
  }

  writeInt(value: number): void {
    numberOf(value, 'writeInt')
    this.#numbers(4, view => view.setInt32(0, value, this.#little))
  }

  writeUnsignedInt(value: number): void {
    this.writeInt(value)
  }

  writeFloat(value: number): void {
    numberOf(value, 'writeFloat')
    this.#numbers(4, view => view.setFloat32(0, value, this.#little))
  }

  writeDouble(value: number): void {
    numberOf(value, 'writeDouble')
    this.#numbers(8, view => view.setFloat64(0, value, this.#little))
  }

  /** `length` bytes from `offset` on; 0 or none: all the rest. */
  writeBytes(bytes: Uint8Array, offset = 0, length = 0): void {
    const from = countOf(offset, 'writeBytes: offset')
    const count = countOf(length, 'writeBytes: length')
    this.#use().put(bytesGiven(bytes, 'writeBytes').subarray(from, count > 0 ? from + count : undefined))
  }

  /** A text behind its length in 16 bits: at most 65,535 bytes of UTF-8. */
  writeUTF(text: string): void {
    const length = utf8Length(textOf(text, 'writeUTF'))
    if (length > 0xffff) throw new AppError('AMF_STRING', `writeUTF writes up to 65535 bytes, this text has ${length}`)
    this.writeUnsignedShort(length)
    this.#use().utf8(text, length)
  }

  writeUTFBytes(text: string): void {
    this.#use().utf8(textOf(text, 'writeUTFBytes'))
  }

  /** The charsets are those of readMultiByte. */
  writeMultiByte(text: string, charset: string): void {
    const written = writeMultiByte(textOf(text, 'writeMultiByte'), textOf(charset, 'writeMultiByte: charset'))
    this.#use().put(written)
  }

  writeAMF(...values: unknown[]): void {
    this.#use()
    for (const value of values) this.#writeValue(value)
  }

  get #little(): boolean {
    return this.#endian === 'littleEndian'
  }

  #numbers(count: number, set: (view: DataView) => void): void {
    const bytes = new Uint8Array(count)
    set(new DataView(bytes.buffer))
    this.#use().put(bytes)
  }

  #use(): ByteWriter {
    if (this.#output === undefined) {
      throw new AppError('AMF_WRITER_RELEASED', 'a writer can be used only while __writeExternal runs')
    }
    return this.#output
  }
}
