import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { cumulus, type Outcome } from '../support/cumulus.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const www = {
  'main.js': 'export const isRoot = true',
  'show/main.js': `
const state = { count: 3 }
export function boom() { throw new TypeError('boom') }
`,
  'broken/main.js': 'export function (',
}

for (const set of [[], ['server.workers=2', 'apps.isolation=shared']]) {
  suite(`with ${set.join(' and ') || 'one process and hosts of their own'}`, () => {
    let server: TestServer
    const exec = (...args: string[]): Promise<Outcome> => cumulus(['exec', ...args, '--data', server.data])
    const repl = (input: string): Promise<Outcome> => cumulus(['repl', 'show', '--data', server.data], { input })
    before(async () => {
      server = await startTestServer({ www, set: ['apps.timeout=500 ms', ...set] })
    })
    after(() => server.stop())

    test('exec prints a value, as people or programs read it, and ends with 0', async () => {
      assert.deepEqual(await exec('show', 'state'), { code: 0, stdout: '{ count: 3 }\n', stderr: '' })
      assert.deepEqual(await exec('/show', 'await state', '--json'), { code: 0, stdout: '{"count":3}\n', stderr: '' })
      assert.deepEqual(await exec('/', 'isRoot'), { code: 0, stdout: 'true\n', stderr: '' })
    })

    test('exec tells errors with file and line on standard error, and ends with 1', async () => {
      const stderr = 'TypeError: boom\n    at boom (show/main.js:3:32)\n    at input:1\n'
      assert.deepEqual(await exec('show', 'boom()'), { code: 1, stdout: '', stderr })
      const unfinished = 'SyntaxError: Unexpected end of input: the expression is not complete\n'
      assert.deepEqual(await exec('show', 'let a = '), { code: 1, stdout: '', stderr: unfinished })
      assert.match((await exec('show', 'for(;;);')).stderr, /^REPL line ran into apps\.timeout \(500 ms\)\n$/)
      const { code, stderr: unknown } = await exec('nowhere', '1')
      assert.equal(code, 1)
      assert.match(
        unknown,
        /^cumulus: UNKNOWN_APP: there is no application nowhere .*: there are \/, \/broken, \/show\n {2}An/,
      )
      assert.match((await exec('broken', '1')).stderr, /SyntaxError/)
    })

    test('commands see and change the server: clients, publications, applications', async () => {
      await using encoder = await RtmpClient.connect({ url: server.url('show') })
      const stream = await encoder.publish('cam')
      const { stdout } = await repl('.apps\n.clients\n.publications\n.stats\n.unpublish cam\n.publications\n')
      assert.match(stdout, /^\/show +up +1 +\d+ +main\.js/m)
      assert.match(stdout, /^[0-9a-f]{12} +\/show +- +rtmp +127\.0\.0\.1:\d+ .* publishes$/m)
      assert.match(stdout, /^\/show\/cam +[0-9a-f]{12} +0 /m)
      assert.match(stdout, /^1 clients, 1 publications, 0 listeners$/m)
      assert.match(stdout, /^cam was ended$/m)
      await stream.status('NetStream.Unpublish.Success')
      const { stdout: said } = await repl(
        '.kick ff\n.kick\n.unpublish none\n.reload nowhere\n.reload\n.log info\nconsole.log("seen", state)\n.use nowhere\n',
      )
      assert.match(said, /^no client's id begins with ff: \.clients shows them$/m)
      assert.match(said, /^\.kick needs the id of a client/m)
      assert.match(said, /^nobody publishes none/m)
      assert.match(said, /^there is no application nowhere: \.apps shows them$/m)
      assert.match(said, /^application \/show was reloaded in \d+ ms$/m)
      assert.match(said, /^\[info\] input:1 seen \{ count: 3 \}$/m)
      assert.match(said, /^there is no application nowhere with a script: there are/m)
    })

    test('a script on standard input may have many lines, some of which belong together, and an end that lacks one', async () => {
      const lines = [
        'const twice = n => {',
        '  return 2 * n',
        '}',
        'twice(',
        '4)',
        '.use',
        '`a',
        'b`',
        '// nothing',
        "'end'",
        '[1,',
      ]
      const { stdout, code } = await repl(lines.join('\n'))
      const said = [
        'undefined',
        '8',
        '.use needs the name of an application: .apps shows them',
        "'a\\nb'",
        'undefined',
        "'end'",
      ]
      assert.equal(stdout, `${said.join('\n')}\nSyntaxError: Unexpected end of input\n`)
      assert.equal(code, 0)
    })

    test('a save that is wrong is told with file and line, and the session goes on in the last good version', async () => {
      await server.writeApp('show/main.js', 'export function (')
      const { stdout, code } = await repl('.reload\nstate.count\n')
      assert.match(
        stdout,
        /^application \/show was not reloaded, the last good version serves on: show\/main\.js:1: SyntaxError: /m,
      )
      assert.match(stdout, /^3$/m)
      assert.equal(code, 0)
      await server.writeApp('show/main.js', www['show/main.js'])
    })

    test('what ruins the host is told, and the session goes on when the application is back', async () => {
      const { stdout } = await repl('let lost = 1\nArray(1e9).fill(0)\nstate.count\ntypeof lost\n')
      assert.match(stdout, /^-- application \/show ended and is being restarted: apps\.(memory|timeout)/m)
      assert.match(stdout, /^Application \/show was restarted: apps\.(memory|timeout)/m)
      assert.match(stdout, /^3\n'undefined'$/m)
    })
  })
}

suite('without a server', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'cumulus-none-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  test('repl and exec say what to do, and end with 1', async () => {
    for (const args of [['repl'], ['exec', '/', '1']]) {
      const { code, stdout, stderr } = await cumulus([...args, '--data', folder])
      assert.equal(code, 1)
      assert.equal(stdout, '')
      assert.equal(
        stderr,
        `cumulus: NO_SERVER: no server runs with the data folder ${folder}\n` +
          '  Start one with npm start -- serve, or name the data folder of the one that runs: --data DIR.\n',
      )
    }
  })

  test('a server that stops ends the session with its reason and 1', async () => {
    await using server = await startTestServer({ www })
    const session = cumulus(['repl', 'show', '--data', server.data], { input: 'new Promise(() => {})\n' })
    await server.logged(({ msg, app }) => msg === 'application started' && app === '/show')
    await server.stop()
    const { code, stderr } = await session
    assert.equal(code, 1)
    assert.match(stderr, /^cumulus: the session is over: the server stops\n$/)
  })
})
