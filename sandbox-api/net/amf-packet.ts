import { utf8Length } from '../../server/base/utf8.ts'
import { decode, encode } from '../amf.ts'
import type { Outbox } from '../outbox.ts'
import {
  Bytes,
  DataViewClass,
  ErrorClass,
  joinBytes,
  list,
  typedArrayLength,
  typedArrayParts,
  uncurry,
} from '../primordials.ts'
import { TextDecoder, TextEncoder } from '../web/text-coding.ts'

/**
 * The packet that AMF gateways are spoken to with over HTTP (AMF 0 §4): headers for the whole of it, and messages, each
 * with where it goes and where its answer goes. Big-endian; a length of 2^32 - 1 is one that is not known.
 */
const slice = uncurry(Uint8Array.prototype.slice as (this: Uint8Array, from: number, to: number) => Uint8Array)
const encoder = new TextEncoder()
const decoder = new TextDecoder()
const unknownLength = 0xffff_ffff
/** AMF0's marker of a strict array (AMF 0 §2.12), in which the arguments of a call stand. */
const strictArray = 0x0a

export interface PacketHeader {
  readonly name: string
  readonly mustUnderstand: boolean
  /** One AMF0 value. */
  readonly value: Uint8Array
}

/** What came back. */
export interface PacketMessage {
  readonly target: string
  read(): unknown
}

/** A packet with one call in it, whose answer goes to `/1`. */
export function encodePacket(
  encoding: 0 | 3,
  headers: readonly PacketHeader[],
  method: string,
  values: unknown[],
  outbox: Outbox,
): Uint8Array {
  const args = encode(values, encoding, outbox)
  const parts = list<Uint8Array>()
  const put = (part: Uint8Array): void => {
    parts[parts.length] = part
  }
  put(uint16(encoding))
  put(uint16(headers.length))
  for (let i = 0; i < headers.length; i++) {
    const { name, mustUnderstand, value } = headers[i]!
    put(text(name))
    put(Bytes.of(mustUnderstand ? 1 : 0))
    put(uint32(typedArrayLength(value)))
    put(value)
  }
  put(uint16(1))
  put(text(method))
  put(text('/1'))
  put(uint32(typedArrayLength(args) + 5))
  put(Bytes.of(strictArray))
  put(uint32(values.length))
  put(args)
  return joinBytes(parts)
}

/** Throws an Error for what is no packet. */
export function decodePacket(bytes: Uint8Array): { headers: [string, () => unknown][]; messages: PacketMessage[] } {
  const reader = new PacketReader(bytes)
  reader.uint16()
  const headers = list<[string, () => unknown]>()
  for (let left = reader.uint16(); left > 0; left--) {
    const name = reader.text()
    reader.skip(1)
    headers[headers.length] = [name, reader.value()]
  }
  const messages = list<PacketMessage>()
  for (let left = reader.uint16(); left > 0; left--) {
    const target = reader.text()
    reader.text()
    messages[messages.length] = { target, read: reader.value() }
  }
  return { headers, messages }
}

class PacketReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    const { buffer, offset, length } = typedArrayParts(bytes)!
    this.#view = new DataViewClass(buffer, offset, length)
  }

  uint16(): number {
    this.skip(2)
    return uint16At(this.#view, this.#at - 2)
  }

  text(): string {
    const length = this.uint16()
    this.skip(length)
    return decoder.decode(slice(this.#bytes, this.#at - length, this.#at))
  }

  /** How to read the value that stands here. */
  value(): () => unknown {
    this.skip(4)
    const said = uint32At(this.#view, this.#at - 4)
    const length = said === unknownLength ? typedArrayLength(this.#bytes) - this.#at : said
    this.skip(length)
    const value = slice(this.#bytes, this.#at - length, this.#at)
    return () => decode(value)[0]
  }

  skip(bytes: number): void {
    this.#at += bytes
    if (this.#at > typedArrayLength(this.#bytes)) throw new ErrorClass('the gateway answered with no AMF packet')
  }
}

const uint16At = uncurry(DataView.prototype.getUint16 as (this: DataView, at: number) => number)
const uint32At = uncurry(DataView.prototype.getUint32 as (this: DataView, at: number) => number)

function uint16(value: number): Uint8Array {
  return Bytes.of(value >> 8, value & 255)
}

function uint32(value: number): Uint8Array {
  return Bytes.of(value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255)
}

function text(value: string): Uint8Array {
  if (utf8Length(value) > 0xffff) throw new ErrorClass('a name of at most 65535 bytes can be sent to a gateway')
  const bytes = encoder.encode(value)
  const parts = list<Uint8Array>()
  parts[0] = uint16(typedArrayLength(bytes))
  parts[1] = bytes
  return joinBytes(parts)
}
