import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer } from '../support/server.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
/** npm as anybody would run it, on the Node that runs this test. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` }

suite('the published package', () => {
  let folder: string
  let installed: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cumulus-package-'))
    installed = join(folder, 'node_modules/cumulus-server')
    await run('npm', ['pack', '--pack-destination', folder], { cwd: root, env })
    const [packed] = (await readdir(folder)).filter(name => name.endsWith('.tgz'))
    await run('npm', ['init', '--yes'], { cwd: folder, env })
    const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${packed}`]
    await run('npm', install, { cwd: folder, env })
  })
  after(() => rm(folder, { recursive: true, force: true }))

  test('is plain JavaScript with the applications, the configuration and the words to read', async () => {
    const entries = await readdir(installed, { recursive: true })
    const paths = entries.filter(path => !path.startsWith('node_modules')).map(path => path.replaceAll('\\', '/'))
    for (const path of [
      'dist/server/cli/cumulus.js',
      'www/main.js',
      'www/live/main.js',
      'www/chat/main.js',
      'sandbox-api/cumulus.d.ts',
      'CumulusServer.ini',
      'README.md',
      'LICENSE',
    ]) {
      assert.ok(paths.includes(path), `${path} is not in the package`)
    }
    assert.deepEqual(
      paths.filter(path => /\.ts$/.test(path) && !path.endsWith('.d.ts')),
      [],
    )
    assert.deepEqual(
      paths.filter(path => /^(test|server)\//.test(path)),
      [],
    )
  })

  test('tells its version', async () => {
    const { stdout } = await run(join(folder, 'node_modules/.bin/cumulus'), ['--version'], { env })
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
  })

  test('starts from an empty folder, runs its applications, and stops when told', async () => {
    const command = [process.execPath, join(installed, 'dist/server/cli/cumulus.js')] as const
    await using server = await startTestServer({ command, www: 'packaged' })
    // The chat answers from a host, which finds its own files and those of the sandbox among plain JavaScript.
    const client = await RtmpClient.connect({ url: server.url('chat/lobby'), args: ['Tom'] })
    assert.deepEqual(await client.call('who'), ['Tom'])
    client.destroy()
    assert.equal(await server.stop(), 0)
  })
})
