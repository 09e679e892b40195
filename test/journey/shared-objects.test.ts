import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const script = `
const board = SharedObject.get('board')
const book = SharedObject.get('book', true)
board.onSync = changes => {
  for (const { code, name } of changes) NOTE('sync ', code, ' ', name, ' ', board.getProperty(name ?? ''))
}
board.shout = function (what) { NOTE('shouted ', what, ' ', this === board) }
book.onStatus = info => NOTE('status ', info.code)
export function onStart() {
  NOTE('read ', book.getProperty('count'))
}
export const calls = {
  set(name, value) { board.setProperty(name, value); return board.getProperty(name) },
  get(name) { return board.getProperty(name) },
  lock() { return board.lock() },
  unlock() { board.mark('marked', 1); return board.unlock() },
  async count() {
    book.setProperty('count', (book.getProperty('count') ?? 0) + 1)
    return [await book.flush(), book.isDirty, book.getProperty('count')]
  },
  shout(what) { return board.send('shout', what) },
  async wipe() { board.clear(); return SharedObject.delete('bo*') },
  names() { return board.getPropertyNames() },
}
`

const connect = (server: TestServer, options: object = {}) =>
  RtmpClient.connect({ url: server.url('chat'), ...options })

for (const workers of [1, 2]) {
  suite(`a shared object of two clients and a script, ${workers} worker(s)`, () => {
    test('is the same for all, whoever changes it, in AMF0 and AMF3 (R68, R74, R7)', async () => {
      await using server = await startTestServer({
        www: { 'chat/main.js': script },
        set: [`server.workers=${workers}`],
      })
      await using tom = await connect(server)
      await using ann = await connect(server, { objectEncoding: 3 })
      const [his, hers] = [await tom.use('board'), await ann.use('board')]
      assert.equal(await his.set('x', { a: [1, 'two'] }), 'success')
      await hers.becomes('x', { a: [1, 'two'] })
      await server.logged(({ msg }) => msg.startsWith('sync change x'))
      assert.deepEqual(await ann.call('get', 'x'), { a: [1, 'two'] })
      // What comes in AMF3 goes to the other in pure AMF0.
      assert.equal(await hers.set('y', { deep: 'value' }), 'success')
      await his.becomes('y', { deep: 'value' })
      assert.equal(his.raw.get('y')![0], 0x03)
      // The script's word.
      assert.equal(await tom.call('set', 'z', 'script'), 'script')
      await his.becomes('z', 'script')
      await hers.becomes('z', 'script')
      assert.deepEqual(await tom.call('names'), ['x', 'y', 'z'])
      // Messages reach everybody, and the script's own functions.
      const marks = [his.events.length, hers.events.length]
      his.call('shout', 'hello')
      const isShout = ({ kind }: { kind: string }) => kind === 'message'
      await his.event(isShout, marks[0])
      await hers.event(isShout, marks[1])
      await server.logged(({ msg }) => msg === 'shouted hello (true)')
      const more = hers.events.length
      assert.equal(await tom.call('shout', 'from above'), true)
      const heard = await hers.event(isShout, more)
      assert.equal(heard.kind === 'message' && heard.name, 'shout')
      // Locked, clients wait, and the script's changes come as one.
      assert.equal(await tom.call('lock'), 1)
      const set = hers.set('z', 'ann')
      await tom.call('set', 'z', 'locked')
      await tom.call('set', 'w', 'locked')
      assert.equal(his.data.get('z'), 'script')
      assert.equal(await tom.call('unlock'), 0)
      await his.event(event => event.kind === 'message' && event.name === 'marked')
      assert.deepEqual([his.data.get('z'), his.data.get('w')], ['locked', 'locked'])
      assert.equal(await set, 'reject', 'she had not seen what the script made of it')
      assert.equal(await hers.set('z', 'again'), 'success')
      await his.becomes('z', 'again')
      const written = hers.events.length
      assert.equal(await tom.call('wipe'), true)
      assert.deepEqual(await tom.call('names'), [])
      await hers.event(({ kind }) => kind === 'clear', written)
      assert.equal(hers.data.size, 0)
    })

    test('is there again after kill -9, as far as it was flushed (R6, R72, R73)', async () => {
      const data = mkdtempSync(join(tmpdir(), 'cumulus-data-'))
      const set = [`apps.data=${data}`, 'sharedobjects.storeInterval=0', `server.workers=${workers}`]
      try {
        for (let life = 1; life <= 3; life++) {
          await using server = await startTestServer({ www: { 'chat/main.js': script }, set })
          await using tom = await connect(server)
          await server.logged(({ msg }) => msg === `read ${life === 1 ? '(null)' : life - 1}`)
          assert.deepEqual(await tom.call('count'), [true, false, life])
          const book = await tom.use('book', true)
          assert.equal(book.data.get('count'), life)
          assert.equal(await book.set('unflushed', life), 'success')
          await server.stop('SIGKILL')
        }
      } finally {
        rmSync(data, { recursive: true, force: true })
      }
    })
  })
}

suite('a shared object and its script', () => {
  test('survive a save and the end of the script’s process (R68, R71)', async () => {
    await using server = await startTestServer({ www: { 'chat/main.js': script } })
    await using tom = await connect(server)
    const board = await tom.use('board')
    await board.set('x', 1)
    await tom.call('set', 'y', 2)
    const from = server.log.length
    await server.writeApp('chat/main.js', script.replace("NOTE('sync ", "NOTE('new sync "))
    await server.logged(({ msg }) => msg === 'application reloaded', from)
    assert.deepEqual([await tom.call('get', 'x'), await tom.call('get', 'y')], [1, 2])
    await board.set('x', 3)
    await server.logged(({ msg }) => msg === 'new sync change x 3', from)
    await tom.call('set', 'y', 4)
    await board.becomes('y', 4)
    const crash = server.log.length
    process.kill(Number((await server.logged(({ msg }) => msg === 'application host raised')).pid), 'SIGKILL')
    await server.logged(({ msg }) => msg === 'application restarted', crash)
    await board.set('x', 5)
    await server.logged(({ msg }) => msg === 'new sync change x 5', crash)
    assert.deepEqual([await tom.call('get', 'x'), await tom.call('get', 'y')], [5, 4])
  })

  test('is stored from time to time without anybody asking, and at the orderly end (R69)', async () => {
    const data = mkdtempSync(join(tmpdir(), 'cumulus-data-'))
    try {
      for (const [life, interval] of [
        [1, '0.1'],
        [2, '0'],
        [3, '0'],
      ] as const) {
        await using server = await startTestServer({
          set: [`apps.data=${data}`, `sharedobjects.storeInterval=${interval}`],
          www: { 'plain/readme.txt': '' },
        })
        await using tom = await RtmpClient.connect({ url: server.url('plain') })
        const book = await tom.use('book', true)
        assert.equal(book.data.get('life'), life === 1 ? undefined : life - 1)
        assert.equal(await book.set('life', life), 'success')
        await tom.close()
        assert.equal(await server.stop(), 0)
      }
    } finally {
      rmSync(data, { recursive: true, force: true })
    }
  })

  test('are an instance’s own in the dialect of main.asc (R74, R9)', async () => {
    const asc = `
application.onAppStart = function () {
  this.so = SharedObject.get('sign', false)
  this.so.setProperty('name', application.name)
}
application.onConnect = function (client) {
  return true
}
Client.prototype.wipe = function () {
  return application.clearSharedObjects('/*')
}
`
    await using server = await startTestServer({ www: { 'chat/main.asc': asc } })
    await using tom = await RtmpClient.connect({ url: server.url('chat/one') })
    await using ann = await RtmpClient.connect({ url: server.url('chat/two') })
    const [his, hers] = [await tom.use('sign'), await ann.use('sign')]
    await his.becomes('name', 'chat/one')
    await hers.becomes('name', 'chat/two')
    assert.equal(await his.set('mine', 1), 'success')
    const from = his.events.length
    assert.equal(await tom.call('wipe'), true)
    await his.event(({ kind }) => kind === 'clear', from)
    assert.deepEqual([his.data.size, hers.data.get('name')], [0, 'chat/two'])
  })
})
