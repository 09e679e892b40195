import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { inspect as nodeInspect } from 'node:util'
import fc from 'fast-check'
import { inspect } from '../../sandbox-api/inspect.ts'

suite('inspect', () => {
  test('shows short values as Node does', () => {
    class Point {
      x = 1
    }
    const values: unknown[] = [
      ['text', "it's", 'a "b" \'c\'', 'line\nline', '\x07'],
      [1, -0, 1n, null, true, Symbol('s')],
      undefined,
      { a: 1, 'b c': 'x', nested: { deep: { deeper: { deepest: 1 } } } },
      [[], {}, [1, [2, [3, [4]]]]],
      new Map<unknown, unknown>([
        ['a', 1],
        ['b', { c: 2 }],
      ]),
      new Set([1, 'two']),
      new Date(0),
      new Date(Number.NaN),
      /x+/gi,
      new Uint8Array([1, 2, 3]),
      new Point(),
      Object.assign(Object.create(null), { bare: 1 }),
      function named() {},
      () => {},
      Point,
      {
        get a() {
          return 1
        },
        set b(_value: number) {},
      },
      Object.assign([1, 2], { extra: 3 }),
      new Map(),
      new Set(),
      Object.assign([1], { 3: 4 }),
    ]
    for (const value of values) assert.equal(inspect(value), nodeInspect(value, { breakLength: 76, compact: 3 }))
  })

  test('agrees with Node about any plain data that fits a line', () => {
    const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.string({ unit: 'grapheme-ascii' }))
    const key = fc.constantFrom('a', 'b1', '_c', 'd e', '1', '')
    const data = fc.letrec(tie => ({
      value: fc.oneof(
        { maxDepth: 2 },
        leaf,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value')),
      ),
    })).value
    fc.assert(
      fc.property(data, value => {
        const theirs = nodeInspect(value, { breakLength: Number.POSITIVE_INFINITY, compact: true })
        fc.pre(theirs.length < 70 && !theirs.includes('\n'))
        assert.equal(inspect(value), theirs)
      }),
      { numRuns: 2_000 },
    )
  })

  test('breaks long values into lines', () => {
    const value = { first: 'x'.repeat(50), second: { third: 'y'.repeat(50) } }
    const lines = ['{', `  first: '${'x'.repeat(50)}',`, `  second: { third: '${'y'.repeat(50)}' }`, '}']
    assert.equal(inspect(value), lines.join('\n'))
  })

  test('calls no getter, survives Proxies that throw, and ends cycles', () => {
    const value: Record<string, unknown> = {}
    value.self = value
    Object.defineProperty(value, 'trap', { get: () => assert.fail('it was called'), enumerable: true })
    assert.equal(inspect(value), '{ self: [Circular], trap: [Getter] }')
    const hostile = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('no')
        },
      },
    )
    assert.equal(inspect({ hostile }), '{ hostile: [object that cannot be shown] }')
  })

  test('shows the beginning of what is long', () => {
    assert.match(inspect(Array(200).fill(1)), /\.\.\. 100 more/)
    assert.match(inspect(new Set(Array.from({ length: 200 }, (_, index) => index))), /\.\.\. 100 more/)
    assert(inspect('x'.repeat(100_000)).length < 11_000)
  })
})
