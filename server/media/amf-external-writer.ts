import type { ByteWriter } from '../base/bytes.ts'
import { AppError } from '../base/errors.ts'
import { utf8Length } from '../base/utf8.ts'
import type { Endian } from './amf-external-reader.ts'
import { writeMultiByte } from './multi-byte.ts'

/**
 * What an object's `__writeExternal(writer)` writes itself to: ActionScript's IDataOutput, with writeAMF in place of
 * writeObject. Of use during that call only.
 */
export class ExternalWriter {
  /** Order of the bytes of numbers, writeAMF's excepted. */
  endian: Endian = 'bigEndian'
  #output: ByteWriter | undefined
  readonly #writeValue: (value: unknown) => void

  constructor(output: ByteWriter, writeValue: (value: unknown) => void) {
    this.#output = output
    this.#writeValue = writeValue
  }

  writeBoolean(value: boolean): void {
    this.#use().u8(value ? 1 : 0)
  }

  /** The lowest 8 bits, as all whole numbers here are cut to their size. */
  writeByte(value: number): void {
    this.#use().u8(value)
  }

  writeUnsignedByte(value: number): void {
    this.writeByte(value)
  }

  writeShort(value: number): void {
    this.#numbers(2, view => view.setInt16(0, value, this.#little))
  }

  writeUnsignedShort(value: number): void {
    this.writeShort(value)
  }

  writeInt(value: number): void {
    this.#numbers(4, view => view.setInt32(0, value, this.#little))
  }

  writeUnsignedInt(value: number): void {
    this.writeInt(value)
  }

  writeFloat(value: number): void {
    this.#numbers(4, view => view.setFloat32(0, value, this.#little))
  }

  writeDouble(value: number): void {
    this.#numbers(8, view => view.setFloat64(0, value, this.#little))
  }

  /** `length` bytes from `offset` on; 0 or none: all the rest. */
  writeBytes(bytes: Uint8Array, offset = 0, length = 0): void {
    this.#use().put(bytes.subarray(offset, length > 0 ? offset + length : undefined))
  }

  /** A text behind its length in 16 bits: at most 65,535 bytes of UTF-8. */
  writeUTF(text: string): void {
    const length = utf8Length(text)
    if (length > 0xffff) throw new AppError('AMF_STRING', `writeUTF writes up to 65535 bytes, this text has ${length}`)
    this.writeUnsignedShort(length)
    this.#use().utf8(text, length)
  }

  writeUTFBytes(text: string): void {
    this.#use().utf8(text)
  }

  /** The charsets are those of readMultiByte. */
  writeMultiByte(text: string, charset: string): void {
    this.#use().put(writeMultiByte(text, charset))
  }

  writeAMF(...values: unknown[]): void {
    this.#use()
    for (const value of values) this.#writeValue(value)
  }

  /** Ends its use; whoever kept it writes nothing more. */
  release(): void {
    this.#output = undefined
  }

  get #little(): boolean {
    return this.endian === 'littleEndian'
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
