import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { encodeAmf0 } from '../../../server/media/amf0.ts'
import { limits, listenerFacts } from './child.ts'
import { Lab, type TriedApp } from './lab.ts'

const version = (name: string, rest = '') => `export const calls = { version() { return '${name}' } }\n${rest}\n`

/** Two clients, and a way to wait until everything sent so far has been handled. */
const other = 'b2'.repeat(32)

async function settled(app: TriedApp, client: string): Promise<void> {
  await app.result(client, 'nothing by this name')
}

suite('reloading an application', () => {
  const lab = new Lab()
  after(() => lab.end())

  test('serves new events with the new version, without its clients leaving (C125)', async () => {
    const app = await lab.app(version('one'))
    const { id } = app.join()
    assert.equal(await app.call(id, 'version'), 'one')
    const reloaded = await app.reload(version('two', 'export function onPublish() {}'))
    assert.equal(reloaded.report, 'reloaded')
    assert.deepEqual(reloaded.report === 'reloaded' && reloaded.hooks, ['onPublish', 'calls'])
    assert.equal(await app.call(id, 'version'), 'two')
  })

  test('of what runs already is none: a save of the same text, or of a file that nothing imports (C125)', async () => {
    const main = (name: string) =>
      `import { word } from './word.js'\n${version(name, 'export function onStop() {}')}word`
    const word = (text: string) => `export const word = '${text}'`
    const app = await lab.app({ 'main.js': main('one'), 'word.js': word('rose') })
    const { id } = app.join()
    const saves: [Record<string, string>, string][] = [
      [{ 'main.js': main('one') }, 'unchanged'],
      [{ 'aside.js': 'let it be' }, 'unchanged'],
      [{ 'word.js': word('tulip') }, 'reloaded'],
      [{ 'word.js': word('tulip') }, 'unchanged'],
      [{ 'word.js': 'export {}' }, 'failed'],
      [{ 'word.js': word('tulip') }, 'unchanged'],
      [{ 'main.js': version('two') }, 'reloaded'],
      [{ 'word.js': word('rose') }, 'unchanged'],
      [{ 'main.js': main('three') }, 'reloaded'],
    ]
    for (const [files, report] of saves) assert.equal((await app.save(files)).report, report, JSON.stringify(files))
    assert.equal(await app.call(id, 'version'), 'three')
    assert.equal((await app.reload({})).report, 'reloaded', 'an operator may have it all the same')
  })

  test('shows the lines of a mistake once, and again after a save that did not mend it', async () => {
    const faulty = (name: string) => `export function onManage() {\n  none.${name}()\n}\n`
    const app = await lab.app(faulty('a'))
    const managed = async (times: number) => {
      app.tell({ e: 'onManage' })
      await app.command('fault', () => app.of('fault').length === times)
      return app.of('fault').map(({ frame }) => frame?.split('\n').find(line => line.startsWith('>')))
    }
    await managed(1)
    assert.deepEqual(await managed(2), ['> 2 |   none.a()', undefined])
    await app.reload(faulty('b'))
    assert.deepEqual(await managed(3), ['> 2 |   none.a()', undefined, '> 2 |   none.b()'])
  })

  test("gives the new version the old one's bag, in the order of the contract (C125)", async () => {
    const source = (name: string) => `
      let count = 0
      export function onStart(path, { reason, state }) {
        count = state?.count ?? 0
        console.log('${name} start', reason, state)
      }
      export function onStop(path, reason) {
        console.log('${name} stop', reason)
        return { count, seen: new Map([['a', new Date(5)]]) }
      }
      export function onConnection(client) { console.log('${name} connection', client.adopted) }
      export const calls = { count() { return ++count } }
    `
    const app = await lab.app(source('one'))
    await app.ask(ticket => ({ e: 'onStart', ticket, path: app.path, reason: 'start' }))
    await app.connect()
    const { id } = app.join()
    assert.equal(await app.call(id, 'count'), 1)
    assert.equal(await app.call(id, 'count'), 2)
    await app.reload(source('two'))
    assert.equal(await app.call(id, 'count'), 3)
    assert.deepEqual(app.logs, [
      'one start start undefined',
      'one connection false',
      'one stop reload',
      "two start reload { count: 2, seen: Map(1) { 'a' => 1970-01-01T00:00:00.005Z } }",
      'two connection true',
    ])
  })

  test('keeps the old version when the new one does not compile, and names the line', async () => {
    const app = await lab.app(version('good', 'export function onStop() { console.log("stopped") }'))
    const { id } = app.join()
    const failed = await app.reload('let a = 1\nthis is\n')
    assert(failed.report === 'failed')
    assert.deepEqual([failed.phase, failed.fault.line, failed.fault.column], ['reload', 2, 6])
    assert.equal(failed.fault.frame, '  1 | let a = 1\n> 2 | this is\n    |      ^\n  3 |')
    assert.equal(await app.call(id, 'version'), 'good')
    assert.deepEqual(app.logs, [])
    assert.equal((await app.reload(version('better'))).report, 'reloaded')
    assert.equal(await app.call(id, 'version'), 'better')
  })

  test('rolls back when the new onStart throws: the old has its state and its timers again', async () => {
    const app = await lab.app(
      version(
        'old',
        `let ticks = 0
        let carried = 'nothing'
        setInterval(() => ticks++, 5)
        export function onStop() { return 'the bag' }
        export function onStart(path, { reason, state }) { carried = reason + ' ' + state }
        calls.ticks = () => ticks
        calls.carried = () => carried`,
      ),
    )
    const { id } = app.join()
    const failed = await app.reload("export function onStart() {\n  throw new RangeError('not today')\n}")
    assert(failed.report === 'failed')
    assert.deepEqual([failed.fault.text, failed.fault.line], ['onStart: RangeError: not today', 2])
    assert.equal(await app.call(id, 'carried'), 'rollback the bag')
    const before = (await app.call(id, 'ticks')) as number
    while (((await app.call(id, 'ticks')) as number) <= before);
  })

  test('rolls back when the new onStart never ends, by itself or by its promise', async () => {
    const app = await lab.app(version('old'), { limits: { ...limits, timeout: 200, verdictTimeout: 150 } })
    const { id } = app.join()
    const loop = await app.reload('export function onStart() { for (;;); }')
    assert(loop.report === 'failed')
    assert.match(loop.fault.text, /onStart ran into apps\.timeout \(200 ms\)/)
    const promise = await app.reload('export async function onStart() { await new Promise(() => {}) }')
    assert(promise.report === 'failed')
    assert.match(promise.fault.text, /onStart gave no answer within apps\.verdictTimeout \(150 ms\)/)
    assert.equal(await app.call(id, 'version'), 'old')
  })

  test('carries data fields of clients and publications, and leaves functions behind', async () => {
    const app = await lab.app(`
      export function onConnection(client) {
        client.name = 'tom'
        client.tags = new Set(['a'])
        client.self = { deep: [1, { two: 2n }] }
        client.greet = () => 'hello'
        client.odd = { f() {} }
        delete client.token
      }
      export function onPublish(client, publication) { publication.title = 'News' }
      export function onAdopt() {}
    `)
    await app.connect([], { query: { token: 'secret', lang: 'en' } })
    const { id } = app.join({ query: { token: 'secret', lang: 'en' } })
    const publication = app.publication()
    await app.ask(ticket => ({ e: 'onPublish', ticket, client: id, publication }))
    await app.reload(`
      export function onAdopt(client) {
        console.log(client.name, client.tags, client.self, client.greet, client.odd, client.token, client.lang)
        console.log(publications.get('cam').title)
      }
    `)
    await app.log('News')
    assert.equal(app.logs.at(-2), "tom Set(1) { 'a' } { deep: [ 1, { two: 2n } ] } undefined undefined undefined en")
    assert.match(app.logs.at(-3)!, /client\.odd does not survive the reload: DataCloneError/)
  })

  test('carries what the mirrors hold', async () => {
    const show = `console.log(clients.count, clients.get('${other}')?.ping, publications.count,
      publications.get('cam')?.codecs, publications.get('cam')?.metadata, publications.get('cam')?.listeners.count,
      [...publications.get('cam').listeners][0][1].audioSampleAccess)`
    const app = await lab.app('export function onSubscribe(client, listener) { listener.audioSampleAccess = true }')
    const { id } = app.join()
    app.join({ id: other })
    const publication = app.publication()
    const facts = listenerFacts({ id: 7, client: other, publication })
    app.tell({ e: 'listener', facts })
    await app.ask(ticket => ({ e: 'onSubscribe', ticket, client: other, listener: 7 }))
    app.tell(
      { e: 'listening', listener: 7 },
      { e: 'codecs', publication, audio: 'aac', video: 'avc', tracks: [] },
      { e: 'metadata', publication, metadata: encodeAmf0([{ width: 640 }]) },
      { e: 'stats', clients: [[other, 42, 1, 2, 3, 4, 5]], publications: [], listeners: [] },
    )
    await app.reload(`export function onStart() { ${show} }`)
    await settled(app, id)
    assert.deepEqual(app.logs, ["2 42 1 { audio: 'aac', video: 'avc' } { width: 640 } 1 true"])
  })

  test('makes events wait once the old version is asked to stop, and loses none', async () => {
    const stop = `export async function onStop() {
      console.log('stopping')
      await new Promise(go => setTimeout(go, 100))
      return 'bag'
    }`
    const app = await lab.app(version('old', stop))
    const { id } = app.join()
    const reloading = app.reload(version('new', 'export function onStart(path, { state }) { console.log(state) }'))
    await app.log('stopping')
    const calls = Array.from({ length: 20 }, () => app.call(id, 'version'))
    assert.deepEqual(await Promise.all(calls), Array(20).fill('new'))
    assert.equal((await reloading).report, 'reloaded')
    assert.deepEqual(app.logs, ['stopping', 'bag'])
  })

  test('lets the old version answer what it was asked', async () => {
    const app = await lab.app(`
      export const calls = { async slow() { await new Promise(go => setTimeout(go, 150)); return 'from the old' } }
    `)
    const { id } = app.join()
    const slow = app.call(id, 'slow')
    assert.equal((await app.reload(version('new'))).report, 'reloaded')
    assert.equal(await app.call(id, 'version'), 'new')
    assert.equal(await slow, 'from the old')
  })

  test('answers what the old version still owes when it is replaced twice, or takes too long', async () => {
    const stuck = (name: string) => version(name, 'calls.never = () => new Promise(() => {})')
    const app = await lab.app(stuck('one'), { limits: { ...limits, verdictTimeout: 400 } })
    const { id } = app.join()
    const first = app.result(id, 'never')
    await app.reload(stuck('two'))
    const second = app.result(id, 'never')
    await settled(app, id)
    await app.reload(version('three'))
    assert.match((await first).text!, /was reloaded/)
    assert.match((await second).text!, /gave no answer within apps\.verdictTimeout \(400 ms\)/)
    assert.equal(await app.call(id, 'version'), 'three')
  })

  test('brings late answers of clients to the version that asked', async () => {
    const ask = `calls.ask = async function () { return 'told ' + await this.call('what') }`
    const app = await lab.app(version('old', ask))
    const { id } = app.join()
    const result = app.call(id, 'ask')
    const { ticket } = await app.command('message')
    await app.reload(version('new', ask))
    app.tell({ e: 'answer', ticket, ok: true, value: encodeAmf0(['old']) })
    assert.equal(await result, 'told old')
    const again = app.call(id, 'ask')
    const next = await app.command('message', message => message.ticket !== ticket)
    assert(next.ticket > ticket)
    app.tell({ e: 'answer', ticket: next.ticket, ok: true, value: encodeAmf0(['new']) })
    assert.equal(await again, 'told new')
  })

  test('adopts side by side, each bounded, with verdicts ignored', async () => {
    const app = await lab.app('export function onConnection() {}', { limits: { ...limits, verdictTimeout: 300 } })
    for (const id of ['c3'.repeat(32), other]) {
      await app.connect(['arg'], { id })
      app.join({ id })
    }
    await app.reload(
      version(
        'new',
        `export async function onConnection(client, arg) {
          console.log(arg, client.adopted)
          if (client.id === '${other}') throw new Error('no')
          await new Promise(() => {})
        }`,
      ),
    )
    assert.equal(await app.call(other, 'version'), 'new')
    assert.deepEqual(app.logs, ['arg true', 'arg true'])
    assert.equal(app.of('verdict').length, 2)
    assert.deepEqual(
      app.of('fault').map(({ hook }) => hook),
      ['onConnection', 'onConnection'],
    )
  })

  test('does not adopt a client that another application answered for', async () => {
    const app = await lab.app('export function onConnection() {}')
    app.join()
    await app.reload('export function onConnection() { console.log("asked again") }')
    await settled(app, other)
    assert.deepEqual(app.logs, [])
  })

  test('goes on without the bag when onStop fails, and says so', async () => {
    for (const [stop, text] of [
      ["throw new Error('broken')", /broken/],
      ['for (;;);', /ran into apps\.timeout/],
      ['return { f() {} }', /DataCloneError/],
      ['return new Proxy({}, { ownKeys() { for (;;); } })', /ran into apps\.timeout/],
    ] as const) {
      const app = await lab.app(`export function onStop() { ${stop} }`, { limits: { ...limits, timeout: 200 } })
      const reloaded = await app.reload('export function onStart(path, { state }) { console.log("state", state) }')
      assert.equal(reloaded.report, 'reloaded', stop)
      await app.log('state undefined')
      assert(
        app.of('fault').some(fault => text.test(fault.text)),
        stop,
      )
    }
  })

  test('survives fields that trap whoever reads them', async () => {
    const app = await lab.app(
      "export const calls = { set() { this.trap = new Proxy([], { get() { for (;;); } }); this.name = 'tom' } }",
      { limits: { ...limits, timeout: 200 } },
    )
    const { id } = app.join()
    assert.match((await app.result(id, 'set')).text!, /call set ran into apps\.timeout \(200 ms\)/)
    assert.equal((await app.reload(version('new'))).report, 'reloaded')
    assert.equal(await app.call(id, 'version'), 'new')
  })

  test('ends with the last of a storm of saves', async () => {
    const app = await lab.app(version('0', 'export function onStop() { return 1 }'))
    const { id } = app.join()
    const reloads = []
    for (let save = 1; save <= 10; save++) {
      app.write(version(`${save}`))
      reloads.push(lab.child.reload(app.setup))
    }
    await Promise.all(reloads)
    let name: unknown
    do name = await app.call(id, 'version')
    while (name !== '10')
  })
})
