import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { usualAccess } from '../../server/hub/facts.ts'
import { decodeAmf0, encodeAmf0 } from '../../server/media/amf0.ts'
import { clientFacts, limits, listenerFacts } from '../apps/host/child.ts'
import { Lab, runner } from '../apps/host/lab.ts'

suite('client', () => {
  const lab = new Lab()
  after(() => lab.end())
  const id = clientFacts().id

  test('shows what is known of it (M4, R33, R39, R41, R42, R43, R45, R49, R50, C33–C41, C43)', async () => {
    const app = await lab.app(runner)
    app.join({
      protocol: 'rtmps',
      secure: true,
      uri: 'rtmps://host/app/lobby?user=tom',
      room: 'lobby',
      pageUrl: 'http://page/',
      swfUrl: 'http://page/x.swf',
      query: { user: 'tom' },
    })
    app.tell({ e: 'stats', clients: [[id, 12, 100, 200, 30, 1, 2]], publications: [], listeners: [] })
    const shown = await app.call(
      id,
      'run',
      `const { id, address, protocol, secure, uri, path, room, flashVersion, pageUrl, swfUrl, ping,
        elapsedFromReception, readAccess, writeAccess, adopted, user } = client
      return { id, address, protocol, secure, uri, path, room, flashVersion, pageUrl, swfUrl, ping,
        elapsedFromReception, readAccess, writeAccess, adopted, user, stats: client.stats(),
        raw: [client.rawId.length, client.rawId[0], client.rawId[31]] }`,
    )
    assert.deepEqual(shown, {
      id,
      address: '127.0.0.1:5000',
      protocol: 'rtmps',
      secure: true,
      uri: 'rtmps://host/app/lobby?user=tom',
      path: app.path,
      room: 'lobby',
      flashVersion: 'LNX 9,0,124,2',
      pageUrl: 'http://page/',
      swfUrl: 'http://page/x.swf',
      ping: 12,
      elapsedFromReception: 30,
      readAccess: '/',
      writeAccess: '/',
      adopted: false,
      user: 'tom',
      stats: { ping: 12, bytesIn: 100, bytesOut: 200, elapsedFromReception: 30 },
      raw: [32, 0xa1, 0xa1],
    })
  })

  test('takes fields of any name but those of its members, and says what to do instead (C1, C43)', async () => {
    const app = await lab.app(runner)
    app.join({ query: { id: 'forged', writer: 'x', user: 'tom', __proto__x: 'y', toString: 'z' } })
    assert.equal(
      await app.call(id, 'run', 'client.user = "ben"; client.level = 3; return client.user + client.level'),
      'ben3',
    )
    assert.equal(await app.call(id, 'run', 'return client.id'), id)
    assert.equal(await app.call(id, 'run', 'return typeof client.writer'), 'object')
    assert.equal(await app.call(id, 'run', 'return client.toString'), 'z')
    for (const name of ['id', 'ping', 'writer', 'call', 'close', 'stats', 'address']) {
      const text = await app.call(
        id,
        'run',
        `try { client.${name} = () => {} } catch (e) { return e.name + e.message }`,
      )
      assert.match(String(text), new RegExp(`^TypeErrorclient\\.${name} cannot be assigned.*export const calls`))
    }
  })

  test('is in clients from joined to left, under its id and its raw id (C4, C5, C7, C30–C32, R13)', async () => {
    const app = await lab.app(`${runner}
      export function onConnection(client) { console.log(clients.count, clients.has(client.id)) }
      export function onDisconnection(client) { console.log(clients.count, clients.get(client.id), client.name) }`)
    await app.connect()
    app.tell({ e: 'joined', client: id })
    assert.deepEqual(
      await app.call(
        id,
        'run',
        `client.name = 'tom'
        return [clients.count, clients.get(client.id) === client, clients.get(client.rawId) === client,
          clients.get('none') === undefined, clients.get(5) === undefined,
          [...clients].length, [...clients.pairs()][0][0], [...clients.ipairs()][0][1] === client,
          server.clients === clients]`,
      ),
      [1, true, true, true, true, 1, id, true, true],
    )
    app.tell({ e: 'left', client: id }, { e: 'onDisconnection', client: id }, { e: 'forget', client: id })
    await app.log('0 undefined tom')
    assert.deepEqual(app.logs, ['0 false', '0 undefined tom'])
  })

  test('is read-only once it has gone: writing has no effect (C132)', async () => {
    const app = await lab.app(`
      export function onDisconnection(client) {
        client.writer.writeAMFMessage('late')
        client.writer.writeStatusResponse('Late')
        client.writer.newFlowWriter().writeAMFMessage('late')
        client.close('late')
        client.sendPing()
        client.readAccess = '/none'
        client.onManage = () => {}
        client.call('late').catch(error => console.log(error.message))
        console.log(client.readAccess)
      }`)
    app.join()
    app.tell({ e: 'left', client: id }, { e: 'onDisconnection', client: id }, { e: 'forget', client: id })
    await app.log('the client has gone')
    assert.deepEqual(app.logs, ['/', 'the client has gone'])
    assert.deepEqual(
      app.commands.filter(({ c }) => c !== 'log'),
      [],
    )
  })

  test('changes its access, closes and pings (R15, R44, R46, R47)', async () => {
    const app = await lab.app(runner)
    app.join()
    await app.call(
      id,
      'run',
      "client.readAccess = '/open'; client.writeAccess = ''; client.sendPing(); client.close('bye')",
    )
    assert.deepEqual(
      app.commands.filter(({ c }) => c !== 'result'),
      [
        { c: 'access', client: id, ...usualAccess, readAccess: '/open' },
        { c: 'access', client: id, ...usualAccess, readAccess: '/open', writeAccess: '' },
        { c: 'ping', client: id },
        { c: 'closeClient', client: id, reason: 'bye', failed: false },
      ],
    )
    assert.equal(await app.call(id, 'run', 'return client.readAccess + client.writeAccess'), '/open')
  })

  test('measures its line, and says what goes over it at present (R37, R38, R39)', async () => {
    const app = await lab.app(`export const calls = {
      async measure() { try { return await this.bandwidth() } catch (error) { return error.message } },
    }`)
    app.join()
    const stats = (bytesIn: number, bytesOut: number) => {
      app.tell({ e: 'stats', clients: [[id, 5, bytesIn, bytesOut, 0, 0, 0]], publications: [], listeners: [] })
    }
    stats(100, 1000)
    const measuring = app.call(id, 'measure')
    const { ticket } = await app.command('bandwidth')
    app.tell({ e: 'answer', ticket, ok: true, value: encodeAmf0([{ maximum: 125_000, latency: 7 }]) })
    assert.deepEqual(await measuring, { in: 0, out: 0, maximum: 125_000, latency: 7 })
    stats(200, 3000)
    const again = app.call(id, 'measure')
    const second = await app.command('bandwidth', command => command.ticket !== ticket)
    app.tell({ e: 'answer', ticket: second.ticket, ok: true, value: encodeAmf0([{ maximum: 1, latency: 1 }]) })
    const { in: inRate, out } = (await again) as { in: number; out: number }
    assert.ok(inRate > 0 && Math.abs(out / inRate - 20) < 0.001, `${inRate} in, ${out} out`)
    const third = app.call(id, 'measure')
    const last = await app.command('bandwidth', command => command.ticket > second.ticket)
    app.tell({ e: 'answer', ticket: last.ticket, ok: false, text: 'the client has left' })
    assert.equal(await third, 'the client has left')
  })

  test('opens its samples by folders, or all of them, and takes no other list (R34, R35)', async () => {
    const app = await lab.app(runner)
    app.join()
    const publication = app.publication()
    app.tell({ e: 'listener', facts: listenerFacts({ publication, audioSampleAccess: true }) })
    app.tell({ e: 'listening', listener: 1 })
    const shown = await app.call(
      id,
      'run',
      `client.audioSampleAccess = '/open;/news'
      client.videoSampleAccess = true
      const { audioSampleAccess, videoSampleAccess } = client
      client.videoSampleAccess = false
      const texts = []
      for (const wrong of [5, null, {}, 'x'.repeat(4097)]) {
        try { client.readAccess = wrong } catch (error) { texts.push(error.name + ': ' + error.message) }
      }
      const listener = publications.get('cam').listeners.get(1)
      return [audioSampleAccess, videoSampleAccess, client.videoSampleAccess, listener.audioSampleAccess, ...new Set(texts)]`,
    )
    const refusal = 'TypeError: client.readAccess is a text of at most 4096 characters: folders separated by ";"'
    assert.deepEqual(shown, ['/open;/news', '/', '', true, refusal])
    app.tell(
      { e: 'access', client: id, ...usualAccess, writeAccess: '/theirs' },
      { e: 'sampleAccess', listener: 1, audio: false, video: true },
    )
    assert.deepEqual(
      await app.call(
        id,
        'run',
        `const { audioSampleAccess, videoSampleAccess } = publications.get('cam').listeners.get(1)
        return [client.writeAccess, client.audioSampleAccess, audioSampleAccess, videoSampleAccess]`,
      ),
      ['/theirs', '', false, true],
      'what another application changed',
    )
  })

  test('answers call() with a promise (R36, K20, K24)', async () => {
    const app = await lab.app(`export const calls = {
      async ask(...args) { try { return await this.call('question', ...args) } catch (e) { return [e.message, e.info?.code] } },
    }`)
    app.join({ objectEncoding: 3 })
    const yes = app.call(id, 'ask', 1, 'two', { three: [3] })
    const question = await app.command('message')
    assert.equal(question.name, 'question')
    assert.deepEqual(decodeAmf0(question.args), [1, 'two', { three: [3] }])
    app.tell({ e: 'answer', ticket: question.ticket, ok: true, value: encodeAmf0([{ four: 4 }]) })
    assert.deepEqual(await yes, { four: 4 })

    const no = app.call(id, 'ask')
    const second = await app.command('message', ({ ticket }) => ticket !== question.ticket)
    const value = encodeAmf0([{ code: 'NetConnection.Call.Failed' }])
    app.tell({ e: 'answer', ticket: second.ticket, ok: false, text: 'no such method', value })
    assert.deepEqual(await no, ['no such method', 'NetConnection.Call.Failed'])
  })

  test('rejects a call() that nobody answers in time, whose client goes, or that is one too many', async () => {
    const app = await lab.app(
      `export const calls = {
        async ask() { try { return await this.call('question') } catch (e) { return e.message } },
        flood() { return Promise.allSettled(Array.from({ length: 6 }, () => this.call('q'))).then(all => all[5].reason.message) },
      }`,
      { limits: { ...limits, verdictTimeout: 150, pendingCalls: 5 } },
    )
    app.join()
    assert.match(
      String(await app.call(id, 'ask').catch(error => error.message)),
      /within apps\.verdictTimeout \(150 ms\)/,
    )
    assert.match(String(await app.call(id, 'flood').catch(error => error.message)), /apps\.pendingCalls|verdictTimeout/)
    const second = 'b2'.repeat(32)
    app.join({ id: second })
    const left = app.call(second, 'ask')
    await app.command('message', message => message.client === second)
    app.tell({ e: 'left', client: second })
    assert.equal(await left, 'the client has gone')
  })

  test('calls onManage every two seconds, and no more once it was taken away or the client left (C45, C60, R26)', async () => {
    const app = await lab.app(`
      export function onConnection(client) {
        const writer = client.writer.newFlowWriter()
        writer.onManage = function () {
          console.log('writer', this === writer, client.writer.onManage)
          writer.close()
          throw new Error('over')
        }
        client.onManage = function () {
          console.log('client', this === client)
          client.onManage = null
        }
      }
      export function onStatus({ hook, client }) { console.log(hook, 'of', client.id.length) }`)
    const began = performance.now()
    await app.connect()
    await app.log('writer true null')
    await app.log('client true')
    await app.log('writer.onManage of 64')
    const waited = performance.now() - began
    assert(waited > 1_900 && waited < 30_000, `${waited} ms`)
    assert.deepEqual(app.logs.sort(), ['client true', 'writer true null', 'writer.onManage of 64'])
  })

  test('cannot be made, forged or changed in its nature', async () => {
    const app = await lab.app(runner)
    app.join()
    const attempts = [
      'return client.constructor === Object',
      'return Object.isFrozen(Object.getPrototypeOf(client))',
      `const forged = Object.create(Object.getPrototypeOf(client), { id: { value: 'b2' } })
       try { forged.writer.writeAMFMessage('x') } catch (e) { return e instanceof TypeError }`,
      `try { Object.defineProperty(client, 'id', { value: 'b2'.repeat(32) }) }
       catch (e) { return e.message === 'id cannot be defined anew: it is a member of every client' }`,
      `return !Reflect.setPrototypeOf(client, { id: 'b2' }) && !Reflect.preventExtensions(client)`,
      `client.writer.writeAMFMessage('to whom')
       return delete clients.get, clients.get !== undefined`,
      `"use strict"; try { Object.getPrototypeOf(clients).get = () => 1 } catch (e) { return e instanceof TypeError }`,
      `'use strict'; try { globalThis.clients = 5 } catch (e) { return e instanceof TypeError }`,
    ]
    for (const attempt of attempts) assert.equal(await app.call(id, 'run', attempt), true, attempt)
    assert.equal((await app.command('message')).client, id)
  })
})
