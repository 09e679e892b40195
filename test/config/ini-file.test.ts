import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ConfigError } from '../../server/base/errors.ts'
import { readIni } from '../../server/config/ini-file.ts'

const valueIn = (line: string) => readIni(line, 'F')[0]?.value

suite('readIni', () => {
  test('names section and line of every entry', () => {
    const source = 'top = 1\n\n; about\n[rtmp]\nport = 1935\n# more\n\n[app:/a.b]\nopen\n'
    assert.deepEqual(readIni(source, 'F'), [
      { section: '', key: 'top', value: '1', line: 1 },
      { section: 'rtmp', key: 'port', value: '1935', line: 5 },
      { section: 'app:/a.b', key: 'open', value: true, line: 9 },
    ])
  })

  test('counts the same lines with Windows and old Macintosh line ends, and with a byte order mark', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      assert.deepEqual(readIni(`\uFEFF[a]${end}${end}k = v`, 'F'), [{ section: 'a', key: 'k', value: 'v', line: 3 }])
    }
  })

  const values: [string, string | boolean][] = [
    ['k = plain words ', 'plain words'],
    ['k = a=b', 'a=b'],
    ['k = v ; comment', 'v'],
    ['k = "v ; not a comment"', 'v ; not a comment'],
    ["k = 'single'", 'single'],
    ['k = a\\;b', 'a;b'],
    ['k =', ''],
    ['k = true', true],
    ['k = false', false],
    ['k = null', 'null'],
    ['k = 12', '12'],
    ['k', true],
    ['k = [a]', '[a]'],
  ]
  for (const [line, value] of values) {
    test(`reads '${line}' as ${JSON.stringify(value)}`, () => assert.equal(valueIn(line), value))
  }

  for (const line of ['[rtmp', '[rtmp] port = 1', '= 3', '[]', '__proto__ = 1', '[__proto__]']) {
    test(`refuses '${line}' with file and line`, () => {
      assert.throws(
        () => readIni(`; first\n${line}`, 'my.ini'),
        (error: unknown) => error instanceof ConfigError && error.message.startsWith('my.ini:2: expected [section]'),
      )
    })
  }

  test('refuses a key that is written twice, also when its section is continued further down', () => {
    assert.throws(() => readIni('[a]\nk = 1\n[b]\nk = 1\n[a]\nk = 2', 'F'), {
      code: 'CONFIG_TWICE',
      message: 'F:6: [a] k is written a second time, first on line 2',
    })
  })
})
