import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { Film } from '../support/film.ts'
import { connectOn } from '../support/on-worker.ts'
import { requireProgram } from '../support/programs.ts'
import { run } from '../support/run.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { post, TunnelClient } from '../support/tunnel-client.ts'

const ffmpeg = requireProgram('ffmpeg')
const www = {
  'live/main.js': `export function onConnection(client) { console.info('by ' + client.protocol + ' from ' + client.address) }
    export const calls = { count: () => clients.count }`,
}

suite('tunnels of two workers', { skip: ffmpeg.skip, timeout: 240_000 }, () => {
  let server: TestServer
  let film: Film
  before(async () => {
    film = await Film.make({ seconds: 30, keySeconds: 1 })
    const set = ['server.workers=2', 'http.port=0', 'http.interface=127.0.0.1', 'rtmp.rtmpt=true']
    server = await startTestServer({ www, set })
  })
  after(async () => {
    await server?.stop()
    await film?.[Symbol.asyncDispose]()
  })

  const url = (name: string): string => `rtmpt://${server.addresses.rtmpt}/live/${name}`

  test('end with the worker that served them, and the others go on; the counts are right at once (R45)', async () => {
    const base = `http://${server.addresses.rtmpt}`
    const from = server.log.length
    const clients = [await TunnelClient.connect(base), await TunnelClient.connect(base)]
    const workers = server.log.slice(from).flatMap(({ msg, worker }) => (msg === 'connected' ? [Number(worker)] : []))
    assert.deepEqual(workers.toSorted(), [1, 2])
    const [kept, lost] = workers[0] === 1 ? clients : clients.toReversed()
    await using player = await connectOn(server, 1, { url: server.url('live') })
    assert.equal(await player.call('count'), 3)
    const { pid } = await server.logged(({ msg, worker }) => msg === 'media worker up' && worker === 2)
    process.kill(Number(pid), 'SIGKILL')
    await server.logged(({ msg }) => msg.startsWith('media worker ended'), from)
    assert.equal(await player.call('count'), 2)
    kept!.command('createStream', 2)
    await kept!.until(() => kept!.commands.filter(name => name === '_result').length === 2)
    while ((await post(`${base}/idle/${lost!.id}/99`)).status !== 404);
    await server.logged(({ msg, worker }) => msg === 'media worker up' && worker === 2, from)
    const again = await TunnelClient.connect(base)
    assert.equal(await player.call('count'), 3)
    await again.leave()
    await kept!.leave()
  })

  test('FFmpeg publishes into one and plays out of the other (R45)', async () => {
    const from = server.log.length
    await using _publisher = film.publish(url('show'))
    await server.logged(line => line.msg === 'published' && line.publication === 'show')
    const { code, output, stdout } = await run(ffmpeg.path, [
      ...['-v', 'error', '-i', url('show'), '-t', '1', '-c', 'copy', '-f', 'framecrc', '-'],
    ])
    assert.equal(code, 0, output)
    assert.ok((stdout.match(/^0, /gm)?.length ?? 0) >= 20, stdout)
    assert.ok((stdout.match(/^1, /gm)?.length ?? 0) >= 30, stdout)
    const connected = server.log.slice(from).filter(({ msg }) => msg === 'connected')
    assert.deepEqual([...new Set(connected.map(({ worker }) => worker))].sort(), [1, 2])
    const said = server.log.slice(from).filter(({ msg }) => msg.startsWith('by rtmpt from 127.0.0.1'))
    assert.equal(said.length, 2, 'the script sees the door and the address of who came by it')
  })
})
