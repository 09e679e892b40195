/** Boxes of ISO 14496-12 §4.2: a size, four letters, and what is in it. */
export function box(type: string, ...parts: Uint8Array[]): Buffer {
  const head = Buffer.alloc(8)
  let size = 8
  for (const part of parts) size += part.length
  head.writeUInt32BE(size)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, ...parts], size)
}

/** One that bears a version and 24 flags. */
export function fullBox(type: string, version: number, flags: number, ...parts: Uint8Array[]): Buffer {
  return box(type, u32(((version << 24) | flags) >>> 0), ...parts)
}

export function u8(...values: number[]): Buffer {
  return Buffer.from(values)
}

export function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length)
  for (const [at, value] of values.entries()) bytes.writeUInt16BE(value & 0xffff, 2 * at)
  return bytes
}

export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, 4 * at)
  return bytes
}

export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

export function letters(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
