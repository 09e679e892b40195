import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { createLog, type LogOptions } from '../../server/base/pino-log.ts'

function collect(options: LogOptions) {
  const lines: string[] = []
  return { lines, log: createLog(options, { write: line => lines.push(line) }) }
}

suite('createLog() for programs', () => {
  test('writes a line of JSON with level, time, subject and text', () => {
    const { lines, log } = collect({ level: 'info', format: 'json' })
    log.child({ app: '/live' }).info({ client: 'ab' }, 'connected')
    const { time, ...rest } = JSON.parse(lines[0]!)
    assert.deepEqual(rest, { level: 'info', app: '/live', client: 'ab', msg: 'connected' })
    assert.match(time, /^\d{4}-\d\d-\d\dT/)
    assert.equal(lines[0]!.at(-1), '\n')
  })

  test('leaves out what is below its level', () => {
    const { lines, log } = collect({ level: 'warn', format: 'json' })
    for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const) log[level]({}, level)
    assert.deepEqual(
      lines.map(line => JSON.parse(line).msg),
      ['warn', 'error'],
    )
  })

  test('keeps the stack of an error', () => {
    const { lines, log } = collect({ level: 'info', format: 'json' })
    log.error({ err: new Error('boom') }, 'broke')
    assert.match(JSON.parse(lines[0]!).err.stack, /^Error: boom\n {4}at /)
  })
})

suite('createLog() for people', () => {
  const write = (subject: Record<string, unknown>, text: string) => {
    const { lines, log } = collect({ level: 'trace', format: 'pretty' })
    log.warn(subject, text)
    return lines.join('')
  }

  test('names what happened, then to whom', () => {
    assert.match(
      write({ app: '/live', count: 3 }, 'hello'),
      /^\d\d:\d\d:\d\d\.\d{3} WARN: hello {2}app \/live, count 3\n$/,
    )
  })

  test('writes a line without a subject as its text', () => {
    assert.match(write({}, 'hello'), /WARN: hello\n$/)
  })

  test('names a place in a script as editors do, and a client by the start of its id', () => {
    const subject = { app: '/live', file: 'live/main.js', line: 5, column: 2, client: '4f1d02c9a7be'.padEnd(64, '0') }
    assert.match(write(subject, 'hello'), /hello {2}app \/live, client 4f1d02c9a7be, live\/main\.js:5:2\n$/)
  })

  test('sets further lines of a text in, so that none passes for a line of its own', () => {
    assert.match(
      write({ publication: 'a\nb' }, 'one\n00:00:00.000 two'),
      /WARN: one {2}publication a b\n {4}00:00:00\.000 two\n$/,
    )
  })

  test('shows control characters instead of obeying them', () => {
    assert.match(write({ app: '/\u001b[2J' }, 'bell\u0007\u009b'), /bell\\x07\\x9b {2}app \/\\x1b\[2J\n$/)
  })

  test('shows where an error came from', () => {
    assert.match(write({ client: 'x', err: new Error('boom') }, 'broke'), /broke {2}client x\n {4}Error: boom\n {8}at /)
  })
})
