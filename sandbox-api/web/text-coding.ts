import { readUtf8, utf8Length, writeUtf8 } from '../../server/base/utf8.ts'
import { anyText, wrong } from '../given.ts'
import { typedArrayName } from '../primordials.ts'

type Source = ArrayBuffer | ArrayBufferView | undefined

function bytesOf(source: Source): Uint8Array {
  if (source === undefined) return new Uint8Array(0)
  if (source instanceof Uint8Array) return source
  if (source instanceof ArrayBuffer) return new Uint8Array(source)
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  throw new TypeError('decode wants a Uint8Array, an ArrayBuffer or another view on one')
}

/** UTF-8 from texts, after the Encoding Standard. */
export class TextEncoder {
  get encoding(): string {
    return 'utf-8'
  }

  encode(text: string = ''): Uint8Array {
    const given = String(text)
    const bytes = new Uint8Array(utf8Length(given))
    writeUtf8(given, bytes, 0)
    return bytes
  }

  encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
    if (typedArrayName(target) !== 'Uint8Array') throw wrong('encodeInto: the target', 'a Uint8Array', target)
    let read = 0
    let written = 0
    for (const point of String(text)) {
      const length = utf8Length(point)
      if (written + length > target.length) break
      written = writeUtf8(point, target, written)
      read += point.length
    }
    return { read, written }
  }
}

const utf8Names = ['utf-8', 'utf8', 'unicode-1-1-utf-8']
const utf16Names = ['utf-16le', 'utf-16', 'ucs-2', 'unicode']

/** Texts from UTF-8 or UTF-16 (little-endian), after the Encoding Standard; no other encodings. */
export class TextDecoder {
  readonly #utf8: boolean
  readonly #fatal: boolean
  readonly #ignoreBOM: boolean
  /** Bytes of a character whose end has not come yet. */
  #kept = new Uint8Array(0)
  #begun = false

  constructor(label: string = 'utf-8', options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    const name = anyText(label, 'TextDecoder').trim().toLowerCase()
    this.#utf8 = utf8Names.includes(name)
    if (!this.#utf8 && !utf16Names.includes(name))
      throw new RangeError(`TextDecoder: the encoding "${name}" is not known here`)
    this.#fatal = !!options.fatal
    this.#ignoreBOM = !!options.ignoreBOM
  }

  get encoding(): string {
    return this.#utf8 ? 'utf-8' : 'utf-16le'
  }

  get fatal(): boolean {
    return this.#fatal
  }

  get ignoreBOM(): boolean {
    return this.#ignoreBOM
  }

  decode(source?: Source, options: { stream?: boolean } = {}): string {
    const given = bytesOf(source)
    const bytes = this.#kept.length === 0 ? given : joined(this.#kept, given)
    const end = options.stream ? (this.#utf8 ? wholeUtf8(bytes) : wholeUtf16(bytes)) : bytes.length
    this.#kept = bytes.slice(end)
    let text = this.#utf8 ? readUtf8(bytes, 0, end) : readUtf16(bytes, end)
    if (this.#fatal && isDamaged(text, bytes, end, this.#utf8))
      throw new TypeError(`these bytes are no ${this.encoding}`)
    if (!this.#begun && !this.#ignoreBOM && text.startsWith('\ufeff')) text = text.slice(1)
    this.#begun = options.stream === true && (this.#begun || end > 0)
    return text
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length)
  bytes.set(first)
  bytes.set(second, first.length)
  return bytes
}

/** Where the last whole character of a stream ends. */
function wholeUtf8(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) return bytes.length
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    if (length <= back || byte > 0xf4) return bytes.length
    // Only bytes that may still become a character are kept: what is damaged already is told at once.
    return readUtf8(bytes, bytes.length - back, bytes.length) === '\ufffd' ? bytes.length - back : bytes.length
  }
  return bytes.length
}

function wholeUtf16(bytes: Uint8Array): number {
  const end = bytes.length & ~1
  return end >= 2 && (bytes[end - 1]! & 0xfc) === 0xd8 ? end - 2 : end
}

function readUtf16(bytes: Uint8Array, end: number): string {
  let text = ''
  for (let at = 0; at + 1 < end; at += 2) text += String.fromCharCode(bytes[at]! | (bytes[at + 1]! << 8))
  return (end & 1) === 1 ? `${text.toWellFormed()}\ufffd` : text.toWellFormed()
}

/** Whether a replacement character stands for something else than itself: then the bytes written back differ. */
function isDamaged(text: string, bytes: Uint8Array, end: number, utf8: boolean): boolean {
  if (!text.includes('\ufffd')) return false
  if (!utf8) {
    for (let at = 0; at < text.length; at++) {
      if (text.charCodeAt(at) === 0xfffd && (bytes[at * 2] !== 0xfd || bytes[at * 2 + 1] !== 0xff)) return true
    }
    return false
  }
  const again = new Uint8Array(utf8Length(text))
  writeUtf8(text, again, 0)
  return again.length !== end || again.some((byte, at) => byte !== bytes[at])
}
