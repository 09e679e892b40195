import { encodeAmf0 } from '../../server/media/amf0.ts'
import { filler, idr, pps, same, sps } from './h264.ts'

/** Bodies of FLV tags and RTMP messages: a grey picture in H.264 and silence in AAC, which real players take. */

/** AVCDecoderConfigurationRecord (ISO 14496-15, 5.2.4.1), with lengths of four bytes. */
export const avcConfiguration = Buffer.concat([
  Buffer.of(1, sps[1]!, sps[2]!, sps[3]!, 0xff, 0xe1),
  uint16(sps.length),
  sps,
  Buffer.of(1),
  uint16(pps.length),
  pps,
])

export const videoHeader = Buffer.concat([Buffer.from('1700000000', 'hex'), avcConfiguration])

/** A key picture; `bytes`: how heavy, its least is some fifty. `id` differs between key pictures in a row. */
export function keyTag(id = 0, bytes = 0): Buffer {
  return videoTag('1701000000', idr(id % 2), bytes)
}

/** The `nth` picture after a key picture, from 1 on. */
export function interTag(nth: number, bytes = 0): Buffer {
  return videoTag('2701000000', same(nth), bytes)
}

function videoTag(header: string, picture: Buffer, bytes: number): Buffer {
  const unit = Buffer.concat([uint32(picture.length), picture])
  const missing = bytes - 5 - unit.length - 4
  const rest = missing >= 2 ? Buffer.concat([uint32(missing), filler(missing)]) : Buffer.alloc(0)
  return Buffer.concat([Buffer.from(header, 'hex'), unit, rest])
}

/** AAC-LC, 44.1 kHz, stereo (AudioSpecificConfig, ISO 14496-3, 1.6.2.1). */
export const audioHeader = Buffer.from('af001210', 'hex')

/** 1024 silent samples. */
export const audioTag = Buffer.from('af01211004608c1c', 'hex')

/** How long `audioTag` lasts, in milliseconds. */
export const audioTagMs = (1024 * 1000) / 44_100

/** The data message with which encoders announce their stream. */
export const metadata = dataTag('@setDataFrame', 'onMetaData', {
  width: 64,
  height: 64,
  framerate: 25,
  videocodecid: 7,
  audiocodecid: 10,
})

/** A data message: its name, then its values. */
export function dataTag(...values: unknown[]): Buffer {
  return Buffer.from(encodeAmf0(values))
}

function uint16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff)
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
