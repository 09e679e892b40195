import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, request } from 'node:http'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { WebSocket } from 'ws'
import { Audience } from '../support/audience.ts'
import { DevTools } from '../support/devtools.ts'
import { harmless } from '../support/neighbour.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const pauseMs = 5_000
const script = `export function onPublish(client, publication) {
  const name = publication.name
  const isGood = name !== 'bad'
  if (!isGood) throw new Error('a bad name')
}
export const calls = {
  grow() {
    for (let i = 0; i < 100_000; i++) all.push({ i, list: [i] })
  },
  work() {
    for (let i = 0, until = Date.now() + 200; Date.now() < until; i++) Math.sqrt(i)
  },
}
const all = []
`

interface Listed {
  title: string
  type: string
  url: string
  webSocketDebuggerUrl: string
  id: string
}

async function inspectorOf(server: TestServer): Promise<string> {
  return String((await server.logged(line => typeof line.inspector === 'string')).inspector)
}

async function listed(server: TestServer, title: string): Promise<Listed> {
  const response = await fetch(`http://${await inspectorOf(server)}/json/list`)
  const list = (await response.json()) as Listed[]
  const found = list.find(target => target.title === title)
  assert.ok(found, JSON.stringify(list))
  return found
}

const set = ['apps.inspector=0', 'apps.timeout=500 ms']

/** The server has replaced no host. */
function assertUntouched(server: TestServer): void {
  const ends = server.log.filter(({ msg }) => msg.startsWith('application host ended') || msg.includes('restarted'))
  assert.deepEqual(ends, [])
}

suite('debugging a live application', { timeout: 240_000 }, () => {
  test('a breakpoint stops one application and nobody else, and a forgotten one is over in time', async () => {
    const www = { 'shown/main.js': script, 'other/main.js': harmless }
    const limits = [`apps.inspectorPause=${pauseMs} ms`, 'apps.verdictTimeout=4']
    await using server = await startTestServer({ www, set: [...set, ...limits] })
    await using own = await Audience.gather(server.url('shown'), 5)
    await using others = await Audience.gather(server.url('other'), 20)
    await using encoder = await RtmpClient.connect({ url: server.url('shown') })
    await using other = await RtmpClient.connect({ url: server.url('other') })

    const target = await listed(server, '/shown')
    assert.equal(target.type, 'node')
    await using tools = await DevTools.attach(target.webSocketDebuggerUrl)
    await tools.send('Runtime.enable')
    await tools.send('Debugger.enable')
    const url = pathToFileURL(join(server.www, 'shown/main.js')).href
    await tools.event('Debugger.scriptParsed', 0, params => params.url === url)
    // As an editor asks: with a pattern of the file's path.
    const urlRegex = `^${url.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$`
    const { breakpointId } = await tools.send('Debugger.setBreakpointByUrl', { lineNumber: 3, urlRegex })

    // Stopped in onPublish: locals are read, and it goes on.
    const publishing = encoder.publish('cam')
    const paused = await tools.event('Debugger.paused')
    const [frame] = paused.callFrames
    assert.deepEqual([frame.functionName, frame.location.lineNumber], ['onPublish', 3])
    const { callFrameId } = frame
    const local = await tools.send('Debugger.evaluateOnCallFrame', { callFrameId, expression: 'name + isGood' })
    assert.equal(local.result.value, 'camtrue')
    const { objectId } = frame.scopeChain[0].object
    const { result } = await tools.send('Runtime.getProperties', { objectId })
    assert.deepEqual(result.map((each: { name: string }) => each.name).sort(), [
      'client',
      'isGood',
      'name',
      'publication',
    ])
    // Longer than apps.timeout lets a script run.
    await Promise.all([own.sees(17), others.sees(17)])
    assert.equal(await other.call('alive'), true)
    await tools.send('Debugger.resume')
    await publishing
    const line = await server.logged(({ msg }) => msg.includes('the debugger has stopped the application at'))
    assert.match(line.msg, /shown\/main\.js:4$/)

    // Forgotten: who waits is refused in time, and the script goes on at its limit.
    const from = server.log.length
    const began = performance.now()
    await assert.rejects(encoder.publish('second'), /verdictTimeout|no answer/)
    await server.logged(({ msg }) => /goes on: it stood still for apps\.inspectorPause \(5000 ms\)/.test(msg), from)
    const stood = performance.now() - began
    assert.ok(stood > pauseMs - 100 && stood < pauseMs + 20_000, `${stood} ms`)
    await tools.send('Debugger.removeBreakpoint', { breakpointId })
    await encoder.publish('third')
    await assert.rejects(encoder.publish('bad'), /a bad name/)

    await Promise.all([own.sees(5), others.sees(5)])
    assert.deepEqual([own.losses, others.losses], [[], []])
    assertUntouched(server)
  })

  test('a breakpoint outlives a save, and a debugger that leaves lets the script go on', async () => {
    await using server = await startTestServer({ www: { 'shown/main.js': script }, set })
    await using encoder = await RtmpClient.connect({ url: server.url('shown') })
    const tools = await DevTools.attach((await listed(server, '/shown')).webSocketDebuggerUrl)
    await tools.send('Debugger.enable')
    const url = pathToFileURL(join(server.www, 'shown/main.js')).href
    await tools.send('Debugger.setBreakpointByUrl', { lineNumber: 3, url })
    await server.writeApp('shown/main.js', script.replace('a bad name', 'a worse name'))
    await server.logged(({ msg }) => msg.startsWith('application reloaded'))
    const publishing = encoder.publish('cam')
    await tools.event('Debugger.paused')
    await tools[Symbol.asyncDispose]()
    await publishing
    await assert.rejects(encoder.publish('bad'), /a worse name/)
    assertUntouched(server)
  })

  test('a processor profile and a snapshot of the heap are to be had of a live application', async () => {
    await using server = await startTestServer({ www: { 'shown/main.js': script }, set })
    await using client = await RtmpClient.connect({ url: server.url('shown') })
    await using tools = await DevTools.attach((await listed(server, '/shown')).webSocketDebuggerUrl)
    await tools.send('Profiler.enable')
    await tools.send('Profiler.start')
    await client.call('work')
    const { profile } = await tools.send('Profiler.stop')
    const names = profile.nodes.map((node: { callFrame: { functionName: string } }) => node.callFrame.functionName)
    assert.ok(names.includes('work'), names.join())
    // Far larger than the heap, and the engine works on it for longer than apps.timeout: nobody holds that against the script.
    await client.call('grow')
    await tools.send('HeapProfiler.takeHeapSnapshot')
    await client.call('work')
    const chunks = tools.events.filter(({ method }) => method === 'HeapProfiler.addHeapSnapshotChunk')
    const snapshot = JSON.parse(chunks.map(({ params }) => params.chunk).join(''))
    assert.ok(snapshot.nodes.length > 1_000)
    assertUntouched(server)
  })

  test('a console is answered by the script itself, what it writes is done, and what never ends harms nobody', async () => {
    const main = `export const calls = { say(text: string) { console.warn('said', text) } }\n`
    await using server = await startTestServer({
      www: { 'shown/main.ts': main },
      set: [...set, 'apps.inspectorPause=1'],
    })
    await using client = await RtmpClient.connect({ url: server.url('shown') })
    await using tools = await DevTools.attach((await listed(server, '/shown')).webSocketDebuggerUrl)
    await tools.send('Runtime.enable')
    await tools.send('Debugger.enable')
    // One context, the default one, by whatever number.
    const { context } = await tools.event('Runtime.executionContextCreated')
    assert.deepEqual([context.name, context.auxData], ['/shown', { isDefault: true }])
    const value = async (params: Record<string, unknown>) => (await tools.send('Runtime.evaluate', params)).result.value
    assert.equal(await value({ expression: 'clients.count' }), 1)
    assert.equal(await value({ expression: 'clients.count', contextId: 1 }), 1)
    assert.equal(await value({ expression: 'let twice = 2; twice', replMode: true }), 2)
    assert.equal(await value({ expression: 'await (async () => 7)()', replMode: true }), 7)
    const list = { expression: 'Promise.resolve([1])', awaitPromise: true, returnByValue: true }
    assert.deepEqual(await value(list), [1])
    const rejected = await tools.send('Runtime.evaluate', { expression: 'Promise.reject(5)', awaitPromise: true })
    assert.equal(rejected.exceptionDetails.exception.value, 5)
    // The script's lines, and the console's own.
    await client.call('say', 'hello')
    const said = await tools.event('Runtime.consoleAPICalled', 0, params => params.type === 'warning')
    assert.equal(said.args[0].value, 'said hello')
    assert.equal(said.stackTrace.callFrames[0].url, pathToFileURL(join(server.www, 'shown/main.ts')).href)
    await tools.send('Runtime.evaluate', { expression: "console.log('typed'); [...clients][0][1].close('enough')" })
    await tools.event('Runtime.consoleAPICalled', 0, params => params.args[0].value === 'typed')
    await client.closed
    // Neither a loop nor a promise without end.
    await assert.rejects(tools.send('Runtime.evaluate', { expression: 'for (;;);' }), /terminated/)
    const from = performance.now()
    const pending = await tools.send('Runtime.evaluate', { expression: 'new Promise(() => {})', awaitPromise: true })
    assert.equal(pending.result.subtype, 'promise')
    assert.ok(performance.now() - from > 900)
    await tools[Symbol.asyncDispose]()
    await using again = await RtmpClient.connect({ url: server.url('shown') })
    await again.call('say', 'still here')
    assertUntouched(server)
  })

  test('a debugger finds an application by its name, stops in TypeScript and what it imports, and steps past us', async () => {
    const main = `import { add } from './parts/sum.ts'
type Row = { points: number }
export const calls = {
  guess(points: number): number {
    const row: Row = { points }
    const own = this.name ?? 'nobody'
    return add(row.points, 1)
  },
  async rest() {
    await null
    debugger
  },
  oops(): number { return JSON.parse('{') },
}
`
    const sum = `interface Unused {
  nothing: string
}
export function add(a: number, b: number): number {
  return a + b
}
`
    const www = { 'shown/main.ts': main, 'shown/parts/sum.ts': sum }
    await using server = await startTestServer({ www, set: [...set, 'apps.journal=true'] })
    const named = `ws://${await inspectorOf(server)}/shown`
    // Not for a page of the web, which can guess names.
    const page = new WebSocket(named, { origin: 'http://evil.example.com' })
    await assert.rejects(once(page, 'open'), /404/)
    // Nobody is there yet: it is started.
    await using tools = await DevTools.attach(named)
    await tools.send('Debugger.enable')
    const file = (name: string) => pathToFileURL(join(server.www, 'shown', name)).href
    const parsed = await tools.event('Debugger.scriptParsed', 0, params => params.url === file('main.ts'))
    assert.equal(parsed.hash, '')
    const stop = (name: string, lineNumber: number, condition = '') =>
      tools.send('Debugger.setBreakpointByUrl', { url: file(name), lineNumber, condition })
    await stop('main.ts', 5, 'points > 1')
    await stop('parts/sum.ts', 4, 'a > 2')
    await using client = await RtmpClient.connect({ url: server.url('shown') })
    /** Where it stands still next, and on it goes by `how`. */
    let from = 0
    const stopped = async (how: string) => {
      const { callFrames, reason } = await tools.event('Debugger.paused', from)
      from = tools.events.length
      await tools.send(how)
      const [{ location, functionName }] = callFrames
      const { url } = tools.events.find(each => each.params.scriptId === location.scriptId)?.params ?? {}
      return [url?.split('/').at(-1), functionName, location.lineNumber + 1, reason]
    }
    assert.equal(await client.call('guess', 1), 2)
    const guess = client.call('guess', 3)
    assert.deepEqual(await stopped('Debugger.stepInto'), ['main.ts', 'guess', 6, 'other'])
    assert.deepEqual(await stopped('Debugger.resume'), ['main.ts', 'guess', 7, 'step'])
    assert.deepEqual(await stopped('Debugger.resume'), ['sum.ts', 'add', 5, 'other'])
    assert.equal(await guess, 4)
    const rest = client.call('rest')
    assert.deepEqual(await stopped('Debugger.resume'), ['main.ts', 'rest', 11, 'other'])
    await rest
    await tools.send('Debugger.setPauseOnExceptions', { state: 'all' })
    const oops = client.call('oops')
    oops.catch(() => {})
    assert.deepEqual(await stopped('Debugger.resume'), ['main.ts', 'oops', 13, 'exception'])
    await assert.rejects(oops, /JSON/)
    assertUntouched(server)
  })

  test('only who names an address of this machine is answered, ids are not to be guessed, a taken port is told', async () => {
    await using server = await startTestServer({ www: { 'shown/main.js': script }, set })
    await using _client = await RtmpClient.connect({ url: server.url('shown') })
    const [host, port] = (await inspectorOf(server)).split(':')
    const status = (path: string, headers: Record<string, string>, method = 'GET') =>
      new Promise<number | undefined>(resolve => {
        const asked = request({ host, port, path, headers, method }, response => {
          response.resume()
          resolve(response.statusCode)
        })
        asked.on('error', () => resolve(undefined))
        asked.end()
      })
    assert.equal(await status('/json/list', { host: `evil.example.com:${port}` }), 400)
    assert.equal(await status('/json/list', { host: `localhost:${port}` }), 200)
    assert.equal(await status('/json/version', { host: `[::1]:${port}` }), 200)
    assert.equal(await status('/json/version', {}, 'POST'), 405)
    assert.equal(await status('/', {}), 404)
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }
    const { id } = await listed(server, '/shown')
    assert.match(id, /^[0-9a-f-]{36}$/)
    assert.equal(await status(`/${id}`, { ...upgrade, host: 'evil.example.com' }), 400)
    assert.equal(await status(`/${id.replace(/.$/, c => (c === '0' ? '1' : '0'))}`, upgrade), 404)
    const version = await new Promise<string>(resolve => {
      get({ host, port, path: '/json/version' }, response => {
        response.setEncoding('utf8').once('data', resolve)
      })
    })
    assert.match(version, /"Browser": "Cumulus\/\d/)
    await assert.rejects(startTestServer({ www: {}, set: [`apps.inspector=${port}`] }), /INSPECTOR_PORT/)
  })
})
