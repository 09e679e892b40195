import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { clientFacts } from '../apps/host/child.ts'
import { Lab } from '../apps/host/lab.ts'

/**
 * Whatever a script passes to whatever function it was given: it gets an answer, an error of its own world that says
 * something, or what its own value threw. The functions are found, not listed, so that new ones are tried too.
 */
const script = `
const mine = new Error('mine')
const trap = () => { throw mine }
const traps = Object.fromEntries(Reflect.ownKeys(Reflect).map(name => [name, trap]))
const revoked = Proxy.revocable({}, {})
revoked.revoke()
const values = () => [
  undefined, null, NaN, -1, 1e300, 5n, '', 'x'.repeat(1e5), '\\ud800', '../..', Symbol('s'), Symbol.iterator,
  [], [[]], {}, { length: 1e9 }, new Date(NaN), new Uint8Array(3), new Map(), () => {}, class {}, Object.create(null),
  { then: trap }, { get then() { throw mine } }, { then: resolve => resolve({ then: trap }) },
  { get length() { throw mine } }, { toString: trap, valueOf: trap }, { [Symbol.toPrimitive]: trap },
  { [Symbol.iterator]: trap }, { get x() { throw mine } },
  new Proxy({}, traps), new Proxy(() => {}, traps), new Proxy([], traps), revoked.proxy,
]
// What ends the application, or goes on for ever by design.
const left = new Set(['unload', 'constructor', 'queueMicrotask', 'setInterval', 'onManage'])

function* functionsOf(place, holder) {
  const seen = new Set(left)
  for (let at = holder; at && at !== Object.prototype && at !== Array.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Reflect.ownKeys(at)) {
      if (seen.has(name) || typeof name === 'symbol') continue
      seen.add(name)
      const { value } = Object.getOwnPropertyDescriptor(at, name)
      if (typeof value === 'function') yield [place + '.' + name, (...args) => value.apply(holder, args)]
    }
  }
}

const wrong = []
function judge(what, error) {
  if (error === mine) return
  if (!(error instanceof Error) || error.message === '') wrong.push(what + ' threw ' + typeof error + ' ' + String(error?.message))
  else if (/sandbox-api|isolated|is not a function|Cannot read prop|undefined \\(/.test(error.message)) {
    wrong.push(what + ': ' + error.message)
  }
}

export const calls = {
  async tryAll() {
    let tried = 0
    const holders = {
      server, client: this, writer: this.writer, publication: publications.get('cam'), clients, publications, groups,
      listeners: publications.get('cam').listeners, rooms: server.rooms, application, storage: server.storage,
      applications: globalThis.applications, crypto, globalThis,
    }
    const kept = Object.entries(holders).filter(([, holder]) => holder).flatMap(([place, holder]) => {
      const ours = place !== 'globalThis'
      return [...functionsOf(place, holder)].filter(([name]) => ours || /\\.([a-z]\\w*|NOTE|WARN|ERROR|INFO|DEBUG|TRACE)$/.test(name))
    })
    const promises = []
    for (const [name, run] of kept) {
      if (/\\.(eval|escape|unescape|parseInt|parseFloat|isNaN|isFinite|decodeURI\\w*|encodeURI\\w*|calls)$/.test(name)) continue
      for (const args of [...values().map(value => [value]), ...values().map(value => ['x', value]), ...values().map(value => [1, value, value])]) {
        tried++
        const what = name + '(' + args.map(value => typeof value).join() + ')'
        try {
          const given = run(...args)
          if (given instanceof Promise) promises.push(given.catch(error => judge(what, error)))
        } catch (error) {
          judge(what, error)
        }
      }
      await null
    }
    return [tried, [...new Set(wrong)].slice(0, 40)]
  },
  alive: () => true,
}`

suite('functions of the glass', () => {
  test('answer any argument with an answer or a sentence, and go on', async () => {
    const lab = new Lab()
    try {
      const app = await lab.app(script)
      app.join()
      app.publication()
      const { id } = clientFacts()
      const [tried, wrong] = (await app.call(id, 'tryAll')) as [number, string[]]
      assert.deepEqual(wrong, [])
      assert.ok(tried > 3_000, `${tried} were tried`)
      assert.equal(await app.call(id, 'alive'), true)
      assert.deepEqual(
        lab.child.reports.filter(({ report }) => report === 'spent'),
        [],
      )
    } finally {
      await lab.end()
    }
  })
})
