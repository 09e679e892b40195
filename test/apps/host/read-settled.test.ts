import assert from 'node:assert/strict'
import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { EMPTY_FILE_MS, MODULE_BYTES } from '../../../server/apps/host/limits.ts'
import { readSettled } from '../../../server/apps/host/read-settled.ts'
import { Www } from './child.ts'

suite('readSettled', () => {
  const www = new Www()
  const file = join(www.folder, 'main.js')
  after(() => www.remove())

  test('reads a file that rests', async () => {
    writeFileSync(file, 'let a')
    assert.equal(await readSettled(file), 'let a')
  })

  test('waits for the text of a file that was emptied a moment ago', async () => {
    writeFileSync(file, '')
    const reading = readSettled(file)
    setTimeout(() => writeFileSync(file, 'let b'), 100)
    assert.equal(await reading, 'let b')
  })

  test('believes that a file is empty when it stays so', async () => {
    writeFileSync(file, '')
    const before = new Date(Date.now() - EMPTY_FILE_MS)
    utimesSync(file, before, before)
    assert.equal(await readSettled(file), '')
  })

  test('does not read what is too large', async () => {
    writeFileSync(file, Buffer.alloc(MODULE_BYTES + 1))
    assert.equal(await readSettled(file), undefined)
  })
})
