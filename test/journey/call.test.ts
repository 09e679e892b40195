import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { RtmpClient, type RtmpClientOptions } from '../support/rtmp-client.ts'
import { RtmpRefusal } from '../support/rtmp-refusal.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const www = {
  'rpc/main.js': `
    export function onConnection(client, ...args) {
      client.echo = value => value
      client.typeOf = value => Object.prototype.toString.call(value)
      client.sum = (...values) => values.reduce((a, b) => a + b, 0)
      client.fail = text => { throw new Error(text) }
      client.nothing = () => {}
      client.later = async value => value
      // Asks the client who asked.
      client.askBack = async (name, ...values) => ['you said', await client.call(name, ...values)]
      client.askInVain = () => client.call('missing').catch(error => 'refused: ' + error.message)
      client.write = (...values) => client.writer.writeAMFMessage('written', ...values)
      client.early = () => { client.writer.writeAMFResult('first'); return 'second' }
      client.status = () => client.writer.writeStatusResponse('Custom.Code', 'in words')
      client.writer.writeAMFMessage('welcome', args.length)
      return { args }
    }
    export const calls = {
      who() { return this.address },
    }
    export function onCall(client, name, ...args) {
      if (!name.startsWith('any')) throw new Error('nobody has ' + name)
      return [name, ...args]
    }
  `,
}

const shared = { shared: true }
const loop: { name: string; self?: unknown } = { name: 'loop' }
loop.self = loop

/** Every type that AMF0 has, by its name in the specification; each comes back as it went. */
const amf0: [type: string, value: unknown, seen: string][] = [
  ['number', 1.5, '[object Number]'],
  ['negative zero', -0, '[object Number]'],
  ['not a number', Number.NaN, '[object Number]'],
  ['infinity', Number.NEGATIVE_INFINITY, '[object Number]'],
  ['boolean', true, '[object Boolean]'],
  ['false', false, '[object Boolean]'],
  ['string', 'grüß dich 🎬', '[object String]'],
  ['empty string', '', '[object String]'],
  ['long string', 'long '.repeat(20_000), '[object String]'],
  ['object', { a: 1, nested: { b: ['c', null] } }, '[object Object]'],
  ['empty object', {}, '[object Object]'],
  ['object with odd names', JSON.parse('{"__proto__":1,"constructor":2}'), '[object Object]'],
  ['null', null, '[object Null]'],
  ['undefined', undefined, '[object Undefined]'],
  ['strict array', [1, 'two', [3], null], '[object Array]'],
  ['ECMA array', Object.assign([1, 2], { name: 'mixed' }), '[object Array]'],
  ['date', new Date(Date.UTC(2026, 10, 21, 3, 4, 5, 678)), '[object Date]'],
  ['XML document', { __xml: '<a>b</a>' }, '[object Object]'],
  ['typed object', { __type: 'my.Class', x: 1 }, '[object Object]'],
  ['references', [shared, shared, { again: shared }], '[object Array]'],
  ['a loop of references', loop, '[object Object]'],
]

/** What AMF3 has beyond. */
const amf3: [type: string, value: unknown, seen: string][] = [
  ['integer', 268_435_455, '[object Number]'],
  ['least integer', -268_435_456, '[object Number]'],
  ['beyond an integer', 268_435_456, '[object Number]'],
  ['byte array', Uint8Array.of(0, 1, 2, 255), '[object Uint8Array]'],
  ['vector of int', Int32Array.of(-1, 0, 1), '[object Int32Array]'],
  ['vector of uint', Uint32Array.of(0, 0xffffffff), '[object Uint32Array]'],
  ['vector of double', Float64Array.of(0.5, Number.NaN), '[object Float64Array]'],
  [
    'dictionary',
    new Map<unknown, unknown>([
      ['a', 1],
      [2, { b: 3 }],
    ]),
    '[object Map]',
  ],
]

suite('calls', { timeout: 240_000 }, () => {
  let server: TestServer

  before(async () => {
    server = await startTestServer({ www })
  })

  after(() => server?.stop())

  const connect = (options: Partial<RtmpClientOptions> = {}): Promise<RtmpClient> => {
    return RtmpClient.connect({ url: server.url('rpc'), ...options })
  }

  for (const objectEncoding of [0, 3] as const) {
    test(`carry every type both ways, in AMF${objectEncoding}`, async () => {
      await using client = await connect({ objectEncoding, handlers: { echo: value => value } })
      assert.equal(client.info.objectEncoding, objectEncoding)
      // An AMF0 client may speak AMF3 where AMF0 has no word (marker 0x11).
      for (const [type, value, seen] of [...amf0, ...amf3]) {
        // A function that returns nothing answers null.
        assert.deepEqual(await client.call('echo', value), value === undefined ? null : value, type)
        assert.equal(await client.call('typeOf', value), seen, type)
        // From the script to the client and back again: the script calls what it was given.
        assert.deepEqual(await client.call('askBack', 'echo', value), ['you said', value], type)
      }
    })

    test(`carry every type as a message and at the connect, in AMF${objectEncoding}`, async () => {
      // What connect() carries is kept, so its length has a limit.
      const kept = amf0.filter(([type]) => type !== 'long string')
      const values = [...kept, ...(objectEncoding === 3 ? amf3 : [])].map(([, value]) => value)
      await using client = await connect({ objectEncoding, args: values })
      assert.deepEqual(client.info.args, values)
      client.notify('write', ...values)
      assert.deepEqual((await client.called('written')).args, values)
    })
  }

  test('keep references among arguments', async () => {
    await using client = await connect()
    const [first, second] = (await client.call('anyway', shared, shared)) as unknown[]
    assert.equal(first, 'anyway')
    assert.deepEqual(second, shared)
    const values = (await client.call('echo', [shared, shared])) as unknown[]
    assert.equal(values[0], values[1])
  })

  test('find functions of the client, then those of everybody, then onCall (C44, F23, M2, M14)', async () => {
    await using client = await connect()
    assert.equal(await client.call('sum', 1, 2, 3), 6)
    assert.equal(await client.call('later', 'soon'), 'soon')
    assert.equal(await client.call('who'), `127.0.0.1:${client.socket.localPort}`)
    assert.deepEqual(await client.call('anything', 1), ['anything', 1])
    assert.equal(await client.call('nothing'), null)
  })

  test('say why they failed (K24)', async () => {
    await using client = await connect()
    const failed = (description: string) => (error: unknown) => {
      assert.ok(error instanceof RtmpRefusal)
      assert.equal(error.info.code, 'NetConnection.Call.Failed')
      assert.equal(error.info.description, description)
      return true
    }
    await assert.rejects(client.call('fail', 'not today'), failed('not today'))
    assert.equal(await client.call('askInVain'), 'refused: missing is not a function')
  })

  test('reach no names that a script did not put there', async () => {
    await using client = await connect()
    for (const name of ['constructor', '__proto__', 'toString', 'valueOf', 'close', 'onManage', 'onConnection', 'id']) {
      await assert.rejects(client.call(name), RtmpRefusal, name)
    }
  })

  test('without a transaction bring only a value', async () => {
    await using client = await connect()
    client.notify('nothing')
    client.notify('fail', 'unheard')
    assert.equal(await client.call('echo', 'after them'), 'after them')
  })

  test('are answered early, once, when the script wants it (C52)', async () => {
    await using client = await connect()
    assert.equal(await client.call('early'), 'first')
  })

  test('bring messages and statuses in order, those of onConnection after the success (C53, C54)', async () => {
    await using client = await connect({ args: [1, 2] })
    assert.deepEqual((await client.called('welcome')).args, [2])
    await client.call('status')
    assert.deepEqual(await client.status('NetConnection.Custom.Code'), {
      level: 'status',
      code: 'NetConnection.Custom.Code',
      description: 'in words',
    })
  })
})
