import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { fromCloneBytes, toCloneBytes } from '../../sandbox-api/clone-bytes.ts'
import type { FieldValues } from '../../server/apps/wire.ts'
import { clientFacts, limits } from '../apps/host/child.ts'
import { Lab, runner, type TriedApp } from '../apps/host/lab.ts'

/** What was told of fields, readable. */
function told(app: TriedApp): unknown[] {
  return app
    .of('fields')
    .flatMap(({ of, fields }) => fields.map(([name, bytes]) => [of, name, bytes && fromCloneBytes(bytes)]))
}

const values = (fields: Record<string, unknown>): FieldValues =>
  Object.entries(fields).map(([name, value]) => [name, value === null ? null : toCloneBytes(value)])

suite('own fields', () => {
  const lab = new Lab()
  after(() => lab.end())
  const { id } = clientFacts()

  /** An application whose client may run a text; gives what that brings. */
  async function tried(change = {}): Promise<{ app: TriedApp; run: (code: string) => Promise<unknown> }> {
    const app = await lab.app(runner, change)
    app.join({ query: { lang: 'en' } })
    return { app, run: code => app.call(id, 'run', code) }
  }

  test('are told when they are assigned, removed or changed inside, and only then (C1)', async () => {
    const { app, run } = await tried()
    await run("client.name = 'tom'; client.cart = { apples: 1 }; client.name = 'ben'")
    await run("client.name = 'ben'; return client.cart.apples")
    await run('client.cart.apples++; delete client.lang')
    await run('delete client.name; delete client.never')
    assert.deepEqual(told(app), [
      ['client', 'name', 'ben'],
      ['client', 'cart', { apples: 1 }],
      ['client', 'cart', { apples: 2 }],
      ['client', 'lang', null],
      ['client', 'name', null],
    ])
  })

  test('of publications and rooms are told as well', async () => {
    const { app, run } = await tried()
    app.publication({ address: 'lobby/cam' })
    await run("publications.get('lobby/cam').title = 'News'; rooms.get('lobby').topics = new Set(['a'])")
    assert.deepEqual(told(app), [
      ['publication', 'title', 'News'],
      ['room', 'topics', new Set(['a'])],
    ])
  })

  test('are told before the answer of the hook that wrote them, also when that comes late', async () => {
    const app = await lab.app(`export async function onConnection(client) {
      client.first = 1
      await null
      client.second = 2
      setTimeout(() => { client.third = 3 })
    }`)
    await app.connect()
    await app.command('fields', ({ fields }) => fields[0]![0] === 'third')
    assert.deepEqual(
      app.commands.map(command => (command.c === 'fields' ? command.fields.map(([name]) => name) : command.c)),
      [['first'], ['second'], 'verdict', ['third']],
    )
  })

  test('that are functions, members of the engine or cannot be cloned stay where they are (C3, C44)', async () => {
    const { app, run } = await tried()
    const verdict = await run(`client.add = (a, b) => a + b
      client.odd = { f() {} }
      client.friend = client
      client.home = rooms.get('')
      try { Object.defineProperty(client, 'id', { value: 5, configurable: true }) } catch {}
      return [typeof client.add, typeof client.odd.f, client.friend === client]`)
    assert.deepEqual(verdict, ['function', 'function', true])
    assert.deepEqual(told(app), [])
    await run("client.odd = 'even'")
    await run('client.odd = () => {}')
    assert.deepEqual(told(app), [
      ['client', 'odd', 'even'],
      ['client', 'odd', null],
    ])
  })

  test('written elsewhere appear here, and take no function away', async () => {
    const { app, run } = await tried()
    await run("client.greet = () => 'hello'; client.score = 1")
    app.tell({ e: 'fieldsTaken', of: 'client', id, names: ['score'] })
    app.tell({
      e: 'fields',
      of: 'client',
      id,
      fields: values({ score: 2, bag: new Map([['a', 1]]), greet: null, lang: null }),
    })
    assert.deepEqual(
      await run('return [client.score, client.bag.get("a"), client.greet(), client.lang === undefined]'),
      [2, 1, 'hello', true],
    )
    assert.equal(told(app).length, 1, 'what was heard is not told again, though it was read')
  })

  test('are the last writer’s: what came before one’s own write is older', async () => {
    const { app, run } = await tried()
    await run('client.n = 1')
    app.tell({ e: 'fields', of: 'client', id, fields: values({ n: 'older' }) })
    assert.equal(await run('return client.n'), 1)
    await run('client.n = 2')
    app.tell({ e: 'fieldsTaken', of: 'client', id, names: ['n'] })
    app.tell({ e: 'fields', of: 'client', id, fields: values({ n: 'still older' }) })
    assert.equal(await run('return client.n'), 2)
    app.tell({ e: 'fieldsTaken', of: 'client', id, names: ['n'] })
    app.tell({ e: 'fields', of: 'client', id, fields: values({ n: 'newer' }) })
    assert.equal(await run('return client.n'), 'newer')
  })

  test('that are too large stay in this application, and in its next version', async () => {
    const { app, run } = await tried()
    await run("client.small = 'x'; client.large = 'x'.repeat(70_000)")
    assert.deepEqual(told(app), [
      ['client', 'small', 'x'],
      ['client', 'large', null],
    ])
    await app.reload(runner)
    assert.equal(await run('return client.large.length'), 70_000)
  })

  test('come along at a reload as they are by then, with what is still on its way', async () => {
    const { app, run } = await tried()
    await run('client.list = [1]; globalThis.kept = client.list')
    await run('kept.push(2)')
    await app.reload(runner)
    assert.deepEqual(await run('return client.list'), [1, 2])
    assert.deepEqual(told(app).at(-1), ['client', 'list', [1, 2]])
    app.tell({ e: 'fields', of: 'client', id, fields: values({ list: ['older'] }) })
    assert.deepEqual(await run('return client.list'), [1, 2])
  })

  test('are there before a script that comes up after a crash', async () => {
    const facts = clientFacts({ path: '/after', query: { lang: 'en' } })
    const app = await lab.app(
      runner,
      { path: '/after' },
      {
        mirror: [
          { e: 'client', facts, present: true },
          { e: 'fields', of: 'client', id, fields: values({ name: 'tom', lang: null }) },
          { e: 'joined', client: id },
        ],
      },
    )
    assert.deepEqual(await app.call(id, 'run', 'return [client.name, client.lang === undefined]'), ['tom', true])
    assert.deepEqual(told(app), [])
  })

  test('that trap whoever reads them cost the function that put them there, and nothing else', async () => {
    const { app, run } = await tried({ limits: { ...limits, timeout: 200 } })
    await assert.rejects(run('client.trap = { get x() { for (;;); } }'), /ran into apps\.timeout/)
    assert.equal(await run("client.fine = 'yes'; return client.fine"), 'yes')
    await run('client.self = { get n() { return client.self && 1 } }')
    assert.deepEqual(told(app), [
      ['client', 'fine', 'yes'],
      ['client', 'self', { n: 1 }],
    ])
  })
})
