import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { LineReader } from '../../server/admin/line-reader.ts'
import { cuts } from '../support/cuts.ts'

suite('LineReader', () => {
  test('reads the same lines wherever the bytes are cut', () => {
    for (const { title, reads } of cuts(Buffer.from('{"a":"ä€"}\n\n{"b":2}\nrest'))) {
      const reader = new LineReader()
      assert.deepEqual(
        reads.flatMap(read => reader.read(read)),
        ['{"a":"ä€"}', '{"b":2}'],
        title,
      )
    }
  })

  test('takes a line of the largest size, and none beyond it, whether whole or in pieces', () => {
    assert.deepEqual(new LineReader(4).read(Buffer.from('1234\n1234\n')), ['1234', '1234'])
    assert.equal(new LineReader(4).read(Buffer.from('12345\n')), null)
    const reader = new LineReader(4)
    assert.deepEqual(reader.read(Buffer.from('123')), [])
    assert.equal(reader.read(Buffer.from('45')), null)
  })
})
