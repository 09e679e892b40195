import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { fromCloneBytes, toCloneBytes } from '../../sandbox-api/clone-bytes.ts'

const through = (value: unknown): unknown => fromCloneBytes(toCloneBytes(value))

suite('structured clones as bytes', () => {
  test('bring every kind of value back', () => {
    const values: unknown[] = [
      ...[
        undefined,
        null,
        true,
        false,
        0,
        -0,
        Number.NaN,
        -1.5,
        2 ** 60,
        '',
        'grüße 🌍',
        '\ud800 alone',
        12n,
        -(2n ** 80n),
      ],
      ...[
        [],
        [1, [2]],
        Object.assign(new Array(2), { 1: 1 }),
        Object.assign([1], { name: 'x' }),
        {},
        { a: { b: [1] }, '': 2 },
      ],
      ...[new Date(5), new Date(Number.NaN), /a+/gi, new Map<unknown, unknown>([['a', { b: 1 }]]), new Set([1, 'two'])],
      ...[new Uint8Array([1, 2]), new Float64Array([0.5]), new BigInt64Array([5n]), new Uint8Array([7]).buffer],
    ]
    for (const value of values) assert.deepStrictEqual(through(value), value)
    const view = through(new DataView(new Uint8Array([1, 2, 3]).buffer, 1, 2)) as DataView
    assert.deepEqual([view.byteLength, view.getUint8(0)], [2, 2])
    const error = through(new RangeError('too far')) as Error
    assert.deepEqual([error instanceof RangeError, error.message], [true, 'too far'])
  })

  test('keep what is the same the same, also in circles', () => {
    const shared = { n: 1 }
    const circle: { self?: unknown; list: unknown[] } = { list: [shared, shared] }
    circle.self = circle
    const back = through(circle) as typeof circle
    assert.equal(back.self, back)
    assert.equal(back.list[0], back.list[1])
    const map = new Map<unknown, unknown>()
    map.set(map, new Set([map]))
    const again = through(map) as typeof map
    assert.equal((again.get(again) as Set<unknown>).has(again), true)
  })

  test('a key named __proto__ is a key like any other', () => {
    const back = through(JSON.parse('{"__proto__": {"admin": true}}')) as { admin?: boolean }
    assert.deepEqual([Object.keys(back), back.admin], [['__proto__'], undefined])
  })

  test('refuse functions and symbols, as structuredClone does', () => {
    for (const value of [() => 1, { f() {} }, [Symbol('x')]])
      assert.throws(() => toCloneBytes(value), /cannot be cloned/)
  })

  test('any value comes back, and equal values are equal bytes', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
        value => {
          const cloned = structuredClone(value)
          assert.deepEqual(through(value), cloned)
          assert.deepEqual(toCloneBytes(cloned), toCloneBytes(structuredClone(cloned)))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('bytes of somebody else’s are a RangeError or some value, never worse', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        try {
          fromCloneBytes(bytes)
        } catch (error) {
          assert.ok(
            error instanceof RangeError || error instanceof SyntaxError || error instanceof TypeError,
            String(error),
          )
        }
      }),
      { numRuns: 2000 },
    )
    assert.throws(() => fromCloneBytes(Uint8Array.of(9, 255, 255, 255, 255, 15)), /these bytes are no value/)
  })
})
