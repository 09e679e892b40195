import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import fc from 'fast-check'
import { canonicalBytes } from '../../../../server/apps/host/journal/canonical.ts'

suite('the bytes a digest is made of', () => {
  test('are the same however the engine holds a number or a text', () => {
    const fields = { seq: 0.5 }
    fields.seq = 2
    const wide = deserialize(serialize({ text: 'ž plain' })).text.slice(2)
    const pairs: [unknown, unknown][] = [
      [fields, { seq: 2 }],
      [{ text: wide }, { text: 'plain' }],
      [Buffer.from([1, 2]), new Uint8Array([0, 1, 2]).subarray(1)],
    ]
    for (const [one, other] of pairs) assert.deepEqual(canonicalBytes(one), canonicalBytes(other))
  })

  test('are equal for equal values and for those only', () => {
    const leaf = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.boolean(), fc.bigInt(), fc.constant(null))
    const value = fc.letrec(tie => ({
      any: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.uint8Array({ maxLength: 4 }),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('any'), { maxKeys: 4, noNullPrototype: true }),
        fc
          .array(fc.tuple(fc.string(), tie('any')), { maxLength: 3 })
          .map(pairs => new Map(pairs as [string, unknown][])),
      ),
    })).any
    fc.assert(
      fc.property(value, value, (one, other) => {
        assert.deepEqual(canonicalBytes(one), canonicalBytes(deserialize(serialize(one))))
        const same = canonicalBytes(one).equals(canonicalBytes(other))
        if (same) assert.ok(isDeepStrictEqual(one, other))
      }),
    )
    const pairs = [
      [[], {}],
      [1, '1'],
      [0, -0],
      [undefined, null],
      [['a', 'b'], ['ab']],
      [new Array(1), [undefined]],
    ]
    for (const [one, other] of pairs) assert.notDeepEqual(canonicalBytes(one), canonicalBytes(other))
  })
})
