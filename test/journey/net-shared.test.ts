import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

/** Where the object lives. */
const owner = `
const board = SharedObject.get('board')
board.setProperty('born', 'there')
export function onDisconnection() { INFO('left') }
export const calls = {
  set(name, value) { board.setProperty(name, value) },
  get(name) { return board.getProperty(name) },
}
`

/** Who sees it from elsewhere. */
const guest = `
const nc = new NetConnection()
let board
nc.onStatus = ({ code }) => INFO('net ', code)
function use(name) {
  const object = SharedObject.get(name, false, nc)
  object.onSync = changes => {
    for (const { code, name = '' } of changes) INFO('sync ', code, ' ', name, ' ', object.getProperty(name))
  }
  object.onStatus = ({ code }) => INFO('object ', code)
  object.shout = what => INFO('shouted ', what)
  return object
}
export const calls = {
  open(uri, encoding) {
    nc.objectEncoding = encoding
    nc.connect(uri)
    board ??= use('board')
    return SharedObject.get('board', false, nc) === board
  },
  ask(name, ...args) { return board[name](...args) },
  names() { return board.getPropertyNames() },
  hangUp() { nc.close() },
  other(name) { use(name); return SharedObject.get(name).getProperty('born') },
}
`

/** Each test has an application of its own at either end. */
const names = ['amf0', 'amf3', 'again', 'refused']

suite('a shared object at another server', { timeout: 240_000 }, () => {
  let there: TestServer
  let here: TestServer

  before(async () => {
    there = await startTestServer({ www: Object.fromEntries(names.map(name => [`${name}/main.js`, owner])) })
    here = await startTestServer({
      www: Object.fromEntries(names.map(name => [`${name}/main.js`, guest])),
      set: names.map(name => `app:/${name}.allow=rtmp:127.0.0.1:${there.port}`),
    })
  })
  after(async () => {
    await here?.stop()
    await there?.stop()
  })

  /** A client that has the script here do things, and one of the server where the object lives. */
  async function stage(name: string) {
    const script = await RtmpClient.connect({ url: here.url(name) })
    const user = await RtmpClient.connect({ url: there.url(name) })
    return {
      ...{ script, user, uri: there.url(name), from: here.log.length },
      async [Symbol.asyncDispose]() {
        await Promise.all([script.close(), user.close()])
      },
    }
  }

  for (const encoding of [0, 3]) {
    test(`is shared by a script here with clients and the script there, in AMF${encoding} (R68, R74, R70, R71)`, async () => {
      await using scene = await stage(`amf${encoding}`)
      const { script, user, uri, from } = scene
      // It is asked for while the connection is made.
      assert.equal(await script.call('open', uri, encoding), true)
      await here.logged(({ msg }) => /sync change born there/.test(msg), from)
      const board = await user.use('board')
      await script.call('ask', 'setProperty', 'x', { a: [1, 'two'] })
      await board.becomes('x', { a: [1, 'two'] })
      assert.deepEqual(await user.call('get', 'x'), { a: [1, 'two'] })
      assert.equal(await board.set('y', 'user'), 'success')
      await here.logged(({ msg }) => /sync change y user/.test(msg), from)
      assert.equal(await script.call('ask', 'getProperty', 'y'), 'user')
      await user.call('set', 'z', 'owner')
      await here.logged(({ msg }) => /sync change z owner/.test(msg), from)
      assert.deepEqual(await script.call('names'), ['born', 'x', 'y', 'z'])
      // Who sends is a user like the others.
      await script.call('ask', 'send', 'shout', 'hear')
      await here.logged(({ msg }) => msg === 'shouted hear', from)
      await user.call('set', 'x', null)
      await here.logged(({ msg }) => /sync delete x/.test(msg), from)
      await script.call('ask', 'clear')
      for (const name of ['y', 'z']) await board.becomes(name, undefined)
      assert.equal(await user.call('get', 'z'), null)
      for (const method of ['lock', 'flush']) {
        await assert.rejects(script.call('ask', method), /the shared object board lives at another server/)
      }
      // Clients here see what is here.
      assert.equal(await script.call('other', 'board'), null)
    })
  }

  test('is used again by a connection that is made again, and is told anew (R68, R74)', async () => {
    await using scene = await stage('again')
    const { script, user, uri, from: begin } = scene
    await script.call('open', uri, 3)
    await here.logged(({ msg }) => /sync change born there/.test(msg), begin)
    await script.call('hangUp')
    await there.logged(({ msg, app }) => msg === 'left' && app === '/again')
    await assert.rejects(script.call('ask', 'setProperty', 'lost', 1), /the connection .* has ended/)
    await user.call('set', 'born', 'again')
    await user.call('set', 'more', 1)
    const from = here.log.length
    assert.equal(await script.call('open', uri, 3), true)
    await script.call('ask', 'setProperty', 'mine', 2)
    await here.logged(({ msg }) => /sync change more 1/.test(msg), from)
    assert.equal(await script.call('ask', 'getProperty', 'born'), 'again')
    await (await user.use('board')).becomes('mine', 2)
    assert.deepEqual(((await script.call('names')) as string[]).sort(), ['born', 'mine', 'more'])
  })

  test('is refused where the other server refuses it, and the script is told (R74)', async () => {
    await using scene = await stage('refused')
    const { script, uri, from } = scene
    await script.call('open', uri, 3)
    await here.logged(({ msg }) => /sync change born there/.test(msg), from)
    await script.call('other', '/not/../clean')
    await here.logged(({ msg }) => /object SharedObject.UriMismatch/.test(msg), from)
  })
})
