import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ByteReader, ByteWriter } from '../../server/base/bytes.ts'
import { AppError, ProtocolError } from '../../server/base/errors.ts'

suite('bytes', () => {
  test('are read as they were written', () => {
    const writer = new ByteWriter('TEST', 1000)
    writer.u8(0xfe)
    writer.u16(0xfedc)
    writer.u32(0xfedcba98)
    writer.u32(-2)
    writer.f64(-0.1)
    writer.utf8('käse')
    writer.put(Uint8Array.of(1, 2, 3))
    assert.equal(writer.length, 1 + 2 + 4 + 4 + 8 + 5 + 3)

    const reader = new ByteReader(writer.finish(), 'TEST')
    assert.equal(reader.peek(), 0xfe)
    assert.equal(reader.u8(), 0xfe)
    assert.equal(reader.u16(), 0xfedc)
    assert.equal(reader.u32(), 0xfedcba98)
    assert.equal(reader.i32(), -2)
    assert.equal(reader.f64(), -0.1)
    assert.equal(reader.utf8(5), 'käse')
    assert.deepEqual(reader.take(3), Uint8Array.of(1, 2, 3))
    assert.equal(reader.remaining, 0)
  })

  test('a view in the middle of a larger buffer is read in its own bounds', () => {
    const reader = new ByteReader(Uint8Array.of(9, 9, 0, 1, 9).subarray(2, 4), 'TEST')
    assert.equal(reader.u16(), 1)
    assert.throws(() => reader.u8(), ProtocolError)
  })

  test('what is not there is an error with the name of the format, and nothing was skipped', () => {
    const reads: ((reader: ByteReader) => unknown)[] = [
      reader => reader.u16(),
      reader => reader.u32(),
      reader => reader.i32(),
      reader => reader.f64(),
      reader => reader.utf8(2),
      reader => reader.take(4294967295),
      reader => reader.skip(Number.MAX_SAFE_INTEGER),
    ]
    for (const read of reads) {
      const reader = new ByteReader(Uint8Array.of(7), 'TEST')
      assert.throws(() => read(reader), { name: 'ProtocolError', code: 'TEST_TRUNCATED' })
      assert.equal(reader.u8(), 7)
      assert.throws(() => reader.peek(), { code: 'TEST_TRUNCATED' })
    }
  })

  test('a writer grows up to its limit and not a byte further', () => {
    for (const limit of [3, 1024, 5000]) {
      const writer = new ByteWriter('TEST', limit)
      for (let written = 0; written < limit; written++) writer.u8(written & 0xff)
      assert.throws(
        () => writer.u8(0),
        (thrown: unknown) => thrown instanceof AppError && thrown.code === 'TEST_SIZE',
      )
      const bytes = writer.finish()
      assert.equal(bytes.length, limit)
      assert.equal(bytes.buffer.byteLength, limit)
      assert.ok(bytes.every((byte, at) => byte === (at & 0xff)))
    }
  })

  test('what was finished is not touched by later writers, even one that began in between', () => {
    const outer = new ByteWriter('TEST', 100)
    outer.u8(1)
    const inner = new ByteWriter('TEST', 100)
    inner.u8(2)
    const first = inner.finish()
    outer.u8(3)
    const second = outer.finish()
    const third = new ByteWriter('TEST', 100)
    third.u32(0xffffffff)
    assert.deepEqual(
      [first, second, third.finish()],
      [Uint8Array.of(2), Uint8Array.of(1, 3), new Uint8Array(4).fill(255)],
    )
  })
})
