import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, type TestContext, test } from 'node:test'
import { Catalog } from '../../server/apps/catalog.ts'
import { type AppChange, Watcher } from '../../server/apps/watcher.ts'
import { systemClock } from '../../server/base/clock.ts'
import { silentLog } from '../../server/base/log.ts'

/** A www on the disk under watch, and what the watcher says of it. */
class Www {
  readonly folder = mkdtempSync(join(tmpdir(), 'cumulus-www-'))
  readonly www = join(this.folder, 'www')
  readonly catalog = new Catalog({ enabled: () => true, acceptsUnknown: () => false, inUse: () => false })
  readonly told: AppChange[][] = []
  #hear: () => void = () => {}
  readonly watcher = new Watcher({
    www: this.www,
    catalog: this.catalog,
    gatherMs: 20,
    clock: systemClock,
    log: silentLog,
    changed: changes => {
      this.told.push(changes)
      this.#hear()
    },
  })

  write(file: string, text = `// ${Math.random()}`): void {
    const path = join(this.www, file)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, text)
  }

  remove(path: string): void {
    rmSync(join(this.www, path), { recursive: true })
  }

  /** What is told next, one line an application. */
  async next(): Promise<string[]> {
    while (this.told.length === 0) await new Promise<void>(hear => (this.#hear = hear))
    return this.told.shift()!.map(({ path, what }) => `${path || '/'} ${what}`)
  }

  /** Nothing else is told before a script that comes and goes; a deletion takes the watcher longer than anything else. */
  async isQuiet(): Promise<void> {
    this.write('sentinel/main.js')
    assert.deepEqual(await this.next(), ['/sentinel appeared'])
    this.remove('sentinel/main.js')
    assert.deepEqual(await this.next(), ['/sentinel deleted'])
    this.remove('sentinel')
  }
}

async function watched(t: TestContext, files: string[]): Promise<Www> {
  const www = new Www()
  for (const file of files) www.write(file)
  t.after(async () => {
    await www.watcher.stop()
    rmSync(www.folder, { recursive: true })
  })
  await www.watcher.start()
  return www
}

suite('watcher', { timeout: 240_000 }, () => {
  test('knows what is there before it says that it is ready', async t => {
    const www = await watched(t, ['main.js', 'chat/main.ts', 'chat/kid/readme.txt', 'lib/util.js', '_parts/x/main.js'])
    assert.deepEqual(www.catalog.withMain(), ['', '/chat'])
    assert.deepEqual(www.catalog.locate('/chat/kid/room'), { found: true, app: '/chat/kid', room: 'room' })
    assert.equal(www.catalog.locate('/lib').found, false)
    assert.deepEqual(www.told, [])
  })

  test('a save is told once, whether it is written in place or replaced', async t => {
    const www = await watched(t, ['main.js', 'chat/main.js'])
    www.write('chat/main.js')
    assert.deepEqual(await www.next(), ['/chat changed'])
    www.write('chat/main.js.tmp')
    renameSync(join(www.www, 'chat/main.js.tmp'), join(www.www, 'chat/main.js'))
    assert.deepEqual(await www.next(), ['/chat changed'])
    www.remove('chat/main.js')
    www.write('chat/main.js')
    assert.deepEqual(await www.next(), ['/chat changed'])
    await www.isQuiet()
  })

  test('a test of an application is no part of it: saving one is no change', async t => {
    const www = await watched(t, ['chat/main.js'])
    www.write('chat/main.test.js')
    www.write('chat/more.test.ts')
    www.write('chat/main.js')
    assert.deepEqual(await www.next(), ['/chat changed'])
    www.write('chat/main.test.js')
    www.write('live/main.js')
    assert.deepEqual(await www.next(), ['/live appeared'])
  })

  test('quick saves of several files are one change of each application', async t => {
    const www = await watched(t, ['main.js', 'chat/main.js', 'chat/parts/a.js', 'live/main.js'])
    for (const file of ['chat/main.js', 'chat/parts/a.js', 'live/main.js', 'chat/main.js']) www.write(file)
    assert.deepEqual(await www.next(), ['/chat changed', '/live changed'])
  })

  test('a file belongs to the nearest application with a script, one of www/lib to all', async t => {
    const www = await watched(t, ['main.js', 'chat/main.js', 'chat/kid/other.js', 'chat/lib/deep/a.js', 'lib/util.js'])
    for (const [file, changes] of [
      ['chat/kid/other.js', ['/chat changed']],
      ['chat/lib/deep/a.js', ['/chat changed']],
      ['helper.js', ['/ changed']],
      ['_parts/x.js', ['/ changed']],
      ['lib/util.js', ['/ changed', '/chat changed']],
    ] as const) {
      www.write(file)
      assert.deepEqual(await www.next(), changes, file)
    }
  })

  test('scripts that appear and go are told, and so are whole folders', async t => {
    const www = await watched(t, ['main.js', 'chat/main.js', 'chat/util.js'])
    www.write('new/deep/main.js')
    assert.deepEqual(await www.next(), ['/new/deep appeared'])
    assert.equal(www.catalog.locate('/new/deep').found, true)
    www.remove('chat/main.js')
    assert.deepEqual(await www.next(), ['/chat deleted'])
    assert.equal(www.catalog.locate('/chat').found, true)
    www.write('chat/main.ts')
    assert.deepEqual(await www.next(), ['/chat appeared'])
    www.remove('chat')
    assert.deepEqual(await www.next(), ['/chat deleted'])
    assert.equal(www.catalog.locate('/chat').found, false)
    // The files of a deleted folder are reported after it, and change nobody else.
    await www.isQuiet()
  })

  test('what is no code is nobody’s change', async t => {
    const www = await watched(t, ['main.js', 'chat/main.js'])
    const files = [
      'chat/.main.js.swp',
      'chat/main.js~',
      'chat/#main.js#',
      'chat/4913',
      'chat/.hidden.js',
      'chat/movie.flv',
    ]
    for (const file of [...files, 'chat/node_modules/x/index.js', 'chat/main.js.bak']) www.write(file)
    await www.isQuiet()
  })

  test('symbolic links lead out of www for nobody', async t => {
    const www = await watched(t, ['main.js'])
    mkdirSync(join(www.folder, 'outside'))
    writeFileSync(join(www.folder, 'outside/main.js'), '')
    symlinkSync(join(www.folder, 'outside'), join(www.www, 'linked'))
    www.write('real/main.js')
    assert.deepEqual(await www.next(), ['/real appeared'])
    await www.isQuiet()
    assert.equal(www.catalog.locate('/linked').found, false)
    assert.deepEqual(www.catalog.withMain(), ['', '/real'])
  })

  test('a www that is not there yet is waited for', async t => {
    const www = await watched(t, [])
    assert.equal(www.catalog.locate('/').found, false)
    www.write('main.js')
    assert.deepEqual(await www.next(), ['/ appeared'])
    assert.equal(www.catalog.locate('/').found, true)
  })
})
