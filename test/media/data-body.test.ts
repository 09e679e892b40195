import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { encodeAmf0 } from '../../server/media/amf0.ts'
import { readDataBody, writeDataBody } from '../../server/media/data-body.ts'
import { fuzzPlan, mutations } from '../support/mutate.ts'

suite('data frame', () => {
  test('its name is taken apart from its values, and put together again', () => {
    for (const name of ['onMetaData', '', 'ü€😀', 'x'.repeat(70_000)]) {
      const values = encodeAmf0([1, 'two', { three: 3 }])
      const body = readDataBody(encodeAmf0([name, 1, 'two', { three: 3 }]))
      assert.equal(body.name, name)
      assert.deepEqual(Buffer.from(body.values), Buffer.from(values))
      assert.deepEqual(writeDataBody(name, values), Buffer.from(encodeAmf0([name, 1, 'two', { three: 3 }])))
    }
  })

  test('what has no name in front has the empty one, and all its bytes', () => {
    const bodies = [[], [5], [2, 0, 9, 0x6e], [12, 0xff, 0xff, 0xff, 0xff, 1], [...encodeAmf0([{ a: 1 }, 'late'])]]
    for (const bytes of bodies) {
      const payload = Uint8Array.from(bytes)
      assert.deepEqual(readDataBody(payload), { name: '', values: payload })
    }
  })

  test('takes any bytes', t => {
    const { seed, count } = fuzzPlan(2000)
    t.diagnostic(`seed ${seed}`)
    const samples = [encodeAmf0(['onMetaData', { width: 1 }]), encodeAmf0(['x'.repeat(66_000), 1])]
    for (const bytes of mutations(seed, samples, count)) {
      const { name, values } = readDataBody(bytes)
      assert.ok(name.length + values.length <= bytes.length)
    }
  })
})
