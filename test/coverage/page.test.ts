import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { pageOf } from './page.ts'
import { titlesOf } from './titles.ts'

const source = `
suite('a client', () => {
  test('is found by its id (R41, C33)', () => {})
  test(\`says \${word} (twice)\`, () => {})
  suite('that is banned (C16–C18)', () => {
    test("isn't let in (C1)", async t => {
      await t.test('under any name (F2)', () => {})
    })
  })
})
suite('others', { skip: true }, () => {
  test(
    'with a title in a line of its own (M1)',
    () => {},
  )
})
`

suite('the page of rows and tests', () => {
  test('reads what titles cite, with the suites around them', () => {
    assert.deepEqual(
      titlesOf('a.test.ts', source).map(({ text, rows }) => [text, ...rows]),
      [
        ['a client: is found by its id', 'R41', 'C33'],
        ['a client: that is banned', 'C16', 'C17', 'C18'],
        ["a client: that is banned: isn't let in", 'C1'],
        ['a client: that is banned: under any name', 'F2'],
        ['others: with a title in a line of its own', 'M1'],
      ],
    )
    assert.throws(() => titlesOf('a.test.ts', "test('from here to there (C1–R4)', () => {})"), /C1–R4 is no range/)
  })

  test('says what no test proves before anything else, and leaves out no citation', () => {
    const rows = '# R: those\nR1 one thing\nR2 another\n\n# C: these\nC1 a third\n'
    const titles = [
      { file: 'test/a.test.ts', text: 'does `it`', rows: ['R2', 'C61'] },
      { file: 'test/b.test.ts', text: 'does it too', rows: ['R2'] },
    ]
    const page = pageOf(rows, titles)
    assert.ok(page.includes('\n1 of 3 rows have a test.\n'))
    const [, rest] = page.split('## Not yet\n')
    assert.equal(
      rest,
      [
        '',
        '- **R1** one thing',
        '- **C1** a third',
        '',
        '## R: those',
        '',
        '- **R2** another',
        '  - does \\`it\\`  ',
        '    `test/a.test.ts`',
        '  - does it too  ',
        '    `test/b.test.ts`',
        '',
        '## Beyond the list',
        '',
        '- **C61**',
        '  - does \\`it\\`  ',
        '    `test/a.test.ts`',
        '',
      ].join('\n'),
    )
  })

  test('takes no list with a row twice, or a line that is none', () => {
    assert.throws(() => pageOf('# R: those\nR1 a\nR1 b\n', []), /R1 stands there twice/)
    assert.throws(() => pageOf('# R: those\nnothing\n', []), /no row: nothing/)
  })
})
