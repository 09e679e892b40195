import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { codeFrame } from '../../server/base/code-frame.ts'

const source = 'const a = 1\nconst b = 2\n\tconst c == 3\nconst d = 4\nconst e = 5\nconst f = 6\n'

suite('a code frame', () => {
  test('shows the line with its neighbours and a caret below the column, tabs as they are', () => {
    assert.equal(
      codeFrame(source, 3, 10),
      [
        '  1 | const a = 1',
        '  2 | const b = 2',
        '> 3 | \tconst c == 3',
        '    | \t        ^',
        '  4 | const d = 4',
        '  5 | const e = 5',
      ].join('\n'),
    )
  })

  test('has no caret without a column, and nothing for a line that is not there', () => {
    assert.equal(codeFrame(source, 1, 0).split('\n').length, 3)
    assert.equal(codeFrame(source, 0, 1), '')
    assert.equal(codeFrame(source, 99, 1), '')
  })

  test('shows no more than the beginning of an endless line', () => {
    const frame = codeFrame('x'.repeat(1_000_000), 1, 500_000)
    assert.ok(frame.length < 200 && !frame.includes('^'))
  })
})
