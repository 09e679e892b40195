import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { App, type CumulusServer } from '../../server/library/index.ts'
import { audioTag, keyTag, videoHeader } from '../support/media-samples.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { Scene } from './scene.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const book = readFileSync(join(root, 'docs/library.md'), 'utf8')
const examples = [...book.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code]) => code!)
const doors = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).exports as Record<string, string>

/** The sources behind what the package calls by this name. */
function sourceOf(name: string): string {
  const built = doors[name.replace('cumulus-server', '.')]
  assert.ok(built, `${name} is exported`)
  return pathToFileURL(join(root, built.replace('./dist/', '').replace(/\.js$/, '.ts'))).href
}

suite('the book of the library', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cumulus-book-'))
  after(() => rmSync(folder, { recursive: true, force: true }))

  /** Runs the example that holds these words, on a free port, with the sources in place of the package. */
  async function run(words: string): Promise<{ server: CumulusServer; ask: never; said: string[] }> {
    const nth = examples.findIndex(code => code.includes(words))
    const code = examples[nth]!.replace(/from '(cumulus-server[^']*)'/g, (_, name) => `from '${sourceOf(name)}'`)
      .replace("port: 1935, data: 'data'", "port: 0, interface: '127.0.0.1'")
      .replace(/{ port: 0 }/g, "{ port: 0, interface: '127.0.0.1' }")
      .replaceAll('console.log(', 'said.push(')
    const file = join(folder, `${nth}.mjs`)
    const own = code.includes('const server') ? 'export { server }\n' : ''
    writeFileSync(file, `export const said = []\n${code}${own}`)
    return import(pathToFileURL(file).href)
  }

  test('opens with a server whose class calls what its clients may lack (K16, K18, K19, K20, K21, K23, K24)', async () => {
    const { server, said } = await run('class MyApp')
    const [, address] = /^listening on (\S+)$/.exec(said[0]!)!
    await using _stopped = server
    for (const name of ['myapp', 'someapp']) {
      await using client = await RtmpClient.connect({
        url: `rtmp://${address}/${name}`,
        handlers: { connected: () => {} },
      })
      assert.deepEqual((await client.called('connected')).args, ['some-arg'])
      await client.close()
    }
    await using lacking = await RtmpClient.connect({ url: `rtmp://${address}/myapp` })
    assert.equal((await lacking.status('NetConnection.Connect.Closed')).description, 'this is for players that know us')
    await using other = await RtmpClient.connect({ url: `rtmp://${address}/any` })
    assert.deepEqual(other.calls, [])
  })

  test('shows options that are taken', async () => {
    const { server } = await run('queueBytes')
    await server.stop()
  })

  test('shows an application that lets in who is known, and answers calls (K22)', async () => {
    const { server, said } = await run('class Studio')
    await using _stopped = server
    const address = server.addresses.rtmp
    const url = `rtmp://${address}/studio/stage`
    await assert.rejects(RtmpClient.connect({ url, args: ['Tom', 'x'] }), /you are not Tom/)
    await using client = await RtmpClient.connect({ url, args: ['Tom', "Tom's"] })
    assert.equal(client.info.message, 'welcome, Tom')
    assert.equal(await client.call('add', 1, 2), 3)
    await assert.rejects(client.publish('cam'), /Publish.Failed/)
    const stream = await client.publish('cam?key=tulip')
    assert.match(said[0]!, /^127\.0\.0\.1:\d+ publishes stage\/cam$/)
    stream.closeStream()
    assert.deepEqual((await client.called('over')).args, ['cam'])
  })

  test('shows frames taken from one publication and put into another (M1)', async () => {
    const { server } = await run('class Live')
    await using _stopped = server
    const address = server.addresses.rtmp
    await using publisher = await RtmpClient.connect({ url: `rtmp://${address}/live` })
    const stream = await publisher.publish('cam')
    await using player = await RtmpClient.connect({ url: `rtmp://${address}/silent` })
    const playing = await player.play('cam')
    stream.sendVideo(0, videoHeader)
    stream.sendAudio(0, audioTag)
    stream.sendVideo(40, keyTag())
    await playing.frame(({ payload }) => payload.equals(keyTag()))
    assert.equal(playing.frames.filter(({ kind }) => kind === 'audio').length, 0)
    const copy = server.app('silent')!.publications.get('cam')!
    stream.closeStream()
    await stream.status('NetStream.Unpublish.Success')
    assert.equal(copy.isLive, false)
  })

  test('shows a client made of the machines alone (K7, K9, F4)', async () => {
    const { ask } = (await run('function ask')) as unknown as { ask(...args: unknown[]): Promise<unknown> }
    class Adding extends App {
      override calls = { add: (_client: unknown, a: number, b: number) => a + b }
    }
    await using scene = await Scene.of({ desk: Adding })
    const port = Number(scene.addresses.rtmp!.split(':')[1])
    assert.equal(await ask(port, 'desk', 'add', 20, 22), 42)
    await assert.rejects(ask(port, 'nowhere', 'add'), /refused/)
  })

  test('names every hook there is', () => {
    const rows = [...book.matchAll(/^\| `(on\w+)\(/gm)].map(([, name]) => name!)
    const hooks = Object.getOwnPropertyNames(App.prototype).filter(name => /^on[A-Z]/.test(name))
    assert.deepEqual(rows.sort(), hooks.sort())
  })

  test('runs every example', () => assert.equal(examples.length, 5))
})
