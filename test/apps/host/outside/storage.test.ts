import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, suite, test } from 'node:test'
import fc from 'fast-check'
import { storageFile } from '../../../../server/apps/host/outside/storage-file.ts'
import { outside } from '../child.ts'
import { Lab, runner } from '../lab.ts'
import { allowed, outcome, Script } from './script.ts'

suite('storage', () => {
  const lab = new Lab()
  after(() => lab.end())

  test('keeps whatever structuredClone can copy', async () => {
    const script = await Script.raise(lab, [])
    const shown = await script.run(`
      const value = { a: [1, -0, NaN], at: new Date(5), map: new Map([[{}, new Set(['x'])]]), bytes: new Uint8Array([1, 2]), big: 10n ** 30n, none: undefined, re: /a/g }
      value.self = value
      await storage.set('all', value)
      const back = await storage.get('all')
      const [[key, set]] = back.map
      return [back !== value, back.self === back, Object.is(back.a[1], -0), back.at.getTime(), typeof key, set.has('x'), [...back.bytes],
        String(back.big), 'none' in back, back.re.flags, back instanceof Object, back.map instanceof Map]
    `)
    assert.deepEqual(shown, [
      true,
      true,
      true,
      5,
      'object',
      true,
      [1, 2],
      '1000000000000000000000000000000',
      true,
      'g',
      true,
      true,
    ])
  })

  test('gets, sets, deletes and lists by prefix', async () => {
    const script = await Script.raise(lab, [])
    const seen = await script.run(`
      await Promise.all(['b/2', 'b/1', 'a', 'c', 'b'].map(key => storage.set(key, key)))
      const seen = [await storage.list(), await server.storage.list('b/'), await storage.list('x'), await storage.get('nothing')]
      seen.push(await storage.delete('b/1'), await storage.delete('b/1'), await storage.list('b'), await storage.get('b/2'))
      return seen
    `)
    assert.deepEqual(seen, [
      ['a', 'b', 'b/1', 'b/2', 'c'],
      ['b/1', 'b/2'],
      [],
      undefined,
      true,
      false,
      ['b', 'b/2'],
      'b/2',
    ])
  })

  test('is each application’s own, and is still there for the next version', async () => {
    const [one, two] = [await Script.raise(lab, []), await Script.raise(lab, [])]
    await one.run(`await storage.set('who', 'one')`)
    assert.equal(await two.run(`return storage.get('who')`), undefined)
    await one.app.reload(`${runner}\n// another version\n`)
    assert.equal(await one.run(`return storage.get('who')`), 'one')
  })

  test('refuses keys and values that are none', async () => {
    const script = await Script.raise(lab, [])
    for (const key of [`''`, '5', `'x'.repeat(1025)`, `'a\\0b'`, `'\\ud800'`, 'undefined']) {
      assert.match(
        String(await script.run(outcome(`storage.set(${key}, 1)`))),
        /^TypeError: \w+: a key of the storage/,
        key,
      )
    }
    assert.match(String(await script.run(outcome(`storage.set('f', () => 1)`))), /^DataCloneError/)
  })

  test('holds no more than apps.storage, and says so', async () => {
    const script = await Script.raise(lab, [], { storage: 10_000 })
    const seen = await script.run(`
      await storage.set('a', 'x'.repeat(6_000))
      const seen = [await storage.set('b', 'x'.repeat(6_000)).catch(error => [error instanceof QuotaError, error.name, error.message])]
      seen.push(await storage.get('b'))
      await storage.delete('a')
      await storage.set('b', 'y'.repeat(6_000))
      seen.push((await storage.get('b')).length)
      return seen
    `)
    const [refused, nothing, kept] = seen as [[boolean, string, string], undefined, number]
    assert.deepEqual([refused.slice(0, 2), nothing, kept], [[true, 'QuotaError'], undefined, 6_000])
    assert.match(refused[2], /^b would make it \d+ bytes, apps\.storage allows 10000$/)
  })

  test('one value at a time must fit through the glass', async () => {
    const script = await Script.raise(lab, [])
    assert.match(String(await script.run(outcome(`storage.set('a', 'x'.repeat(9 * 1024 * 1024))`))), /^RangeError/)
  })

  test('tells what is wrong with the disk, and does not end the application', async () => {
    const script = await Script.raise(lab, [], { data: '/dev/null/nowhere' })
    assert.match(String(await script.run(outcome(`storage.set('a', 1)`))), /^Error: .*(ENOTDIR|ENOENT|not a directory)/)
    assert.equal(await script.run('return 1'), 1)
  })

  test('what was acknowledged survives kill -9', async () => {
    const data = mkdtempSync(join(tmpdir(), 'cumulus-storage-'))
    const setup = { allow: allowed(), outside: { ...outside, data, storage: 1024 ** 2 } }
    const writing = `
      for (let i = 0; ; i++) {
        await storage.set('key' + i, i)
        console.log(i)
      }
    `
    const doomed = new Lab()
    const app = await doomed.app(`${runner}\nexport const onStart = () => { void (async () => { ${writing} })() }`, {
      ...setup,
      path: '/kept',
    })
    app.tell({ e: 'onStart', ticket: 1, path: app.path, reason: 'start' })
    await app.log('40')
    doomed.child.process.kill('SIGKILL')
    await doomed.child.ended
    const acknowledged = app.logs.length
    const script = new Script(await lab.app(runner, { ...setup, path: '/kept' }))
    const found = (await script.run(`
      const found = []
      for (let i = 0; i < ${acknowledged}; i++) found.push(await storage.get('key' + i))
      return found
    `)) as number[]
    assert.deepEqual(found, [...Array(acknowledged).keys()])
    await doomed.end()
    lab.child.send({ order: 'dispose', path: '/kept' })
    await lab.child.report('disposed')
    rmSync(data, { recursive: true })
  })

  test('makes no file before somebody stores something', async () => {
    const script = await Script.raise(lab, [], { data: `${lab.www.folder}/.none` })
    await script.run('return 1')
    assert.equal(existsSync(`${lab.www.folder}/.none`), false)
    await script.run(`await storage.set('a', 1)`)
    assert.deepEqual(readdirSync(`${lab.www.folder}/.none`), ['storage'])
  })
})

suite('the file of a storage', () => {
  test('is named after the path, and stays in its folder', () => {
    assert.equal(storageFile('/data', '/chat/kid'), '/data/storage/chat~kid.sqlite')
    assert.equal(storageFile('/data', ''), '/data/storage/~.sqlite')
    assert.equal(storageFile('/data', '/a~b.c'), '/data/storage/a%7eb%2ec.sqlite')
    for (const path of ['/..', '/../../etc/passwd', '/\0', '/a\\b', '/x'.repeat(500), `/${'é'.repeat(100)}`]) {
      const file = storageFile('/data', path)
      assert.equal(dirname(file), '/data/storage')
      assert.match(basename(file), /^[\w~%-]+\.sqlite$/)
      assert.ok(basename(file).length < 240)
    }
  })

  test('is another for each path', () => {
    const path = fc
      .array(
        fc.string({ unit: 'binary', minLength: 1 }).map(name => name.replaceAll('/', '_')),
        { maxLength: 3 },
      )
      .map(names => names.map(name => `/${name}`).join(''))
    fc.assert(fc.property(path, path, (one, two) => one === two || storageFile('/d', one) !== storageFile('/d', two)))
  })
})
