import { readUtf8, utf8Length, writeUtf8 } from '../../server/base/utf8.ts'

/** Percent-encode sets of the URL Standard §1.3, without the controls and what is not ASCII: those always belong. */
export const fragmentSet = ' "<>`'
export const querySet = ' "#<>'
export const specialQuerySet = `${querySet}'`
export const pathSet = `${querySet}?^\`{}`
export const userinfoSet = `${pathSet}/:;=@[\\]|`
export const opaqueSet = ''

const hex = '0123456789ABCDEF'

function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text))
  writeUtf8(text, bytes, 0)
  return bytes
}

export function percentEncode(text: string, set: string): string {
  let out = ''
  for (const byte of bytesOf(text)) {
    const character = String.fromCharCode(byte)
    const keep = byte > 0x1f && byte < 0x7f && !set.includes(character)
    out += keep ? character : `%${hex[byte >> 4]}${hex[byte & 15]}`
  }
  return out
}

export function percentDecode(text: string): string {
  if (!text.includes('%')) return text
  const bytes = bytesOf(text)
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const pair = bytes[at] === 0x25 ? String.fromCharCode(bytes[at + 1] ?? 0, bytes[at + 2] ?? 0) : ''
    const escaped = /^[0-9A-Fa-f]{2}$/.test(pair)
    bytes[length++] = escaped ? Number.parseInt(pair, 16) : bytes[at]!
    if (escaped) at += 2
  }
  return readUtf8(bytes, 0, length)
}
