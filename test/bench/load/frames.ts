import { filler, idr, same } from '../../support/h264.ts'
import { stampAt, stampBytes, writeStamp } from './stamp.ts'
import { chunked, outChunkSize, payloadAt, type, writeTimestamp } from './wire.ts'

/** 1024 samples at 44.1 kHz. */
export const audioPerSecond = 44_100 / 1024

/** A key frame weighs as much as so many others: what encoders come to with a group of two seconds. */
const keyWeight = 5

/** Frame numbers repeat after so many pictures (test/support/h264.ts). */
const pictureNumbers = 16

export interface StreamShape {
  /** Of audio and video together. */
  readonly kbps: number
  readonly audioKbps: number
  readonly fps: number
  /** Pictures from one key picture to the next. */
  readonly gop: number
}

/** 2.5 Mbit/s at 30 pictures a second and 43 sounds: what a viewer of a 720p stream gets. */
export const usualShape: StreamShape = { kbps: 2500, audioKbps: 128, fps: 30, gop: 60 }

/**
 * The frames of a stream as RTMP messages, ready but for their time, number and stamp: H.264 and AAC that real
 * decoders take, made heavy with filler.
 */
export class FrameMaker {
  readonly #keys: Buffer[]
  readonly #pictures: Buffer[]
  readonly #sound: Buffer
  readonly #gop: number
  readonly #stream: number

  constructor(shape: StreamShape, stream: number, streamId: number) {
    const { kbps, audioKbps, fps, gop } = shape
    const second = ((kbps - audioKbps) * 1000) / 8
    const bytes = Math.round((second * gop) / fps / (gop - 1 + keyWeight))
    const message = (payload: Buffer) => chunked(6, type.video, streamId, 0, payload, outChunkSize)
    this.#keys = [0, 1].map(id => message(videoTag('1701000000', idr(id), bytes * keyWeight)))
    this.#pictures = Array.from({ length: pictureNumbers }, (_, nth) =>
      message(videoTag('2701000000', same(nth), bytes)),
    )
    const sound = audioTag(Math.round((audioKbps * 1000) / 8 / audioPerSecond))
    this.#sound = chunked(4, type.audio, streamId, 0, sound, outChunkSize)
    this.#gop = gop
    this.#stream = stream
  }

  /** The picture of that number, as bytes of its own. */
  video(sequence: number, timestamp: number, micros: number): Buffer {
    const nth = sequence % this.#gop
    const group = Math.floor(sequence / this.#gop)
    const template = nth === 0 ? this.#keys[group % 2]! : this.#pictures[nth % pictureNumbers]!
    return this.#stamped(template, stampAt.video, sequence, timestamp, micros)
  }

  audio(sequence: number, timestamp: number, micros: number): Buffer {
    return this.#stamped(this.#sound, stampAt.audio, sequence, timestamp, micros)
  }

  #stamped(template: Buffer, at: number, sequence: number, timestamp: number, micros: number): Buffer {
    const bytes = Buffer.from(template)
    writeTimestamp(bytes, timestamp)
    const length = bytes.readUIntBE(4, 3)
    writeStamp(bytes, payloadAt(at), { stream: this.#stream, sequence, micros, length })
    return bytes
  }
}

/** An SEI message of a user's own (ITU-T H.264, D.1.6) with room for the stamp, the picture, and filler. */
function videoTag(header: string, picture: Buffer, bytes: number): Buffer {
  const sei = Buffer.alloc(3 + stampBytes + 1, 0x80)
  sei[0] = 0x06
  sei[1] = 0x05
  sei[2] = stampBytes
  const parts = [Buffer.from(header, 'hex'), unit(sei), unit(picture)]
  const missing = bytes - parts.reduce((sum, part) => sum + part.length, 0) - 4
  return Buffer.concat(missing >= 2 ? [...parts, unit(filler(missing))] : parts)
}

function unit(nal: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(nal.length)
  return Buffer.concat([length, nal])
}

/** A data stream element (ISO 14496-3, 4.4.2.7) with room for the stamp, then a silent pair of channels. */
function audioTag(bytes: number): Buffer {
  const silence = Buffer.from('21100460 8c1c'.replace(' ', ''), 'hex')
  const room = Math.max(255, Math.min(510, bytes - 5 - silence.length))
  return Buffer.concat([Buffer.of(0xaf, 0x01, 0x81, 0xff, room - 255), Buffer.alloc(room, 0x55), silence])
}
