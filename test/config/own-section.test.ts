import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import fc from 'fast-check'
import { changeIni } from '../../server/config/ini-change.ts'
import { readIni } from '../../server/config/ini-file.ts'
import { iniName, loadConfig } from '../../server/config/load.ts'

const isChat = (name: string) => name === 'app:/chat' || name === 'app:/chat/'
const change = (source: string, key: string, value: string) => changeIni(source, isChat, 'app:/chat', key, value)

suite('a changed ini text', () => {
  test('has the value in the line that was there, with its comment and its neighbours (R14)', () => {
    const source =
      '; of all\r\n[app:/chat]\r\n; the motto\r\n  motto = old ; said often\r\nother = 1\r\n[app:/hall]\r\nmotto = theirs\r\n'
    assert.equal(change(source, 'motto', 'new'), source.replace('  motto = old', '  motto = new'))
  })

  test('takes new keys to the end of their section, and new sections to the end (R14)', () => {
    assert.equal(
      change('[app:/chat/]\na = 1\n\n; about b\n[b]\nx = 2\n', 'c', '3'),
      '[app:/chat/]\na = 1\nc = 3\n\n; about b\n[b]\nx = 2\n',
    )
    assert.equal(change('[app:/chat]\n[b]\n', 'c', '3'), '[app:/chat]\nc = 3\n[b]\n')
    assert.equal(change('[b]\nx = 1', 'c', '3'), '[b]\nx = 1\n\n[app:/chat]\nc = 3\n')
    assert.equal(change('', 'c', '3'), '[app:/chat]\nc = 3\n')
  })

  test('moves the comment of a value that needs quotes before its line (R14)', () => {
    assert.equal(change('[app:/chat]\nm = a # why\n', 'm', 'c = d'), '[app:/chat]\n# why\nm = "c = d"\n')
  })

  test('reads back whatever text was written (R14)', () => {
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'= ;#"\\\'\n[]at') }))
    fc.assert(
      fc.property(value, written => {
        const entries = readIni(change('[app:/chat]\na = 1 ; one\n', 'a', written), 'ini')
        assert.deepEqual(
          entries.map(entry => String(entry.value)),
          [written],
        )
      }),
    )
  })
})

suite("an application's own section", () => {
  const base = mkdtempSync(join(tmpdir(), 'cumulus-own-'))
  after(() => rmSync(base, { recursive: true }))
  let count = 0

  /** A working folder, system folders and a package, with what stands in their files. */
  function places(own: string | undefined, packaged = '') {
    const folder = join(base, String(++count))
    for (const name of ['here', 'package/www']) mkdirSync(join(folder, name), { recursive: true })
    if (own !== undefined) writeFileSync(join(folder, 'here', iniName), own)
    writeFileSync(join(folder, 'package', iniName), packaged)
    return { workingFolder: join(folder, 'here'), systemFolders: [], packageFolder: join(folder, 'package') }
  }

  test('is written into the file the server was started with, and counts at once (R14)', async () => {
    const at = places('; mine\n[app:/chat]\nallow = config ; yes\nmotto = old\n')
    const file = join(at.workingFolder, iniName)
    chmodSync(file, 0o640)
    const config = loadConfig({}, at)
    assert.equal(await config.setOption('/chat', 'motto', 'new; and "better"'), undefined)
    assert.equal(await config.setOption('/chat', 'loud', 'true'), undefined)
    assert.deepEqual(config.app('/chat').options, { allow: 'config', motto: 'new; and "better"', loud: true })
    assert.match(
      readFileSync(file, 'utf8'),
      /^; mine\n\[app:\/chat\]\nallow = config ; yes\nmotto = .*\nloud = true\n$/,
    )
    assert.deepEqual(loadConfig({}, at).app('/chat').options, config.app('/chat').options)
    assert.equal(statSync(file).mode & 0o777, 0o640)
    assert.deepEqual(readdirSync(at.workingFolder), [iniName])
  })

  test('goes into the data folder when only the packaged file was there, and is read over it at the next start (R14)', async () => {
    const at = places(undefined, '[app:/chat]\nmotto = packaged\nplace = here\n')
    const packaged = join(at.packageFolder, iniName)
    await loadConfig({}, at).setOption('/chat', 'motto', 'own')
    assert.ok(existsSync(join(at.workingFolder, 'data', iniName)))
    assert.match(readFileSync(packaged, 'utf8'), /motto = packaged/)
    assert.deepEqual(loadConfig({}, at).app('/chat').options, { motto: 'own', place: 'here' })
    await loadConfig({}, at).setOption('/chat', 'motto', 'newest')
    assert.equal(loadConfig({}, at).app('/chat').options.motto, 'newest')
    assert.equal(loadConfig({ set: ['app:/chat.motto=given'] }, at).app('/chat').options.motto, 'given')
  })

  test('keeps a value of the command line until the next start, and says so (R14)', async () => {
    const at = places('')
    const config = loadConfig({ set: ['app:/chat.motto=given'] }, at)
    assert.match(
      (await config.setOption('/chat', 'motto', 'new')) ?? '',
      /motto stays 'given' until the next start: --set/,
    )
    assert.equal(config.app('/chat').options.motto, 'given')
    assert.equal(loadConfig({}, at).app('/chat').options.motto, 'new')
  })

  test('does not let a script give itself rights or limits (R14)', async () => {
    const at = places('')
    for (const key of ['allow', 'memory', 'enabled', 'sockets']) {
      await assert.rejects(loadConfig({}, at).setOption('/chat', key, 'x'), {
        name: 'ConfigError',
        message: /the operator's/,
      })
    }
    assert.equal(readFileSync(join(at.workingFolder, iniName), 'utf8'), '')
  })

  test('takes many values at once, none lost (R14)', async () => {
    const at = places('')
    const config = loadConfig({}, at)
    await Promise.all(Array.from({ length: 20 }, (_, n) => config.setOption('/chat', `key${n}`, `value${n}`)))
    assert.equal(Object.keys(loadConfig({}, at).app('/chat').options).length, 20)
  })
})
