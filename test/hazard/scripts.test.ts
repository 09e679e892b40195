import assert from 'node:assert/strict'
import { readFileSync, symlinkSync } from 'node:fs'
import { suite, test } from 'node:test'
import { MEMORY_MARGIN_MB } from '../../server/apps/host/limits.ts'
import type { HostReport } from '../../server/apps/wire.ts'
import { clientFacts, limits } from '../apps/host/child.ts'
import { Lab, type TriedApp } from '../apps/host/lab.ts'

/** Megabytes resident now; 0 once the process has ended. */
function residentMb(pid: number): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096) / 1024 / 1024
  } catch {
    return 0
  }
}

/** Runs in a child of its own, which may not outlive it. */
async function alone(run: (lab: Lab) => Promise<void>): Promise<void> {
  const lab = new Lab()
  try {
    await run(lab)
  } finally {
    await lab.end()
  }
}

const { id } = clientFacts()
const ping = (lab: Lab) => {
  const from = lab.child.reports.length
  lab.child.send({ order: 'ping', id: 1 })
  return lab.child.report('pong', from)
}

const isFault = (report: HostReport): boolean =>
  report.report === 'commands' && report.commands.some(({ c }) => c === 'fault')

suite('a script that does not end', { timeout: 240_000 }, () => {
  const bombs: [string, string][] = [
    ['an empty loop', 'for (;;);'],
    [
      'a loop that catches everything',
      'for (;;) try { for (;;); } catch { console.log("caught") } finally { console.log("finally") }',
    ],
    ['a regular expression', '/(a+)+b/.test("a".repeat(60))'],
    ['microtasks without end', '(function next() { Promise.resolve().then(next) })()'],
    ['an async loop', '(async () => { for (;;) await null })()'],
    ['sorting', 'const a = Array.from({ length: 1e4 }, Math.random); for (;;) a.sort()'],
    ['a generator', 'function* g() { for (;;) yield 1 }; for (const x of g());'],
    [
      'a Proxy as answer',
      'return new Proxy({}, { get() { for (;;); }, ownKeys() { for (;;); }, getOwnPropertyDescriptor() { for (;;); } })',
    ],
    ['a getter in an answer', 'return { get x() { for (;;); } }'],
    ['a thenable', 'return { get then() { for (;;); } }'],
    ['a message with a trap', 'throw { get message() { for (;;); } }'],
    ['an argument with a trap', 'this.writer.writeAMFMessage("x", { get y() { for (;;); } })'],
    ['a log line with a trap', 'console.log(new Proxy({}, { ownKeys() { for (;;); } }))'],
  ]

  test('is cut, and its application goes on', async () => {
    await alone(async lab => {
      for (const [name, body] of bombs) {
        const app = await lab.app(`export const calls = { bomb() { ${body} }, alive() { return 'alive' } }`)
        app.join()
        const from = lab.child.reports.length
        const began = performance.now()
        const bomb = app.result(id, 'bomb')
        const pong = await ping(lab)
        const fault = await app.command('fault')
        const took = performance.now() - began
        assert(took > 400, `${name}: cut after ${took} ms`)
        const reports = lab.child.reports.slice(from)
        assert(reports.indexOf(pong) < reports.findIndex(isFault), `${name}: the process was deaf until it was cut`)
        assert.match(fault.text, /apps\.timeout \(500 ms\)/, name)
        assert.match(fault.hook, /^(call bomb|promise)$/, name)
        if (fault.hook === 'call bomb') assert.match((await bomb).text!, /call bomb ran into apps\.timeout \(500 ms\)/)
        assert.equal(await app.call(id, 'alive'), 'alive', name)
        assert(!app.logs.includes('caught') && !app.logs.includes('finally'), name)
      }
    })
  })

  test('in onManage is named, with its place, and replaced at the third time', async () => {
    await alone(async lab => {
      const app = await lab.app('export function onManage() {\n  for (;;);\n}\n')
      for (let round = 0; round < 3; round++) app.tell({ e: 'onManage' })
      const spent = await lab.child.report('spent')
      assert.deepEqual([spent.path, spent.limit], [app.path, 'apps.timeout (500 ms)'])
      assert.deepEqual(
        app.of('fault').map(({ hook, text, line }) => [hook, text, line]),
        Array(3).fill(['onManage', 'cut: it ran into apps.timeout (500 ms)', 2]),
      )
      assert.equal((await lab.child.ended).signal, 'SIGKILL')
    })
  })

  test('does not take the other events of its batch with it', async () => {
    await alone(async lab => {
      const app = await lab.app('export const calls = { loop() { for (;;); }, add(a, b) { return a + b } }')
      app.join()
      const sums = [1, 2, 3].map(n => app.call(id, 'add', n, 1))
      const loop = app.result(id, 'loop')
      const more = [4, 5, 6].map(n => app.call(id, 'add', n, 1))
      assert.deepEqual(await Promise.all([...sums, ...more]), [2, 3, 4, 5, 6, 7])
      assert.equal((await loop).how, 'error')
    })
  })

  test('ends the process when its loop hears no interrupt', async () => {
    await alone(async lab => {
      const app = await lab.app('export const calls = { bomb() { let x = 3n; for (;;) x *= x } }')
      app.join()
      app.result(id, 'bomb').catch(() => {})
      const { signal } = await lab.child.ended
      assert.equal(signal, 'SIGKILL')
      assert(lab.child.reports.some(report => report.report === 'spent'))
    })
  })

  test('does not outlive its parent', async () => {
    await alone(async lab => {
      const app = await lab.app('export const calls = { bomb() { for (;;); } }', {
        limits: { ...limits, timeout: 60_000 },
      })
      app.join()
      app.result(id, 'bomb').catch(() => {})
      await ping(lab)
      const began = performance.now()
      lab.child.process.disconnect()
      await lab.child.ended
      assert(performance.now() - began < 30_000, 'it ended with its script')
    })
  })
})

suite('a script that takes all memory', { skip: process.platform !== 'linux' && 'reads /proc' }, () => {
  /** Has the process end, and looks at the most it held. */
  async function fatal(source: string, start: (app: TriedApp) => void): Promise<string> {
    const lab = new Lab()
    const pid = lab.child.process.pid!
    const app = await lab.app(source)
    app.join()
    const base = residentMb(pid)
    let most = 0
    const sampling = setInterval(() => {
      most = Math.max(most, residentMb(pid))
    }, 5)
    start(app)
    const { signal } = await lab.child.ended
    clearInterval(sampling)
    lab.www.remove()
    assert.equal(signal, 'SIGKILL')
    const spent = lab.child.reports.find(report => report.report === 'spent')
    assert(spent, source)
    // The process looks every 10 ms; what it takes between two looks on a busy machine comes on top.
    const allowed = base + limits.memory + MEMORY_MARGIN_MB + 150
    assert(most < allowed, `${source}: held ${Math.round(most)} MB, ${Math.round(allowed)} were allowed`)
    return spent.limit
  }

  test('at once ends its process, which says so', async () => {
    for (const body of [
      'Array(1e9).fill(0)',
      "JSON.parse('['.repeat(5e7))",
      'let a = [1]; for (;;) a = a.concat(a)',
      'const a = []; for (;;) { const b = new ArrayBuffer(1, { maxByteLength: 1e9 }); b.resize(1e8); new Uint8Array(b).fill(1); a.push(b) }',
    ]) {
      const bomb = (app: TriedApp) => void app.result(id, 'bomb').catch(() => {})
      const limit = await fatal(`export const calls = { bomb() { ${body} } }`, bomb)
      assert.match(limit, /^apps\.(memory \(128 MB\)|timeout \(500 ms\))$/)
    }
  })

  test('little by little ends its process, which names the limit', async () => {
    const source = `
      const grown = new Map()
      export function onManage() {
        setInterval(() => { for (let i = 0; i < 20_000; i++) grown.set(grown.size, { at: grown.size, text: 'x' + grown.size }) }, 1)
      }`
    const limit = await fatal(source, app => app.tell({ e: 'onManage' }))
    assert.equal(limit, 'apps.memory (128 MB)')
  })

  test('in pieces is refused them, or cut, and goes on', async () => {
    for (const body of [
      'for (;;) hoard.push(new Uint8Array(1e6).fill(1))',
      "for (let text = 'x'; ; ) hoard.push((text += text))",
      'for (let i = 0; ; i++) hoard.push(String(i).repeat(1000) + i)',
      'for (;;) hoard.push({ a: 1, b: [1, 2, 3] })',
      'return (2n ** (2n ** 29n)) ** 3n',
    ]) {
      const source = `
        let hoard = []
        export const calls = {
          bomb() { try { ${body} } finally { hoard = [] } },
          alive() { hoard = []; return 'alive' },
        }`
      await alone(async lab => {
        const app = await lab.app(source)
        app.join()
        const result = await app.result(id, 'bomb')
        assert.equal(result.how, 'error', body)
        assert.equal(await app.call(id, 'alive'), 'alive', body)
      })
    }
  })
})

suite('a hostile script', { timeout: 240_000 }, () => {
  /** Everything a script can reach is turned against the engine before anything happens. */
  const tampering = `
    const { ownKeys, defineProperty, getOwnPropertyDescriptor } = Reflect
    const { create, getPrototypeOf, getOwnPropertyNames } = Object
    const spoil = () => { throw new SpoiltError() }
    const SpoiltError = Error
    const classes = [Array, Map, Set, WeakMap, Promise, String, Number, Function, Object, Date, RegExp, Uint8Array,
      Object.getPrototypeOf(Uint8Array), DataView, ArrayBuffer, Error, Symbol, JSON, Math, Reflect,
      Object.getPrototypeOf([].values()), Object.getPrototypeOf(new Map().entries()), Object.getPrototypeOf(async () => {})]
    const names = Object.getOwnPropertyNames(globalThis)
    const keys = ['c', 'e', 'ticket', 'ok', 'text', 'get', 'set', 'value', 'then', 'commands', 'wake', 'pending', 'facts', 0, 1, 2, 3]
    for (let i = 0; i < keys.length; i++) {
      const trap = { __proto__: null, get() { return undefined }, set: spoil, configurable: true }
      defineProperty(Object.prototype, keys[i], trap)
      if (typeof keys[i] === 'number') defineProperty(Array.prototype, keys[i], trap)
    }
    for (let i = 0; i < classes.length; i++) {
      for (let j = 0; j < 2; j++) {
        const holder = j === 0 ? classes[i] : classes[i].prototype
        if (holder === undefined) continue
        const own = ownKeys(holder)
        for (let k = 0; k < own.length; k++) {
          const property = getOwnPropertyDescriptor(holder, own[k])
          if (!property.configurable || own[k] === 'constructor') continue
          const spoilt = create(null)
          spoilt.configurable = true
          spoilt.value = spoil
          defineProperty(holder, own[k], spoilt)
        }
      }
    }
    for (let i = 0; i < names.length; i++) {
      if (names[i] !== 'globalThis') try { globalThis[names[i]] = spoil } catch {}
    }`

  test('cannot upset the engine by tampering with what it was given', async () => {
    await alone(async lab => {
      const app = await lab.app(`
        let published = 0
        export function onConnection(client) { ${tampering}
          client.seen = true
        }
        export async function onPublish(client, publication) { published++; return publication.name !== 'no' }
        export const calls = { count() { return published } }`)
      const connected = await app.connect()
      assert.deepEqual([connected.ok, connected.text], [true, undefined])
      app.tell({ e: 'joined', client: id })
      for (const [address, ok] of [
        ['cam', true],
        ['no', false],
      ] as const) {
        const publication = app.publication({ address })
        const verdict = await app.ask(ticket => ({ e: 'onPublish', ticket, client: id, publication }))
        assert.equal(verdict.ok, ok)
      }
      const result = await app.result(id, 'count')
      // The codec is the script's to spoil; that its client is answered is not.
      assert(result.how === 'value' || result.how === 'error')
      app.tell({ e: 'left', client: id }, { e: 'forget', client: id })
      assert.equal((await app.reload('export const calls = { fresh() { return 1 } }')).report, 'reloaded')
      app.join()
      assert.equal(await app.call(id, 'fresh'), 1)
    })
  })

  test('cannot speak for a client it does not hold', async () => {
    await alone(async lab => {
      const app = await lab.app(`
        export function onConnection(client) {
          const stolen = []
          const push = Array.prototype.push
          Array.prototype.push = function (...items) { stolen.push(...items); return push.apply(this, items) }
          Map.prototype.get = function () { stolen.push(this) }
          try { Object.defineProperty(client, 'id', { value: 'f'.repeat(64) }) } catch (error) { console.log(error instanceof TypeError) }
          client.writer.writeAMFMessage('x')
          for (const forged of [{}, Object.create(client), Object.create(Object.getPrototypeOf(client)), new Proxy(client, {})]) {
            try { forged.writer.writeAMFMessage('forged') } catch (error) { console.log(error instanceof TypeError) }
          }
        }`)
      await app.connect()
      assert.deepEqual(
        app.of('message').map(({ client, name }) => [client, name]),
        [[id, 'x']],
      )
      assert.deepEqual(app.logs, ['true', 'true', 'true', 'true', 'true'])
    })
  })

  test('cannot run its own formatter of stacks, nor drown a log in words', async () => {
    await alone(async lab => {
      const app = await lab.app(`
        Error.prepareStackTrace = (error, sites) => { console.log('ran'); return sites[0].getThis() }
        Error.stackTraceLimit = 0
        export function onManage() {
          console.log('placed')
          const error = new Error('x'.repeat(5e6))
          error.stack = 'y'.repeat(5e6)
          throw error
        }`)
      app.tell({ e: 'onManage' })
      const fault = await app.command('fault')
      assert.equal(fault.text.length, 8_192)
      assert(fault.stack.length <= 8_192)
      const line = await app.command('log')
      assert.deepEqual([line.text, line.line], ['placed', 5])
      assert(!app.logs.includes('ran'))
    })
  })

  test('recurses, throws and promises what it likes, and is answered', async () => {
    await alone(async lab => {
      const app = await lab.app(`
        const deep = n => { let x = []; for (let i = 0; i < n; i++) x = [x]; return x }
        export const calls = {
          recursion() { return calls.recursion() },
          async asyncRecursion() { return await calls.asyncRecursion() },
          nested() { return deep(1e5) },
          json() { return JSON.stringify(deep(1e5)) },
          thenable() { return { then(resolve) { resolve('first'); resolve('second'); throw new Error('third') } } },
          nestedThenable() { return { then: r => r({ then: r => r('inner') }) } },
          hostilePromise() {
            const promise = Promise.resolve(1)
            Object.defineProperty(promise, 'constructor', { get() { throw new Error('no') } })
            return promise
          },
          proxy() { return new Proxy({}, { get() { throw new Error('get') }, ownKeys() { throw new Error('keys') } }) },
          throwsProxy() { throw new Proxy(new Error('x'), { get() { throw 1 }, getPrototypeOf() { throw 2 } }) },
          logs() { console.log(deep(1e5), new Proxy({}, { ownKeys() { throw 1 } })) ; return 'logged' },
          clone() { structuredClone(deep(1e5)) },
          alive() { return 'alive' },
        }`)
      app.join()
      const outcomes: Record<string, string> = {}
      for (const name of [
        'recursion',
        'nested',
        'json',
        'thenable',
        'nestedThenable',
        'hostilePromise',
        'proxy',
        'throwsProxy',
        'logs',
        'clone',
      ]) {
        outcomes[name] = await app.call(id, name).then(String, error => `threw ${error.message}`)
        assert.equal(await app.call(id, 'alive'), 'alive', name)
      }
      assert.match(outcomes.recursion!, /^threw Maximum call stack/)
      assert.match(outcomes.nested!, /^threw/)
      assert.deepEqual(
        [outcomes.thenable, outcomes.nestedThenable, outcomes.hostilePromise, outcomes.logs],
        ['first', 'inner', 'threw no', 'logged'],
      )
      assert.match(outcomes.throwsProxy!, /^threw /)
      assert.match(outcomes.clone!, /more than 1000 deep/)
    })
  })

  test('imports nothing from above its folder, by path or by link', async () => {
    await alone(async lab => {
      lab.www.write('secret.js', 'export const secret = 1')
      const { folder } = lab.www
      const above = lab.app("import { secret } from '../secret.js'", { path: '/a' })
      await assert.rejects(above, /lies outside this application/)
      lab.www.write('b/main.js', '')
      symlinkSync(`${folder}/secret.js`, `${folder}/b/near.js`)
      const linked = lab.app("import { secret } from './near.js'", { path: '/b' })
      await assert.rejects(linked, /lies outside this application/)
    })
  })

  test('leaves nothing behind that runs, once it is disposed', async () => {
    await alone(async lab => {
      const app = await lab.app(`
        setInterval(() => console.log('tick'), 1)
        export const calls = { never: () => new Promise(() => {}), loop() { for (;;); } }`)
      app.join()
      await app.log('tick')
      app.result(id, 'never').catch(() => {})
      app.result(id, 'loop').catch(() => {})
      const from = lab.child.reports.length
      lab.child.send({ order: 'dispose', path: app.path })
      await lab.child.report('disposed', from)
      const ticks = app.logs.length
      const next = await lab.app("setTimeout(() => console.log('next'), 60)")
      await next.log('next')
      assert.equal(app.logs.length, ticks)
      assert(!lab.child.reports.some(report => report.report === 'spent'))
    })
  })
})

suite('a busy script', { timeout: 240_000 }, () => {
  test('answers a thousand clients that call faster than it can work, one after another', async () => {
    await alone(async lab => {
      const app = await lab.app(`export const calls = {
        slow() { const end = Date.now() + 10; while (Date.now() < end); return 1 },
      }`)
      const ids = Array.from({ length: 1_000 }, (_, index) => index.toString(16).padStart(64, '0'))
      for (const client of ids) app.join({ id: client })
      const results = Promise.all(ids.slice(0, 200).map(client => app.result(client, 'slow')))
      let pings = 0
      let answered = false
      const pinging = (async () => {
        for (; !answered; pings++) await ping(lab)
      })()
      assert((await results).every(({ how }) => how === 'value'))
      answered = true
      await pinging
      assert.deepEqual(app.of('fault'), [])
      // They are two seconds of work: a process that is deaf for a quarter of one answers eight times.
      assert(pings > 10, `the process answered ${pings} times meanwhile`)
    })
  })

  test('keeps neither its timers out by its events, nor its events by its timers, and can be reloaded', async () => {
    await alone(async lab => {
      const work = 'const end = Date.now() + 30; while (Date.now() < end);'
      const app = await lab.app(`
        let ticks = 0
        setInterval(() => { ticks++; ${work} }, 1)
        export const calls = { slow() { ${work}; return ticks } }`)
      app.join()
      const ticks = (await Promise.all(Array.from({ length: 12 }, () => app.call(id, 'slow')))) as number[]
      assert(ticks.at(-1)! - ticks[0]! >= 5, ticks.join())
      const reloaded = app.reload('export const calls = { fresh() { return 1 } }')
      assert.equal((await reloaded).report, 'reloaded')
      assert.equal(await app.call(id, 'fresh'), 1)
    })
  })
})
