/**
 * The smallest H.264 there is (ITU-T H.264, 7.3): baseline, one grey picture that stays. Written bit by bit, so that
 * real decoders show it, tests know each of its bytes, and no encoder is needed.
 */
class Bits {
  #text = ''

  /** `value` in `width` bits. */
  u(value: number, width: number): this {
    this.#text += value.toString(2).padStart(width, '0')
    return this
  }

  /** Exp-Golomb (9.1); 0 is the same signed and unsigned. */
  ue(...values: number[]): this {
    for (const value of values) {
      const digits = (value + 1).toString(2)
      this.#text += '0'.repeat(digits.length - 1) + digits
    }
    return this
  }

  /** A NAL unit of what was written, its trailing bits set and its zeros escaped (7.3.1). */
  nal(header: number): Buffer {
    const text = `${this.#text}1`
    const bytes = [header]
    let zeros = 0
    for (let at = 0; at < text.length; at += 8) {
      const byte = Number.parseInt(text.slice(at, at + 8).padEnd(8, '0'), 2)
      if (zeros >= 2 && byte <= 3) {
        bytes.push(3)
        zeros = 0
      }
      bytes.push(byte)
      zeros = byte === 0 ? zeros + 1 : 0
    }
    return Buffer.from(bytes)
  }
}

/** In macroblocks of 16 pixels. */
const size = { width: 4, height: 4 }
const macroblocks = size.width * size.height

/** Frame numbers have four bits. */
const frameNumberEnd = 16

/** Sequence parameters: baseline, level 1, frames in order of decoding (pic_order_cnt_type 2), one reference. */
export const sps = new Bits()
  .u(66, 8)
  .u(0xc0, 8)
  .u(10, 8)
  .ue(0, 0, 2, 1)
  .u(0, 1)
  .ue(size.width - 1, size.height - 1)
  .u(0b1100, 4)
  .nal(0x67)

/** Picture parameters: CAVLC, nothing else. */
export const pps = new Bits().ue(0, 0).u(0, 2).ue(0, 0, 0).u(0, 3).ue(0, 0, 0).u(0, 3).nal(0x68)

/** An instantaneous refresh: every macroblock predicted from its neighbours' mean, with nothing left over: grey. */
export function idr(id: number): Buffer {
  const bits = new Bits().ue(0, 7, 0).u(0, 4).ue(id).u(0, 2).ue(0)
  for (let nth = 0; nth < macroblocks; nth++) bits.ue(3, 0, 0).u(1, 1)
  return bits.nal(0x65)
}

/** A picture that is the same as the one before. `nth`: how many pictures after the refresh. */
export function same(nth: number): Buffer {
  return new Bits()
    .ue(0, 5, 0)
    .u(nth % frameNumberEnd, 4)
    .u(0, 3)
    .ue(0)
    .ue(macroblocks)
    .nal(0x41)
}

/** Bytes that decoders pass over, to make pictures as heavy as real ones; at least 2. */
export function filler(length: number): Buffer {
  const nal = Buffer.alloc(length, 0xff)
  nal[0] = 0x0c
  nal[length - 1] = 0x80
  return nal
}
