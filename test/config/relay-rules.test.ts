import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ConfigError } from '../../server/base/errors.ts'
import { CheckedConfig } from '../../server/config/checked-config.ts'
import { readIni } from '../../server/config/ini-file.ts'
import { Settings } from '../../server/config/settings.ts'

function configOf(text: string): CheckedConfig {
  const settings = new Settings()
  settings.addEntries(readIni(text, 'my.ini'), 'my.ini', '.')
  return new CheckedConfig(settings, 'my.ini', { www: 'www', data: 'data', streams: 'streams' })
}

function complaint(line: string, section = 'relay'): string {
  try {
    configOf(`[${section}]\n${line}`)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    assert.equal(error.code, 'CONFIG_RELAY')
    return error.message
  }
  return 'none'
}

suite('relays in the configuration', () => {
  test('are pushes, pulls and pulls on demand, each under its kind and a name where there are several (R36)', () => {
    const { rules } = configOf(`
      [relay]
      push = /live/* -> rtmp://backup.example.com/live/*
      push tube = /live/show -> rtmp://a.example.com/live2/KEY?x=y
      pull = /news/main <- rtmps://origin.example.com:4443/news/main
      pull on demand = /tv/* <- rtmp://origin.example.com/tv/*
      pull on demand two = /radio/* <- rtmp://origin.example.com/radio/x-*
    `).relay
    assert.deepEqual(rules, [
      { kind: 'push', pattern: '/live/*', url: 'rtmp://backup.example.com/live/*' },
      { kind: 'push', pattern: '/live/show', url: 'rtmp://a.example.com/live2/KEY?x=y' },
      { kind: 'pull', pattern: '/news/main', url: 'rtmps://origin.example.com:4443/news/main' },
      { kind: 'pull on demand', pattern: '/tv/*', url: 'rtmp://origin.example.com/tv/*' },
      { kind: 'pull on demand', pattern: '/radio/*', url: 'rtmp://origin.example.com/radio/x-*' },
    ])
  })

  test("stand in an application's section too, whose path need not be said (R36)", () => {
    const { rules } = configOf(
      '[app:/chat]\npush = lobby/cam -> rtmp://example.com/a/b\n[app:/]\npull = x <- rtmp://h/a/x',
    ).relay
    assert.deepEqual(
      rules.map(({ pattern }) => pattern),
      ['/chat/lobby/cam', '/x'],
    )
  })

  test('that are none are refused with file and line, their keys not repeated (R36)', () => {
    const wrong: [string, RegExp][] = [
      ['push = /live/cam rtmp://h/a/SECRET', /my\.ini:2: \[relay\] push: expected NAME -> URL/],
      ['push = /live/cam <- rtmp://h/a/SECRET', /expected NAME -> URL/],
      ['pull = /live/cam -> rtmp://h/a/SECRET', /expected NAME <- URL/],
      ['push = live/cam -> rtmp://h/a/SECRET', /begins with the path of its application/],
      ['push = /live/* -> rtmp://h/a/SECRET', /the URL needs one \*/],
      ['push = /live/cam -> rtmp://h/a/SECRET*', /the name has none/],
      ['push = /*/* -> rtmp://h/a/SECRET*', /more than one \*/],
      ['pull = /live/* <- rtmp://h/a/SECRET*', /a name without \*/],
      ['push = /live/cam -> http://h/a/SECRET', /neither rtmp:\/\/ nor rtmps:\/\//],
      ['push = /live/cam -> rtmp://me:SECRET@h/a/b', /a user or a password/],
      ['push = /live/cam -> rtmp://h/SECRET', /names no application and stream/],
      ['push = /live/cam -> rtmp://h:0/a/SECRET', /port/],
      ['push = /live/cam -> rtmp://h_:x/a/SECRET', /no host/],
      ['push', /expected NAME -> URL/],
    ]
    for (const [line, words] of wrong) {
      const text = complaint(line)
      assert.match(text, words, line)
      assert.ok(!text.includes('SECRET'), text)
    }
    assert.match(complaint('push = cam -> rtmp://h', 'app:/chat'), /my\.ini:2: \[app:\/chat\] push:/)
  })

  test('are shown to no script, for keys of streams stand in them (F50)', () => {
    const config = configOf('[relay]\npush = /live/cam -> rtmp://h/a/SECRET\nwaitMs = 200')
    assert.deepEqual((config.visible() as { relay: unknown }).relay, { waitMs: '200', idleMs: '5000' })
  })

  test('leave no room for keys that are none (F50)', () => {
    assert.throws(() => configOf('[relay]\npushes = x'), /\[relay\] has no key 'pushes'/)
  })
})
