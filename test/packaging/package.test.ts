import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { RtmpClient } from '../support/rtmp-client.ts'
import { Run } from '../support/run.ts'
import { startTestServer } from '../support/server.ts'

/** A program of somebody's own: a server that ends, and lets its process end, when its first client has left. */
const program = `
import { App, CumulusServer } from 'cumulus-server'
import { RtmpSession } from 'cumulus-server/rtmp'
import { encodeAmf0 } from 'cumulus-server/amf'
import { flvHeader } from 'cumulus-server/flv'

class MyApp extends App {
  calls = { doors: () => [typeof RtmpSession, encodeAmf0([1]).length, flvHeader.length] }
  onConnect(client, ...args) {
    const result = super.onConnect(client, ...args)
    client.call('connected', 'some-arg').then(answer => console.log('answered ' + answer))
    return result
  }
}

const server = new CumulusServer({ port: 0, interface: '127.0.0.1' }).apps({ myapp: MyApp })
server.on('disconnect', () => server.stop())
console.log('listening on ' + (await server.start()).rtmp)
`

/** The same in TypeScript, with what its types should catch. */
const typedProgram = `
import { App, type Client, ConfigError, CumulusServer, type MediaFrame, type Publication } from 'cumulus-server'
import { ChunkReader, ClientHandshake, type Message, RtmpSession, rtmpLimits, ServerHandshake } from 'cumulus-server/rtmp'
import { decodeAmf0, encodeAmf0 } from 'cumulus-server/amf'
import { FlvReader, FlvWriter } from 'cumulus-server/flv'

class MyApp extends App {
  override calls = { add: (_client: Client, a: number, b: number) => a + b }
  override async onConnect(client: Client, name: string) {
    if (name === '') throw new Error('who are you?')
    const answer: unknown = await client.call('connected', 'some-arg')
    return { answer }
  }
  override onPublish(_client: Client, publication: Publication) {
    const end: () => void = publication.onFrame((frame: MediaFrame) => frame.payload.byteLength + frame.time)
    end()
    // @ts-expect-error: players share the frames
    publication.onFrame(frame => (frame.time = 5))
    return publication.query.key === 'tulip'
  }
}

class Postponing extends App {
  override onConnect(client: Client) {
    client.accept({ message: 'hello' })
  }
}

// @ts-expect-error: a hook is given a client
class Wrong extends App { override onConnect(client: number) { return client > 0 } }
new Wrong()

const server = new CumulusServer({ port: 0, rtmp: { streams: 3 }, 'app:/live': { verdictTimeout: '2 s' } })
server.apps({ myapp: MyApp, someapp: Postponing, '*': App })
// @ts-expect-error: no class of App
server.apps({ live: class {} })
// @ts-expect-error: no such section
new CumulusServer({ rtpm: {} })
// @ts-expect-error: no such key
new CumulusServer({ rtmp: { prot: 1 } })
const addresses: Readonly<Record<string, string>> = await server.start()
server.on('publish', (client, publication) => client.id + publication.name + addresses.rtmp)
server.publish('live', 'cam').video(0, new Uint8Array(5))
const messages: Message[] = []
const reader = new ChunkReader(rtmpLimits, message => messages.push(message))
reader.receive(Buffer.alloc(0))
export const machines = [RtmpSession, ServerHandshake, ClientHandshake, FlvReader, FlvWriter, ConfigError]
export const values: unknown[] = decodeAmf0(encodeAmf0([1]))
`

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
      'dist/server/library/index.d.ts',
      'docs/library.md',
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

  test('is a library that a program of JavaScript imports, serves with, and ends (F4, K16, K18, K20, M1)', async () => {
    await writeFile(join(folder, 'program.mjs'), program)
    await using started = new Run(process.execPath, [join(folder, 'program.mjs')])
    await started.says(/listening on \S+\n/)
    const [, address] = /listening on (\S+)/.exec(started.output)!
    const client = await RtmpClient.connect({
      url: `rtmp://${address}/myapp`,
      handlers: { connected: text => `got ${text}` },
    })
    await started.says(/answered got some-arg/)
    assert.deepEqual(await client.call('doors'), ['function', 9, 13])
    await client.close()
    const { code, output } = await started.exited
    assert.equal(code, 0, output)
  })

  for (const [module, resolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    test(`has types that TypeScript finds and that tell right from wrong, with ${resolution} (F4)`, async () => {
      const file = join(folder, `typed-${resolution}.mts`)
      await writeFile(file, typedProgram)
      const tsc = join(root, 'node_modules/typescript/bin/tsc')
      const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')]
      const how = ['--noEmit', '--strict', '--target', 'es2024', '--module', module, '--moduleResolution', resolution]
      const { stdout } = await run(process.execPath, [tsc, ...how, ...types, file], { cwd: folder, env }).catch(
        error => error,
      )
      assert.equal(stdout, '')
    })
  }
})
