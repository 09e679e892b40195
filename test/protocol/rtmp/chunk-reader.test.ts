import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ProtocolError } from '../../../server/base/errors.ts'
import { ChunkReader, type ChunkReaderLimits } from '../../../server/protocol/rtmp/chunk-reader.ts'
import { rtmpLimits, trustedBytes } from '../../../server/protocol/rtmp/limits.ts'
import type { Message } from '../../../server/protocol/rtmp/message.ts'
import { cuts, own } from '../../support/cuts.ts'
import { hex, message, pattern, samples } from './samples.ts'

function read(reads: readonly Buffer[], limits: Partial<ChunkReaderLimits> = {}): Message[] {
  const messages: Message[] = []
  const reader = new ChunkReader({ ...rtmpLimits, ...limits }, message => messages.push(message))
  for (const bytes of reads) reader.receive(bytes)
  assert.equal(reader.pendingBytes, 0)
  assert.equal(reader.heldBytes, 0)
  return messages
}

function refuses(bytes: Buffer, code: string, limits: Partial<ChunkReaderLimits> = {}): void {
  for (const { reads } of cuts(bytes)) {
    const reader = new ChunkReader({ ...rtmpLimits, ...limits }, () => {})
    assert.throws(
      () => {
        for (const part of reads) reader.receive(part)
      },
      (thrown: unknown) => thrown instanceof ProtocolError && thrown.code === code,
    )
  }
}

const fullHeader = (id: number, length: number, type = 9): Buffer => {
  const header = Buffer.concat([Buffer.of(id, 0, 0, 0), Buffer.alloc(3), Buffer.of(type, 1, 0, 0, 0)])
  header.writeUIntBE(length, 4, 3)
  return header
}
const chunkSizeTo = (size: number): Buffer => {
  const bytes = hex('02 000000 000004 01 00000000 00000000')
  bytes.writeUInt32BE(size, 12)
  return bytes
}

suite('ChunkReader', () => {
  for (const { name, bytes, messages } of samples) {
    test(`reads ${name}`, () => {
      assert.deepEqual(read([own(bytes)]), messages)
    })
    test(`reads ${name}, cut at every byte`, () => {
      for (const { title, reads } of cuts(bytes)) assert.deepEqual(read(reads), messages, title)
    })
  }

  test('hands on a message as soon as its last byte is there', () => {
    for (const { name, bytes, messages } of samples) {
      let whole = 0
      const reader = new ChunkReader(rtmpLimits, () => whole++)
      const seen: number[] = []
      for (const byte of bytes) {
        reader.receive(own(Uint8Array.of(byte)))
        seen.push(whole)
      }
      assert.deepEqual(seen.slice(-2), [messages.length - 1, messages.length], name)
    }
  })

  test('refuses a chunk size of 0 (hazard R4)', () => refuses(chunkSizeTo(0), 'rtmp.chunk.size'))
  test('refuses a chunk size with bit 31 set (hazard R4)', () => refuses(chunkSizeTo(0x80000001), 'rtmp.chunk.size'))
  test('refuses a SetChunkSize of 3 bytes', () =>
    refuses(hex('02 000000 000003 01 00000000 000001'), 'rtmp.control.short'))
  test('refuses an Abort of no bytes', () => refuses(hex('02 000000 000000 02 00000000'), 'rtmp.control.short'))
  test('refuses a first chunk of type 2 (hazard R7)', () => refuses(hex('84 000001 01'), 'rtmp.chunk.orphan'))
  test('refuses a first chunk of type 3 (hazard R7)', () => refuses(hex('c4 01'), 'rtmp.chunk.orphan'))

  test('refuses a new header, of whatever length, in the middle of a message (hazard R8)', () => {
    const begun = Buffer.concat([fullHeader(5, 200), pattern(128)])
    for (const header of ['05 000000 0000c9', '05 000000 0000c8', '45 000000 000010', '85 000000']) {
      refuses(Buffer.concat([begun, hex(header), pattern(20)]), 'rtmp.chunk.interrupted')
    }
  })

  test('refuses a message longer than allowed by its header alone', () => {
    refuses(fullHeader(5, 1001), 'rtmp.message.bytes', { messageBytes: 1000 })
    const longest = Buffer.concat([chunkSizeTo(2000), fullHeader(5, 1000), pattern(1000)])
    assert.equal(read([longest], { messageBytes: 1000 }).length, 1)
  })

  test('refuses one chunk stream more than allowed', () => {
    const streams = Buffer.concat([2, 3, 4, 5].flatMap(id => [fullHeader(id, 1), Buffer.of(id)]))
    assert.equal(read([streams], { chunkStreams: 4 }).length, 4)
    refuses(streams, 'rtmp.chunk.streams', { chunkStreams: 3 })
  })

  test('refuses more bytes of unfinished messages than allowed', () => {
    const begun = [4, 5, 6].map(id => Buffer.concat([fullHeader(id, 1000), pattern(128)]))
    const reader = new ChunkReader({ ...rtmpLimits, pendingBytes: 383 }, () => {})
    reader.receive(Buffer.concat(begun.slice(0, 2)))
    assert.equal(reader.pendingBytes, 256)
    assert.throws(() => reader.receive(begun[2]!), { code: 'rtmp.pending.bytes' })
  })

  test('takes memory for bytes received, never for bytes announced (hazard R6)', () => {
    let received = 0
    const reader = new ChunkReader({ ...rtmpLimits, chunkStreams: 1000 }, () => {})
    for (let id = 0; id < 1000; id++) {
      const bytes = Buffer.concat([hex('01 0000 000000 ffffff 09 01000000'), Buffer.of(1)])
      bytes.writeUInt16LE(id, 1)
      // A chunk goes on until its 128 bytes have come; the rest comes in a read of its own.
      reader.receive(own(bytes))
      reader.receive(own(pattern(127)))
      received += bytes.length + 127
      assert.ok(reader.heldBytes <= 2 * received + trustedBytes, `${reader.heldBytes} held for ${received}`)
    }
    assert.equal(reader.pendingBytes, 128_000)
  })

  test('takes no more than it trusts for many messages announced in one read (hazard R6)', () => {
    const announced = Array.from({ length: 60 }, (_, id) => Buffer.concat([fullHeader(id + 3, 0xffffff), pattern(128)]))
    const reader = new ChunkReader(rtmpLimits, () => {})
    reader.receive(own(Buffer.concat(announced)))
    assert.equal(reader.pendingBytes, 60 * 128)
    assert.ok(reader.heldBytes <= 2 * reader.pendingBytes + trustedBytes, `${reader.heldBytes}`)
  })

  test('gives the memory of an aborted message back', () => {
    const reader = new ChunkReader(rtmpLimits, () => {})
    reader.receive(Buffer.concat([fullHeader(5, 10_000), pattern(128)]))
    assert.equal(reader.pendingBytes, 128)
    reader.receive(hex('02 000000 000004 02 00000000 00000005'))
    assert.equal(reader.pendingBytes, 0)
    assert.equal(reader.heldBytes, 0)
  })

  test('joins a message that comes in many reads (hazard R5)', () => {
    const payload = pattern(1_000_000)
    const messages: Message[] = []
    const reader = new ChunkReader(rtmpLimits, message => messages.push(message))
    reader.receive(chunkSizeTo(0xffffff))
    reader.receive(fullHeader(5, payload.length))
    for (let at = 0; at < payload.length; at += 1460) {
      reader.receive(own(payload.subarray(at, at + 1460)))
      assert.ok(reader.heldBytes <= 2 * reader.pendingBytes + trustedBytes)
    }
    assert.deepEqual(messages, [message(9, 1, 0, payload)])
  })

  test('spends on 1-byte chunks in proportion to their number (hazard R5)', () => {
    /** Milliseconds for one message of `length` bytes in chunks of 1, in reads of 64 kB. */
    const spent = (length: number): number => {
      const chunks = Buffer.alloc(2 * length, 0xc5)
      for (let at = 0; at < length; at++) chunks[2 * at + 1] = at & 0xff
      const stream = Buffer.concat([chunkSizeTo(1), fullHeader(5, length), chunks.subarray(1)])
      let whole = 0
      const reader = new ChunkReader(rtmpLimits, () => whole++)
      const begun = process.cpuUsage()
      const used = (): number => process.cpuUsage(begun).user / 1000
      for (let at = 0; at < stream.length; at += 65_536) {
        reader.receive(own(stream.subarray(at, at + 65_536)))
        assert.ok(used() < 30_000, 'it would take forever')
      }
      assert.equal(whole, 1)
      return used()
    }
    spent(1_000_000)
    const small = Math.min(spent(1_000_000), spent(1_000_000), spent(1_000_000))
    const large = spent(10_000_000)
    // Ten times the bytes: a quadratic reader would take a hundred times as long.
    assert.ok(large < 40 * Math.max(small, 5), `1 MB took ${small} ms, 10 MB ${large} ms`)
  })

  test('lets no kept message pin more than twice its size', () => {
    const parts = [40_000, 25_000, 100].map(length => Buffer.concat([fullHeader(5, length), pattern(length)]))
    const bytes = own(Buffer.concat([chunkSizeTo(65_536), ...parts]))
    const messages = read([bytes])
    assert.equal(messages[0]!.payload.buffer, bytes.buffer, 'the larger half of a read is not copied')
    for (const { payload } of messages) assert.ok(payload.buffer.byteLength <= 2 * payload.length)
    const joined = read([own(bytes.subarray(0, 30_000)), own(bytes.subarray(30_000))])
    for (const { payload } of joined) assert.ok(payload.buffer.byteLength <= 2 * payload.length)
    assert.deepEqual(joined, messages)
  })

  test('hands on nothing after it was stopped from within a message', () => {
    const seen: number[] = []
    const reader = new ChunkReader(rtmpLimits, ({ payload }) => {
      seen.push(payload[0]!)
      if (seen.length === 2) reader.stop()
    })
    reader.receive(Buffer.concat([1, 2, 3].flatMap(byte => [fullHeader(4, 1), Buffer.of(byte)])))
    reader.receive(Buffer.concat([fullHeader(4, 1), Buffer.of(4)]))
    assert.deepEqual(seen, [1, 2])
  })
})
