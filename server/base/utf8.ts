/**
 * UTF-8 in plain ECMAScript, for places that have neither TextDecoder nor Buffer (the isolates of applications).
 * Nothing throws: what is no UTF-8 becomes U+FFFD as the Encoding Standard has it (one for each maximal subpart),
 * and a lone surrogate is written as U+FFFD.
 */

/** Bytes that `text` takes in UTF-8. */
export function utf8Length(text: string): number {
  let length = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) continue
    if (unit < 0x800) length += 1
    else {
      length += 2
      // A pair is two units and four bytes; its second unit adds nothing more.
      if (isPair(unit, text, at)) at++
    }
  }
  return length
}

/** Writes `text` into `target` from `at` on and gives the position behind it. There must be room: see utf8Length. */
export function writeUtf8(text: string, target: Uint8Array, at: number): number {
  for (let index = 0; index < text.length; index++) {
    let unit = text.charCodeAt(index)
    if (unit < 0x80) {
      target[at++] = unit
    } else if (unit < 0x800) {
      target[at++] = 0xc0 | (unit >> 6)
      target[at++] = 0x80 | (unit & 0x3f)
    } else if (isPair(unit, text, index)) {
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (text.charCodeAt(++index) & 0x3ff)
      target[at++] = 0xf0 | (point >> 18)
      target[at++] = 0x80 | ((point >> 12) & 0x3f)
      target[at++] = 0x80 | ((point >> 6) & 0x3f)
      target[at++] = 0x80 | (point & 0x3f)
    } else {
      if ((unit & 0xf800) === 0xd800) unit = 0xfffd
      target[at++] = 0xe0 | (unit >> 12)
      target[at++] = 0x80 | ((unit >> 6) & 0x3f)
      target[at++] = 0x80 | (unit & 0x3f)
    }
  }
  return at
}

function isPair(unit: number, text: string, at: number): boolean {
  return (unit & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00
}

/** The text of bytes[from … to). A byte order mark stays what it is. */
export function readUtf8(bytes: Uint8Array, from: number, to: number): string {
  let text = ''
  let at = from
  // Names and keys are ASCII; eight at a time makes few strings in between.
  for (; at + 8 <= to; at += 8) {
    const a = bytes[at]!
    const b = bytes[at + 1]!
    const c = bytes[at + 2]!
    const d = bytes[at + 3]!
    const e = bytes[at + 4]!
    const f = bytes[at + 5]!
    const g = bytes[at + 6]!
    const h = bytes[at + 7]!
    if (((a | b | c | d | e | f | g | h) & 0x80) !== 0) break
    text += String.fromCharCode(a, b, c, d, e, f, g, h)
  }
  for (; at < to; at++) {
    const byte = bytes[at]!
    if (byte >= 0x80) return text + readBeyondAscii(bytes, at, to)
    text += String.fromCharCode(byte)
  }
  return text
}

/** Units gathered before they become a string: few strings in between, few arguments on the stack. */
const unitsAtOnce = 1024

function readBeyondAscii(bytes: Uint8Array, from: number, to: number): string {
  let text = ''
  const units: number[] = []
  for (let at = from; at < to; ) {
    if (units.length >= unitsAtOnce) {
      text += String.fromCharCode.apply(null, units)
      units.length = 0
    }
    const first = bytes[at++]!
    if (first < 0x80) {
      units.push(first)
      continue
    }
    // Unicode 15, table 3-7: how many bytes follow, and what the next one may be.
    let following = 0
    let lowest = 0x80
    let highest = 0xbf
    if (first >= 0xc2 && first <= 0xdf) following = 1
    else if (first >= 0xe0 && first <= 0xef) {
      following = 2
      if (first === 0xe0) lowest = 0xa0
      else if (first === 0xed) highest = 0x9f
    } else if (first >= 0xf0 && first <= 0xf4) {
      following = 3
      if (first === 0xf0) lowest = 0x90
      else if (first === 0xf4) highest = 0x8f
    }
    let point = following === 0 ? 0xfffd : first & (0x3f >> following)
    for (; following > 0; following--) {
      const next = at < to ? bytes[at]! : 0
      if (next < lowest || next > highest) {
        point = 0xfffd
        break
      }
      point = (point << 6) | (next & 0x3f)
      lowest = 0x80
      highest = 0xbf
      at++
    }
    if (point < 0x10000) units.push(point)
    else units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + (point & 0x3ff))
  }
  return text + String.fromCharCode.apply(null, units)
}
