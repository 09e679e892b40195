import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type Frame, FrameKind, FrameRole } from '../../../server/media/frame.ts'
import { ChunkReader } from '../../../server/protocol/rtmp/chunk-reader.ts'
import { ChunkWriter } from '../../../server/protocol/rtmp/chunk-writer.ts'
import { setChunkSize } from '../../../server/protocol/rtmp/control.ts'
import { rtmpLimits } from '../../../server/protocol/rtmp/limits.ts'
import { RtmpForm } from '../../../server/protocol/rtmp/media-form.ts'
import type { Message } from '../../../server/protocol/rtmp/message.ts'
import { hex, message, pattern } from './samples.ts'

const frame = (kind: FrameKind, timestamp: number, payload: Buffer): Frame => ({
  kind,
  role: FrameRole.Inter,
  track: 0,
  timestamp,
  payload,
})
const audio = (timestamp: number, byte: number): Frame => frame(FrameKind.Audio, timestamp, Buffer.of(byte))
const video = (timestamp: number, byte: number): Frame => frame(FrameKind.Video, timestamp, Buffer.of(byte))
const data = (timestamp: number, byte: number): Frame => frame(FrameKind.Data, timestamp, Buffer.of(byte))

/** What a player reads that has been told the chunk size. */
function played(chunkSize: number, parts: readonly Buffer[]): Message[] {
  const messages: Message[] = []
  const reader = new ChunkReader(rtmpLimits, message => messages.push(message))
  reader.receive(new ChunkWriter().encode([setChunkSize(chunkSize)]))
  reader.receive(Buffer.concat(parts))
  return messages
}

suite('RtmpForm', () => {
  test('has a key of the stream, the chunk size and what can be read, which its bytes depend on', () => {
    assert.equal(new RtmpForm(1, 65_536).key, 'rtmp:1:65536:mx')
    assert.equal(new RtmpForm(1, 65_536, { multitrack: false, modEx: false }).key, 'rtmp:1:65536:')
    assert.notEqual(new RtmpForm(2, 65_536).key, new RtmpForm(1, 65_536).key)
    assert.notEqual(new RtmpForm(1, 4096).key, new RtmpForm(1, 65_536).key)
  })

  test('gives players who begin at different moments the same bytes, and each its own time', () => {
    const encoder = new RtmpForm(1, 65_536).encoder(new Map())
    const frames = [
      video(5000, 1),
      audio(5001, 2),
      video(5040, 3),
      audio(5024, 4),
      data(5050, 5),
      video(5080, 6),
      audio(5047, 7),
      data(5090, 8),
    ]
    const early: Buffer[] = []
    const late: Buffer[] = []
    for (const [nth, each] of frames.entries()) {
      const shared: Buffer[] = []
      encoder.shared(each, shared)
      if (nth < 2 || nth === 4) encoder.entry(each, each.timestamp - 5000, early)
      else early.push(...shared)
      if (nth === 2 || nth === 3 || nth === 4) encoder.entry(each, each.timestamp - 5020, late)
      else if (nth > 4) late.push(...shared)
    }
    const times = (messages: Message[]): [number, number, number][] =>
      messages.map(({ type, timestamp, payload }) => [type, timestamp, payload[0]!])
    assert.deepEqual(times(played(65_536, early)), [
      [9, 0, 1],
      [8, 1, 2],
      [9, 40, 3],
      [8, 24, 4],
      [18, 50, 5],
      [9, 80, 6],
      [8, 47, 7],
      [18, 90, 8],
    ])
    assert.deepEqual(times(played(65_536, late)), [
      [9, 20, 3],
      [8, 4, 4],
      [18, 30, 5],
      [9, 60, 6],
      [8, 27, 7],
      [18, 70, 8],
    ])
  })

  test('counts the first shared frame from the newest that players got before there was anything to share', () => {
    const encoder = new RtmpForm(1, 65_536).encoder(new Map([[FrameKind.Video, 5040]]))
    const out: Buffer[] = []
    encoder.entry(video(5000, 1), 0, out)
    encoder.entry(video(5040, 2), 40, out)
    encoder.shared(video(5080, 3), out)
    encoder.entry(video(5000, 1), 0, [])
    encoder.shared(video(5120, 4), out)
    assert.deepEqual(
      played(65_536, out).map(({ timestamp }) => timestamp),
      [0, 40, 80, 120],
    )
  })

  test('is not put off by what one player is told alone', () => {
    const encoder = new RtmpForm(1, 65_536).encoder(new Map())
    const out: Buffer[] = []
    encoder.shared(data(1000, 1), [])
    encoder.entry(data(1000, 1), 0, out)
    encoder.entry(data(1500, 2), 0, [])
    encoder.shared(data(2000, 3), out)
    assert.deepEqual(
      played(65_536, out).map(({ timestamp }) => timestamp),
      [0, 1000],
    )
  })

  test('costs 8 bytes a frame on the shared way, 12 at the entry, for the first fifteen streams', () => {
    for (const [streamId, more] of [
      [1, 0],
      [15, 0],
      [16, 1],
      [79, 1],
      [80, 2],
    ] as const) {
      const encoder = new RtmpForm(streamId, 65_536).encoder(new Map())
      for (const each of [audio(0, 1), video(0, 1), data(0, 1)]) {
        const shared: Buffer[] = []
        const entry: Buffer[] = []
        encoder.shared(each, shared)
        encoder.entry(each, 0, entry)
        assert.equal(Buffer.concat(shared).length, 8 + more + 1)
        assert.equal(Buffer.concat(entry).length, 12 + more + 1)
      }
    }
  })

  test('keeps two plays on one connection apart', () => {
    const [first, second] = [new RtmpForm(1, 65_536).encoder(new Map()), new RtmpForm(2, 65_536).encoder(new Map())]
    const out: Buffer[] = []
    first.entry(video(0, 1), 0, out)
    second.entry(video(0, 2), 700, out)
    for (const encoder of [first, second]) encoder.shared(video(0, 0), [])
    first.shared(video(40, 3), out)
    second.shared(video(33, 4), out)
    assert.deepEqual(played(65_536, out), [
      message(9, 1, 0, hex('01')),
      message(9, 2, 700, hex('02')),
      message(9, 1, 40, hex('03')),
      message(9, 2, 733, hex('04')),
    ])
  })

  test('does not copy the payload of a frame', () => {
    const encoder = new RtmpForm(1, 65_536).encoder(new Map())
    const payload = pattern(10_000)
    for (const out of [[], []] as Buffer[][]) {
      encoder.entry(frame(FrameKind.Video, 0, payload), 0, out)
      assert.equal(out[1], payload)
    }
  })

  test('splits payloads at, around and far past the chunk size', () => {
    for (const length of [0, 1, 4095, 4096, 4097, 8192, 100_000]) {
      const encoder = new RtmpForm(1, 4096).encoder(new Map())
      const each = frame(FrameKind.Video, 10, pattern(length))
      const out: Buffer[] = []
      encoder.shared(each, [])
      encoder.entry(each, 10, out)
      encoder.shared({ ...each, timestamp: 50 }, out)
      assert.deepEqual(played(4096, out), [message(9, 1, 10, each.payload), message(9, 1, 50, each.payload)])
    }
  })

  test('extends timestamps and deltas from 0xffffff on, again on each further chunk (hazard R10)', () => {
    for (const time of [0xfffffe, 0xffffff, 0x1000000, 0xffffffff]) {
      const encoder = new RtmpForm(1, 128).encoder(new Map())
      const out: Buffer[] = []
      encoder.shared(frame(FrameKind.Audio, 0, pattern(300)), [])
      encoder.entry(frame(FrameKind.Audio, 0, pattern(300)), time, out)
      const extended = time >= 0xffffff ? 4 : 0
      assert.equal(Buffer.concat(out).length, 12 + extended + 2 * (1 + extended) + 300)
      assert.deepEqual(played(128, out), [message(8, 1, time, pattern(300))])
      const shared: Buffer[] = []
      encoder.shared(frame(FrameKind.Audio, time, pattern(300)), shared)
      assert.equal(Buffer.concat(shared).length, 8 + extended + 2 * (1 + extended) + 300)
      assert.deepEqual(played(128, [...out, ...shared]).at(-1), message(8, 1, (2 * time) >>> 0, pattern(300)))
    }
  })

  test('wraps a player’s own time at 2^32 (hazard R10)', () => {
    const encoder = new RtmpForm(1, 128).encoder(new Map())
    const out: Buffer[] = []
    encoder.shared(audio(0, 1), [])
    encoder.entry(audio(0, 1), 2 ** 32 + 5, out)
    encoder.shared(audio(10, 2), out)
    assert.deepEqual(played(128, out), [message(8, 1, 5, hex('01')), message(8, 1, 15, hex('02'))])
  })

  test('rounds times so that fractions never add up', () => {
    const encoder = new RtmpForm(1, 128).encoder(new Map())
    const out: Buffer[] = []
    for (let nth = 0; nth <= 300; nth++) {
      const each = audio((nth * 100) / 3, 1)
      const shared: Buffer[] = []
      encoder.shared(each, shared)
      if (nth === 0) encoder.entry(each, 0, out)
      else out.push(...shared)
    }
    assert.equal(played(128, out).at(-1)!.timestamp, 10_000)
  })

  test('takes equal times, and none that go back, as no time', () => {
    const encoder = new RtmpForm(1, 128).encoder(new Map())
    const out: Buffer[] = []
    encoder.shared(audio(100, 1), [])
    encoder.entry(audio(100, 1), 0, out)
    encoder.shared(audio(100, 2), out)
    encoder.shared(audio(90, 3), out)
    encoder.shared(audio(110, 4), out)
    assert.deepEqual(
      played(128, out).map(({ timestamp }) => timestamp),
      [0, 0, 0, 20],
    )
  })
})
