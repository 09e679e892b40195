import { DomException } from './dom-exception.ts'

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Base64 of a text whose characters are all bytes (U+0000 to U+00FF). */
export function btoa(text: string): string {
  const given = String(text)
  let out = ''
  for (let at = 0; at < given.length; at += 3) {
    const units = [0, 1, 2].map(more => given.charCodeAt(at + more))
    if (units.some(unit => unit > 0xff))
      throw new DomException('a character is larger than a byte', 'InvalidCharacterError')
    const [a = 0, b = 0, c = 0] = units.map(unit => (Number.isNaN(unit) ? 0 : unit))
    const bits = (a << 16) | (b << 8) | c
    const left = given.length - at
    out += digits[bits >> 18]! + digits[(bits >> 12) & 63]!
    out += left > 1 ? digits[(bits >> 6) & 63]! : '='
    out += left > 2 ? digits[bits & 63]! : '='
  }
  return out
}

/** The text behind base64; white space is passed over. */
export function atob(text: string): string {
  let given = String(text).replace(/[\t\n\f\r ]/g, '')
  if (given.length % 4 === 0) given = given.replace(/={1,2}$/, '')
  if (given.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(given)) {
    throw new DomException('this is no base64', 'InvalidCharacterError')
  }
  let out = ''
  let bits = 0
  for (let at = 0; at < given.length; at++) {
    bits = ((bits << 6) | digits.indexOf(given[at]!)) & 0xffffff
    const held = (at & 3) * 2
    if (held > 0) out += String.fromCharCode((bits >> (6 - held)) & 0xff)
  }
  return out
}
