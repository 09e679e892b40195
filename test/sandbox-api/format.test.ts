import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { format as nodeFormat } from 'node:util'
import { format } from '../../sandbox-api/format.ts'

suite('format', () => {
  test('follows the directives of console.log', () => {
    const samples: unknown[][] = [
      [],
      ['plain'],
      ['a', 'b', 1, { c: 2 }, null, undefined],
      ['%s is %d', 'x', 4.5],
      ['%s', { a: 1 }],
      ['%s %s', 'one'],
      ['%i %f %d', '42.9', '1.5x', 7n],
      ['%d %i', {}, Symbol('s')],
      ['%j', { a: [1] }],
      ['%o', 5],
      ['%O', { a: { b: 1 } }],
      ['100%% %s', 'sure'],
      ['100%%'],
      ['%c styled', 'color: red'],
      ['%x', 1],
      ['%s', -0],
      [1, '%s', 'x'],
      ['%s', 5n],
    ]
    for (const values of samples) assert.equal(format(values), nodeFormat(...values))
  })
})
