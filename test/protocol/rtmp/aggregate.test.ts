import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { splitAggregate } from '../../../server/protocol/rtmp/aggregate.ts'
import { aggregateTags } from '../../../server/protocol/rtmp/limits.ts'
import { hex, message, pattern } from './samples.ts'

const tag = (type: number, time: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(11)
  head[0] = type
  head.writeUIntBE(payload.length, 1, 3)
  head.writeUIntBE(time & 0xffffff, 4, 3)
  head[7] = time >>> 24
  const size = Buffer.alloc(4)
  size.writeUInt32BE(11 + payload.length)
  return Buffer.concat([head, payload, size])
}

suite('splitAggregate', () => {
  test('gives its tags as messages of its stream, their times counted from its own', () => {
    const payload = Buffer.concat([tag(8, 1000, hex('af01')), tag(9, 1010, hex('2701')), tag(18, 1040, hex('02'))])
    assert.deepEqual(splitAggregate(message(22, 3, 70, payload)), [
      message(8, 3, 70, hex('af01')),
      message(9, 3, 80, hex('2701')),
      message(18, 3, 110, hex('02')),
    ])
  })

  test('shifts times past 24 bit, and around 2^32 (hazard R10)', () => {
    const payload = Buffer.concat([tag(8, 0xfffffff0, hex('01')), tag(8, 0x10, hex('02'))])
    assert.deepEqual(
      splitAggregate(message(22, 1, 5, payload)).map(({ timestamp }) => timestamp),
      [5, 0x25],
    )
    assert.deepEqual(
      splitAggregate(message(22, 1, 0xfffffff0, payload)).map(({ timestamp }) => timestamp),
      [0xfffffff0, 0x10],
    )
  })

  test('gives nothing for an empty one, and empty messages for empty tags', () => {
    assert.deepEqual(splitAggregate(message(22, 1, 0, hex(''))), [])
    assert.deepEqual(splitAggregate(message(22, 1, 9, tag(8, 0, hex('')))), [message(8, 1, 9, hex(''))])
  })

  test('gives copies, which do not pin it', () => {
    const payload = Buffer.concat([tag(9, 0, pattern(5000)), tag(8, 0, pattern(10))])
    for (const each of splitAggregate(message(22, 1, 0, payload))) {
      assert.equal(each.payload.buffer.byteLength, each.payload.length)
    }
  })

  test('refuses one that is cut short anywhere (hazard R11)', () => {
    const whole = Buffer.concat([tag(8, 0, pattern(5)), tag(9, 0, pattern(7))])
    for (let length = 1; length < whole.length; length++) {
      if (length === 20) continue
      const cut = message(22, 1, 0, whole.subarray(0, length))
      assert.throws(() => splitAggregate(cut), { name: 'ProtocolError', code: 'rtmp.aggregate.truncated' }, `${length}`)
    }
    assert.equal(splitAggregate(message(22, 1, 0, whole.subarray(0, 20))).length, 1)
  })

  test('refuses one inside another (hazard R11)', () => {
    const payload = tag(22, 0, tag(8, 0, hex('01')))
    assert.throws(() => splitAggregate(message(22, 1, 0, payload)), { code: 'rtmp.aggregate.nested' })
  })

  test('refuses more tags than allowed (hazard R11)', () => {
    const full = Buffer.concat(new Array<Buffer>(aggregateTags).fill(tag(8, 0, hex(''))))
    assert.equal(splitAggregate(message(22, 1, 0, full)).length, aggregateTags)
    const overfull = Buffer.concat([full, tag(8, 0, hex(''))])
    assert.throws(() => splitAggregate(message(22, 1, 0, overfull)), { code: 'rtmp.aggregate.tags' })
  })
})
