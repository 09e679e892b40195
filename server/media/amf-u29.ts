import type { ByteReader, ByteWriter } from '../base/bytes.ts'

/** An unsigned number of 29 bits in one to four bytes, the fourth of which gives all its eight (AMF3 §1.3.1). */
export function readU29(input: ByteReader): number {
  let value = 0
  for (let at = 0; at < 3; at++) {
    const byte = input.u8()
    value = (value << 7) | (byte & 0x7f)
    if (byte < 0x80) return value
  }
  return (value << 8) | input.u8()
}

export function writeU29(output: ByteWriter, value: number): void {
  if (value >= 0x200000) {
    output.u8(0x80 | (value >> 22))
    output.u8(0x80 | ((value >> 15) & 0x7f))
    output.u8(0x80 | ((value >> 8) & 0x7f))
    output.u8(value & 0xff)
    return
  }
  if (value >= 0x4000) output.u8(0x80 | (value >> 14))
  if (value >= 0x80) output.u8(0x80 | ((value >> 7) & 0x7f))
  output.u8(value & 0x7f)
}

/** Whether AMF3 can say it as an integer: 29 bits, signed (§3.6). Minus zero cannot be said so. */
export function isInteger29(value: number): boolean {
  return value >= -0x10000000 && value <= 0x0fffffff && Object.is(value | 0, value)
}
