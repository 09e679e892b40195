import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { URL as OurUrl } from '../../../sandbox-api/web/url.ts'

const members = [
  'href',
  'origin',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
] as const

function parts(url: URL | OurUrl): Record<string, string> {
  return Object.fromEntries(members.map(member => [member, url[member]]))
}

function read(Class: typeof URL | typeof OurUrl, text: string, base?: string): Record<string, string> | string {
  try {
    return parts(base === undefined ? new Class(text) : new Class(text, base))
  } catch (error) {
    assert(error instanceof TypeError)
    return 'no URL'
  }
}

const samples = [
  'http://example.com',
  'HTTP://User:Pass@EXAMPLE.com:80/a/./b/../c/%7Efoo?x=1&y=%20 z#frag ment',
  'https://example.com:443/',
  'https://example.com:8443/a//b///c',
  'rtmp://localhost/live?user=tom&x=1',
  'rtmp://[::1]:1935/live/cam',
  'http://[2001:db8:0:0:1:0:0:1]/',
  'http://[1:2:3:4:5:6:7:8]/',
  'http://[::ffff:192.168.0.1]/',
  'http://[::1',
  'http://192.168.0.1.',
  'http://0x7f.1/',
  'http://017700000001/',
  'http://4294967296/',
  'http://1.2.3.4.5/',
  'http://256.1.1.1/',
  'http://ex ample.com/',
  'http://ex%41mple.com/',
  'http://%/',
  'http:example.com/x',
  'http:/example.com/x',
  'http:\\\\example.com\\x\\y',
  'http://a:b:c@d@e/',
  'http://@host/',
  'http://:@host/',
  'http://host:/',
  'http://host:65536/',
  'http://host:12a/',
  'http:///x',
  'http://',
  'https:?x',
  'mailto:someone@example.com?subject=x y#z',
  'data:text/plain,hello world#x',
  'javascript:alert(1)',
  'urn:a:b',
  'foo://bar/baz/../qux',
  'foo:///x',
  'foo:/x//y',
  'foo:/.//x',
  'foo://',
  'foo:',
  'file:///etc/passwd',
  'file://localhost/x',
  'file://host/x/y',
  'file:///C:/x/../..',
  'file:c:\\foo\\bar',
  'file:x',
  'file:',
  '  http://spaces.example/a b\t\n ',
  'http://münchen.example/straße?ü=ö#ä',
  'http://xn--mnchen-3ya.example/',
  'http://例え.jp/',
  'http://faß.de/',
  'http://a。b/',
  'http://A.B.C/%zz%2e%2E/x',
  'http://h/%2e/%2e%2e/x',
  'http://h/a/%2E%2e',
  'http://h/a/.',
  'http://h/a/..',
  'http://h/?q=\'"<>`',
  'foo://h/?q=\'"<>`',
  'http://h/"<>`{}^|',
  'http://h/#"<>`{}^|',
  'http://h/\ud800',
  'ws://h:80',
  'wss://h:443',
  'ftp://h:21/x',
  '',
  'x',
  '/x',
  '//h',
  '?x',
  '#x',
  '1http://x',
  'a+b-c.d://x',
]

const bases = [
  'http://host/a/b/c?q#f',
  'http://host',
  'https://u:p@host:8443/a/',
  'foo://host/a/b',
  'foo:/a/b',
  'mailto:x',
  'file:///a/b',
  'file:///C:/a/b',
  'file://srv/a/b',
]

const relatives = [
  '',
  'x',
  './x',
  '../x',
  '../../../../x',
  '/x',
  '//other/x',
  '///other/x',
  '\\x',
  '\\\\other\\x',
  '?x',
  '#x',
  '?',
  '#',
  '.',
  '..',
  'x/../y',
  'http:x',
  'http:/x',
  'http://x',
  'https:x',
  'foo:x',
  'file:x',
  'file:/x',
  'D:/x',
  '/D:/x',
  '//D:/x',
  'D|x',
  'a:b',
]

suite('URL', () => {
  test('reads what Node reads, and refuses what Node refuses', () => {
    for (const text of samples) assert.deepEqual(read(OurUrl, text), read(URL, text), text)
  })

  test('resolves against a base as Node does', () => {
    for (const base of bases) {
      for (const text of [...relatives, ...samples]) {
        assert.deepEqual(read(OurUrl, text, base), read(URL, text, base), `${text} on ${base}`)
      }
    }
  })

  test('agrees with Node about whatever is put together from the pieces of URLs', () => {
    const piece = fc.constantFrom(
      ...['http', 'https', 'rtmp', 'foo', ':', '//', '/', '\\', '?', '#', '@', '.', '..', '%2e', '%zz', 'a', 'b.c'],
      ...['[::1]', '127.1', '0x7f', ':80', ':1935', ' ', '\t', '"', "'", '<', '`', '{', '|', '^', 'ü', '&x=1', '%41'],
    )
    const text = fc.array(piece, { maxLength: 10 }).map(pieces => pieces.join(''))
    const base = fc.constantFrom(undefined, ...bases.filter(name => !name.startsWith('file')))
    fc.assert(
      fc.property(text, base, (given, on) => {
        assert.deepEqual(read(OurUrl, given, on), read(URL, given, on))
      }),
      { numRuns: 3_000 },
    )
  })

  test('sets members as Node does', () => {
    const values = {
      protocol: ['https', 'https:', 'foo:', 'ws', '1x', ''],
      username: ['tom', 'a@b:c', ''],
      password: ['secret', ''],
      host: ['other:81', 'other', '[::1]:5', 'x y', '', 'other:80'],
      hostname: ['other', 'other:9', '', '127.1', 'ex%41mple'],
      port: ['8080', '80', '', '99999', '12x', 'x'],
      pathname: ['/x/../y', 'z', '', '/a b?c#d'],
      search: ['?a=b', 'a b', '', '?', "x='y'#z"],
      hash: ['#x', 'y z', '', '#'],
      href: ['http://elsewhere/x?y#z'],
    } as const
    for (const start of ['http://user:pw@host:1234/a/b?c=d#e', 'http://host/', 'foo://host/x', 'mailto:x@y']) {
      for (const [member, texts] of Object.entries(values)) {
        for (const text of texts) {
          const [ours, theirs] = [new OurUrl(start), new URL(start)]
          Object.assign(ours, { [member]: text })
          Object.assign(theirs, { [member]: text })
          assert.deepEqual(parts(ours), parts(theirs), `${start} ${member} = ${text}`)
          assert.equal(ours.searchParams.toString(), theirs.searchParams.toString())
        }
      }
    }
  })

  test('keeps its query and its search params in step', () => {
    const url = new OurUrl('http://h/?a=1&b=2')
    url.searchParams.append('c', 'x y')
    url.searchParams.delete('a')
    assert.equal(url.href, 'http://h/?b=2&c=x+y')
    url.search = '?z=9'
    assert.equal(url.searchParams.get('z'), '9')
    url.searchParams.delete('z')
    assert.equal(url.href, 'http://h/')
  })

  test('says in advance whether a text is a URL', () => {
    assert.equal(OurUrl.canParse('x'), false)
    assert.equal(OurUrl.canParse('x', 'http://h'), true)
    assert.equal(OurUrl.parse('x'), null)
    assert.equal(OurUrl.parse('http://h')?.href, 'http://h/')
  })
})
