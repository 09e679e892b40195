import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { HostReport } from '../../../server/apps/wire.ts'
import type { Child } from '../../apps/host/child.ts'
import { Lab, type TriedApp } from '../../apps/host/lab.ts'

const main = `
import { helper as borrowed } from './helper.js'
const secret = 42
let count = 0
export function bump() { return ++count }
export function boom() { throw new TypeError('boom') }
export const calls = { bump }
`
const files = { 'main.js': main, 'helper.js': 'export const helper = 7\n' }

let lastTicket = 0
let lastPing = 0

/** So many messages there and back; each takes a fraction of a millisecond. */
async function roundTrips(child: Child, count: number): Promise<void> {
  for (let trip = 0; trip < count; trip++) {
    const id = ++lastPing
    child.send({ order: 'ping', id })
    await child.until(
      (report): report is HostReport & { report: 'pong' } => report.report === 'pong' && report.id === id,
    )
  }
}

/** One operator in an application. */
class Typist {
  readonly #app: TriedApp
  readonly #session: number

  constructor(app: TriedApp, session = 1) {
    this.#app = app
    this.#session = session
  }

  begin(code: string, as: 'text' | 'json' = 'text') {
    const ticket = ++lastTicket
    this.#app.tell({ e: 'evaluate', ticket, session: this.#session, code, as })
    return { ticket, result: this.#app.command('result', result => result.ticket === ticket) }
  }

  /** What a line gives, or `! ` and the error. */
  async type(code: string, as: 'text' | 'json' = 'text'): Promise<string> {
    const { how, text } = await this.begin(code, as).result
    return how === 'value' ? text! : `! ${text}`
  }

  async complete(text: string): Promise<string[]> {
    const ticket = ++lastTicket
    this.#app.tell({ e: 'complete', ticket, session: this.#session, text })
    const result = await this.#app.command('result', each => each.ticket === ticket)
    return JSON.parse(result.text!).names
  }

  interrupt(ticket: number): void {
    this.#app.child.send({ order: 'interrupt', path: this.#app.path, ticket })
  }
}

suite("an operator's line", () => {
  const lab = new Lab()
  let app: TriedApp
  let typist: Typist
  before(async () => {
    app = await lab.app(files)
    app.join()
    app.publication()
    typist = new Typist(app)
  })
  after(() => lab.end())

  const lines: [code: string, answer: string][] = [
    ['1 + 1', '2'],
    ['_ * 2', '4'],
    ['secret', '42'],
    ['borrowed', '7'],
    ['bump(); bump()', '2'],
    ['count = 10', '10'],
    ['bump()', '11'],
    ['let x = 5', 'undefined'],
    ['function twice(a) { return a * 2 }', 'undefined'],
    ['twice(x)', '10'],
    ['let x = 6; x', '6'],
    ['const y = await Promise.resolve(3)', 'undefined'],
    ['x + y', '9'],
    ['const z = await 1; z + 1', '2'],
    ['await 5; // 1; 2', 'undefined'],
    ['if (false)\n await 9', 'undefined'],
    ['async function later() { return (await 1) + 1 }', 'undefined'],
    ['later()', '2'],
    ['{ a: 1 }', '{ a: 1 }'],
    ['"it\'s"', '"it\'s"'],
    ['clients.count', '1'],
    ['publications.get("cam").name', "'cam'"],
    ['boom()', `! TypeError: boom\n    at boom (PATH/main.js:6:32)\n    at input:1`],
    ['\n\nnull.x', "! TypeError: Cannot read properties of null (reading 'x')\n    at input:3"],
    ['function f() {\n  null.x\n}\nf()', /^! TypeError: .*\n {4}at f \(input:2\)\n {4}at input:4$/.source],
    ['a b', "! SyntaxError: Unexpected identifier 'b'"],
    ['let a = ', '! SyntaxError: Unexpected end of input'],
    ['let a = await [', '! SyntaxError: Unexpected end of input'],
    ['class A {', '! SyntaxError: Unexpected end of input'],
    ['let a b', "! SyntaxError: Unexpected identifier 'b'"],
    ['let never = null.x', "! TypeError: Cannot read properties of null (reading 'x')\n    at input:1"],
    ['never', '! ReferenceError: never is not defined\n    at input:1'],
    ['throw { code: 5 }', '! thrown: { code: 5 }'],
    ['new Proxy({}, { ownKeys() { throw 1 } })', '[object that cannot be shown]'],
  ]
  test('sees what the main module sees, keeps what it declares, and awaits what it says', async () => {
    for (const [code, answer] of lines) {
      const given = await typist.type(code)
      if (answer.startsWith('^')) assert.match(given, new RegExp(answer))
      else assert.equal(given, answer.replace('PATH', app.path.slice(1)), code)
    }
  })

  test('declares for its own operator alone', async () => {
    const other = new Typist(app, 2)
    await typist.type('const mine = 1')
    assert.match(await other.type('mine'), /^! ReferenceError/)
    assert.equal(await other.type('_'), 'undefined')
    app.tell({ e: 'sessionEnded', session: 1 })
    assert.match(await typist.type('mine'), /^! ReferenceError/)
  })

  test('shows clients and publications by what they tell, and each within another by its name', async () => {
    const shown = await typist.type('clients')
    assert.match(shown, /^Collection\(1\) \{\n {2}'(a1){32}' => Client \{\n {4}id: '/)
    assert.doesNotMatch(shown, /Function/)
    assert.match(await typist.type('publications'), /listeners: \[Collection\(0\)\]/)
    assert.match(await typist.type('server'), /clients: \[Collection\(1\)\]/)
  })

  test('gives JSON of what it gives, the objects of the server included', async () => {
    assert.equal(
      await typist.type('({ a: [1, "x"], m: new Map([["k", new Set([1])]]) })', 'json'),
      '{"a":[1,"x"],"m":{"k":[1]}}',
    )
    assert.equal(
      await typist.type('[Object.assign([], { width: 640 }), Object.assign(["a"], { k: [] }), [1], []]', 'json'),
      '[{"width":640},{"0":"a","k":[]},[1],[]]',
    )
    const { cam } = JSON.parse(await typist.type('publications', 'json'))
    assert.equal(cam.name, 'cam')
    assert.equal(cam.listeners, 0)
    assert.equal(await typist.type('undefined', 'json'), 'null')
    assert.match(await typist.type('1n', 'json'), /^! TypeError: .*BigInt/)
    assert.match(await typist.type('"x".repeat(300000)', 'json'), /^! the value is too large: 300002/)
    assert.match(await typist.type('"x".repeat(9000)'), /^'x{9000}'$/)
  })

  test('is completed by what is there at this moment', async () => {
    await typist.type('const [first, { word: second }] = [1, { word: 2 }]')
    const texts: [text: string, includes: string[], excludes: string][] = [
      ['sec', ['second', 'secret'], 'setTimeout'],
      ['bor', ['borrowed'], 'secret'],
      ['1 + firs', ['first'], 'word'],
      ['publi', ['publications'], 'clients'],
      ['clients.', ['count', 'get', 'has'], 'toString'],
      ['publications.get("', ['cam'], 'get'],
      ['publications.get("cam").gen', ['generation'], 'name'],
      ['calls.b', ['bump'], 'boom'],
      ['nobody.', [], ''],
      ['bump().', [], ''],
    ]
    const before = await typist.type('count')
    for (const [text, includes, excludes] of texts) {
      const names = await typist.complete(text)
      for (const name of includes) assert.ok(names.includes(name), `${text}: ${names}`)
      assert.ok(!names.includes(excludes), text)
    }
    assert.equal(await typist.type('count'), before)
  })

  test('is refused when the application has put something in place of eval', async () => {
    const own = new Typist(await lab.app('globalThis.eval = text => text'))
    assert.match(await own.type('1'), /^! TypeError: the application has replaced eval/)
  })

  test('meets prototypes that the application has spoilt with an error at most', async () => {
    const spoilt = new Typist(await lab.app('Array.prototype.map = () => { throw new Error("spoilt") }'))
    assert.match(await spoilt.type('[1]'), /cannot be shown|spoilt/)
    assert.equal(await spoilt.type('1 + 1'), '2')
  })
})

suite("an operator's line that does not end", () => {
  const lab = new Lab()
  after(() => lab.end())
  const endless = [
    'for(;;);',
    '(async () => { for (;;) await null })()',
    'for (;;) await null',
    'try { for (;;); } finally { count = -1 }',
  ]

  test('runs into the time of a hook, which costs the application nothing, however often it happens', async () => {
    const app = await lab.app(files)
    const typist = new Typist(app)
    await typist.type('count = 3')
    for (const code of endless) assert.match(await typist.type(code), /^! REPL line ran into apps\.timeout \(500 ms\)/)
    assert.equal(await typist.type('count'), '3')
    assert.deepEqual(app.of('fault'), [])
    assert.deepEqual(
      lab.child.reports.filter(({ report }) => report === 'spent'),
      [],
    )
  })

  test('is cut at once when the operator says so, and nothing else is', async () => {
    const app = await lab.app(files)
    app.setup.limits = { ...app.setup.limits, timeout: 30_000 }
    await app.reload(files)
    const typist = new Typist(app)
    await typist.type('count = 3')
    for (const code of endless) {
      // Asked at every moment: before it begins, while it runs, when it has ended.
      for (const trips of [0, 1, 5, 100]) {
        const { ticket, result } = typist.begin(code)
        await roundTrips(lab.child, trips)
        typist.interrupt(ticket)
        const { how, text } = await result
        assert.equal(how, 'error')
        assert.match(text!, /cut|Ctrl\+C/)
      }
    }
    const { ticket, result } = typist.begin('count + 1')
    typist.interrupt(ticket)
    await result
    assert.equal(await typist.type('count'), '3')
    assert.deepEqual(app.of('fault'), [])
  })

  test('that waits for a promise is answered after the time of a verdict, and when its version goes', async () => {
    const app = await lab.app(files, {
      limits: { memory: 128, timeout: 500, verdictTimeout: 100, timers: 10, rollback: 0, pendingCalls: 5 },
    })
    const typist = new Typist(app)
    assert.match(
      await typist.type('new Promise(() => {})'),
      /^! REPL line gave no answer within apps\.verdictTimeout \(100 ms\)/,
    )
    const patient = await lab.app(files)
    const waiting = new Typist(patient).begin('new Promise(() => {})')
    assert.equal(await new Typist(patient).type('1'), '1')
    await patient.reload(files)
    await patient.reload(files)
    assert.match((await waiting.result).text!, /was reloaded/)
  })
})

suite('the scope that the main module shows', () => {
  const lab = new Lab()
  after(() => lab.end())

  test('is nothing that another application or a client could call', async () => {
    const app = await lab.app(files)
    const { id } = app.join()
    assert.equal((await app.result(id, '$cumulus$scope')).how, 'pass')
    assert.equal((await app.result(id, 'evaluate')).how, 'pass')
    const ticket = ++lastTicket + 10_000
    app.tell({ e: 'appCall', ticket, name: '$cumulus$scope', args: new Uint8Array() })
    assert.equal((await app.command('result', result => result.ticket === ticket)).how, 'pass')
  })
})
