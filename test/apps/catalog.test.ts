import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { appPathOf, Catalog, type CatalogOptions, isWithin, lineage } from '../../server/apps/catalog.ts'

function catalogOf(folders: Record<string, string[]>, options: Partial<CatalogOptions> = {}): Catalog {
  const catalog = new Catalog({ enabled: () => true, acceptsUnknown: () => false, inUse: () => false, ...options })
  for (const [path, mains] of Object.entries(folders)) {
    catalog.addFolder(path)
    for (const main of mains) catalog.addMain(path, main)
  }
  return catalog
}

const usual = { '': ['main.js'], '/chat': ['main.js'], '/chat/kid': [], '/live': [] }

suite('catalog', () => {
  test('the longest folder prefix is the application, the rest is the room (F14, F21, F50)', () => {
    const catalog = catalogOf(usual)
    const cases: [string, string, string][] = [
      ['', '', ''],
      ['/', '', ''],
      ['/chat', '/chat', ''],
      ['/chat/', '/chat', ''],
      ['chat/lobby', '/chat', 'lobby'],
      ['/chat//lobby/left', '/chat', 'lobby/left'],
      ['/chat/kid/', '/chat/kid', ''],
      ['/chat/kid/a/b', '/chat/kid', 'a/b'],
      ['/live/main.js', '/live', 'main.js'],
      ['/chat/lib', '/chat', 'lib'],
    ]
    for (const [path, app, room] of cases) assert.deepEqual(catalog.locate(path), { found: true, app, room }, path)
  })

  test('a path without a folder does not exist, unless the root application takes such paths', () => {
    assert.deepEqual(catalogOf(usual).locate('/nowhere/room'), {
      found: false,
      text: 'Application /nowhere/room does not exist',
    })
    const open = catalogOf(usual, { acceptsUnknown: () => true })
    assert.deepEqual(open.locate('/nowhere/room'), { found: true, app: '', room: 'nowhere/room' })
    assert.deepEqual(open.locate('/chat/room'), { found: true, app: '/chat', room: 'room' })
  })

  test('nothing exists when www does not', () => {
    const catalog = catalogOf({}, { acceptsUnknown: () => true })
    assert.deepEqual(catalog.locate(''), { found: false, text: 'Application / does not exist' })
    assert.equal(catalog.locate('/chat').found, false)
  })

  test('names that are no path lead nowhere, and long ones are told in short', () => {
    const catalog = catalogOf({ ...usual, '/chat/..': [] }, { acceptsUnknown: () => true })
    const hostile = [
      '/chat/../..',
      '/..',
      '/.',
      '/chat/\u0000',
      '/chat\\kid',
      '/chat/\ud800',
      '/chat/\n',
      '/__proto__\u0001',
    ]
    for (const path of hostile) assert.equal(catalog.locate(path).found, false, JSON.stringify(path))
    assert.deepEqual(catalog.locate('/__proto__'), { found: true, app: '', room: '__proto__' })
    const long = catalog.locate(`/${'x'.repeat(1_000_000)}`)
    assert.ok(!long.found && long.text.length < 200)
    assert.equal(catalog.locate('/'.repeat(1024)).found, true)
  })

  test('an application that is not enabled says so, and is not its children’s ancestor (F49)', () => {
    const catalog = catalogOf({ ...usual, '/chat/kid': ['main.ts'] }, { enabled: path => path !== '/chat' })
    assert.deepEqual(catalog.locate('/chat/lobby'), { found: false, text: 'Application /chat is not enabled' })
    assert.equal(catalog.locate('/chat/kid').found, true)
    assert.deepEqual(catalog.chain('/chat/kid'), ['/chat/kid', ''])
    const nothing = catalogOf(usual, { enabled: () => false })
    assert.deepEqual(nothing.locate('/'), { found: false, text: 'Application / is not enabled' })
  })

  test('the chain is the application and its ancestors, as far as they have a script', () => {
    const catalog = catalogOf(usual)
    assert.deepEqual(catalog.chain('/chat/kid'), ['/chat', ''])
    assert.deepEqual(catalog.chain('/chat'), ['/chat', ''])
    assert.deepEqual(catalog.chain('/live'), [''])
    catalog.addMain('/live', 'main.ts')
    catalog.removeMain('', 'main.js')
    assert.deepEqual(catalog.chain('/live'), ['/live'])
    assert.deepEqual(catalog.withMain(), ['/chat', '/live'])
  })

  test('main.js goes before main.ts', () => {
    const catalog = catalogOf({ '/a': ['main.ts', 'main.js'] })
    assert.equal(catalog.mainOf('/a'), 'main.js')
    catalog.removeMain('/a', 'main.js')
    assert.equal(catalog.mainOf('/a'), 'main.ts')
    catalog.removeMain('/a', 'main.ts')
    assert.equal(catalog.mainOf('/a'), undefined)
  })

  test('a deleted folder is located as long as it has clients', () => {
    const inUse = new Set(['/chat', '/chat/kid'])
    const catalog = catalogOf({ ...usual, '/chat/kid': ['main.js'] }, { inUse: path => inUse.has(path) })
    assert.deepEqual(catalog.chain('/chat/kid'), ['/chat/kid', '/chat', ''])
    catalog.removeFolder('/chat/kid')
    catalog.removeFolder('/chat')
    assert.deepEqual(catalog.locate('/chat/kid/room'), { found: true, app: '/chat/kid', room: 'room' })
    assert.deepEqual(catalog.chain('/chat/kid'), [''], 'its script is gone at once')
    inUse.delete('/chat')
    assert.equal(catalog.locate('/chat/other').found, false)
    assert.equal(catalog.locate('/chat/kid').found, true)
    inUse.delete('/chat/kid')
    assert.equal(catalog.locate('/chat/kid').found, false)
    catalog.addFolder('/chat')
    assert.equal(catalog.locate('/chat').found, true)
    assert.equal(catalog.mainOf('/chat'), undefined)
  })

  test('helper folders, hidden ones and all below them are no applications', () => {
    assert.equal(appPathOf(''), '')
    assert.equal(appPathOf('chat/kid'), '/chat/kid')
    assert.equal(appPathOf('library'), '/library')
    const helpers = [
      'lib',
      'lib/x',
      'chat/lib',
      'chat/lib/deep',
      'node_modules',
      'a/node_modules/b',
      '.git',
      'a/.b',
      '_parts',
    ]
    for (const folder of [...helpers, 'a\\b', 'a\nb']) assert.equal(appPathOf(folder), null, JSON.stringify(folder))
  })

  test('lineage and kinship go by whole names', () => {
    assert.deepEqual(lineage('/a/b'), ['/a/b', '/a', ''])
    assert.deepEqual(lineage(''), [''])
    assert.ok(isWithin('/chat', '/chat') && isWithin('/chat', '/chat/kid') && isWithin('', '/chat') && isWithin('', ''))
    assert.ok(!isWithin('/chat', '/chatter') && !isWithin('/chat/kid', '/chat'))
  })
})
