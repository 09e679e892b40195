import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { pageFile, remedy, wantedPage } from '../coverage/page.ts'
import { readText } from '../tidy/source-tree.ts'

suite('docs/coverage.md', () => {
  test('says which tests prove which rows, as their titles are now', () => {
    assert.ok(readText(pageFile) === wantedPage(), remedy)
  })
})
