import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ScriptError } from '../../../server/apps/host/script-error.ts'
import { stripTypes } from '../../../server/apps/host/strip-types.ts'

suite('stripTypes', () => {
  test('leaves every line and column where it was', () => {
    assert.equal(stripTypes('let a: number = 1\nf<string>(a)\n', 'x.ts'), 'let a         = 1\nf        (a)\n')
  })

  test('names the place of what is no TypeScript, or more than types', () => {
    const table: [string, number, number][] = [
      ['let a = 1\n\n  const x: = 3\n', 3, 12],
      ['let a = 1\nenum X { A }\n', 2, 1],
    ]
    for (const [code, line, column] of table) {
      assert.throws(
        () => stripTypes(code, 'app/x.ts'),
        (error: unknown) => {
          assert(error instanceof ScriptError)
          const { fault } = error
          assert.deepEqual([fault.file, fault.line, fault.column], ['app/x.ts', line, column])
          assert.match(fault.text, /^SyntaxError: /)
          return true
        },
      )
    }
  })
})
