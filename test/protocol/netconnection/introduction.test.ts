import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { decodeAmf0, encodeAmf0 } from '../../../server/media/amf0.ts'
import type { Command } from '../../../server/protocol/netconnection/command.ts'
import { introduce } from '../../../server/protocol/netconnection/introduction.ts'
import { connectArgsBytes } from '../../../server/protocol/netconnection/limits.ts'
import { World } from './fake-client.ts'

const channel = new World().client()

function introduced(object: unknown, args: unknown[] = []) {
  const command: Command = { name: 'connect', transactionId: 1, object, args: encodeAmf0(args) }
  const result = introduce(command, channel)
  assert.ok(result.ok)
  return result.introduction
}

suite('introduce', () => {
  for (const [what, object, path, query] of [
    ['app alone', { app: 'live' }, 'live', {}],
    ['app and tcUrl, as encoders send both', { app: 'live', tcUrl: 'rtmp://host:1935/live' }, 'live', {}],
    ['the app where they disagree', { app: 'live/room', tcUrl: 'rtmp://host/live' }, 'live/room', {}],
    ['the tcUrl of a client without app', { tcUrl: 'rtmp://host:1935/chat/lobby' }, '/chat/lobby', {}],
    ['a host without a path', { tcUrl: 'rtmp://host' }, '', {}],
    ['an IPv6 host', { tcUrl: 'rtmp://[::1]:1935/live' }, '/live', {}],
    ['nothing', {}, '', {}],
    ['no object', null, '', {}],
    ['a tcUrl that is no URL', { tcUrl: 'somewhere' }, '', {}],
    ['percent escapes', { app: 'caf%C3%A9/r%20m' }, 'café/r m', {}],
    ['escapes that are broken', { app: '100%' }, '100%', {}],
    ['the values of a query', { app: 'live?user=tom&t=a+b%21' }, 'live', { user: 'tom', t: 'a b!' }],
    ['the tcUrl’s values too', { app: 'live?a=1', tcUrl: 'rtmp://h/live?a=2&b=3' }, 'live', { a: '1', b: '3' }],
  ] as const) {
    test(`goes by ${what}`, () => {
      const introduction = introduced(object)
      assert.equal(introduction.path, path)
      assert.deepEqual(introduction.query, query)
    })
  }

  test('says where a client came from and with what', () => {
    const { address, protocol, uri, flashVersion, pageUrl, swfUrl } = introduced({
      tcUrl: 'rtmp://host/live',
      flashVer: 'LNX 9,0,124,2',
      pageUrl: 'http://page',
      swfUrl: 'http://swf',
    })
    assert.deepEqual([address, protocol, uri], ['192.0.2.1:5000', 'rtmp', 'rtmp://host/live'])
    assert.deepEqual([flashVersion, pageUrl, swfUrl], ['LNX 9,0,124,2', 'http://page', 'http://swf'])
  })

  test('keeps the arguments that follow the object, in memory of their own', () => {
    const { args } = introduced({}, ['tom', { token: 1 }])
    assert.deepEqual(decodeAmf0(args), ['tom', { token: 1 }])
    assert.equal(args.buffer.byteLength, args.length)
  })

  test('speaks AMF3 with those who ask for it, AMF0 with everybody else', () => {
    assert.equal(introduced({ objectEncoding: 3 }).objectEncoding, 3)
    for (const objectEncoding of [0, 1, 2, Number.NaN, '3', undefined]) {
      assert.equal(introduced({ objectEncoding }).objectEncoding, 0)
    }
  })

  test('takes nothing from a prototype, and what is no text for none', () => {
    const { flashVersion, query, uri } = introduced({ flashVer: 7, tcUrl: {}, app: 'x?__proto__=1&constructor=2' })
    assert.deepEqual([flashVersion, uri], ['', ''])
    assert.deepEqual(Object.entries(query), [
      ['__proto__', '1'],
      ['constructor', '2'],
    ])
    assert.equal(introduced(Object.create({ app: 'inherited' })).path, '')
  })

  test('cuts what only informs, and refuses addresses and arguments past their limits (hazard R14)', () => {
    assert.equal(introduced({ swfUrl: 'x'.repeat(5000) }).swfUrl.length, 1024)
    const long = 'x'.repeat(1_000_000)
    for (const [object, args] of [
      [{ app: long }, ''],
      [{ tcUrl: `rtmp://h/${long}` }, ''],
      [{}, 'x'.repeat(connectArgsBytes)],
    ] as const) {
      const command: Command = { name: 'connect', transactionId: 1, object, args: encodeAmf0([args]) }
      assert.equal(introduce(command, channel).ok, false)
    }
  })
})
