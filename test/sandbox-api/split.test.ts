import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { split } from '../../sandbox-api/split.ts'
import { Lab, runner } from '../apps/host/lab.ts'

suite('server.split', () => {
  const lab = new Lab()
  after(() => lab.end())

  test('gives an array of the tokens, for each option (C29)', async () => {
    const app = await lab.app(runner)
    const { id } = app.join()
    const shown = await app.call(
      id,
      'run',
      "return [undefined, 1, 2, 3].map(option => server.split(' a ,, b', ',', option))",
    )
    assert.deepEqual(shown, [
      [' a ', '', ' b'],
      [' a ', ' b'],
      ['a', '', 'b'],
      ['a', 'b'],
    ])
  })

  test('takes each character of the separator for one (C29)', () => {
    assert.deepEqual(split('a;b,c;,d', ';,', 0), ['a', 'b', 'c', '', 'd'])
    assert.deepEqual(split('1😀2😁3', '😀', 0), ['1', '2😁3'])
    assert.deepEqual(split('whole', '', 0), ['whole'])
    assert.deepEqual(split(',a,', ',', 0), ['', 'a', ''])
    assert.deepEqual(split('', ',', 0), [''])
    assert.deepEqual(split('', ',', 1), [])
    assert.deepEqual(split(' , ', ',', 3), [])
  })

  test('names what is no text and no option (C29)', () => {
    assert.throws(
      () => split(undefined as never, ',', 0),
      /^TypeError: split: expression must be a text, not undefined/,
    )
    assert.throws(() => split('a', {} as never, 0), /^TypeError: split: separator must be a text, not an object/)
    for (const option of [4, -1, 0.5, Number.NaN, '1']) {
      assert.throws(() => split('a', ',', option as never), /^TypeError: split: option must be/)
    }
  })
})
