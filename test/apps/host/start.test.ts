import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { hookTypos } from '../../../server/apps/host/hook-typos.ts'
import type { ScriptFault } from '../../../server/apps/wire.ts'
import { encodeAmf0 } from '../../../server/media/amf0.ts'
import { clientFacts, limits, publicationFacts } from './child.ts'
import { Lab } from './lab.ts'

suite('starting an application', () => {
  const lab = new Lab()
  after(() => lab.end())

  async function failure(files: string | Record<string, string>, main = 'main.js'): Promise<ScriptFault> {
    return lab.app(files, { main }).then(
      () => assert.fail('it started'),
      error => error.fault,
    )
  }

  test('tells the hooks it defines, exported or not, and its calls (C3, C121)', async () => {
    const app = await lab.app(`
      export function onStart() {}
      async function onPublish() {}
      const onSubscribe = () => {}
      const onManage = 5
      export const calls = {}
      export const acceptUnknownApps = true
      function helper() {}
    `)
    assert.deepEqual(app.hooks, ['onStart', 'onPublish', 'onSubscribe', 'calls', 'acceptUnknownApps'])
  })

  test('warns of a hook that is no function, and of calls that are no object', async () => {
    const app = await lab.app('const onManage = 5\nexport const onStatus = {}\nexport const calls = null\nlet onSeek')
    assert.deepEqual(app.hooks, [])
    assert.deepEqual(
      app.of('log').map(({ level, text, file }) => [level, text.split(':')[0], file]),
      [
        ['warn', 'onManage is a number, no function', ''],
        ['warn', 'onStatus is an object, no function', ''],
        ['warn', 'calls is null, no object', ''],
      ],
    )
  })

  test('knows slips in the names of hooks from names of their own', () => {
    const meant: [code: string, hook?: string][] = [
      ['export function onpublish() {}', 'onPublish'],
      ['export function onPublsh() {}', 'onPublish'],
      ['const onPublsih = () => {}', 'onPublish'],
      ['async function onSubscirbed() {}', 'onSubscribe'],
      ['export function onConnect() {}', 'onConnection'],
      ['export function onAppStart() {}', 'onStart'],
      ['export function onStep() {}', 'onStop'],
      ['function onStep() {}\nsetInterval(onStep, 50)'],
      ['export function onPlay() {}'],
      ['export function onSleep() {}'],
      ['export function onStops() {}\nexport const onEnd = () => onStops()'],
      ['export function onPublish() {}'],
    ]
    for (const [code, hook] of meant) {
      const sources = [{ id: 'a', file: 'app/main.js', code }]
      const [said] = hookTypos({ main: 'a', sources, ways: [] } as never)
      const text = said?.c === 'log' ? said.text : ''
      assert.equal(text.split(': ')[1], hook && `${hook} is one`, code)
    }
  })

  test('takes `calls` only when it is exported', async () => {
    const app = await lab.app('const calls = { inner() {} }\nconst acceptUnknownApps = true')
    assert.deepEqual(app.hooks, [])
  })

  test('runs main.ts with its types stripped', async () => {
    const app = await lab.app(
      { 'main.ts': "import { twice } from './lib.ts'\nconst x: number = twice(4)\nconsole.log(x)\n", 'lib.ts': twice },
      { main: 'main.ts' },
    )
    assert.deepEqual(
      app.of('log').map(({ text, file, line }) => [text, file.endsWith('/main.ts'), line]),
      [['8', true, 3]],
    )
  })

  test('loads modules once, also in a circle', async () => {
    const app = await lab.app({
      'main.js':
        "import { a } from './a.js'\nimport { count } from './b.js'\nexport const main = 1\nconsole.log(a, count)",
      'a.js': "import { count } from './b.js'\nexport const a = count\n",
      'b.js':
        "import * as main from './main.js'\nglobalThis.loads = (globalThis.loads ?? 0) + 1\nexport const count = loads\nvoid main",
    })
    assert.deepEqual(app.logs, ['1 1'])
  })

  test('names file, line and column of what does not compile', async () => {
    const table: [string, number, number, RegExp][] = [
      ['let a = 1\nthis is\n', 2, 6, /^SyntaxError: Unexpected identifier 'is'$/],
      ['export { nope }\n', 1, 10, /^SyntaxError: Export 'nope' is not defined/],
      ['f(`abc\n', 1, 0, /^SyntaxError/],
      ['/* no end\n', 1, 1, /^SyntaxError/],
      ['export function onConnection() {\n  return { a: 1\n', 3, 1, /^SyntaxError: Unexpected end of input/],
      ['const a =\n', 2, 1, /^SyntaxError: Unexpected end of input/],
    ]
    for (const [code, line, column, text] of table) {
      const fault = await failure(code)
      assert.match(fault.text, text)
      assert.match(fault.file, /^app\d+\/main\.js$/)
      if (column > 0) assert.deepEqual([fault.line, fault.column], [line, column], code)
    }
  })

  test('names the module in which an error lies', async () => {
    const syntax = await failure({ 'main.js': "import './x.js'\n", 'x.js': '\n\nlet 1x\n' })
    assert.match(syntax.file, /\/x\.js$/)
    assert.equal(syntax.line, 3)
    const types = await failure({ 'main.js': "import './x.ts'\n", 'x.ts': '\nenum A { B }\n' })
    assert.match(types.file, /\/x\.ts$/)
    assert.equal(types.line, 2)
    const missing = await failure("\n\nimport './gone.js'\n")
    assert.deepEqual([missing.line, missing.column], [3, 8])
    assert.match(missing.text, /cannot import "\.\/gone\.js": there is no such file/)
    const name = await failure({ 'main.js': "\nimport { nothing } from './x.js'\n", 'x.js': '' })
    assert.equal(name.line, 2)
  })

  test('names the place where the top level threw, and hears what it logged before', async () => {
    const fault = await failure("console.log('so far')\nfunction f() {\n  throw new TypeError('boom')\n}\nf()\n")
    assert.deepEqual([fault.text, fault.line, fault.column], ['TypeError: boom', 3, 9])
    assert.doesNotMatch(fault.stack, /server\/apps\/host|isolated-vm|cumulus:/)
    const { path } = lab.child.reports.findLast(report => report.report === 'failed')!
    assert.deepEqual(
      lab.child.commands(path).map(command => command.c === 'log' && command.text),
      ['so far'],
    )
  })

  test('cuts a top level that does not end, and one that waits for nothing', async () => {
    const loop = await failure('let x = 0\nfor (;;) x++\n')
    assert.equal(loop.text, 'cut: it ran into apps.timeout (500 ms)')
    assert.equal(loop.line, 2)
    assert.equal((await failure('await new Promise(() => {})\n')).text, 'its top-level await never ends')
  })

  test('waits for a top level that awaits a timer, and sees it fail late', async () => {
    const app = await lab.app('await new Promise(go => setTimeout(go, 20))\nexport function onStart() {}\n')
    assert.deepEqual(app.hooks, ['onStart'])
    const late = await failure("await new Promise(go => setTimeout(go, 20))\nthrow new Error('late')\n")
    assert.deepEqual([late.text, late.line], ['late', 2])
  })

  test('shows what was there before, and adopts after onStart', async () => {
    const facts = clientFacts({ args: encodeAmf0(['Tom']) })
    const publication = publicationFacts({ app: '/crashed' })
    const app = await lab.app(
      `
      export async function onStart(path, { reason, state }) {
        await null
        console.log(path, reason, state, clients.count, publications.get('cam').name, publications.get('cam').codecs)
      }
      export function onConnection(client, user) { console.log('connected', user, client.adopted) }
      `,
      { path: '/crashed' },
      {
        reason: 'crash',
        mirror: [
          { e: 'client', facts, present: true },
          { e: 'joined', client: facts.id },
          { e: 'publication', facts: publication },
          { e: 'codecs', publication: '/crashed\ncam', audio: 'aac', video: 'avc', tracks: [] },
        ],
      },
    )
    await app.ask(ticket => ({ e: 'onStart', ticket, path: '/crashed', reason: 'crash' }))
    app.tell({ e: 'adopt', client: facts.id })
    await app.log('connected Tom true')
    await app.call(facts.id, 'x').catch(() => {})
    assert.deepEqual(app.logs, ["/crashed crash undefined 1 cam { audio: 'aac', video: 'avc' }", 'connected Tom true'])
  })

  test('refuses to start when onStart throws, and says where', async () => {
    const app = await lab.app("export function onStart() {\n  throw new Error('no database')\n}")
    const verdict = await app.ask(ticket => ({ e: 'onStart', ticket, path: app.path, reason: 'start' }))
    assert.deepEqual([verdict.ok, verdict.text], [false, 'no database'])
    const fault = await app.command('fault')
    assert.deepEqual([fault.hook, fault.text, fault.line], ['onStart', 'no database', 2])
  })

  test('passes on what it has no hook for (M23)', async () => {
    const app = await lab.app('')
    app.join()
    const verdict = await app.ask(ticket => ({ e: 'onStart', ticket, path: app.path, reason: 'start' }))
    assert.deepEqual([verdict.ok, verdict.pass], [true, true])
    assert.equal((await app.result(clientFacts().id, 'anything')).how, 'pass')
  })

  test('starts another application beside one that failed, and gives isolates back', async () => {
    await failure('throw 1')
    const app = await lab.app('')
    const from = lab.child.reports.length
    lab.child.send({ order: 'dispose', path: app.path })
    assert.equal((await lab.child.report('disposed', from)).path, app.path)
  })

  test('says what is wrong with text that is thrown', async () => {
    assert.equal((await failure("throw 'plain'")).text, 'plain')
  })

  test('counts what it may spend by its own limits', async () => {
    const fault = await lab.app('for (;;);', { limits: { ...limits, timeout: 120 } }).then(
      () => assert.fail(),
      error => error.fault,
    )
    assert.equal(fault.text, 'cut: it ran into apps.timeout (120 ms)')
  })
})

const twice = 'export function twice(x: number): number {\n  return x * 2\n}\n'
