import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { clientFacts } from '../apps/host/child.ts'
import { Lab, runner } from '../apps/host/lab.ts'

suite('server.stats() and server.gc()', () => {
  const lab = new Lab()
  after(() => lab.end())
  const { id } = clientFacts()
  const stats = (client: string, bytesIn: number, bytesOut: number) =>
    ({
      e: 'stats',
      clients: [[client, 1, bytesIn, bytesOut, 0, bytesIn / 10, bytesOut / 10]],
      publications: [],
      listeners: [],
    }) as never

  test('count clients, calls and bytes, those of clients that left too, through a reload (R17)', async () => {
    const app = await lab.app(runner)
    app.join({ room: 'lobby' })
    const [second, refused] = ['b2'.repeat(32), 'c3'.repeat(32)]
    app.join({ id: second })
    app.publication()
    app.tell({ e: 'client', facts: clientFacts({ id: refused, path: app.path }) }, { e: 'forget', client: refused })
    app.tell(stats(id, 100, 1000), stats(second, 10, 20))
    app.tell({ e: 'left', client: second }, { e: 'forget', client: second })
    const read = async () => (await app.call(id, 'run', 'return server.stats()')) as Record<string, number>
    const first = await read()
    assert.ok(first.memory! > 1_000_000 && first.memory! < 128e6, `${first.memory} bytes of heap`)
    assert.ok(Math.abs(Date.now() - first.startedAt!) < 60_000)
    const { memory: _, startedAt, cpu, load, hooks, ...rest } = first as Record<string, number> & { hooks: object }
    assert.ok(cpu! > 0 && load! >= 0)
    assert.deepEqual(Object.keys(hooks), ['call run'])
    assert.deepEqual(rest, {
      clients: 1,
      publications: 1,
      rooms: 2,
      accepted: 2,
      rejected: 1,
      left: 1,
      calls: 1,
      bytesIn: 110,
      bytesOut: 1020,
      messagesIn: 11,
      messagesOut: 102,
      dropped: 0,
      rollbacks: 0,
      rolledBack: '',
    })
    assert.equal((await app.reload(`${runner}\n// saved`)).report, 'reloaded')
    const again = await read()
    assert.deepEqual(
      [again.accepted, again.left, again.calls, again.bytesIn, again.startedAt],
      [2, 1, 2, 110, startedAt],
    )
  })

  test('tell how often each function was called, how long it ran and how long its answers took', async () => {
    const app = await lab.app(`
      const inAWhile = () => new Promise(resolve => { setTimeout(() => resolve(), 30) })
      export async function onPublish() { await inAWhile() }
      export function onCall(client, name) {
        const until = Date.now() + 20
        while (Date.now() < until);
        if (name === 'wrong') throw new Error('no')
      }
      export const calls = { read() { return server.stats().hooks } }
    `)
    app.join()
    const publication = app.publication()
    await app.ask(ticket => ({ e: 'onPublish', ticket, client: id, publication }))
    for (const name of ['right', 'wrong']) await app.result(id, name)
    const hooks = (await app.call(id, 'read')) as Record<string, Record<string, number>>
    assert.deepEqual([hooks.onPublish!.count, hooks.onCall!.count, hooks.onCall!.thrown], [1, 2, 1])
    assert.ok(hooks.onPublish!.max! >= 29 && hooks.onPublish!.ms! < 20, JSON.stringify(hooks))
    assert.ok(hooks.onCall!.ms! >= 39 && hooks.onCall!.p50! >= 20, JSON.stringify(hooks))
  })

  test('the garbage of the application is collected when it says so, and the engine’s function is not in its hands (R16)', async () => {
    const app = await lab.app(runner)
    app.join()
    const collected = await app.call(
      id,
      'run',
      'globalThis.ref = new WeakRef({ big: [1] }); return [typeof gc, server.gc()]',
    )
    assert.deepEqual(collected, ['undefined', undefined])
    assert.equal(await app.call(id, 'run', 'server.gc(); return ref.deref() === undefined'), true)
  })

  test('tell where the server is and what it is (R18, R19, C9, C13, C14)', async () => {
    const app = await lab.app(runner)
    app.join()
    const shown = await app.call(
      id,
      'run',
      `const { hostname, platform, version, publicAddress, epochTime } = server
      return { hostname, platform, version, publicAddress, now: epochTime,
        folders: [server.absolutePath(), server.absolutePath('/chat')] }`,
    )
    const { now, ...rest } = shown as { now: number }
    assert.ok(Math.abs(Date.now() - now) < 60_000)
    const { folder } = lab.www
    assert.deepEqual(rest, {
      hostname: 'here',
      platform: 'test',
      version: '0.0.0',
      publicAddress: 'here:1935',
      folders: [`${folder}/`, `${folder}/chat/`],
    })
  })
})
