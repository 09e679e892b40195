import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { PacedPublisher } from '../support/paced-publisher.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

/** The server that the others look up to. */
const origin = {
  'origin/main.asc': `
    application.onAppStart = function () {
      this.count = SharedObject.get('count')
      this.count.setProperty('value', 1)
    }
    application.onConnect = function (client, word) {
      client.word = word
      client.writeAccess = '/'
      client.add = function (a, b) { return a + b }
      client.fail = function () { throw new Error('no such luck') }
      client.who = function () { return this.word }
      client.askBack = function (what) {
        client.call(what, { onResult: function (text) { trace('it said ' + text) }, onStatus: function (info) { trace('it said no: ' + info.description) } })
      }
      return word !== 'wrong'
    }`,
}

/** The samples of Adobe's reference with two servers, as it describes them. */
const edge = {
  'edge/main.asc': `
    NetConnection.prototype.greet = function () { return 'hello from ' + this.uri.split('/').pop() }
    application.onConnect = function (client) {
      client.open = function (uri, word) {
        var nc = application.nc = new NetConnection()
        nc.onStatus = function (info) { trace('net ' + info.code + ' ' + this.isConnected) }
        return nc.connect(uri, word)
      }
      client.ask = function (name, a, b) {
        return application.nc.call(name, {
          onResult: function (value) { client.call('told', null, 'result', value) },
          onStatus: function (info) { client.call('told', null, 'status', info.description) }
        }, a, b)
      }
      client.tell = function (name, what) { return application.nc.call(name, null, what) }
      client.hangUp = function () { application.nc.close(); return application.nc.isConnected }
      client.pass = function (name, there) { application.registerProxy(name, application.nc, there) }
      client.keep = function (name) { application.registerProxy(name, null) }
      client.use = function () {
        var count = application.count = SharedObject.get('count', false, application.nc)
        count.onSync = function (list) { trace('count is ' + this.getProperty('value')) }
      }
      client.put = function (value) { application.count.setProperty('value', value) }
      client.bring = function (name, here) {
        var stream = Stream.get(here)
        stream.onStatus = function (info) { trace('brought ' + info.code) }
        return stream.play(name, -1, -1, true, application.nc)
      }
      client.drop = function (here) { return Stream.get(here).play(false) }
      client.say = function (text) { return application.ns.send('onSaid', text) }
      client.state = function () { var ns = application.ns; return [ns.bufferTime, ns.time > 0] }
      return true
    }
    // Whatever is published here is published there too.
    application.onPublish = function (client, stream) {
      if (stream.name !== 'cam') return
      var ns = application.ns = new NetStream(application.nc)
      ns.onStatus = function (info) { trace('sent ' + info.code) }
      ns.setBufferTime(2)
      ns.attach(stream)
      trace('publishing ' + ns.publish('copy', 'live'))
    }
    application.onUnpublish = function (client, stream) {
      if (stream.name !== 'cam') return
      application.ns.attach(false)
      application.ns.publish(false)
    }`,
}

suite('two servers in the dialect of Adobe', { timeout: 240_000 }, () => {
  let there: TestServer
  let here: TestServer
  let client: RtmpClient

  before(async () => {
    there = await startTestServer({ www: origin, set: ['publication.graceMs=0'] })
    here = await startTestServer({
      www: edge,
      set: [`app:/edge.allow=rtmp:127.0.0.1:${there.port}`, 'publication.graceMs=0'],
    })
    client = await RtmpClient.connect({ url: here.url('edge') })
  })
  after(async () => {
    await client?.close()
    await here?.stop()
    await there?.stop()
  })

  test('a script connects, and hears of it (R51, R54, R56, R58, R59)', async () => {
    assert.equal(await client.call('open', there.url('origin'), 'wrong'), true)
    await here.logged(({ msg }) => msg === 'net NetConnection.Connect.Rejected false')
    assert.equal(await client.call('open', 'rtmp://192.0.2.1/x', ''), false)
    await here.logged(({ msg }) => msg === 'net NetConnection.Connect.Failed false')
    assert.equal(await client.call('open', 'no url', ''), false)
    assert.equal(await client.call('ask', 'add', 1, 2), false)
    const from = here.log.length
    assert.equal(await client.call('open', there.url('origin'), 'tulip'), true)
    await here.logged(({ msg }) => msg === 'net NetConnection.Connect.Success true', from)
  })
  test('a script calls the other server with a responder, and is called back (R36, R53)', async () => {
    const answer = async (name: string, ...args: unknown[]): Promise<unknown> => {
      const from = client.calls.length
      assert.equal(await client.call('ask', name, ...args), true)
      return (await client.called('told', from)).args
    }
    assert.deepEqual(await answer('add', 2, 3), ['result', 5])
    assert.deepEqual(await answer('who'), ['result', 'tulip'])
    assert.deepEqual(await answer('fail'), ['status', 'no such luck'])
    assert.deepEqual(await answer('nothing'), ['status', "Method 'nothing' not found"])
    await client.call('tell', 'askBack', 'greet')
    await there.logged(({ msg }) => msg === 'it said hello from origin')
    for (const name of ['constructor', 'call', 'toString']) {
      await client.call('tell', 'askBack', name)
      await there.logged(({ msg }) => msg === `it said no: Method '${name}' not found`)
    }
    assert.deepEqual(await answer('who'), ['result', 'tulip'])
  })

  test('calls of clients are passed on, under the same name or another (R30)', async () => {
    await assert.rejects(client.call('add', 1, 2), /not found/)
    await client.call('pass', 'plus', 'add')
    assert.equal(await client.call('plus', 20, 22), 42)
    await client.call('keep', 'plus')
    await assert.rejects(client.call('plus', 1, 2), /not found/)
  })

  test('a shared object of the other server is shared with its clients (R68, R74)', async () => {
    await client.call('use')
    await here.logged(({ msg }) => msg === 'count is 1')
    await using user = await RtmpClient.connect({ url: there.url('origin') })
    const count = await user.use('count')
    await client.call('put', 2)
    await count.becomes('value', 2)
    assert.equal(await count.set('value', 3), 'success')
    await here.logged(({ msg }) => msg === 'count is 3')
  })

  test('what is published here is published there, until it ends (R60, R61, R62, R63, R64, R65, R66, R67)', async () => {
    const encoder = await RtmpClient.connect({ url: here.url('edge') })
    const pace = new PacedPublisher(await encoder.publish('cam')).start()
    await here.logged(({ msg }) => msg === 'sent NetStream.Publish.Start')
    await using viewer = await RtmpClient.connect({ url: there.url('origin') })
    const stream = await viewer.play('copy')
    await stream.frame(({ kind, payload }) => kind === 'video' && payload[0] === 0x17 && payload[1] === 1)
    assert.equal(await client.call('say', 'a word'), true)
    const said = await stream.frame(({ values }) => values[0] === 'onSaid')
    assert.deepEqual(said.values, ['onSaid', 'a word'])
    assert.deepEqual(await client.call('state'), [2, true])
    pace[Symbol.dispose]()
    await encoder.close()
    await there.logged(({ msg }) => msg === 'unpublished')
  })

  test('a stream of the other server is played into one of this (R60, R64)', async () => {
    await using encoder = await RtmpClient.connect({ url: there.url('origin') })
    using _pace = new PacedPublisher(await encoder.publish('far')).start()
    assert.equal(await client.call('bring', 'far', 'near'), true)
    await using viewer = await RtmpClient.connect({ url: here.url('edge') })
    const stream = await viewer.play('near')
    await stream.frame(({ kind }) => kind === 'video')
    await here.logged(({ msg }) => msg === 'brought NetStream.Play.Start')
    assert.equal(await client.call('drop', 'near'), true)
    await stream.status('NetStream.Play.UnpublishNotify')
  })

  test('a connection is closed, and calls are not made (R55, R56)', async () => {
    const from = here.log.length
    assert.equal(await client.call('hangUp'), false)
    await here.logged(({ msg }) => msg === 'net NetConnection.Connect.Closed false', from)
    assert.equal(await client.call('ask', 'who'), false)
  })
})
