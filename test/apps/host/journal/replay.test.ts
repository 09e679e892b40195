import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { AppSetup } from '../../../../server/apps/wire.ts'
import { limits } from '../child.ts'
import { Lab, type TriedApp } from '../lab.ts'
import { journalsOf, type Replayed, replayed } from './replayed.ts'

const chat = readFileSync(fileURLToPath(new URL('../../../../www/chat/main.js', import.meta.url)), 'utf8')
const journal = { bytes: 16 * 1024 ** 2 }

suite('a journal', () => {
  const lab = new Lab()
  after(() => lab.end())
  const data = join(lab.www.folder, '.data')

  async function journaled(files: string | Record<string, string>, change: Partial<AppSetup> = {}): Promise<TriedApp> {
    return lab.app(files, { journal, ...change })
  }

  /** Ends the application, so that all is on the disk, and gives its newest journal. */
  async function fileOf(app: TriedApp): Promise<string> {
    const from = lab.child.reports.length
    lab.child.send({ order: 'dispose', path: app.path })
    await lab.child.report('disposed', from)
    return journalsOf(data, app.path.slice(1)).at(-1)!
  }

  async function load(app: TriedApp, clients: number, rounds: number): Promise<void> {
    const ids = Array.from({ length: clients }, (_, n) => n.toString(16).padStart(2, '0').repeat(32))
    for (const [n, id] of ids.entries()) {
      const room = `room${n % 3}`
      await app.connect([`guest ${n}`], { id, room })
      app.tell({ e: 'joined', client: id })
    }
    for (let round = 0; round < rounds; round++) {
      const asked = ids.map((id, n) => app.result(id, n % 4 === 0 ? 'who' : 'say', [`${round}: grüße von ${n}`]))
      await Promise.all(asked)
    }
    for (const id of ids.slice(0, clients / 2)) {
      app.tell({ e: 'onDisconnection', client: id }, { e: 'left', client: id }, { e: 'forget', client: id })
    }
  }

  const equal = ({ code, out }: Replayed) => {
    assert.equal(code, 0, out)
    assert.match(out, /all equal/)
  }

  test('of the chat under load is replayed ten times, byte for byte; one line changed, and the first command that differs is named', async () => {
    const app = await journaled({ 'main.js': chat })
    await load(app, 12, 20)
    const file = await fileOf(app)
    const digests = new Set<string>()
    for (let time = 0; time < 10; time++) {
      const once = await replayed(file)
      equal(once)
      digests.add(once.digest)
    }
    assert.equal(digests.size, 1)

    app.write({ 'main.js': chat.replace("'said', this.name", "'spoke', this.name") })
    const { code, out } = await replayed(file, { from: { folder: app.setup.folder, main: 'main.js' } })
    assert.equal(code, 1)
    assert.match(out, /the first difference: in turn \d+, /)
    assert.match(out, /event: +call \{.* name: 'say'/)
    assert.match(out, /expected: message .*name: 'said', args: \[ 'guest 1', '0: grüße von 1' \]/)
    assert.match(out, /actual: +message .*name: 'spoke'/)
  })

  test('brings time, chance, timers, promises and the outside back as they were, whatever the script asks them for', async () => {
    const app = await journaled(`
      const later = (ms, value) => {
        const { promise, resolve } = Promise.withResolvers()
        setTimeout(() => resolve(value), ms)
        return promise
      }
      const born = await later(5).then(() => new Date())
      console.log('born', born, typeof Date(), new Date(2020, 1).toString(), Date.length, class extends Date {}.name)
      setInterval(() => console.log('tick', Date.now(), performance.now()), 7)
      export const calls = {
        async look() {
          const began = Date.now()
          let turns = 0
          while (Date.now() - began < 12) turns++
          console.log(turns, Math.random(), crypto.randomUUID(), new Intl.DateTimeFormat('en', { timeStyle: 'medium' }).format())
          console.log(new Intl.DateTimeFormat('en', { timeStyle: 'full' }).formatToParts().length, server.time ?? 0, { date: new Date() })
          await storage.set('looks', ((await storage.get('looks')) ?? 0) + 1)
          const first = await Promise.race([1, 2, 3].map(n => later(Math.random() * 9, n)))
          return [first, await storage.get('looks'), await fetch('http://127.0.0.1:1/').catch(error => error.name)]
        },
        throws() { throw new TypeError('as it is') },
        loses() { void Promise.reject(new Error('nobody caught it')) },
      }
    `)
    const { id } = app.join()
    await app.result(id, 'loses')
    const asked: Promise<unknown>[] = []
    for (let n = 0; n < 12; n++) asked.push(app.result(id, n % 5 === 3 ? 'throws' : n % 5 === 4 ? 'loses' : 'look'))
    await Promise.all(asked)
    const file = await fileOf(app)
    const [one, two] = [await replayed(file), await replayed(file)]
    equal(one)
    assert.equal(one.digest, two.digest)
    const shown = await replayed(file, { print: true })
    for (const part of [
      /< answered \{/,
      /> outside \{/,
      /> result \{.* how: 'error'/,
      /> log info at .*main\.js:8: born/,
      /thrown.*nobody caught it/,
    ]) {
      assert.match(shown.out, part)
    }
  })

  test('tells of a turn that was cut, and goes on behind it', async () => {
    const app = await journaled(
      `export const calls = { spin() { console.log('spinning'); for (;;) ; }, add(a, b) { return a + b } }`,
      { limits: { ...limits, timeout: 120 } },
    )
    const { id } = app.join()
    assert.equal((await app.result(id, 'spin')).how, 'error')
    assert.equal(await app.call(id, 'add', 1, 2), 3)
    const file = await fileOf(app)
    equal(await replayed(file))
    app.write(`export const calls = { spin() { console.log('spinning') }, add(a, b) { return a + b } }`)
    const mended = await replayed(file, { from: { folder: app.setup.folder, main: 'main.js' } })
    assert.equal(mended.code, 1)
    assert.match(mended.out, /how it ended\n[\s\S]*'spin'[\s\S]*expected: cut[\s\S]*actual: +a turn with/)
  })

  test('holds the versions of a reload with their own sources and what one hands to the next', async () => {
    const main = (text: string) => ({
      'main.js': `
        import { greeting } from './greeting.js'
        let count = 0
        export function onStart(path, { state }) { count = state?.count ?? 0 }
        export function onStop() { return { count, bytes: new Uint8Array([count]), seen: new Map([['then', new Date()]]) } }
        export const calls = { hello() { console.log(greeting, ++count) } }
      `,
      'greeting.js': `export const greeting = '${text}'`,
    })
    const app = await journaled(main('good day'))
    const { id } = app.join()
    await app.result(id, 'hello')
    await app.reload(main('good night'))
    await app.result(id, 'hello')
    await app.log('good night 2')
    await app.reload({ 'main.js': 'this is no script' })
    await app.result(id, 'hello')
    const file = await fileOf(app)
    const again = await replayed(file)
    equal(again)
    assert.match(again.out, /, 3 versions,/)
    assert.match((await replayed(file, { print: true })).out, /compiling .*main\.js, .*greeting\.js/)
  })

  test('holds applications in the dialect of Adobe and what they load', async () => {
    const app = await journaled(
      {
        'main.asc': `load('more.asc'); application.onConnect = function (client) { this.acceptConnection(client); trace(said(Math.random())) }`,
        'more.asc': `function said(what) { return 'said ' + what + ' at ' + new Date().getTime() }`,
      },
      { path: '/asc', main: 'main.asc', instance: 'asc/_definst_' },
    )
    await app.connect()
    const file = await fileOf(app)
    equal(await replayed(file))
    const from = { folder: app.setup.folder, main: 'main.asc' }
    equal(await replayed(file, { from }))
    app.write({ 'more.asc': `function said(what) { return 'sang ' + what + ' at ' + new Date().getTime() }` })
    const changed = await replayed(file, { from })
    assert.match(
      changed.out,
      /expected: log .*asc\/main\.asc:1: said 0\.\d+ at \d+\n +actual: +log .*asc\/main\.asc:1: sang 0/,
    )
  })

  test("holds an operator's lines, those that ran into their time limit among them", async () => {
    const app = await journaled('let count = 1')
    const type = (ticket: number, code: string) => {
      app.tell({ e: 'evaluate', ticket, session: 1, code, as: 'text' })
      return app.command('result', result => result.ticket === ticket)
    }
    assert.equal((await type(901, '++count')).text, '2')
    assert.equal((await type(902, 'for (;;) ;')).how, 'error')
    assert.equal((await type(903, '[count, Date.now() > 0]')).text, '[ 2, true ]')
    equal(await replayed(await fileOf(app)))
  })

  test('holds lines that were cut by Ctrl+C at any moment, and nothing of the line before comes twice', async () => {
    const app = await journaled('let count = 0; setInterval(() => count++, 3)')
    let ticket = 900
    const lines = [
      '[count]',
      'for (;;) ;',
      '(async () => { for (;;) await null })()',
      'console.log(count); "x".repeat(9)',
    ]
    for (let n = 0; n < 60; n++) {
      const before = ++ticket
      app.tell({ e: 'evaluate', ticket: before, session: 1, code: `'line ${n}'`, as: 'text' })
      await app.command('result', result => result.ticket === before)
      const cut = ++ticket
      app.tell({ e: 'evaluate', ticket: cut, session: 1, code: lines[n % lines.length]!, as: 'text' })
      for (let trip = 0; trip < n / 10; trip++) await new Promise(setImmediate)
      app.child.send({ order: 'interrupt', path: app.path, ticket: cut })
      await app.command('result', result => result.ticket === cut)
      assert.equal(app.of('result').filter(result => result.ticket === before).length, 1)
    }
    const file = await fileOf(app)
    const [one, two] = [await replayed(file), await replayed(file)]
    equal(one)
    assert.equal(one.digest, two.digest)
  })

  test('takes sources with other line numbers for the same, as long as they do the same', async () => {
    const text = `export const calls = { hello() { console.log('hello'); throw new Error('no') } }`
    const app = await journaled(text)
    await app.result(app.join().id, 'hello')
    const file = await fileOf(app)
    app.write(`// One line more.\n\n${text}`)
    equal(await replayed(file, { from: { folder: app.setup.folder, main: 'main.js' } }))
    app.write('export const calls = {')
    const broken = await replayed(file, { from: { folder: app.setup.folder, main: 'main.js' } })
    assert.match(broken.out, /the first difference: at compiling[\s\S]*actual: +thrown at .*main\.js:1: SyntaxError/)
  })

  test('is for the eyes of its owner alone', async () => {
    const app = await journaled('')
    const file = await fileOf(app)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(statSync(dirname(file)).mode & 0o777, 0o700)
  })

  test('is not written where nobody asked for it', async () => {
    const app = await lab.app('export const calls = { now() { return Date.name } }')
    await app.result(app.join().id, 'now')
    const from = lab.child.reports.length
    lab.child.send({ order: 'dispose', path: app.path })
    await lab.child.report('disposed', from)
    assert.equal(existsSync(join(data, 'journals', app.path.slice(1))), false)
  })

  test('that is full says so once, and the next version begins another; the last eight are kept', async () => {
    const text = (n: number) => `export const calls = { echo(text) { return ${n} + text } }`
    const app = await lab.app(text(0), { journal: { bytes: 40_000 } })
    const { id } = app.join()
    for (let n = 1; n <= 10; n++) {
      for (let times = 0; times < 4; times++) await app.call(id, 'echo', 'x'.repeat(12_000))
      await app.command('log', line => line.text.includes('is full') && line.text.includes('apps.journalBytes'))
      await app.reload(text(n))
    }
    assert.equal(app.logs.filter(line => line.includes('is full')).length, 10)
    const file = await fileOf(app)
    const files = journalsOf(data, app.path.slice(1))
    assert.equal(files.length, 8)
    assert.ok(files.every(each => statSync(each).size <= 40_000))
    for (const each of [files[0]!, file]) equal(await replayed(each))
  })

  test('that cannot be written says so, and the application serves on', async () => {
    mkdirSync(join(data, 'journals'), { recursive: true })
    writeFileSync(join(data, 'journals', 'blocked'), 'a file where a folder should be')
    const app = await lab.app('export const calls = { add(a, b) { return a + b } }', { path: '/blocked', journal })
    await app.command('log', line => line.level === 'warn' && /the journal .* cannot be written: /.test(line.text))
    assert.equal(await app.call(app.join().id, 'add', 1, 2), 3)
  })
})

suite('a process that is killed', () => {
  test('leaves a journal up to that moment, and the replay names the turn in which it ended', async () => {
    const lab = new Lab()
    try {
      const app = await lab.app(`export const calls = { last() { return 1 }, spin() { for (;;) ; } }`, {
        journal,
        limits: { ...limits, timeout: 60_000 },
      })
      const { id } = app.join()
      assert.equal(await app.call(id, 'last'), 1)
      void app.result(id, 'spin').catch(() => {})
      const [file] = journalsOf(join(lab.www.folder, '.data'), app.path.slice(1))
      while (!readFileSync(file!).includes('spin', -400)) await new Promise(setImmediate)
      lab.child.process.kill('SIGKILL')
      await lab.child.ended
      const shown = await replayed(file!, { print: true })
      assert.match(shown.out, /< call \{.*name: 'spin'[^>]*$/)
    } finally {
      await lab.end()
    }
  })
})
