import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { readIni } from '../../server/config/ini-file.ts'
import { appKeys, keys } from '../../server/config/keys.ts'
import type { Key } from '../../server/config/kinds.ts'

const file = new URL('../../CumulusServer.ini', import.meta.url)
const source = readFileSync(file, 'utf8')
const lines = source.split('\n')
const entries = readIni(source, 'CumulusServer.ini')

const known: [string, Record<string, Key<unknown>>][] = [...Object.entries(keys), ['apps', appKeys]]
const all = known.flatMap(([section, table]) => Object.entries(table).map(([name, key]) => ({ section, name, key })))

/** The comment right above a line, joined as a reader joins it. */
function commentAbove(line: number): string {
  const comment: string[] = []
  for (let at = line - 2; lines[at]?.startsWith(';'); at--) comment.unshift(lines[at]!.slice(1).trim())
  return comment.join(' ')
}

suite('CumulusServer.ini', () => {
  for (const { section, name, key } of all) {
    test(`documents [${section}] ${name} with its default, its sentence and its unit`, () => {
      const entry = entries.find(entry => entry.section === section && entry.key === name)
      assert.ok(entry, `[${section}] ${name} is missing`)
      assert.equal(String(entry.value), key.default)
      const comment = commentAbove(entry.line)
      const sentence = key.sentence.replace(/\.$/, '')
      assert.ok(comment.startsWith(sentence), `expected the comment to begin with "${sentence}", got "${comment}"`)
      assert.ok(comment.includes(key.unit), `expected the unit "${key.unit}" in "${comment}"`)
    })
  }

  test('holds nothing the server does not know', () => {
    const names = new Set(all.map(({ section, name }) => `${section}.${name}`))
    assert.deepEqual(
      entries.filter(({ section, key }) => !names.has(`${section}.${key}`)),
      [],
    )
  })
})

suite('keys', () => {
  for (const { section, name, key } of all) {
    test(`[${section}] ${name} has a default that is a value of its own`, () => {
      assert.notEqual(key.parse(key.default), undefined)
    })
  }
})
