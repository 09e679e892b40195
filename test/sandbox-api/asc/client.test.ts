import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { decodeAmf0, encodeAmf0 } from '../../../server/media/amf0.ts'
import { listenerFacts } from '../../apps/host/child.ts'
import { AscLab, type TriedInstance } from './asc-lab.ts'

const id = 'c'.repeat(64)

/** Lets everybody in, and has a client call a function that the test writes. */
const runner = (body: string, before = '') => `
  ${before}
  application.onConnect = function (client) {
    client.run = function () { ${body} }
    return true
  }`

suite('a client of a main.asc', () => {
  const lab = new AscLab()
  after(() => lab.end())

  async function run(app: TriedInstance, change: object = {}, ...args: unknown[]): Promise<unknown> {
    const facts = app.facts({ id, ...change })
    app.tell({ e: 'client', facts })
    await app.ask(ticket => ({ e: 'onConnection', ticket, client: id }))
    app.tell({ e: 'joined', client: id })
    return app.call(id, 'run', ...args)
  }

  test('tells who it is (R33, R41, R42, R43, R45, R49, R50)', async () => {
    const names = 'agent ip id protocol referrer pageUrl uri secure virtualKey'
    const app = await lab.app(
      runner(`var self = this; return '${names}'.split(' ').map(function (n) { return self[n] })`),
    )
    const change = {
      address: '[::1]:1935',
      flashVersion: 'WIN 9',
      protocol: 'rtmps',
      secure: true,
      swfUrl: 'http://a/b.swf',
      pageUrl: 'http://a/',
      uri: 'rtmps://h/chat/lobby',
    }
    assert.deepEqual(await run(app, change), [
      'WIN 9',
      '::1',
      id,
      'rtmps',
      'http://a/b.swf',
      'http://a/',
      'rtmps://h/chat/lobby',
      true,
      '',
    ])
  })

  test('is given what it may read, write and see of others (R34, R35, R46, R47)', async () => {
    const app = await lab.app(
      runner(`
        this.readAccess = '/open;/free'; this.writeAccess = '/own/' + this.id
        this.audioSampleAccess = '/open'; this.videoSampleAccess = '/open'
        return this.readAccess`),
    )
    assert.equal(await run(app), '/open;/free')
    const { c: _, client: __, ...access } = app.of('access').at(-1)!
    assert.deepEqual(access, {
      readAccess: '/open;/free',
      writeAccess: `/own/${id}`,
      audioSampleAccess: '/open',
      videoSampleAccess: '/open',
    })
  })

  test('may call its own functions and those of Client.prototype, of any name, and nothing else (R48)', async () => {
    const app = await lab.app(`
      Client.prototype.shared = function (a) { return ['shared', a, this.id.charAt(0)] }
      Client.prototype.overruled = function () { return 'prototype' }
      application.onConnect = function (client) {
        client.overruled = function () { return 'own' }
        client.ping = function () { return 'pong' }
        client.note = 'no function'
        return true
      }`)
    await app.connect([], { id })
    assert.deepEqual(await app.call(id, 'shared', 1), ['shared', 1, 'c'])
    assert.equal(await app.call(id, 'overruled'), 'own')
    assert.equal(await app.call(id, 'ping'), 'pong')
    for (const name of ['note', 'getStats', 'call', 'constructor', 'toString', '__proto__', 'readAccess', 'missing']) {
      await assert.rejects(app.call(id, name), { message: `nothing by the name ${name}` }, name)
    }
  })

  test('has __resolve asked for what is nowhere else (R48)', async () => {
    const app = await lab.app(
      runner(
        'return [this.colour, this.ip, typeof this.toString]',
        `Client.prototype.__resolve = function (name) {
          if (name === 'colour') return 'blue'
          return function (a) { return name + ' ' + a + ' ' + (this.ip === '127.0.0.1') }
        }`,
      ),
    )
    assert.deepEqual(await run(app), ['blue', '127.0.0.1', 'function'])
    assert.equal(await app.call(id, 'anything', 7), 'anything 7 true')
  })

  test('answers what it is called, to onResult or onStatus, or to nobody (R36)', async () => {
    const app = await lab.app(
      runner(`
        this.call('say', null, 1)
        this.call('add', { total: 10, onResult: function (sum) { trace('sum ' + (this.total + sum)) } }, 2, 3)
        this.call('fail', { onStatus: function (info) { trace(info.level + ' ' + info.code) } })
        return this.call('bad', { onResult: function () { throw new Error('of its own') } })`),
    )
    assert.equal(await run(app), true)
    const [say, add, fail, bad] = app.of('message')
    assert.deepEqual([say!.name, say!.ticket, decodeAmf0(say!.args)], ['say', 0, [1]])
    assert.deepEqual(decodeAmf0(add!.args), [2, 3])
    app.tell({ e: 'answer', ticket: add!.ticket, ok: true, value: encodeAmf0([5]) })
    await app.log('sum 15')
    app.tell({ e: 'answer', ticket: fail!.ticket, ok: false, text: 'no' })
    await app.log('error NetConnection.Call.Failed')
    app.tell({ e: 'answer', ticket: bad!.ticket, ok: true, value: encodeAmf0([null]) })
    assert.equal((await app.command('fault')).text, 'of its own')
  })

  test('is pinged and measured, and its figures have the names Adobe gave them (R37, R38, R39, R44)', async () => {
    const app = await lab.app(
      runner(`
        this.ping(); this.checkBandwidth()
        var s = this.getStats()
        return [s.bytes_in, s.bytes_out, s.ping_rtt, s.dropped_video_msgs, s.msg_dropped,
          s.msg_in, s.msg_out, this.getBandwidthIn() > 0]`),
    )
    app.tell({ e: 'client', facts: app.facts({ id }) })
    const publication = app.publication({ address: 'cam', name: 'cam' })
    app.tell({ e: 'listener', facts: listenerFacts({ id: 4, client: id, publication }) })
    const qos = { byteRate: 0, lostRate: 0, congestionRate: 0, latency: 0, droppedFrames: 0 }
    app.tell({ e: 'stats', clients: [[id, 10, 100, 100, 0, 1, 2]], publications: [], listeners: [] })
    app.tell({
      e: 'stats',
      clients: [[id, 30, 500, 800, 0, 12, 34]],
      publications: [],
      listeners: [{ listener: 4, audio: qos, video: { ...qos, droppedFrames: 6 } }],
    })
    const figures = (await run(app)) as unknown[]
    assert.deepEqual(figures.slice(0, 7), [500, 800, 30, 6, 6, 12, 34])
    await app.command('ping')
    const { ticket } = await app.command('bandwidth')
    const value = encodeAmf0([{ maximum: 125_000, latency: 20, bytes: 1000, ms: 8 }])
    app.tell({ e: 'answer', ticket, ok: true, value })
    const { name, args } = await app.command('message')
    assert.deepEqual([name, decodeAmf0(args)], ['onBWDone', [1000, 8, 0.008, 20]])
  })

  test('has no limit of its own, which the log says where one is set', async () => {
    const app = await lab.app(runner('return this.setBandwidthLimit(1000, 1000)'))
    await run(app)
    const line = await app.command('log', ({ level }) => level === 'warn')
    assert.match(line.text, /setBandwidthLimit changes nothing/)
    assert.deepEqual([line.file, line.line > 0], [`${app.home}/main.asc`, true])
  })

  test('cannot be made, and keeps what scripts put on it when the script is saved', async () => {
    const app = await lab.app(`
      try { new Client() } catch (error) { trace(error.message) }
      application.onConnect = function (client, name) { if (!client.name) client.name = name; return true }
      Client.prototype.who = function () { return this.name }`)
    await app.log('a Client comes with a connection, it cannot be made')
    app.tell({ e: 'client', facts: app.facts({ id }, ['ann']) })
    await app.ask(ticket => ({ e: 'onConnection', ticket, client: id }))
    app.tell({ e: 'joined', client: id })
    lab.www.write(
      `${app.home}/main.asc`,
      `
      application.onConnect = function (client) { trace('again ' + client.name); return false }
      Client.prototype.who = function () { return 'still ' + this.name + ' of ' + application.clients.length }`,
    )
    assert.equal((await app.child.reload(app.setup)).report, 'reloaded')
    await app.log('again ann')
    assert.equal(await app.call(id, 'who'), 'still ann of 1')
  })
})

suite('timers of a main.asc', () => {
  const lab = new AscLab()
  after(() => lab.end())

  test('call a method of an object by its name, or a function, until they are cleared', async () => {
    const app = await lab.app(`
      var clock = { ticks: 0, tick: function (by) {
        this.ticks += by
        trace('tick ' + this.ticks)
        if (this.ticks === 4) clearInterval(id)
      } }
      var id = setInterval(clock, 'tick', 5, 2)
      var other = setInterval(function (a, b) { trace('other ' + a + b); clearInterval(other) }, 5, 'x', 'y')
      try { setInterval('tick', 5) } catch (error) { trace(error.message) }`)
    for (const line of ['tick 2', 'tick 4', 'other xy']) await app.log(line)
    assert.match(app.logs.join(), /setInterval: takes a function and milliseconds, or an object/)
  })
})
