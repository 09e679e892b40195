import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { decodeAmf0 } from '../../server/media/amf0.ts'
import { clientFacts } from '../apps/host/child.ts'
import { Lab } from '../apps/host/lab.ts'

suite('calls of clients', () => {
  const lab = new Lab()
  after(() => lab.end())
  const { id } = clientFacts()

  test('find the own functions of the client first, then `calls`, then onCall (C44, R48, F23, M2)', async () => {
    const app = await lab.app(`
      export function onConnection(client) { client.mine = function (a) { return ['own', a, this === client] } }
      export const calls = {
        mine() { return 'never' },
        ours(a) { return ['calls', a, this.id.length] },
      }
      export function onCall(client, name, ...args) { return ['onCall', name, args] }`)
    await app.connect()
    app.tell({ e: 'joined', client: id })
    assert.deepEqual(await app.call(id, 'mine', 1), ['own', 1, true])
    assert.deepEqual(await app.call(id, 'ours', 2), ['calls', 2, 64])
    assert.deepEqual(await app.call(id, 'theirs', 3, 'x'), ['onCall', 'theirs', [3, 'x']])
    assert.equal((await app.result(id, 'theirs', [], { scope: 'functions' })).how, 'pass')
    assert.deepEqual(decodeAmf0((await app.result(id, 'mine', [], { scope: 'onCall' })).value!), [
      ['onCall', 'mine', []],
    ])
  })

  test('find in `calls` what has the name of a member too, which a client cannot be given (R48)', async () => {
    const app = await lab.app(`export const calls = { ping() { return 'pong' }, close: () => 'door' }`)
    await app.connect()
    app.tell({ e: 'joined', client: id })
    assert.deepEqual([await app.call(id, 'ping'), await app.call(id, 'close')], ['pong', 'door'])
    assert.equal((await app.result(id, 'room')).how, 'pass')
  })

  test('reach nothing that was not meant to be called', async () => {
    const app = await lab.app(`
      class Base { inherited() {} }
      export const calls = Object.create(new Base(), {
        hidden: { value() {}, enumerable: false },
        got: { get() { return () => 1 }, enumerable: true },
      })
      calls.onPublish = () => 1
      calls.data = 5
      export function onManage() {}
      export function onConnection(client) {
        client.onManage = () => {}
        Object.defineProperty(client, 'trap', { get() { return () => 1 }, enumerable: true })
        Object.setPrototypeOf(calls, { later() {} })
        client.onSubscribe = () => 1
      }`)
    await app.connect([], { query: { text: 'x' } })
    app.tell({ e: 'joined', client: id })
    for (const name of [
      ...['inherited', 'hidden', 'got', 'later', 'data', 'text', 'trap', 'onManage', 'onPublish', 'onSubscribe'],
      ...[
        'call',
        'close',
        'writer',
        'id',
        'stats',
        'sendPing',
        'toString',
        'hasOwnProperty',
        'constructor',
        '__proto__',
        '',
      ],
    ]) {
      assert.equal((await app.result(id, name)).how, 'pass', name)
    }
  })

  test('are answered with a value, with nothing, or with the error', async () => {
    const app = await lab.app(`export const calls = {
      value: () => 5, none() {}, nil: () => null, text() { throw 'plain words' }, async late() { throw new Error('late words') },
      big: () => 5n, loop: () => { const a = []; a.push(a); return a }, bytes: () => new Uint8Array([1, 2]),
    }`)
    app.join({ objectEncoding: 3 })
    assert.equal(await app.call(id, 'value'), 5)
    assert.equal((await app.result(id, 'none')).how, 'nothing')
    assert.equal(await app.call(id, 'nil'), null)
    assert.deepEqual(await app.call(id, 'bytes'), new Uint8Array([1, 2]))
    const errors = []
    for (const name of ['text', 'late', 'big']) errors.push((await app.result(id, name)).text)
    assert.deepEqual(errors.slice(0, 2), ['plain words', 'late words'])
    assert.match(errors[2]!, /BigInt/)
    const loop = (await app.call(id, 'loop')) as unknown[]
    assert.equal(loop[0], loop)
  })

  test('with arguments that cannot be read are answered with an error', async () => {
    const app = await lab.app('export const calls = { f() { return 1 } }')
    app.join()
    const result = await app.result(id, 'f', [], { args: new Uint8Array([3, 0, 200]) })
    assert.equal(result.how, 'error')
  })

  test('see each other in order, also when they await', async () => {
    const app = await lab.app(`
      let n = 0
      export const calls = { async next() { const seen = n; await null; n = seen + 1; return n } }`)
    app.join()
    const results = await Promise.all(Array.from({ length: 30 }, () => app.call(id, 'next')))
    assert.deepEqual(
      results,
      Array.from({ length: 30 }, (_, index) => index + 1),
    )
  })
})
