import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite, type TestContext, test } from 'node:test'
import { type Apps, createApps } from '../../server/apps/apps.ts'
import { systemClock } from '../../server/base/clock.ts'
import type { Log } from '../../server/base/log.ts'
import { loadConfig } from '../../server/config/load.ts'
import { Hub } from '../../server/hub/hub.ts'
import { decodeAmf0 } from '../../server/media/amf0.ts'
import { type Line, PretendClient } from './pretend.ts'

/** The applications on a real disk and in real processes, around a real hub; only the clients are pretended. */
class Server {
  readonly www = mkdtempSync(join(tmpdir(), 'cumulus-apps-'))
  readonly lines: Line[] = []
  readonly hub: Hub
  readonly apps: Apps

  constructor(files: Record<string, string>, set: string[] = []) {
    for (const [file, text] of Object.entries(files)) this.write(file, text)
    const config = loadConfig({ www: this.www, set: ['apps.verdictTimeout=60', ...set] })
    const clock = systemClock
    this.apps = createApps({ config, log: this.#log(), clock, version: '1.2.3' })
    const { judge, witness } = this.apps
    const { listener, publication } = config
    this.hub = new Hub({ judge, witness, clock, log: this.#log(), limits: { listener, publication } })
    this.apps.attach(this.hub)
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.www, file)), { recursive: true })
    writeFileSync(join(this.www, file), text)
  }

  /** Connects and waits for the verdict. */
  connect(path: string): Promise<PretendClient> {
    const client = new PretendClient(this.hub, path, 0)
    return this.until(() => client.outcome && client)
  }

  /** What a call gives: its value, or the text of its error. */
  async call(client: PretendClient, name: string): Promise<unknown> {
    const at = client.results.length
    client.ask(name)
    const result = await this.until(() => client.results[at])
    return result.how === 'value' ? decodeAmf0(result.value)[0] : result.how === 'error' ? result.text : undefined
  }

  line(text: RegExp, from = 0): Promise<Line> {
    return this.until(() => this.lines.slice(from).find(line => text.test(line.text)))
  }

  /** The process an application lives in. */
  pid(app: string): number {
    const raised = this.lines.findLast(
      ({ subject, text }) => text === 'application host raised' && subject.host === app,
    )
    return Number(raised?.subject.pid)
  }

  /** Looks again and again, until there is something. */
  until<T>(look: () => T | null | undefined): Promise<T> {
    return new Promise(found => {
      const again = (): void => {
        const value = look()
        if (value === null || value === undefined) setTimeout(again, 1)
        else found(value)
      }
      again()
    })
  }

  #log(): Log {
    const write =
      (level: string): Log['info'] =>
      (subject, text) => {
        this.lines.push({ level, subject, text })
      }
    const log: Log = {
      error: write('error'),
      warn: write('warn'),
      info: write('info'),
      debug: write('debug'),
      trace: write('trace'),
      child: () => log,
    }
    return log
  }
}

async function serve(t: TestContext, files: Record<string, string>, set: string[] = []): Promise<Server> {
  const server = new Server(files, set)
  t.after(async () => {
    await server.apps.stop()
    server.hub.close()
    rmSync(server.www, { recursive: true })
  })
  await server.apps.start()
  return server
}

/** An application that says which version it is, to those who connect and to those who call. */
const version = (name: string): string => `
  export const calls = { version: () => '${name}' }
  export function onConnection(client) { client.seen = '${name}' }
`

suite('applications', { timeout: 240_000 }, () => {
  test('the root application is up when start() resolves (C124)', async t => {
    const server = await serve(t, { 'main.js': 'export function onStart(path) { console.log("start", path, ".") }' })
    assert.ok(server.lines.some(({ text }) => text === 'start  .'))
    assert.equal((await server.connect('/')).verdict, 'yes')
  })

  test('the log names the place of a line that has one, and no other', async t => {
    const server = await serve(t, { 'main.js': 'export const calls = 5\nconsole.log("here")\n' })
    const subjects = [await server.line(/^calls is a number/), await server.line(/^here$/)].map(
      ({ subject }) => subject,
    )
    assert.deepEqual(subjects, [{ app: '/' }, { app: '/', file: 'main.js', line: 2 }])
  })

  test('decides in its own words, also by way of its ancestors', async t => {
    const server = await serve(t, {
      'main.js': 'export function onPublish(client, { name }) { return name !== "secret" }',
      'chat/main.js':
        'export function onConnection(client) { if (client.room === "vip") throw new Error("members only") }',
      'chat/kid/main.js': '',
    })
    assert.equal((await server.connect('/chat/kid/vip')).verdict, 'members only')
    const client = await server.connect('/chat/kid/lobby')
    const attempts = ['secret', 'open'].map(name => client.publish(name))
    assert.deepEqual(
      await server.until(() =>
        attempts.every(({ outcome }) => outcome) ? attempts.map(({ verdict }) => verdict) : null,
      ),
      ['Not allowed to publish secret', 'yes'],
    )
  })

  test('a save changes the rules, a broken one nothing but the log (C125)', async t => {
    const server = await serve(t, { 'chat/main.js': version('one') })
    const client = await server.connect('/chat')
    assert.equal(await server.call(client, 'version'), 'one')
    server.write('chat/main.js', version('two'))
    await server.line(/application reloaded/)
    assert.equal(await server.call(client, 'version'), 'two')
    server.write('chat/main.js', '// a slip\nexport funtion onPublish() {}')
    const { subject, text } = await server.line(/application not reloaded/)
    assert.match(text, /chat\/main\.js:2: SyntaxError/)
    assert.deepEqual([subject.file, subject.line], ['chat/main.js', 2])
    assert.equal(await server.call(client, 'version'), 'two')
    assert.equal(client.farewell, null)
  })

  test('takes paths without a folder when the root application says so, and a script with types', async t => {
    const server = await serve(t, { 'main.ts': 'export const acceptUnknownApps: boolean = true' })
    assert.deepEqual(server.apps.judge.locate('/some/where'), { found: true, app: '', room: 'some/where' })
    const closed = await serve(t, { 'main.js': 'export const acceptUnknownApps = false' })
    assert.equal(closed.apps.judge.locate('/some/where').found, false)
  })

  test('an import that is saved reloads those that use it (C15, C125)', async t => {
    const server = await serve(t, {
      'lib/name.js': 'export const name = "one"',
      'chat/main.js': 'import { name } from "/lib/name.js"\nexport const calls = { version: () => name }',
    })
    const client = await server.connect('/chat')
    assert.equal(await server.call(client, 'version'), 'one')
    server.write('lib/name.js', 'export const name = "two"')
    await server.line(/application reloaded/)
    assert.equal(await server.call(client, 'version'), 'two')
  })

  test('a script that does not compile at first refuses in its own words, and the next save mends it', async t => {
    const server = await serve(t, { 'chat/main.js': 'export const x = 1\n\nexport funtion onPublish() {}' })
    assert.match((await server.connect('/chat')).verdict, /^chat\/main\.js:3: SyntaxError/)
    server.write('chat/main.js', version('mended'))
    await server.line(/application started/)
    const client = await server.connect('/chat')
    assert.equal(await server.call(client, 'version'), 'mended')
  })

  test('after a kill it is back soon, knows who is there and adopts them; other applications notice nothing', async t => {
    const server = await serve(t, {
      'chat/main.js': `
        export function onAdopt(client) { client.adoptedBy = 'chat' }
        export const calls = { seen() { return [this.adopted, this.adoptedBy, clients.count].join() } }`,
      'live/main.js': version('live'),
    })
    const [client, other] = [await server.connect('/chat'), await server.connect('/live')]
    process.kill(server.pid('/chat'), 'SIGKILL')
    const { subject } = await server.line(/application host ended: its process ended by SIGKILL/)
    assert.equal(subject.host, '/chat')
    await server.line(/application restarted/)
    assert.equal(await server.call(client, 'seen'), 'true,chat,1')
    assert.equal(await server.call(other, 'version'), 'live')
  })

  test('an endless loop is cut, and its author told where', async t => {
    const server = await serve(
      t,
      {
        'chat/main.js': 'export function onPublish() {\n  for (;;);\n}\nexport const calls = { alive: () => true }',
      },
      ['apps.timeout=200 ms'],
    )
    const client = await server.connect('/chat')
    const attempt = client.publish('cam')
    await server.until(() => attempt.outcome)
    assert.equal(attempt.verdict, 'onPublish ran into apps.timeout (200 ms)')
    const { subject } = await server.line(/^onPublish: chat\/main\.js:2: /)
    assert.equal(subject.app, '/chat')
    assert.equal(await server.call(client, 'alive'), true)
  })

  test('what it cannot hold costs the host, and whoever waited is told which limit it was', async t => {
    const server = await serve(
      t,
      {
        'chat/main.js': 'const all = []\nexport function onPublish() {\n  for (;;) all.push({ n: all.length })\n}',
      },
      ['apps.memory=32', 'apps.timeout=20'],
    )
    const client = await server.connect('/chat')
    const attempt = client.publish('cam')
    await server.until(() => attempt.outcome)
    assert.equal(attempt.verdict, 'Application /chat was restarted: apps.memory (32 MB)')
    await server.line(/application restarted/)
    assert.equal((await server.connect('/chat')).verdict, 'yes')
  })

  test('a deleted script says goodbye, a deleted folder is gone when its last client is (C126, R21)', async t => {
    const server = await serve(t, {
      'chat/main.js': 'export function onStop(path, reason) { console.log(path, reason) }',
    })
    await server.connect('/chat')
    rmSync(join(server.www, 'chat/main.js'))
    await server.line(/^\/chat deleted$/)
    assert.equal((await server.connect('/chat')).verdict, 'yes')
    rmSync(join(server.www, 'chat'), { recursive: true })
    server.write('sentinel/main.js', version('x'))
    await server.until(() => (server.apps.judge.locate('/sentinel').found ? true : null))
    assert.equal(server.apps.judge.locate('/chat').found, true)
    for (const each of [...server.hub.clients.values()]) server.hub.leave(each, null)
    assert.deepEqual(server.apps.judge.locate('/chat'), { found: false, text: 'Application /chat does not exist' })
  })

  test('at the end children stop before their parents (C127)', async t => {
    const stop = 'export function onStop(path, reason) { console.log(path, reason) }'
    const server = await serve(t, { 'main.js': stop, 'chat/main.js': stop })
    await server.connect('/chat')
    await server.apps.stop()
    const words = server.lines.map(({ text }) => text).filter(text => text.endsWith(' shutdown'))
    assert.deepEqual(words, ['/chat shutdown', ' shutdown'])
  })

  test('at the end, whoever leaves is told of, also where nobody defines onStop (C132)', async t => {
    const server = await serve(t, { 'chat/main.js': `export function onDisconnection() { console.log('farewell') }` })
    const client = await server.connect('/chat')
    client.leave()
    await server.apps.stop()
    assert.ok(server.lines.some(({ text }) => text === 'farewell'))
  })

  test('one process serves them all when isolation is shared', async t => {
    const server = await serve(t, { 'main.js': version('root'), 'chat/main.js': version('chat') }, [
      'apps.isolation=shared',
    ])
    const clients = [await server.connect('/'), await server.connect('/chat')]
    assert.deepEqual(await Promise.all(clients.map(client => server.call(client, 'version'))), ['root', 'chat'])
    const raised = server.lines.filter(({ text }) => text === 'application host raised')
    assert.deepEqual(
      raised.map(({ subject }) => subject.host),
      ['shared'],
    )
  })
})
