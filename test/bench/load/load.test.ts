import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { FrameKind, FrameRole } from '../../../server/media/frame.ts'
import { ChunkWriter } from '../../../server/protocol/rtmp/chunk-writer.ts'
import { setChunkSize } from '../../../server/protocol/rtmp/control.ts'
import { RtmpForm } from '../../../server/protocol/rtmp/media-form.ts'
import { ChunkSkimmer } from './chunk-skimmer.ts'
import { FrameMaker, usualShape } from './frames.ts'
import { Histogram } from './histogram.ts'
import { monotonicMicros, readStamp, type Stamp, stampAt } from './stamp.ts'
import { chunked, outChunkSize, payloadAt, type } from './wire.ts'

/** What a skimmer makes of bytes that come in pieces of `size`. */
function skim(bytes: Buffer, size: number): string[] {
  const seen: string[] = []
  const stamp: Stamp = { stream: 0, sequence: 0, micros: 0, length: 0 }
  const skimmer = new ChunkSkimmer({
    media: (messageType, length, head) => {
      const at = messageType === type.video ? stampAt.video : stampAt.audio
      seen.push(`${messageType} ${length} ${readStamp(head, at, stamp) ? `${stamp.sequence} ${stamp.length}` : '-'}`)
    },
    message: (messageType, body) => seen.push(`${messageType} ${body.length}`),
  })
  for (let at = 0; at < bytes.length; at += size) {
    skimmer.read(bytes, at, Math.min(bytes.length, at + size))
  }
  return seen
}

/** The payload of a message of the FrameMaker's, out of its chunks. */
function payloadOf(message: Buffer): Buffer {
  const length = message.readUIntBE(4, 3)
  const parts: Buffer[] = []
  for (let at = payloadAt(0), left = length; left > 0; ) {
    const part = message.subarray(at, at + Math.min(left, outChunkSize))
    parts.push(part)
    left -= part.length
    at += part.length + 1
  }
  return Buffer.concat(parts)
}

suite('the load', () => {
  const frames = new FrameMaker(usualShape, 0, 1)
  const key = frames.video(0, 0, 1)
  const sound = frames.audio(7, 20, 2)
  const keyBytes = payloadOf(key).length
  const soundBytes = payloadOf(sound).length

  test('reads what it writes, however the bytes are cut', () => {
    const bytes = Buffer.concat([chunked(2, type.setChunkSize, 0, 0, Buffer.of(0, 0, 0x10, 0), 128), key, sound])
    const seen = ['1 4', `9 ${keyBytes} 0 ${keyBytes}`, `8 ${soundBytes} 7 ${soundBytes}`]
    for (const size of [1, 2, 3, 11, 12, 13, 40, 128, 4097, bytes.length]) assert.deepEqual(skim(bytes, size), seen)
  })

  test('reads headers of every length, and bytes that many players share', () => {
    const writer = new ChunkWriter()
    const out = [writer.encode([setChunkSize(100)])]
    const encoder = new RtmpForm(100, 100).encoder(new Map())
    const payload = payloadOf(sound)
    const frame = (timestamp: number) => ({
      kind: FrameKind.Audio,
      role: FrameRole.Inter,
      track: 0,
      timestamp,
      payload,
    })
    encoder.entry(frame(0), 0x1000000, out)
    for (const time of [20, 40, 60]) encoder.shared(frame(time), out)
    const one = `8 ${soundBytes} 7 ${soundBytes}`
    for (const size of [1, 7, 1000]) assert.deepEqual(skim(Buffer.concat(out), size), ['1 4', one, one, one, one])
  })

  test('sends as many bytes a second as it says', () => {
    let bytes = 0
    for (let nth = 0; nth < 60; nth++) bytes += payloadOf(frames.video(nth, nth, 0)).length
    bytes = bytes / 2 + soundBytes * (44_100 / 1024)
    assert.ok(Math.abs((bytes * 8) / 2_500_000 - 1) < 0.01, `${bytes} bytes a second`)
  })

  test('stamps times of the clock that all processes share', () => {
    const before = Number(process.hrtime.bigint() / 1000n)
    const now = monotonicMicros()
    const after = Number(process.hrtime.bigint() / 1000n)
    assert.ok(before - 1000 < now && now < after + 1000, `${before} ${now} ${after}`)
    const stamp = { stream: 3, sequence: 0, micros: 0, length: 0 }
    const picture = payloadOf(new FrameMaker(usualShape, 3, 1).video(12_345, 0, now))
    assert.equal(readStamp(picture, stampAt.video, stamp), true)
    assert.deepEqual(stamp, { stream: 3, sequence: 12_345, micros: now, length: picture.length })
  })

  test('counts times into percentiles', () => {
    const histogram = new Histogram()
    for (let ms = 1; ms <= 100; ms++) histogram.add(ms)
    const { p50, p90, p99, max } = histogram.percentiles()
    for (const [seen, expected] of [
      [p50, 50],
      [p90, 90],
      [p99, 99],
      [max, 100],
    ] as const) {
      assert.ok(Math.abs(seen - expected) < 0.05, `${seen} is not ${expected}`)
    }
  })
})
