import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { decodeAmf0 } from '../../server/media/amf0.ts'
import { clientFacts, limits } from '../apps/host/child.ts'
import { Lab, runner } from '../apps/host/lab.ts'

suite('the world of an application', () => {
  const lab = new Lab()
  after(() => lab.end())
  const { id } = clientFacts()

  test('has a server and an application that say who and where they are (C6, C8–C10, C13, C14, R18, R19, F51)', async () => {
    const server = {
      configs: { rtmp: { port: '1935' }, flag: true },
      publicAddress: 'media.example:1935',
      hostname: 'box',
      version: '1.2.3',
      platform: 'linux',
    }
    const app = await lab.app(runner, { path: '/hall/stage', server, config: { color: 'red', loud: true } })
    app.join()
    const shown = (await app.call(
      id,
      'run',
      `return { configs: server.configs, publicAddress: server.publicAddress, hostname: server.hostname,
        version: server.version, platform: server.platform, epoch: Math.abs(server.epochTime - Date.now()) < 60_000,
        paths: [server.absolutePath('/hall'), server.absolutePath(''), server.absolutePath('/')],
        name: application.name, path: application.path, config: application.config,
        groups: [groups.count, groups === server.groups] }`,
    )) as Record<string, unknown>
    const { folder } = lab.www
    assert.deepEqual(shown, {
      ...server,
      epoch: true,
      paths: [`${folder}/hall/`, `${folder}/`, `${folder}/`],
      name: 'hall/stage',
      path: '/hall/stage',
      config: { color: 'red', loud: true },
      groups: [0, true],
    })
  })

  test('broadcasts in both encodings (R5)', async () => {
    const app = await lab.app(runner)
    app.join()
    await app.call(id, 'run', "server.broadcast('news', 'text', [1])")
    const { name, args0, args3, room } = await app.command('broadcast')
    assert.deepEqual(
      [name, room, decodeAmf0(args0), decodeAmf0(args3)],
      ['news', undefined, ['text', [1]], ['text', [1]]],
    )
    assert.deepEqual([args0.includes(0x11), args3.includes(0x11)], [false, true])
  })

  test('rings timers in order, with their arguments, until they are cleared', async () => {
    const app = await lab.app(`
      const said = []
      setTimeout(text => said.push(text), 20, 'second')
      setTimeout((...texts) => said.push(...texts), 5, 'first', '!')
      clearTimeout(setTimeout(() => said.push('never'), 5))
      const every = setInterval(() => { said.push('tick'); if (said.filter(s => s === 'tick').length === 3) clearInterval(every) }, 30)
      setTimeout(() => { Promise.resolve().then(() => said.push('between')) }, 25)
      setTimeout(() => said.push('after'), 25)
      setTimeout(() => console.log(said.join()), 200)
      clearTimeout(undefined)
      clearTimeout(12345)`)
    const line = await app.command('log')
    assert.equal(line.text, 'first,!,second,between,after,tick,tick,tick')
  })

  test('names what a timer threw, and goes on', async () => {
    const app = await lab.app(
      "setTimeout(() => {\n  throw new Error('tick')\n}, 1)\nsetTimeout(() => console.log('next'), 5)",
    )
    await app.log('next')
    const fault = await app.command('fault')
    assert.deepEqual([fault.hook, fault.text, fault.line], ['timer', 'tick', 2])
  })

  test('limits timers by apps.timers, and refuses what is no function', async () => {
    const app = await lab.app(runner, { limits: { ...limits, timers: 10 } })
    app.join()
    const code =
      'const ids = []; try { for (;;) ids.push(setInterval(() => {}, 1e6)) } catch (e) { ids.forEach(clearInterval); return [ids.length, e.message] }'
    assert.deepEqual(await app.call(id, 'run', code), [10, '10 timers run, more are not allowed: apps.timers'])
    assert.equal(((await app.call(id, 'run', code)) as unknown[])[0], 10)
    assert.match(
      String(await app.call(id, 'run', "try { setTimeout('code') } catch (e) { return e.message }")),
      /^setTimeout: run must be a function, not a string$/,
    )
  })

  test('runs microtasks before the next turn', async () => {
    const app = await lab
      .app(`
      queueMicrotask(() => console.log('micro'))
      setTimeout(() => console.log('timer'), 1)
      console.log('sync')
      queueMicrotask(() => { throw new Error('in a microtask') })`)
      .catch(error => error)
    assert.match(String(app.fault?.text), /in a microtask/)
    const fine = await lab.app(`
      queueMicrotask(() => console.log('micro'))
      setTimeout(() => console.log('timer'), 1)
      console.log('sync')`)
    await fine.log('timer')
    assert.deepEqual(fine.logs, ['sync', 'micro', 'timer'])
  })

  test('has the functions of the web that it promises, and they work', async () => {
    const app = await lab.app(runner)
    app.join()
    const shown = await app.call(
      id,
      'run',
      `const signal = AbortSignal.timeout(5)
      return {
        clone: structuredClone({ a: [new Date(1)] }).a[0].getTime(),
        text: new TextDecoder().decode(new TextEncoder().encode('hällo')),
        url: new URL('../x?y=1', 'rtmp://host/a/b').href,
        params: new URLSearchParams({ a: 'b c' }).toString(),
        base64: atob(btoa('text')),
        aborted: signal.aborted,
        time: performance.now() > 0,
        error: new DOMException('m', 'N').name,
      }`,
    )
    assert.deepEqual(shown, {
      clone: 1,
      text: 'hällo',
      url: 'rtmp://host/x?y=1',
      params: 'a=b+c',
      base64: 'text',
      aborted: false,
      time: true,
      error: 'N',
    })
    await app.call(
      id,
      'run',
      "AbortSignal.timeout(5).addEventListener('abort', event => console.log(event.target.reason.name))",
    )
    await app.log('TimeoutError')
  })

  test('has nothing of the host, and nothing that runs outside its turns', async () => {
    const app = await lab.app(runner)
    app.join()
    const absent = [
      'process',
      'require',
      'module',
      'global',
      'Buffer',
      'ivm',
      'SharedArrayBuffer',
      'Atomics',
      'WebAssembly',
      'FinalizationRegistry',
    ]
    const found = await app.call(id, 'run', `return ${JSON.stringify(absent)}.filter(name => name in globalThis)`)
    assert.deepEqual(found, [])
    const roots = await app.call(
      id,
      'run',
      `const strange = []
      const seen = new Set()
      const walk = (value, path) => {
        if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return
        seen.add(value)
        if (typeof value === 'function' && !(value instanceof Function) && value !== Function.prototype) strange.push(path)
        if (Object.getPrototypeOf(value) !== null && !(value instanceof Object) && value !== Object.prototype) strange.push(path)
        for (const key of Reflect.ownKeys(value)) {
          const own = Object.getOwnPropertyDescriptor(value, key)
          for (const part of [own.value, own.get, own.set]) walk(part, path + '.' + String(key))
        }
        walk(Object.getPrototypeOf(value), path + '.__proto__')
      }
      walk(globalThis, 'globalThis')
      walk(client, 'client')
      return strange`,
    )
    assert.deepEqual(roots, [])
  })

  test('cannot import at run time, and says so', async () => {
    const app = await lab.app("export const calls = { load: () => import('node:fs') }")
    app.join()
    assert.equal((await app.result(id, 'load')).how, 'error')
  })
})

suite('logging', () => {
  const lab = new Lab()
  after(() => lab.end())

  test('names level, file and line of each line, in either manner (C157)', async () => {
    const app = await lab.app({
      'main.js': `import { deep } from './x.js'
NOTE('note ', 1, null, undefined, true, { a: [1] })
ERROR('e')
WARN('w')
INFO('i')
DEBUG('d')
TRACE('t')
print('p')
trace('tr')
console.log('%s: %d', 'x', 5, [1])
console.info('ci'); console.debug('cd')
console.warn('cw')
console.error(new Map([['a', 1]]))
deep()`,
      'x.js': "\nexport function deep() { console.log('deep') }",
    })
    const file = (name: string) => `${app.path.slice(1)}/${name}.js`
    assert.deepEqual(
      app.of('log').map(({ level, text, file: at, line }) => [level, text, at, line]),
      [
        ['note', 'note 1(null)(undefined)(true){ a: [ 1 ] }', file('main'), 2],
        ['error', 'e', file('main'), 3],
        ['warn', 'w', file('main'), 4],
        ['info', 'i', file('main'), 5],
        ['debug', 'd', file('main'), 6],
        ['trace', 't', file('main'), 7],
        ['info', 'p', file('main'), 8],
        ['info', 'tr', file('main'), 9],
        ['info', 'x: 5 [ 1 ]', file('main'), 10],
        ['info', 'ci', file('main'), 11],
        ['debug', 'cd', file('main'), 11],
        ['warn', 'cw', file('main'), 12],
        ['error', "Map(1) { 'a' => 1 }", file('main'), 13],
        ['info', 'deep', file('x'), 2],
      ],
    )
  })

  test('has the rest of the console', async () => {
    const app = await lab.app(`
      console.assert(true, 'not said'); console.assert(false, 'said'); console.assert(0)
      console.count(); console.count('x'); console.count(); console.countReset(); console.count()
      console.group('group'); console.log('in\\nside'); console.group(); console.log('deeper'); console.groupEnd(); console.groupEnd()
      console.groupEnd(); console.log('out')
      console.dir({ a: 1 })
      console.time('t'); console.timeLog('t', 'now'); console.timeEnd('t'); console.timeEnd('t')
      console.trace('where')`)
    const texts = app.logs
    assert.deepEqual(texts.slice(0, 11), [
      'Assertion failed: said',
      'Assertion failed',
      'default: 1',
      'x: 1',
      'default: 2',
      'default: 1',
      'group',
      '  in\n  side',
      '    deeper',
      'out',
      '{ a: 1 }',
    ])
    assert.match(texts[11]!, /^t: \d+ms now$/)
    assert.match(texts[12]!, /^t: \d+ms$/)
    assert.match(texts[13]!, /^Trace: where\n.*main\.js:8:15/)
    assert.equal(texts.length, 14)
  })

  test('cuts long lines, and counts those of a turn', async () => {
    const app = await lab.app(`
      console.log('x'.repeat(100_000))
      setTimeout(() => { for (let i = 0; i < 1_000; i++) console.log(i) }, 1)
      setTimeout(() => console.log('next turn'), 30)`)
    await app.log('next turn')
    assert.equal(app.logs[0]!.length, 8_193)
    assert.equal(app.logs.filter(text => /^\d+$/.test(text)).length, 200)
    assert(app.logs.includes('800 more lines were not logged'))
  })
})
