import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { isUnfinished, syntaxError } from '../../server/admin/client/unfinished.ts'

suite('isUnfinished()', () => {
  test('says that more is to come where a bracket, a template or a comment is open', () => {
    const open = [
      'f(',
      'f(a',
      'f(a,',
      '[1,',
      '{ a: [',
      'if (a) {',
      'x = `a\n',
      '1 +',
      '/* note',
      'f(await x',
      'for await (const a of',
      'f([`${',
    ]
    for (const code of open) assert.equal(isUnfinished(code), true, code)
  })

  test('says that nothing is to come where it is whole, or wrong for good', () => {
    const over = [
      '1',
      '',
      'f(a)',
      "'abc",
      'a b',
      'f(a b',
      ')',
      'await x',
      'for await (const a of b) {}',
      '/* note */',
      '/x/',
      '@',
      'return 1',
    ]
    for (const code of over) assert.equal(isUnfinished(code), false, code)
  })

  test('runs nothing', () => {
    assert.equal(syntaxError('throw new Error("ran")'), undefined)
  })
})
