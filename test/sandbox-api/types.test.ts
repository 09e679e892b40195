import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { clientFacts, listenerFacts } from '../apps/host/child.ts'
import { Lab, runner } from '../apps/host/lab.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const types = readFileSync(join(root, 'sandbox-api/cumulus.d.ts'), 'utf8')

/** What the type checker says of a folder of applications. */
function check(project: string): string {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' })
  return status === 0 ? '' : stdout
}

/** Members of an interface or class, as the types tell them. */
function told(name: string): string[] {
  const body = new RegExp(`^(?:interface|declare class) ${name}\\b[^{]*\\{\\n([\\s\\S]*?)^\\}`, 'm').exec(types)![1]!
  const members = [...body.matchAll(/^ {2}(?:readonly )?(\w+)(?:<[^>]*>)?[?]?[:(]/gm)].map(([, member]) => member!)
  return [...new Set(members)].filter(member => member !== 'constructor').sort()
}

suite('cumulus.d.ts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cumulus-types-'))
  const lab = new Lab()
  after(async () => {
    rmSync(folder, { recursive: true, force: true })
    await lab.end()
  })

  test('knows the applications that come along', () => {
    assert.equal(check(join(root, 'www/jsconfig.json')), '')
  })

  test('tells right from wrong in a new application', () => {
    mkdirSync(join(folder, 'sandbox-api'))
    mkdirSync(join(folder, 'www/app'), { recursive: true })
    mkdirSync(join(folder, 'www/lib'))
    cpSync(join(root, 'sandbox-api/cumulus.d.ts'), join(folder, 'sandbox-api/cumulus.d.ts'))
    cpSync(join(root, 'www/jsconfig.json'), join(folder, 'www/jsconfig.json'))
    writeFileSync(join(folder, 'www/lib/x.js'), 'export const x = 1\n')
    writeFileSync(
      join(folder, 'www/app/main.js'),
      `
import { x } from '/lib/x.js'
/** @type {OnPublish} */
export function onPublish(client, publication) {
  client.mine = x
  client.mine.anything
  publication.name.toUpperCase()
  // @ts-expect-error: read-only
  client.ping = 5
  // @ts-expect-error: no text
  client.ping.toUpperCase()
  // @ts-expect-error: not a name
  publications.get(5)
  return publication.listeners.count < 5
}
/** @type {OnSubscribe} */
export const onSubscribe = async (client, listener) => {
  listener.receiveAudio = false
  for (const [id, other] of clients) if (id !== client.id) other.writer.writeAMFMessage('x', id)
  const answer = await client.call('name')
  return answer.length > 0
}
/** @type {OnPublish} */
// @ts-expect-error: a text is no verdict
export const onPublish2 = () => 'yes'
/** @type {Calls} */
export const calls = { who() { return this.id.length } }
console.log(application.config.color, server.configs.rtmp.port, new URL('x:y').href, performance.now())
// @ts-expect-error: there is none
process.exit()
// @ts-expect-error: there is none
document.title
`,
    )
    assert.equal(check(join(folder, 'www/jsconfig.json')), '')
  })

  test('tells every member there is, and none that is not', async () => {
    const app = await lab.app(`${runner}
      export function onTypedObject(type, object) { object.__readExternal = reader => { globalThis.reader = reader } }`)
    const { id } = app.join()
    const publication = app.publication()
    app.tell(
      { e: 'listener', facts: listenerFacts({ client: clientFacts().id, publication }) },
      { e: 'listening', listener: 1 },
    )
    const objects = {
      Server: 'server',
      Client: 'client',
      FlowWriter: 'client.writer',
      Publication: "publications.get('cam')",
      Room: "rooms.get('')",
      Listener: "publications.get('cam').listeners.get(1)",
      Collection: 'clients',
      Application: 'application',
      Crypto: 'crypto',
      SubtleCrypto: 'crypto.subtle',
      CryptoKey:
        "await crypto.subtle.importKey('raw', Uint8Array.of(1), { name: 'HMAC', hash: 'SHA-1' }, true, ['sign'])",
      ByteReader: '(server.fromAMF(Uint8Array.of(0x11, 10, 7, 3, 0x45)), globalThis.reader)',
      ByteWriter: "(w => (server.toAMF({ __type: 'E', __writeExternal(x) { w.push(x) } }), w[0]))([])",
      TCPClient: 'server.createTCPClient()',
      TCPServer: 'server.createTCPServer()',
      UDPSocket: 'server.createUDPSocket()',
      DurableStorage: 'storage',
      Headers: 'new Headers()',
      Console: 'Object.create(console)',
      URL: "new URL('x:y')",
      URLSearchParams: 'new URLSearchParams()',
      TextEncoder: 'new TextEncoder()',
      TextDecoder: 'new TextDecoder()',
      AbortController: 'new AbortController()',
    }
    for (const [name, object] of Object.entries(objects)) {
      const code = `return (async () => Object.getOwnPropertyNames(Object.getPrototypeOf(${object})).filter(n => n !== 'constructor').sort())()`
      const there = (await app.call(id, 'run', code)) as string[]
      const written = told(name).filter(member => !['canParse', 'parse'].includes(member))
      assert.deepEqual(written, there, name)
    }
  })

  test('tells every global there is, and none that is not', async () => {
    const app = await lab.app(runner)
    const { id } = app.join()
    const standard =
      `Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise
      RegExp Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError globalThis JSON Math Intl
      ArrayBuffer Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array Uint8ClampedArray
      BigUint64Array BigInt64Array DataView Map BigInt Set WeakMap WeakSet WeakRef Proxy Reflect decodeURI decodeURIComponent
      encodeURI encodeURIComponent escape unescape eval isFinite isNaN Iterator SuppressedError DisposableStack
      AsyncDisposableStack Float16Array gc`.split(/\s+/)
    const there = (await app.call(id, 'run', 'return Object.getOwnPropertyNames(globalThis)')) as string[]
    const written = [...types.matchAll(/^declare (?:const|function|class) (\w+)/gm)].map(([, name]) => name!)
    assert.deepEqual(there.filter(name => !standard.includes(name)).sort(), written.sort())
  })
})
