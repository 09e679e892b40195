import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { typed } from '../../server/base/typed.ts'
import { stopMs } from '../../server/cli/life.ts'
import { startTestServer } from '../support/server.ts'

const entry = fileURLToPath(new URL('../../server/cli/cumulus.ts', import.meta.url))
let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cumulus-cli-'))
  await mkdir(join(folder, 'www'))
  await writeFile(join(folder, 'CumulusServer.ini'), '[rtmp]\nport = 0\ninterface = 127.0.0.1\n')
})
after(() => rm(folder, { recursive: true, force: true }))

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `cumulus` to its end. */
function cumulus(...args: string[]): Promise<Outcome> {
  return new Promise(resolve => {
    execFile(process.execPath, [entry, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

suite('cumulus', () => {
  test('--version tells the version of the package', async () => {
    const { code, stdout } = await cumulus('--version')
    assert.equal(code, 0)
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
  })

  test('--help names the command and the options it serves with (K12)', async () => {
    const { code, stdout } = await cumulus('--help')
    assert.equal(code, 0)
    for (const word of ['serve', '--config', '--www', '--data', '--log', '--set', '--ready-file', '--version']) {
      assert.ok(stdout.includes(word), word)
    }
  })

  test('refuses a command and an option it does not have', async () => {
    for (const argument of ['frobnicate', '--frobnicate']) {
      const { code, stderr } = await cumulus(argument)
      assert.equal(code, 1)
      assert.match(stderr, /frobnicate/)
      assert.match(stderr, /cumulus\.ts --help shows what there is/)
    }
  })

  test('names a command as it can be typed where it was started', () => {
    const from = (program: string, cwd: string, env: Record<string, string> = {}) =>
      typed('test quiz', { argv: ['node', program], cwd: () => cwd, env })
    assert.equal(from('/src/server/cli/cumulus.ts', '/src'), 'npm start -- test quiz')
    assert.equal(from('/own/src/server/cli/cumulus.ts', '/own'), 'node src/server/cli/cumulus.ts test quiz')
    assert.equal(from('/src/server/cli/cumulus.ts', '/own'), 'node /src/server/cli/cumulus.ts test quiz')
    assert.equal(from('/usr/lib/node_modules/cumulus-server/dist/server/cli/cumulus.js', '/own'), 'cumulus test quiz')
    const npx = { npm_lifecycle_event: 'npx' }
    assert.equal(from('/own/node_modules/.bin/cumulus', '/own', npx), 'npx cumulus-server test quiz')
  })

  test('tells the command that was probably meant', async () => {
    const meant: [line: string, said: string][] = [
      ['chekc', "'chekc' is no command; check is one"],
      ['Exec live 1', "'Exec' is no command; exec is one"],
      ['frobnicate', "'frobnicate' is no command"],
      ['serve live', "serve takes options alone, and no 'live'"],
      ['--log warn check', `check comes before its options: node ${entry} check …`],
    ]
    for (const [line, said] of meant) {
      const { code, stderr } = await cumulus(...line.split(' '))
      assert.deepEqual([code, stderr.split('\n')[0]], [1, `error: ${said}`])
    }
  })

  test('a bad value ends it with 1, a sentence and no stack', async () => {
    const { code, stderr } = await cumulus('serve', '--set', 'rtmp.port=abc')
    assert.equal(code, 1)
    assert.equal(
      stderr,
      "cumulus: CONFIG_VALUE: --set rtmp.port=abc: [rtmp] port: expected a whole number from 0 to 65535, got 'abc'\n",
    )
  })

  test('a port in use ends it with 1, a sentence and a remedy', async () => {
    const squatter = createServer().listen(0, '127.0.0.1')
    await once(squatter, 'listening')
    const { port } = squatter.address() as { port: number }
    const { code, stderr } = await cumulus('--set', `rtmp.port=${port}`)
    squatter.close()
    assert.equal(code, 1)
    assert.match(
      stderr,
      new RegExp(`^cumulus: EADDRINUSE: another program listens on 127\\.0\\.0\\.1:${port} already\n  Stop it`),
    )
    assert.ok(!/^ {4}at /m.test(stderr), stderr)
  })

  test('prints one line when it is ready, and ends with 0 on Ctrl+C (K11)', async () => {
    const child = spawn(process.execPath, [entry], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    for await (const text of child.stdout.setEncoding('utf8')) {
      output += text
      if (/^cumulus \S+ ready: rtmp 127\.0\.0\.1:\d+$/m.test(output)) child.kill('SIGINT')
    }
    assert.equal(child.exitCode ?? (await once(child, 'exit'))[0], 0)
    assert.equal(output.match(/^cumulus .* ready: /gm)?.length, 1)
  })
})

suite('a running server', () => {
  test('accepts connections where its ready file says, and ends with 0 on SIGTERM', async () => {
    await using server = await startTestServer()
    const socket = connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    const closed = once(socket.resume(), 'close')
    assert.equal(await server.stop(), 0)
    await closed
  })

  test('ends in order within five seconds while clients hold on', async () => {
    await using server = await startTestServer()
    const sockets = Array.from({ length: 50 }, () => connect(server.port, '127.0.0.1').on('error', () => {}))
    await Promise.all(sockets.map(socket => once(socket, 'connect')))
    // A server that needs longer than its limit ends with another code.
    assert.ok(stopMs < 5000)
    assert.equal(await server.stop(), 0)
    for (const socket of sockets) socket.destroy()
  })
})
