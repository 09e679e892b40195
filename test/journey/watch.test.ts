import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { Film } from '../support/film.ts'
import { requireProgram } from '../support/programs.ts'
import { Run, run } from '../support/run.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const ffmpeg = requireProgram('ffmpeg')
const ffprobe = requireProgram('ffprobe')
const rtmpdump = requireProgram('rtmpdump')

interface Packet {
  codec_type: string
  dts_time: string
  flags: string
}

/** What ffprobe finds in the first seconds of a stream or file. */
async function probe(input: string): Promise<{ codecs: string[]; packets: Packet[] }> {
  const { code, output, stdout } = await run(ffprobe.path, [
    ...['-v', 'error', '-of', 'json', '-show_entries', 'stream=codec_name:packet=codec_type,dts_time,flags'],
    ...['-read_intervals', '%+2', input],
  ])
  assert.equal(code, 0, output)
  const { streams, packets } = JSON.parse(stdout) as { streams: { codec_name: string }[]; packets: Packet[] }
  return { codecs: streams.map(stream => stream.codec_name).sort(), packets }
}

function assertPlayable({ codecs, packets }: { codecs: string[]; packets: Packet[] }): void {
  assert.deepEqual(codecs, ['aac', 'h264'])
  for (const kind of ['audio', 'video']) {
    const times = packets.filter(packet => packet.codec_type === kind).map(packet => Number(packet.dts_time))
    assert.ok(times.length > 25, `${times.length} packets of ${kind}`)
    for (const [nth, time] of times.entries()) {
      assert.ok(nth === 0 || time > times[nth - 1]!, `${kind} goes from ${times[nth - 1]} to ${time}`)
    }
    assert.ok(times[0]! >= 0 && times[0]! < 0.1, `${kind} begins at ${times[0]}`)
  }
  const first = packets.find(packet => packet.codec_type === 'video')
  assert.match(first!.flags, /K/)
}

/** There is one key frame, at its beginning: whoever sees a picture later was given the group of pictures. */
suite('watching', { skip: ffmpeg.skip || ffprobe.skip, timeout: 240_000 }, () => {
  let server: TestServer
  let film: Film
  let publisher: Run

  before(async () => {
    film = await Film.make({ seconds: 60, keySeconds: 60 })
    server = await startTestServer({ www: 'packaged' })
    publisher = film.publish(server.url('live/test'))
    await server.logged(line => line.msg === 'published')
  })

  after(async () => {
    await publisher?.stop()
    await server?.stop()
    await film?.[Symbol.asyncDispose]()
  })

  test('gives H.264 and AAC from a key frame on, in rising time', async () => {
    assertPlayable(await probe(server.url('live/test')))
  })

  test('gives ten latecomers a picture at once', async () => {
    const pictures = Array.from({ length: 10 }, () =>
      run(ffmpeg.path, ['-v', 'error', '-i', server.url('live/test'), '-frames:v', '1', '-f', 'framecrc', '-']),
    )
    for (const { code, output, stdout } of await Promise.all(pictures)) {
      assert.equal(code, 0, output)
      assert.match(stdout, /^0, +0, +0,/m)
    }
    assert.equal(publisher.hasExited, false)
  })

  test('plays in rtmpdump (K15)', { skip: rtmpdump.skip }, async t => {
    const folder = await mkdtemp(join(tmpdir(), 'cumulus-dump-'))
    t.after(() => rm(folder, { recursive: true }))
    const file = join(folder, 'dump.flv')
    await using dump = new Run(rtmpdump.path, ['--live', '-r', server.url('live/test'), '-o', file])
    // Its progress, so many kB and so many seconds of film: three or more, for what was kept comes in one go.
    await dump.says(/\/ ([3-9]|\d\d)\.\d\d sec/)
    await dump.stop('SIGINT')
    assertPlayable(await probe(file))
  })

  test('leaves nothing behind: no complaint, nobody lost', () => {
    assert.equal(server.complaints, '')
    assert.deepEqual(
      server.log.filter(({ level }) => level === 'warn' || level === 'error'),
      [],
    )
  })
})
