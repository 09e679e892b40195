import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { clientFacts, limits, listenerFacts } from '../apps/host/child.ts'
import { Lab } from '../apps/host/lab.ts'

/**
 * Runs in the application. It finds every function and every settable member that the server gave to the script, from
 * the globals and from the objects that hooks are given, and tries each with values it was not made for. What the server
 * gives is known by its source: functions of the language have none to show.
 */
const walker = `
const mine = new Error('the script threw')
const boom = () => { throw mine }
const traps = Object.fromEntries(Reflect.ownKeys(Reflect).map(name => [name, boom]))
const bad = {
  undefined: () => undefined, null: () => null, true: () => true, NaN: () => NaN, infinity: () => -Infinity, negative: () => -1,
  fraction: () => 0.5, huge: () => 2 ** 53, text: () => 'text', empty: () => '', long: () => 'x'.repeat(5_000), bigint: () => 5n,
  symbol: () => Symbol('s'), object: () => ({}), bare: () => Object.create(null), array: () => [1, [2]], function: () => () => 1,
  date: () => new Date(NaN), bytes: () => new Uint8Array(3), floats: () => new Float64Array(3),
  detached: () => { const b = new Uint8Array(3); b.buffer.transfer(); return b },
  proxy: () => new Proxy({}, {}), hostile: () => new Proxy(function () {}, new Proxy({}, { get: boom })),
  revoked: () => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy },
  throws: () => ({ get name() { boom() }, get message() { boom() }, toString: boom, valueOf: boom, [Symbol.toPrimitive]: boom, [Symbol.iterator]: boom }),
  thenable: () => ({ then: boom }), cycle: () => { const o = {}; o.o = o; return o }, fakeArray: () => ({ length: 2 ** 40 }),
  borrowed: () => Object.create(Uint8Array.prototype), fakeDate: () => Object.create(Date.prototype),
  lone: () => '\\ud800', upwards: () => '../..', iterator: () => Symbol.iterator, class: () => class {}, map: () => new Map(),
  getsThen: () => ({ get then() { boom() } }), getsLength: () => ({ get length() { boom() } }), getsField: () => ({ get x() { boom() } }),
  thenThrows: () => ({ then: resolve => resolve({ then: boom }) }),
  trapped: () => new Proxy({}, traps), trappedFunction: () => new Proxy(() => {}, traps), trappedArray: () => new Proxy([], traps),
}
const source = Function.prototype.toString
const isNative = f => source.call(f).endsWith('{ [native code] }')
const isConstructor = f => Object.getOwnPropertyDescriptor(f, 'prototype')?.writable === false
const seen = new Set([globalThis])
const classes = new Set()
const met = new Set()
const targets = new Map()

function visit(value, path) {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return
  seen.add(value)
  if (typeof value === 'function' && !isNative(value)) {
    const isClass = isConstructor(value)
    if (isClass) classes.add([path, value.prototype])
    targets.set(isClass ? 'new ' + path : path, values => isClass ? new value(...values) : value(...values))
  }
  for (let owner = value; owner !== null && owner !== Object.prototype && owner !== Function.prototype; owner = Object.getPrototypeOf(owner)) {
    met.add(owner)
    for (const key of Reflect.ownKeys(owner)) {
      const member = Object.getOwnPropertyDescriptor(owner, key)
      const name = path + '.' + String(key)
      if (typeof member.value === 'function' && !isNative(member.value) && key !== 'constructor') {
        if (!isConstructor(member.value) && !seen.has(member.value)) {
          seen.add(member.value)
          targets.set(name, values => value[key](...values))
        }
      }
      if (member.set && !isNative(member.set)) targets.set(name + ' =', values => { value[key] = values[0] })
      if (member.get && isNative(member.get)) continue
      let held
      try { held = value[key] } catch { continue }
      if (member.get && typeof held === 'function' && !seen.has(held)) {
        seen.add(held)
        targets.set(name, values => value[key](...values))
      }
      if (key !== 'prototype' || typeof value !== 'function') visit(held, name)
      if (typeof held === 'function' && /^(create|new)[A-Z]/.test(String(key)) && !seen.has(key)) {
        seen.add(key)
        try { visit(value[key](), name + '()') } catch {}
      }
    }
  }
}

/** Readers and writers are of use only while an object reads or writes itself. */
function visitExternal() {
  const write = run => server.toAMF({ __type: 'E', __writeExternal: run })
  const read = run => { reading = run; server.fromAMF(Uint8Array.of(0x11, 10, 7, 3, 0x45, 5, 5, 5)) }
  for (const [kind, use] of Object.entries({ reader: read, writer: write })) {
    let prototype
    use(each => { prototype = Object.getPrototypeOf(each) })
    for (const key of Object.getOwnPropertyNames(prototype)) {
      const { value, set } = Object.getOwnPropertyDescriptor(prototype, key)
      if (typeof value === 'function') targets.set(kind + '.' + key, values => use(each => { each[key](...values) }))
      if (set) targets.set(kind + '.' + key + ' =', values => use(each => { each[key] = values[0] }))
    }
  }
}
let reading
export function onTypedObject(type, object) { object.__readExternal = reader => reading(reader) }

const outcome = error => {
  if (error === mine) return undefined
  if (!(error instanceof Error)) return ['not an error', String(error), '']
  return [error.name, error.message, String(error.stack)]
}
export const calls = {
  async find() {
    const key = await crypto.subtle.importKey('raw', Uint8Array.of(1), { name: 'HMAC', hash: 'SHA-1' }, true, ['sign', 'verify'])
    const roots = {
      client: this, writer: this.writer, publication: publications.get('cam'), listener: publications.get('cam').listeners.get(1),
      own: server.publish('own'), key, url: new URL('http://a/b?c#d'), params: new URLSearchParams('a=b'), encoder: new TextEncoder(),
      decoder: new TextDecoder(), headers: new Headers(), request: new Request('http://a/'), response: new Response('x'), controller: new AbortController(), connection: new NetConnection(), stream: new NetStream(new NetConnection()),
      exception: new DOMException(),
    }
    for (const name of Object.getOwnPropertyNames(globalThis)) visit(globalThis[name], name)
    for (const [name, root] of Object.entries(roots)) visit(root, name)
    visitExternal()
    return { targets: [...targets.keys()], unmet: [...classes].filter(([, prototype]) => !met.has(prototype) && !(prototype instanceof Error)).map(([path]) => path) }
  },
  async attack(path) {
    const wrong = []
    const attack = targets.get(path)
    const lists = Object.entries(bad).flatMap(([kind, make]) => [[kind, [make()]], ['text, ' + kind, ['text', make()]], ['three times ' + kind, [make(), make(), make()]], ['1, twice ' + kind, [1, make(), make()]]])
    for (const [kind, values] of lists) {
      let found
      try {
        const given = attack(values)
        if (typeof given === 'number') clearInterval(given)
        // What is refused at once is refused within a few turns; a call that nobody answers would take longer.
        if (given instanceof Promise) {
          given.catch(error => { found = outcome(error) })
          for (let turn = 0; turn < 20; turn++) await undefined
        }
      } catch (error) {
        found = outcome(error)
      }
      if (found !== undefined) wrong.push([kind, ...found])
    }
    return wrong
  },
}
`

suite('whatever a script gives', () => {
  const lab = new Lab()
  after(() => lab.end())

  test('is taken, or refused by an error that names the member and shows none of our files', async () => {
    // The machine may be busy: it is not the script's slowness that is looked at.
    const app = await lab.app(walker, { limits: { ...limits, timeout: 20_000, verdictTimeout: 60_000 } })
    const { id } = app.join()
    const publication = app.publication()
    app.tell(
      { e: 'listener', facts: listenerFacts({ client: clientFacts().id, publication }) },
      { e: 'listening', listener: 1 },
    )
    const { targets, unmet } = (await app.call(id, 'find')) as { targets: string[]; unmet: string[] }
    assert.deepEqual(unmet, [], 'classes of which no instance was met')
    assert.ok(targets.length > 150, `${targets.length} members found`)
    const complaints: string[] = []
    for (const path of targets) {
      const member = path
        .replace(/^new | =$/g, '')
        .split('.')
        .at(-1)!
      const refused = (await app
        .call(id, 'attack', path)
        .catch(error => [['all', 'Error', `${error}`, '']])) as string[][]
      for (const [kind, name, message, stack] of refused) {
        const isPlain = name === 'TypeError' || name === 'RangeError' || name === 'Error'
        const isNamed =
          !isPlain || message!.includes(member) || /^value \d+: /.test(message!) || message!.includes('apps.')
        const isSlip = /is not a function|Cannot read prop|undefined \(/.test(message!)
        if (!isNamed || isSlip || name === 'not an error') complaints.push(`${path} (${kind}): ${name}: ${message}`)
        if (/cumulus:|sandbox-api|\.ts\b|isolate/.test(stack!)) complaints.push(`${path} (${kind}): ${stack}`)
      }
    }
    assert.deepEqual(complaints, [])
    assert.deepEqual(
      app.of('fault').filter(({ hook }) => hook !== 'promise'),
      [],
    )
    const spent = lab.child.reports.filter(({ report }) => report === 'spent')
    assert.deepEqual(spent, [], 'the process goes on')
  })
})
