import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { structuredClone as ourClone } from '../../../sandbox-api/web/structured-clone.ts'

suite('structuredClone', () => {
  test('copies what Node copies', () => {
    const samples: unknown[] = [
      [undefined, null, true, 1.5, -0, Number.NaN, 'text', 10n],
      { nested: { list: Object.assign([1], { 2: 3 }), deep: { deeper: 'x' } } },
      new Date(1_700_000_000_000),
      /a+(b)/giu,
      new Map<unknown, unknown>([
        ['a', { b: 1 }],
        [{ key: 1 }, new Set([1, 2])],
      ]),
      new Uint8Array([1, 2, 3]),
      new Float64Array([1.5, -0]),
      new BigInt64Array([5n]),
      new Uint8Array([1, 2, 3]).buffer,
      new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2),
      new RangeError('too much'),
      Object.assign(Object.create(null), { bare: true }),
    ]
    for (const sample of samples) assert.deepEqual(ourClone(sample), structuredClone(sample))
  })

  test('keeps cycles and shared parts', () => {
    const shared = { s: 1 }
    const value = { a: shared, b: shared, map: new Map<unknown, unknown>(), self: {} }
    value.self = value
    value.map.set(value, shared)
    const copy = ourClone(value)
    assert.equal(copy.self, copy)
    assert.equal(copy.a, copy.b)
    assert.notEqual(copy.a, shared)
    assert.equal(copy.map.get(copy), copy.a)
  })

  test('makes plain objects of instances, and runs their getters once', () => {
    class Point {
      x = 1
      get y() {
        return 2
      }
    }
    assert.deepEqual(ourClone(new Point()), { x: 1 })
    assert.deepEqual(
      ourClone({
        get now() {
          return 5
        },
      }),
      { now: 5 },
    )
  })

  test('takes __proto__ for a name like any other', () => {
    const copy = ourClone(JSON.parse('{"__proto__": {"polluted": true}}'))
    assert.equal(Object.getPrototypeOf(copy), Object.prototype)
    assert.equal(copy.polluted, undefined)
    assert.deepEqual(Object.keys(copy), ['__proto__'])
  })

  test('refuses functions, symbols and what is too deep, by name', () => {
    let deep: unknown = 1
    for (let level = 0; level < 2_000; level++) deep = [deep]
    for (const value of [() => {}, { f() {} }, Symbol('s'), [Symbol.iterator], deep]) {
      assert.throws(() => ourClone(value), { name: 'DataCloneError' })
    }
  })
})
