import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { hookNames } from '../../sandbox-api/hook-names.ts'
import { listenerFacts } from '../apps/host/child.ts'
import { Lab, type TriedApp } from '../apps/host/lab.ts'
import { allowed } from '../apps/host/outside/script.ts'

const readme = readFileSync(new URL('../../sandbox-api/README.md', import.meta.url), 'utf8')
const examples = [...readme.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code]) => code!)
const named = /^\/\/ www\/(.*)\n/

/** Everything that can happen to an application happens once, with a client that answers what it is called. */
async function live(app: TriedApp): Promise<void> {
  const start = { e: 'onStart', path: app.path, reason: 'start' } as const
  assert.equal((await app.ask(ticket => ({ ...start, ticket }))).ok, true)
  await app.connect(['tom', 'tulip'], { query: { stage: 'yes' } })
  const { id } = app.join({ query: { stage: 'yes' } })
  const room = `${app.path}\n`
  await app.ask(ticket => ({ e: 'onRoomCreate', ticket, room }))
  await app.ask(ticket => ({ e: 'onRoomEnter', ticket, client: id, room }))
  const publication = app.publication({ address: 'studio', query: { key: 'tulip' } })
  await app.ask(ticket => ({ e: 'onPublish', ticket, client: id, publication }))
  app.tell({ e: 'listener', facts: listenerFacts({ client: id, publication }) })
  await app.ask(ticket => ({ e: 'onSubscribe', ticket, client: id, listener: 1 }))
  app.tell({ e: 'listening', listener: 1 }, { e: 'onManage' })
  for (const name of ['add', 'say', 'rename', 'echo', 'letIn', 'talkAbout', 'measure', 'order', 'buy', 'bye', 'none'])
    await app.result(id, name, ['x', 'y'])
  assert.equal((await app.reload({})).report, 'reloaded')
  app.tell(
    { e: 'onUnpublish', client: id, publication, generation: 1 },
    { e: 'left', client: id },
    { e: 'onRoomLeave', client: id, room },
    { e: 'onDisconnection', client: id },
  )
  await app.ask(ticket => ({ e: 'onStop', ticket, path: app.path, reason: 'shutdown' }))
}

suite("the app author's book", () => {
  const lab = new Lab()
  const backend = createServer((_, response) => response.writeHead(204).end())
  before(() => once(backend.listen(0, '127.0.0.1'), 'listening'))
  after(async () => {
    backend.close()
    await lab.end()
    backend.closeAllConnections()
  })

  for (const [index, code] of examples.entries()) {
    const file = named.exec(code)?.[1] ?? `example${index}/main.js`
    const title = readme
      .slice(0, readme.indexOf(code))
      .match(/^#+ .*$/gm)!
      .at(-1)!
      .replace(/^#+ /, '')
    lab.www.write(file, code)
    if (!/\/main\.(js|asc)$/.test(file)) continue
    test(`shows an application that runs (${title}, example ${index + 1})`, async () => {
      const [home, main] = [dirname(file), basename(file)]
      const isInstance = main === 'main.asc'
      const path = isInstance ? `/${home}/monday` : `/${home}`
      const folder = { home: `/${home}`, folder: join(lab.www.folder, home), main }
      const allow = allowed('listen:tcp:*', 'fetch:127.0.0.1:*', 'rtmp:127.0.0.1:*', 'mail', 'config')
      const config = {
        port: '0',
        origin: 'rtmp://127.0.0.1:9/live',
        backend: `http://127.0.0.1:${(backend.address() as AddressInfo).port}/`,
      }
      const instance = isInstance ? path.slice(1) : null
      const app = await lab.app({}, { path, allow, config, instance, ...folder })
      await live(app)
      assert.deepEqual(app.of('fault'), [])
      assert.deepEqual(
        app.of('log').filter(({ level, text }) => level === 'warn' && / threw /.test(text)),
        [],
      )
    })
  }

  test('opens with an application that does what is said of it', async () => {
    const app = await lab.app(examples[0]!)
    const { ok, info } = await app.connect(['Tom'])
    assert.equal(ok && Buffer.from(info!).includes('welcome, Tom'), true)
    const { id } = app.join()
    await app.call(id, 'say', 'hello')
    const { name, args0 } = await app.command('broadcast')
    assert.deepEqual([name, Buffer.from(args0).includes('hello')], ['said', true])
    const publication = app.publication()
    const verdict = await app.ask(ticket => ({ e: 'onPublish', ticket, client: id, publication }))
    assert.equal(verdict.ok, false)
  })

  test('names every hook and every function it promises', () => {
    const rows = [...readme.matchAll(/^\| `(on\w+)\(/gm)].map(([, name]) => name!)
    const types = readFileSync(new URL('../../sandbox-api/cumulus.d.ts', import.meta.url), 'utf8')
    const typed = [...types.matchAll(/^type On(\w+) =/gm)].map(([, name]) => `on${name}`)
    const known: string[] = [...hookNames]
    assert.deepEqual(rows.sort(), known.sort())
    assert.deepEqual(typed.sort(), known.sort())
  })
})
