/**
 * What every synthetic frame carries at its head: which stream it is of, which number it has, when it was sent and how
 * long it is. Seven bits a byte with the eighth set, so that no decoder takes it for a start code.
 */
export interface Stamp {
  stream: number
  sequence: number
  /** On the machine's monotonic clock, which all processes share. */
  micros: number
  /** Of the whole tag. */
  length: number
}

const magic = [0xc3, 0xf1, 0xa7, 0xd9]
/** Bytes of each number: 2^14 streams, 2^28 frames, 2^49 µs (17 years), 2^28 bytes. */
const widths = { stream: 2, sequence: 4, micros: 7, length: 4 } as const
const lengthAt = magic.length + widths.stream + widths.sequence + widths.micros

export const stampBytes = lengthAt + widths.length

/** Where the stamp stands in the body of a tag: behind the head of its SEI message, or of its data stream element. */
export const stampAt = { video: 12, audio: 5 } as const

export function writeStamp(bytes: Uint8Array, at: number, stamp: Readonly<Stamp>): void {
  for (let i = 0; i < magic.length; i++) bytes[at + i] = magic[i]!
  let end = at + magic.length
  end = writeNumber(bytes, end, widths.stream, stamp.stream)
  end = writeNumber(bytes, end, widths.sequence, stamp.sequence)
  end = writeNumber(bytes, end, widths.micros, stamp.micros)
  writeNumber(bytes, end, widths.length, stamp.length)
}

/** Fills `into`; false when there is no stamp at that place. */
export function readStamp(bytes: Uint8Array, at: number, into: Stamp): boolean {
  for (let i = 0; i < magic.length; i++) if (bytes[at + i] !== magic[i]) return false
  let from = at + magic.length
  into.stream = readNumber(bytes, from, widths.stream)
  from += widths.stream
  into.sequence = readNumber(bytes, from, widths.sequence)
  from += widths.sequence
  into.micros = readNumber(bytes, from, widths.micros)
  into.length = readNumber(bytes, at + lengthAt, widths.length)
  return true
}

/** Microseconds of the monotonic clock: the same in every process of the machine. */
export function monotonicMicros(): number {
  return Math.round((performance.now() + clockOffset) * 1000)
}

/**
 * performance.now() begins with the process; hrtime() with the machine. Of several looks at both the one counts during
 * which least happened, lest the process lost its core between them.
 */
const clockOffset = Array.from({ length: 20 }, () => {
  const before = performance.now()
  const machine = Number(process.hrtime.bigint()) / 1e6
  const after = performance.now()
  return { took: after - before, offset: machine - (before + after) / 2 }
}).reduce((best, each) => (each.took < best.took ? each : best)).offset

function writeNumber(bytes: Uint8Array, at: number, width: number, value: number): number {
  let rest = value
  for (let i = at + width - 1; i >= at; i--) {
    bytes[i] = 0x80 | (rest % 128)
    rest = Math.floor(rest / 128)
  }
  return at + width
}

function readNumber(bytes: Uint8Array, at: number, width: number): number {
  let value = 0
  for (let i = at; i < at + width; i++) value = value * 128 + (bytes[i]! & 0x7f)
  return value
}
