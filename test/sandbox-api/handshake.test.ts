import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { listenerFacts } from '../apps/host/child.ts'
import { Lab, type TriedApp } from '../apps/host/lab.ts'

suite('onHandshake in the glass', () => {
  const lab = new Lab()
  after(() => lab.end())

  const knock = (app: TriedApp) =>
    app.ask(ticket => ({
      e: 'onHandshake',
      ticket,
      address: '10.0.0.1:5',
      path: '/chat/lobby',
      properties: { user: 'tom' },
      attempts: 3,
    }))

  test('hears the address, the path, the values of the query and the attempts (C153)', async () => {
    const app = await lab.app('export function onHandshake(...values) { console.log(values) }')
    const verdict = await knock(app)
    assert.deepEqual([verdict.ok, verdict.redirect], [true, []])
    assert.deepEqual(app.logs, ["[ '10.0.0.1:5', '/chat/lobby', { user: 'tom' }, 3 ]"])
  })

  test('sends away by address, URL, server, list or promise (C150, C151, C154)', async () => {
    const table: [string, string[]][] = [
      ["return 'other:1936'", ['other:1936']],
      ["return 'rtmp://other/app?x=1'", ['rtmp://other/app?x=1']],
      ["return '::1'", ['::1']],
      ["return ['[::1]:1935', ['b', { publicAddress: 'c:1' }], 'again']", ['[::1]:1935', 'b', 'c:1', 'again']],
      ["return Promise.resolve(['late'])", ['late']],
      ['return true', []],
      ['return null', []],
    ]
    for (const [body, redirect] of table) {
      const app = await lab.app(`export function onHandshake() { ${body} }`)
      const verdict = await knock(app)
      assert.deepEqual([verdict.ok, verdict.redirect], [true, redirect], body)
      lab.child.send({ order: 'dispose', path: app.path })
    }
  })

  test('refuses with its words, and names what is no address', async () => {
    const table: [string, string][] = [
      ['return false', ''],
      ["throw new Error('too many of you')", 'too many of you'],
      ["return 'a b'", 'onHandshake: "a b" is no address (host:port) and no URL'],
      ["return ''", 'onHandshake: "" is no address (host:port) and no URL'],
      ['return [5]', 'onHandshake: number is no address (host:port) and no URL'],
      ['return {}', 'onHandshake: "" is no address (host:port) and no URL'],
      ["return Array(65).fill('a')", 'onHandshake: at most 64 addresses, in arrays at most 4 deep'],
      ['const a = []; a[0] = a; return a', 'onHandshake: at most 64 addresses, in arrays at most 4 deep'],
    ]
    for (const [body, text] of table) {
      const app = await lab.app(`export function onHandshake() { ${body} }`)
      const verdict = await knock(app)
      assert.deepEqual([verdict.ok, verdict.text], [false, text], body)
      lab.child.send({ order: 'dispose', path: app.path })
    }
  })

  test('client.redirect() takes an address or a URL, and nothing else (R28)', async () => {
    const app = await lab.app(`export const calls = {
      go(to) { try { this.redirect(to) } catch (error) { return error.name + ': ' + error.message } },
    }`)
    const { id } = app.join()
    assert.equal(await app.call(id, 'go', 'other:1'), undefined)
    assert.deepEqual(await app.command('redirect'), { c: 'redirect', client: id, to: 'other:1' })
    assert.match(String(await app.call(id, 'go', 'no way')), /^TypeError: client\.redirect: "no way" is no address/)
    assert.match(String(await app.call(id, 'go', 5)), /^TypeError: client\.redirect: number is no address/)
  })

  test('streams, pauses and seeks are the script’s to refuse (M2, M3, M6, M7)', async () => {
    const app = await lab.app(`
      export function onCreateStream(client, streamId) { if (streamId > 2) throw new Error('two are enough') }
      export const onPause = (client, listener, paused) => listener.client === client && !paused
      export async function onSeek(client, listener, ms) { return ms < 1000 }
    `)
    const client = app.join().id
    const publication = app.publication()
    app.tell({
      e: 'listener',
      facts: listenerFacts({ client, publication }),
    })
    const verdicts = [
      await app.ask(ticket => ({ e: 'onCreateStream', ticket, client, streamId: 2 })),
      await app.ask(ticket => ({ e: 'onCreateStream', ticket, client, streamId: 3 })),
      await app.ask(ticket => ({ e: 'onPause', ticket, client, listener: 1, paused: true })),
      await app.ask(ticket => ({ e: 'onPause', ticket, client, listener: 1, paused: false })),
      await app.ask(ticket => ({ e: 'onSeek', ticket, client, listener: 1, ms: 999 })),
      await app.ask(ticket => ({ e: 'onSeek', ticket, client, listener: 1, ms: 1000 })),
      await app.ask(ticket => ({ e: 'onSeek', ticket, client, listener: 9, ms: 0 })),
    ]
    assert.deepEqual(
      verdicts.map(({ ok, text }) => (ok ? 'yes' : text)),
      ['yes', 'two are enough', '', 'yes', 'yes', '', 'onSeek: whom it is about has gone'],
    )
  })
})
