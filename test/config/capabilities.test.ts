import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { allows, capabilitySentence, capabilityWord, type Want } from '../../server/base/capability.ts'
import { readCapability } from '../../server/config/capabilities.ts'
import { appKeys } from '../../server/config/keys.ts'

const peer = (kind: 'fetch' | 'tcp' | 'udp' | 'rtmp') => (host: string, port: number) => ({ kind, host, port })
const [fetch, tcp, udp, rtmp] = (['fetch', 'tcp', 'udp', 'rtmp'] as const).map(peer) as [Ask, Ask, Ask, Ask]
type Ask = (host: string, port: number) => Want
const listen = (protocol: 'tcp' | 'udp', port: number): Want => ({ kind: 'listen', protocol, port })
const apps = (path: string): Want => ({ kind: 'apps', path })

/** A word of `allow`, what it covers, and what is near it but not covered. */
const table: [string, Want[], Want[]][] = [
  [
    'fetch:api.example.com',
    [fetch('api.example.com', 80), fetch('api.example.com', 443)],
    [fetch('api.example.com', 8080), fetch('example.com', 443), tcp('api.example.com', 80)],
  ],
  ['fetch:API.Example.com.', [fetch('api.example.com', 443)], [fetch('api.example.org', 443)]],
  ['fetch:api.example.com:8080', [fetch('api.example.com', 8080)], [fetch('api.example.com', 443)]],
  ['fetch:api.example.com:*', [fetch('api.example.com', 1)], [fetch('x.api.example.com', 1)]],
  [
    'fetch:*.example.com',
    [fetch('a.example.com', 443), fetch('a.b.example.com', 80)],
    [fetch('example.com', 443), fetch('badexample.com', 443), fetch('example.com.evil.org', 443)],
  ],
  ['fetch:*', [fetch('anything.org', 443)], [fetch('anything.org', 81), udp('anything.org', 443)]],
  ['tcp:127.0.0.1:*', [tcp('127.0.0.1', 7000)], [tcp('127.0.0.2', 7000), fetch('127.0.0.1', 80)]],
  ['tcp:*:25', [tcp('mail.example.com', 25)], [tcp('mail.example.com', 26)]],
  ['udp:[::1]:53', [udp('[::1]', 53)], [udp('[::2]', 53), tcp('[::1]', 53)]],
  ['udp:[0:0:0:0:0:0:0:1]:53', [udp('[::1]', 53)], []],
  ['rtmp:example.com', [rtmp('example.com', 1935), rtmp('example.com', 443)], [rtmp('example.com', 1936)]],
  ['listen:tcp:7000', [listen('tcp', 7000)], [listen('tcp', 0), listen('udp', 7000)]],
  ['listen:udp:*', [listen('udp', 0), listen('udp', 9)], [listen('tcp', 9)]],
  ['mail', [{ kind: 'mail' }], [{ kind: 'config' }]],
  ['config', [{ kind: 'config' }], [{ kind: 'mail' }]],
  ['apps', [apps('/lobby'), apps('')], [{ kind: 'mail' }]],
  ['apps:/lobby', [apps('/lobby')], [apps('/lobby/kid'), apps('')]],
  ['apps:/', [apps('')], [apps('/lobby')]],
]

suite('capabilities', () => {
  for (const [word, covered, not] of table) {
    test(`'${word}' allows what it names and nothing near it`, () => {
      const capability = readCapability(word)
      assert(typeof capability === 'object', String(capability))
      for (const want of covered) assert.equal(allows([capability], want), true, capabilityWord(want))
      for (const want of not) assert.equal(allows([capability], want), false, capabilityWord(want))
    })
  }

  test('deny everything until they are there', () => {
    for (const [, covered] of table) for (const want of covered) assert.equal(allows([], want), false)
  })

  test('written as a star do not count where a host must be written out', () => {
    const read = (word: string) => [readCapability(word) as never]
    const want = tcp('127.0.0.1', 80)
    assert.equal(allows(read('tcp:*:*'), want, false), false)
    assert.equal(allows(read('tcp:127.0.0.1:80'), want, false), true)
    assert.equal(allows(read('tcp:*.example.com:80'), tcp('a.example.com', 80), false), false)
  })

  const wrong: [string, RegExp][] = [
    ['fetsh:example.com', /none of fetch, tcp/],
    ['fetch', /like fetch:example\.com/],
    ['fetch:', /like fetch/],
    ['fetch:a b', /like fetch/],
    ['fetch:example.com:0x50', /like fetch/],
    ['fetch:example.com:70000', /like fetch/],
    ['fetch:a*b.com', /like fetch/],
    ['fetch:*.*.com', /like fetch/],
    ['fetch:user@example.com', /like fetch/],
    ['tcp:example.com', /like tcp:example\.com:7000/],
    ['tcp:::1:80', /like tcp:example\.com:7000 or tcp:\[::1\]/],
    ['listen:sctp:1', /like listen:tcp:7000/],
    ['listen:tcp', /like listen:tcp:7000/],
    ['apps:lobby', /like apps or apps:\/lobby/],
    ['mail:x', /takes nothing behind a colon/],
  ]
  for (const [word, complaint] of wrong) {
    test(`'${word}' is refused with what it should be like`, () => {
      const read = readCapability(word)
      assert.match(typeof read === 'string' ? read : '', complaint)
      assert.equal(appKeys.allow.parse(`mail, ${word}`), undefined)
      assert.match(appKeys.allow.complaint!(`mail, ${word}`), complaint)
    })
  }

  test('that are missing are named with the line to add', () => {
    const sentence = capabilitySentence('/chat', 'CumulusServer.ini', capabilityWord(tcp('db.local', 5432)))
    assert.equal(
      sentence,
      'application /chat may not use tcp:db.local:5432: add it to the line allow in section [app:/chat] of CumulusServer.ini (allow = …, tcp:db.local:5432)',
    )
  })
})
