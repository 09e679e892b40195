import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { connect } from 'node:tls'
import { Certificate, openssl } from '../support/certificate.ts'
import { Film } from '../support/film.ts'
import { requireProgram } from '../support/programs.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { Run, run } from '../support/run.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const ffmpeg = requireProgram('ffmpeg')
const rtmpdump = requireProgram('rtmpdump')

/** Says what it sees of everybody. */
const telling = `
export function onConnection(client) { return { protocol: client.protocol, secure: client.secure } }
`

suite('the doors of RTMP', { skip: ffmpeg.skip || openssl.skip, concurrency: true, timeout: 240_000 }, () => {
  let certificate: Certificate
  let server: TestServer
  let film: Film

  before(async () => {
    certificate = await Certificate.make('first')
    film = await Film.make({ seconds: 30, keySeconds: 1 })
    server = await startTestServer({
      www: { 'live/main.js': telling },
      set: [
        ...['rtmps.port=0', `rtmps.certificate=${certificate.certificate}`, `rtmps.key=${certificate.key}`],
        ...['http.port=0', 'http.interface=127.0.0.1', 'rtmp.rtmpt=true', 'rtmp.rtmpe=true'],
      ],
    })
  })

  after(async () => {
    await server?.stop()
    await film?.[Symbol.asyncDispose]()
    await certificate?.[Symbol.asyncDispose]()
  })

  /** RTMPE comes by the doors of RTMP and of the tunnel. */
  const url = (scheme: string, path: string) => `${scheme}://${server.addresses[scheme.replace('e', '')]}/${path}`

  for (const scheme of ['rtmps', 'rtmpt']) {
    test(`FFmpeg publishes and plays over ${scheme} (R45, R49)`, async () => {
      const name = `live/${scheme}`
      await using _publisher = film.publish(url(scheme, name))
      await server.logged(line => line.msg === 'published' && line.publication === scheme)
      const { code, output, stdout } = await run(ffmpeg.path, [
        ...['-v', 'error', '-i', url(scheme, name), '-t', '1', '-c', 'copy', '-f', 'framecrc', '-'],
      ])
      assert.equal(code, 0, output)
      assert.ok((stdout.match(/^0, /gm)?.length ?? 0) >= 20, stdout)
      assert.ok((stdout.match(/^1, /gm)?.length ?? 0) >= 30, stdout)
    })
  }

  for (const scheme of ['rtmps', 'rtmpe', 'rtmpt', 'rtmpte']) {
    test(`rtmpdump plays over ${scheme} (R45)`, { skip: rtmpdump.skip }, async t => {
      const folder = await mkdtemp(join(tmpdir(), 'cumulus-dump-'))
      t.after(() => rm(folder, { recursive: true }))
      await using _publisher = film.publish(url('rtmp', `live/for-${scheme}`))
      await server.logged(line => line.msg === 'published' && line.publication === `for-${scheme}`)
      const file = join(folder, 'dump.flv')
      await using dump = new Run(rtmpdump.path, ['--live', '-r', url(scheme, `live/for-${scheme}`), '-o', file])
      await dump.says(/\/ ([2-9]|\d\d)\.\d\d sec/)
      await dump.stop('SIGINT')
      const { code, output } = await run(ffmpeg.path, ['-v', 'error', '-i', file, '-f', 'null', '-'])
      assert.deepEqual([code, output], [0, ''])
    })
  }

  test('a script sees by which door a client came (R45, R49)', async () => {
    await using plain = await RtmpClient.connect({ url: url('rtmp', 'live') })
    await using encrypted = await RtmpClient.connect({ url: url('rtmp', 'live'), encryption: true })
    await using secure = await RtmpClient.connect({ url: url('rtmps', 'live') })
    assert.deepEqual(
      [plain, encrypted, secure].map(({ info }) => [info.protocol, info.secure]),
      [
        ['rtmp', false],
        ['rtmpe', false],
        ['rtmps', true],
      ],
    )
  })

  test('a renewed certificate serves whoever comes next, and nobody is lost', async () => {
    await using client = await RtmpClient.connect({ url: url('rtmps', 'live') })
    assert.equal(await commonName(), 'first')
    await certificate.renew('second')
    // Its files are written one after the other, and may be read between: then they are read once more.
    while ((await commonName()) !== 'second');
    await server.logged(line => line.msg === 'the certificate was read anew')
    const from = server.log.length
    await certificate.spoil()
    await server.logged(line => line.code === 'rtmps.certificate', from)
    assert.equal(await commonName(), 'second')
    assert.equal(client.socket.destroyed, false)
  })

  /** Whose certificate a newcomer is shown. */
  function commonName(): Promise<unknown> {
    const [host, port] = server.addresses.rtmps!.split(':')
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().subject.CN)
        socket.destroy()
      }).on('error', reject)
    })
  }
})
