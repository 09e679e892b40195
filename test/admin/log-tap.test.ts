import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { LogTap } from '../../server/admin/log-tap.ts'
import { silentLog } from '../../server/base/log.ts'

suite('LogTap', () => {
  test('tells lines about one application from a level up, with their place, until it is ended', () => {
    const logged: string[] = []
    const tap = new LogTap({ ...silentLog, info: (_subject, text) => void logged.push(text) })
    const told: string[] = []
    const end = tap.follow('/live', 'info', (level, text) => told.push(`${level}: ${text}`))
    tap.info({ app: '/live', file: 'live/main.js', line: 3 }, 'hello')
    tap.info({ app: '/chat' }, 'elsewhere')
    tap.debug({ app: '/live' }, 'too little')
    tap.error({ host: '/live' }, 'its host')
    tap.child({ app: '/live' }).warn({}, 'of a child')
    end()
    tap.info({ app: '/live' }, 'late')
    assert.deepEqual(told, ['info: live/main.js:3 hello', 'error: its host', 'warn: of a child'])
    assert.deepEqual(logged, ['hello', 'elsewhere', 'late'])
  })
})
