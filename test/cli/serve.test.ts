import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { type ServeOptions, type StartServer, serve } from '../../server/cli/serve.ts'
import { FakeShell } from '../support/fake-shell.ts'
import { ManualClock } from '../support/manual-clock.ts'

let folder: string
let ini: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cumulus-serve-'))
  ini = join(folder, 'CumulusServer.ini')
  mkdirSync(join(folder, 'www'))
  writeFileSync(ini, '[apps]\nwww = www\n')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const stands: StartServer = async () => ({
  addresses: { rtmp: '0.0.0.0:1935', http: '0.0.0.0:80' },
  stop: async () => {},
})

async function run(start: StartServer, options: ServeOptions = {}, shell = new FakeShell()) {
  await serve({ config: ini, ...options }, { shell, start, version: '1.2.3', clock: new ManualClock() })
  return shell
}
const fails =
  (error: unknown): StartServer =>
  () =>
    Promise.reject(error)

suite('serve()', () => {
  test('prints one line that names every address', async () => {
    const shell = await run(stands)
    const plain = shell.output.split('\n').filter(line => line !== '' && !line.startsWith('{'))
    assert.deepEqual(plain, ['cumulus 1.2.3 ready: rtmp 0.0.0.0:1935, http 0.0.0.0:80'])
  })

  test('gives the server its checked configuration, its log and its version', async () => {
    const shell = await run(
      async ({ config, log, version }) => {
        log.info({ app: '/live' }, `${version} on ${config.rtmp.port}`)
        return { addresses: {}, stop: async () => {} }
      },
      { set: ['rtmp.port=7'] },
    )
    assert.ok(shell.logged().some(line => line.app === '/live' && line.msg === '1.2.3 on 7'))
  })

  test('logs for people on a terminal, unless told otherwise', async () => {
    assert.deepEqual((await run(stands, {}, new FakeShell(true))).logged(), [])
    assert.notDeepEqual((await run(stands, { set: ['log.format=json'] }, new FakeShell(true))).logged(), [])
    assert.notDeepEqual((await run(stands)).logged(), [])
  })

  test('names the sections it leaves to the scripts', async () => {
    const shell = await run(stands, { set: ['game.rounds=3'] })
    assert.ok(shell.logged().some(line => JSON.stringify(line.sections) === '["game"]'))
  })

  test('writes the addresses whole to the ready file, and removes it at the end', async () => {
    const readyFile = join(folder, 'ready.json')
    writeFileSync(readyFile, 'left by an earlier run')
    const shell = await run(
      async options => {
        assert.ok(!existsSync(readyFile), 'an old ready file must be gone before the start')
        return stands(options)
      },
      { readyFile },
    )
    assert.deepEqual(JSON.parse(readFileSync(readyFile, 'utf8')), { rtmp: '0.0.0.0:1935', http: '0.0.0.0:80' })
    assert.deepEqual(readdirSync(folder).sort(), ['CumulusServer.ini', 'ready.json', 'www'])
    shell.signal('SIGTERM')
    assert.equal(await shell.exited, 0)
    assert.ok(!existsSync(readyFile))
  })

  test('stops the server when the ready file cannot be written', async () => {
    let stopped = false
    const stop = async () => {
      stopped = true
    }
    const shell = await run(async () => ({ addresses: {}, stop }), { readyFile: join(folder, 'missing', 'ready.json') })
    assert.equal(await shell.exited, 1)
    assert.match(shell.complaints, /^cumulus: READY_FILE: --ready-file .*missing/)
    assert.ok(stopped)
  })

  test('refuses a ready file that is a folder before anything is started', async () => {
    const shell = await run(() => assert.fail('must not start'), { readyFile: folder })
    assert.equal(await shell.exited, 1)
    assert.match(shell.complaints, /^cumulus: READY_FILE: /)
  })

  test('stops the server when a signal comes', async () => {
    let stops = 0
    const shell = await run(async () => ({ addresses: {}, stop: async () => void stops++ }))
    shell.signal('SIGINT')
    assert.equal(await shell.exited, 0)
    assert.equal(stops, 1)
  })

  test('is not ready any more when a signal came during the start', async () => {
    const shell = new FakeShell()
    await run(
      async options => {
        shell.signal('SIGTERM')
        return stands(options)
      },
      {},
      shell,
    )
    assert.equal(await shell.exited, 0)
    assert.ok(!shell.output.includes('ready'))
  })
})

suite('what keeps serve() from starting', () => {
  const refused = async (start: StartServer, options: ServeOptions = {}) => {
    const shell = await run(start, options)
    assert.equal(await shell.exited, 1)
    return shell.complaints
  }

  test('a bad configuration is told with code, sentence and remedy, without a stack', async () => {
    assert.equal(
      await refused(stands, { set: ['listener.queue=1'] }),
      "cumulus: CONFIG_UNKNOWN_KEY: --set listener.queue=1: [listener] has no key 'queue'\n" +
        '  Its keys are queueBytes, queueMs, lagMs, mergeMs. Keys of your own go into a section of your own.\n',
    )
  })

  test('a port in use is told with a way out', async () => {
    const error = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE', address: '0.0.0.0', port: 1935 })
    assert.match(
      await refused(fails(error)),
      /^cumulus: EADDRINUSE: another program listens on 0\.0\.0\.0:1935 already\n {2}Stop it .*--set rtmp\.port=1936\.\n$/,
    )
  })

  test('a www that is not there is told with a way out', async () => {
    assert.match(
      await refused(stands, { www: 'nowhere' }),
      /^cumulus: WWW_NOT_FOUND: --www nowhere: .*\n {2}Name the folder/,
    )
  })

  test('a defect shows where it happened, because somebody must mend it', async () => {
    assert.match(
      await refused(fails(new TypeError('x is not a function'))),
      /^cumulus: DEFECT: .*\n.*\nTypeError: x is not a function\n {4}at /,
    )
  })
})
