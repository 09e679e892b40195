import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import type { ScriptFault } from '../../../server/apps/wire.ts'
import { decodeAmf0 } from '../../../server/media/amf0.ts'
import { limits, listenerFacts } from '../../apps/host/child.ts'
import { AscLab } from './asc-lab.ts'

const ids = ['a', 'b', 'c', 'd', 'e'].map(letter => letter.repeat(64))

suite('the application of a main.asc', () => {
  const lab = new AscLab()
  after(() => lab.end())

  test('has the name of its instance, and tells of the server (R18, R19)', async () => {
    const app = await lab.app(
      `
      application.onAppStart = function () {
        trace([this.name, this.hostname, this.server, this.config.greeting, typeof clients].join(' | '))
      }`,
      { config: { greeting: 'hello' } },
    )
    await app.start()
    await app.log('chat/lobby | here | Cumulus/0.0.0 test | hello | undefined')
  })

  test('lets in with true, refuses with false, and postpones otherwise (R3, R4, R22, R31)', async () => {
    const app = await lab.app(`
      var waiting = []
      application.onConnect = function (client, what) {
        if (what === 'yes') return true
        if (what === 'no') return false
        if (what === 'later') { waiting.push(client); return null }
        if (what === 'all') {
          while (waiting.length) application.acceptConnection(waiting.pop())
          this.rejectConnection(client, 'not you')
        }
      }`)
    assert.equal((await app.connect(['yes'], { id: ids[0]! })).ok, true)
    const refused = await app.connect(['no'], { id: ids[1]! })
    assert.deepEqual([refused.ok, refused.text], [false, ''])
    const postponed = app.connect(['later'], { id: ids[2]! })
    const rejected = await app.connect(['all'], { id: ids[3]! })
    assert.deepEqual([rejected.ok, rejected.text], [false, 'not you'])
    assert.equal((await postponed).ok, true)
  })

  test('is not waited for longer than apps.verdictTimeout when it has postponed a client (R3)', async () => {
    const app = await lab.app('application.onConnect = function () {}', { limits: { ...limits, verdictTimeout: 100 } })
    assert.match((await app.connect()).text!, /no answer within apps\.verdictTimeout \(100 ms\)/)
  })

  test('has whom it accepts among its clients at once, before onConnect returns (R3, R13)', async () => {
    const app = await lab.app(`
      application.onConnect = function (client) {
        trace('before ' + application.clients.length)
        application.acceptConnection(client)
        trace('after ' + application.clients.length + ' ' + (application.clients[0] === client))
      }
      application.onDisconnect = function (client) { trace('left ' + application.clients.length) }`)
    assert.equal((await app.connect([], { id: ids[0]! })).ok, true)
    await app.log('before 0')
    await app.log('after 1 true')
    app.tell(
      { e: 'joined', client: ids[0]! },
      { e: 'left', client: ids[0]! },
      { e: 'onDisconnection', client: ids[0]! },
    )
    await app.log('left 0')
  })

  test('says in info.application why it refuses, and elsewhere in ex.redirect (R4, R28)', async () => {
    const app = await lab.app(`
      application.onConnect = function (client, how) {
        if (how === 'object') application.rejectConnection(client, { reason: 'full', seats: 3 })
        if (how === 'both') application.rejectConnection(client, 'full', { seats: 4 })
        if (how === 'move') application.redirectConnection(client, 'rtmp://other/chat', 'moved', { code: 9 })
      }`)
    const info = (bytes: Uint8Array | undefined) => bytes && decodeAmf0(bytes)[0]
    const object = await app.connect(['object'], { id: ids[0]! })
    assert.deepEqual(
      [object.ok, object.text, info(object.info)],
      [false, '', { application: { reason: 'full', seats: 3 } }],
    )
    const both = await app.connect(['both'], { id: ids[1]! })
    assert.deepEqual([both.text, info(both.info)], ['full', { application: { seats: 4 } }])
    const moved = await app.connect(['move'], { id: ids[2]! })
    assert.deepEqual(
      [moved.text, moved.redirect, info(moved.info)],
      ['moved', ['rtmp://other/chat'], { application: { code: 9 } }],
    )
  })

  test('hears of who was let in, refused, has gone, publishes and stops (R2, R22, R23, R24, R25, R27)', async () => {
    const app = await lab.app(`
      application.onConnectAccept = function (client, name) { trace('accepted ' + name) }
      application.onConnectReject = function (client, name) { trace('rejected ' + name) }
      application.onDisconnect = function (client) { trace('gone ' + client.id.charAt(0)) }
      application.onPublish = function (client, stream) { trace('publishes ' + stream.name); return false }
      application.onUnpublish = function (client, stream) { trace('stops ' + stream.name) }`)
    const [id] = ids as [string]
    app.tell({ e: 'client', facts: app.facts({ id }, ['ann']) })
    app.tell({ e: 'onConnectionAccepted', client: id }, { e: 'onConnectionRejected', client: id, text: '' })
    const publication = app.publication({ address: 'cam', name: 'cam', publisherId: id })
    const verdict = await app.ask(ticket => ({ e: 'onPublish', ticket, client: id, publication }))
    assert.equal(verdict.ok, true)
    app.tell({ e: 'onUnpublish', client: id, publication, generation: 1 }, { e: 'onDisconnection', client: id })
    for (const line of ['accepted ann', 'rejected ann', 'publishes cam', 'stops cam', 'gone a']) await app.log(line)
  })

  test('leaves to the applications above what it has no handler for', async () => {
    const app = await lab.app('var nothing')
    assert.equal((await app.connect()).pass, true)
  })

  test('starts, and ends when it says so (R2, R20, R21, R32)', async () => {
    const app = await lab.app(`
      application.onAppStart = function () { trace('started'); application.shutdown() }
      application.onAppStop = function () { trace('stopped') }`)
    await app.start()
    await app.log('started')
    await app.command('unload')
    await app.ask(ticket => ({ e: 'onStop', ticket, path: app.path, reason: 'unload' }))
    await app.log('stopped')
  })

  test('hears of errors that nobody waits for, each with its line (R26)', async () => {
    const app = await lab.app(`
      application.onDisconnect = function () {
        missing()
      }
      application.onStatus = function (info) { trace(info.level + ' ' + info.code + ' ' + info.description) }`)
    const { id } = app.join()
    app.tell({ e: 'onDisconnection', client: id })
    await app.log('error Application.Script.Error missing is not defined')
    const fault = await app.command('fault')
    assert.deepEqual([fault.file, fault.line], [`${app.home}/main.asc`, 3])
  })

  test('calls all its clients, ends connections, counts, and collects garbage (R5, R15, R16, R17)', async () => {
    const app = await lab.app(`
      application.onConnect = function (client) {
        client.run = function () {
          application.broadcastMsg('news', 1, 'two')
          application.gc()
          var stats = application.getStats()
          return [application.disconnect(client), stats.connected, stats.total_connects, stats.bytes_in,
            stats.msg_in, stats.msg_out, stats.msg_dropped]
        }
        return true
      }`)
    const facts = app.facts({ id: ids[0]! })
    await app.connect([], { id: ids[0]! })
    app.tell({ e: 'joined', client: facts.id })
    app.tell({ e: 'stats', clients: [[facts.id, 20, 700, 900, 0, 7, 9]], publications: [], listeners: [] })
    const publication = app.publication({ address: 'cam', name: 'cam' })
    app.tell({ e: 'listener', facts: listenerFacts({ id: 4, client: facts.id, publication }) })
    const qos = { byteRate: 0, lostRate: 0, congestionRate: 0, latency: 0, droppedFrames: 0 }
    for (const droppedFrames of [4, 6, 1]) {
      const listeners = [{ listener: 4, audio: qos, video: { ...qos, droppedFrames } }]
      app.tell({ e: 'stats', clients: [], publications: [], listeners })
    }
    app.tell({ e: 'unlistener', listener: 4 })
    assert.deepEqual(await app.call(facts.id, 'run'), [true, 1, 1, 700, 7, 9, 7])
    const { name, args0 } = await app.command('broadcast')
    assert.deepEqual([name, decodeAmf0(args0)], ['news', [1, 'two']])
    assert.equal((await app.command('closeClient')).client, facts.id)
  })

  test('registers the classes of objects that come and go (R1, R29)', async () => {
    const app = await lab.app(`
      function Point() {}
      Point.prototype.sum = function () { return this.x + this.y }
      application.registerClass('Point', Point)
      application.onConnect = function (client) {
        client.add = function (point) { return point instanceof Point ? point.sum() : -1 }
        return true
      }`)
    await app.connect([], { id: ids[0]! })
    assert.equal(await app.call(ids[0]!, 'add', { __type: 'Point', x: 2, y: 3 }), 5)
  })
})

suite('load()', () => {
  const lab = new AscLab()
  after(() => lab.end())

  test('runs files after the main script, once each, in order, and what they load after them', async () => {
    const app = await lab.app({
      'main.asc': `
        var said = ['main']
        load('one.asc'); load('two.asc'); load('one.asc')
        said.push('end of main')
        application.onAppStart = function () { trace(said.join()) }`,
      'one.asc': "said.push('one'); load('/lib/three.asc')",
      'two.asc': "said.push('two')",
      '../lib/three.asc': "said.push('three')",
    })
    await app.start()
    await app.log('main,end of main,one,two,three')
  })

  test('names file and line of what it cannot load', async () => {
    for (const [file, text] of [
      ['none.asc', /cannot load "none\.asc": there is no such file/],
      ['../../../etc/hostname.asc', /there is no such file|lies outside/],
      ['notes.txt', /scripts end in \.asc or \.js/],
    ] as const) {
      await assert.rejects(lab.app(`\nload('${file}')`), (error: Error & { fault: ScriptFault }) => {
        assert.match(error.message, text)
        assert.deepEqual([error.fault.file.split('/')[1], error.fault.line], ['main.asc', 2])
        return true
      })
    }
    const bad = { 'main.asc': "load('bad.asc')", 'bad.asc': 'var a\nvar = 3' }
    await assert.rejects(lab.app(bad), (error: Error & { fault: ScriptFault }) => {
      assert.deepEqual([error.fault.file.split('/')[1], error.fault.line], ['bad.asc', 2])
      return true
    })
  })

  test('comes too late once the application has started', async () => {
    const app = await lab.app("application.onAppStart = function () { load('late.asc') }")
    await app.start()
    assert.match((await app.command('fault')).text, /load: late\.asc would come too late/)
  })
})
