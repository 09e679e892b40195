import { readUtf8, utf8Length, writeUtf8 } from '../base/utf8.ts'

/** Text in the charsets that readMultiByte and writeMultiByte know. Lower case, without `-` and `_`. */
type Charset = 'utf8' | 'latin1' | 'utf16le' | 'utf16be'

const charsets: ReadonlyMap<string, Charset> = new Map<string, Charset>([
  ['iso88591', 'latin1'],
  ['latin1', 'latin1'],
  ['usascii', 'latin1'],
  ['ascii', 'latin1'],
  ['utf16', 'utf16le'],
  ['utf16le', 'utf16le'],
  ['unicode', 'utf16le'],
  ['utf16be', 'utf16be'],
  ['unicodefffe', 'utf16be'],
])

function charsetOf(name: string): Charset {
  return charsets.get(String(name).toLowerCase().replace(/[-_]/g, '')) ?? 'utf8'
}

/** An odd byte at the end of UTF-16 is left out. */
export function readMultiByte(bytes: Uint8Array, charsetName: string): string {
  const charset = charsetOf(charsetName)
  if (charset === 'utf8') return readUtf8(bytes, 0, bytes.length)
  let text = ''
  if (charset === 'latin1') {
    for (const byte of bytes) text += String.fromCharCode(byte)
    return text
  }
  const [high, low] = charset === 'utf16be' ? [0, 1] : [1, 0]
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    text += String.fromCharCode((bytes[at + high]! << 8) | bytes[at + low]!)
  }
  return text
}

/** What a charset does not hold becomes a question mark. */
export function writeMultiByte(text: string, charsetName: string): Uint8Array {
  const charset = charsetOf(charsetName)
  if (charset === 'utf8') {
    const bytes = new Uint8Array(utf8Length(text))
    writeUtf8(text, bytes, 0)
    return bytes
  }
  if (charset === 'latin1') {
    return Uint8Array.from(text, character => (character <= '\xff' ? character.charCodeAt(0) : 0x3f))
  }
  const bytes = new Uint8Array(2 * text.length)
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < text.length; at++) view.setUint16(2 * at, text.charCodeAt(at), charset === 'utf16le')
  return bytes
}
