import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { RtmpClient, type RtmpClientOptions } from '../support/rtmp-client.ts'
import { RtmpRefusal } from '../support/rtmp-refusal.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

/** The classic samples of Adobe's reference, as it describes them: each a main.asc of its own. */
const www = {
  // Who may come in depends on where the player was loaded from, and hears why not.
  'referrer/main.asc': `
    application.onConnect = function (newClient) {
      if (newClient.referrer.indexOf('http://friendly.example/') !== 0) {
        application.rejectConnection(newClient, 'Come from elsewhere', { from: newClient.referrer })
        return
      }
      application.acceptConnection(newClient)
      newClient.call('welcome', null, newClient.ip)
    }`,
  // What one says, everybody hears.
  'broadcast/main.asc': `
    application.onConnect = function (client, name) {
      client.name = name
      return true
    }
    Client.prototype.say = function (text) {
      application.broadcastMsg('heard', this.name, text)
      return application.clients.length
    }`,
  // A lobby that knows its rooms, sends the newcomer on, and keeps its places.
  'lobby/main.asc': `
    load('places.asc')
    application.onConnect = function (client, wish) {
      if (wish === 'full') application.redirectConnection(client, 'rtmp://127.0.0.1/lobby/annex', 'Full', { seats: seats() })
      else application.acceptConnection(client)
    }
    application.onDisconnect = function (client) { trace('bye ' + application.clients.length) }
    application.onAppStop = function () { trace('over') }
    Client.prototype.where = function () { return application.name + ' ' + application.clients.length }`,
  'lobby/places.asc': 'var places = 2\nfunction seats() { return places }',
  // Two who chat: each calls a function of the other and gets its answer.
  'chat/main.asc': `
    var calls = 0
    application.onConnect = function (client, name) {
      client.name = name
      client.tell = function (to, text) {
        for (var i = 0; i < application.clients.length; i++) {
          var other = application.clients[i]
          if (other.name !== to) continue
          var asker = this
          other.call('hear', { onResult: function (answer) { asker.call('heard', null, other.name, answer) } }, this.name, text)
          return ++calls
        }
        return 0
      }
      return true
    }`,
  'broken/main.asc': '\n\nvar = 4',
}

suite('applications in the dialect of Adobe', () => {
  let server: TestServer
  const clients: RtmpClient[] = []

  before(async () => {
    server = await startTestServer({ www, set: ['apps.instanceIdle=0.2'] })
  })
  after(async () => {
    for (const client of clients) client.destroy()
    await server.stop()
  })

  async function connect(app: string, options: Omit<RtmpClientOptions, 'url'> = {}): Promise<RtmpClient> {
    const client = await RtmpClient.connect({ url: server.url(app), ...options })
    clients.push(client)
    return client
  }

  test('connection by referrer: who comes from elsewhere reads why (R4, R31, R43)', async () => {
    const friend = await connect('referrer', { properties: { swfUrl: 'http://friendly.example/player.swf' } })
    assert.deepEqual((await friend.called('welcome')).args, ['127.0.0.1'])
    const refusal = await connect('referrer', { properties: { swfUrl: 'http://other.example/' } }).catch(error => error)
    assert.ok(refusal instanceof RtmpRefusal)
    assert.equal(refusal.info.description, 'Come from elsewhere')
    assert.deepEqual(refusal.info.application, { from: 'http://other.example/' })
  })

  test('broadcast: everybody in the instance hears it, and nobody beyond (R5, R48)', async () => {
    const [ann, bob, eve] = await Promise.all([
      connect('broadcast/one', { args: ['ann'] }),
      connect('broadcast/one', { args: ['bob'] }),
      connect('broadcast/two', { args: ['eve'] }),
    ])
    assert.equal(await ann.call('say', 'hello'), 2)
    assert.equal(await eve.call('say', 'alone'), 1)
    for (const client of [ann, bob]) assert.deepEqual((await client.called('heard')).args, ['ann', 'hello'])
    assert.deepEqual((await eve.called('heard')).args, ['eve', 'alone'])
  })

  test('lobby: one who is sent on learns where to, and an instance ends when it is empty (R21, R28)', async () => {
    const refusal = await connect('lobby', { args: ['full'] }).catch(error => error)
    assert.ok(refusal instanceof RtmpRefusal)
    assert.deepEqual(refusal.info.ex, { code: 302, redirect: 'rtmp://127.0.0.1/lobby/annex' })
    assert.deepEqual([refusal.info.description, refusal.info.application], ['Full', { seats: 2 }])
    const guest = await connect('lobby/annex')
    assert.equal(await guest.call('where'), 'lobby/annex 1')
    const from = server.log.length
    await guest.close()
    await server.logged(line => line.msg === 'bye 0', from)
    await server.logged(line => line.app === '/lobby/annex' && line.msg === 'over', from)
    const other = await connect('lobby')
    assert.equal(await other.call('where'), 'lobby/_definst_ 1')
  })

  test('two-way chat: what one is told by the other, it answers (R36, R48)', async () => {
    const ann = await connect('chat/room', { args: ['ann'] })
    const bob = await connect('chat/room', { args: ['bob'], handlers: { hear: (from, text) => `${from}? ${text}!` } })
    assert.equal(await ann.call('tell', 'bob', 'hi'), 1)
    assert.deepEqual((await ann.called('heard')).args, ['bob', 'ann? hi!'])
    assert.equal(await bob.call('tell', 'nobody', 'hi'), 0)
  })

  test('a mistake is told with its file and line', async () => {
    const from = server.log.length
    const refusal = await connect('broken').catch(error => error)
    assert.ok(refusal instanceof RtmpRefusal)
    const line = await server.logged(each => /not started/.test(each.msg) && each.file === 'broken/main.asc', from)
    assert.equal(line.line, 3)
  })
})
