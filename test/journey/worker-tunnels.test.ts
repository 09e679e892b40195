import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { Film } from '../support/film.ts'
import { requireProgram } from '../support/programs.ts'
import { run } from '../support/run.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const ffmpeg = requireProgram('ffmpeg')
const www = {
  'live/main.js': `export function onConnection(client) { console.info('by ' + client.protocol + ' from ' + client.address) }`,
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

  test('FFmpeg publishes into one and plays out of the other (R45)', async () => {
    await using _publisher = film.publish(url('show'))
    await server.logged(line => line.msg === 'published' && line.publication === 'show')
    const { code, output, stdout } = await run(ffmpeg.path, [
      ...['-v', 'error', '-i', url('show'), '-t', '1', '-c', 'copy', '-f', 'framecrc', '-'],
    ])
    assert.equal(code, 0, output)
    assert.ok((stdout.match(/^0, /gm)?.length ?? 0) >= 20, stdout)
    assert.ok((stdout.match(/^1, /gm)?.length ?? 0) >= 30, stdout)
    const connected = server.log.filter(({ msg }) => msg === 'connected')
    assert.deepEqual([...new Set(connected.map(({ worker }) => worker))].sort(), [1, 2])
    const said = server.log.filter(({ msg }) => msg.startsWith('by rtmpt from 127.0.0.1'))
    assert.equal(said.length, 2, 'the script sees the door and the address of who came by it')
  })
})
