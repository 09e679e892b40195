import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { Film } from '../support/film.ts'
import { audioHeader, audioTag, interTag, keyTag, metadata, videoHeader } from '../support/media-samples.ts'
import { connectOn } from '../support/on-worker.ts'
import { publishPackets } from '../support/packets.ts'
import { requireProgram } from '../support/programs.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import type { ReceivedFrame, RtmpStream } from '../support/rtmp-stream.ts'
import { run } from '../support/run.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const ffmpeg = requireProgram('ffmpeg')
const ffprobe = requireProgram('ffprobe')
const rtmpdump = requireProgram('rtmpdump')

const script = `
export function onRecorded(publication, file) {
  NOTE('recorded ', publication.name, ' as ', file)
}
export const calls = {
  async record(name, format, path) {
    await publications.get(name).record({ format, path })
    return 'recording'
  },
  async stop(name) { await publications.get(name).record(false) },
  length: name => server.recordings.length(name),
  size: name => server.recordings.size(name),
  remove: name => server.recordings.delete(name),
  clear: folder => server.recordings.clear(folder),
  forbid() { this.readAccess = '/open' },
}`

/** Sends so many seconds of film as fast as they go; the times of what was sent begin at `from` ms. */
function send(stream: RtmpStream, seconds: number, from = 0): void {
  if (from === 0) {
    stream.sendData(0, metadata)
    stream.sendVideo(0, videoHeader)
    stream.sendAudio(0, audioHeader)
  }
  for (let nth = 0; nth < seconds * 25; nth++) {
    stream.sendVideo(from + nth * 40, nth % 25 === 0 ? keyTag(nth / 25) : interTag(nth % 25))
    stream.sendAudio(from + nth * 40, audioTag)
  }
}

/** Seconds and packets of a file, as ffprobe finds them. */
async function probe(file: string): Promise<{ seconds: number; packets: number }> {
  const { code, output, stdout } = await run(ffprobe.path, [
    ...['-v', 'error', '-count_packets', '-of', 'json'],
    ...['-show_entries', 'format=duration:stream=nb_read_packets:packet=dts_time', file],
  ])
  assert.equal(code, 0, output)
  const { streams, packets } = JSON.parse(stdout) as {
    streams: { nb_read_packets: string }[]
    packets: { dts_time: string }[]
  }
  const counts = streams.map(stream => Number(stream.nb_read_packets))
  return { seconds: Number(packets.at(-1)?.dts_time ?? 0), packets: counts.reduce((a, b) => a + b, 0) }
}

/** FFmpeg finds pictures, sounds and a length in it, and has nothing to warn of. */
async function assertClean(url: string): Promise<void> {
  const show = 'stream=codec_type:format=duration'
  const { output } = await run(ffprobe.path, ['-v', 'warning', '-of', 'csv=p=0', '-show_entries', show, url])
  const lines = output.trim().split('\n')
  assert.deepEqual(lines.slice(0, -1).sort(), ['audio', 'video'], output)
  assert.ok(Number(lines.at(-1)) > 2.5, output)
}

const www = { 'live/main.js': script, 'auto/main.js': script }

for (const workers of [1, 2]) {
  suite(`recording, with ${workers} ${workers === 1 ? 'process' : 'processes'} at the sockets`, {
    timeout: 240_000,
  }, () => {
    let server: TestServer
    const connect = (app = 'live') => RtmpClient.connect({ url: server.url(app) })

    before(async () => {
      server = await startTestServer({ www, set: [`server.workers=${workers}`, 'app:/auto.record=flv'] })
    })
    after(() => server?.stop())

    test('begins and ends as its publisher says, and is played from where a player wants (R12, K10)', async () => {
      await using client = await connect()
      const stream = await client.createStream()
      await stream.publish('lobby/film', 'record')
      await stream.status('NetStream.Record.Start')
      send(stream, 4)
      stream.closeStream()
      await stream.status('NetStream.Record.Stop')
      await server.logged(line => line.msg.includes('recorded film as lobby/film.flv'))
      assert.equal(await client.call('getStreamLength', 'lobby/film'), 3.96)

      const player = await client.createStream()
      await player.play('flv:lobby/film', 2500, -1, true)
      await player.status('NetStream.Play.Reset')
      const first = await player.frame(({ kind, payload }) => kind === 'video' && payload[1] === 1)
      assert.deepEqual([first.timestamp, first.payload[0]! >> 4], [2000, 1])
      const over = await player.frame(({ kind, values }) => kind === 'data' && values[0] === 'onPlayStatus')
      const { code, duration } = over.values[1] as { code: string; duration: number }
      assert.deepEqual([code, duration], ['NetStream.Play.Complete', 1.96])
      await player.status('NetStream.Play.Stop')
      const from = player.frames.length
      player.command('seek', 1200)
      await player.status('NetStream.Seek.Notify')
      const sought = await player.frame(({ kind, payload }) => kind === 'video' && payload[1] === 1, from)
      assert.equal(sought.timestamp, 1000)
    })

    test('pauses and goes on, and a playlist shows one after another', async () => {
      await using client = await connect()
      const stream = await client.createStream()
      await stream.publish('list', 'record')
      await stream.status('NetStream.Record.Start')
      send(stream, 2)
      stream.closeStream()
      await stream.status('NetStream.Record.Stop')
      const player = await client.createStream()
      await player.play('list', 0, 0, true)
      player.command('play', 'list', 1000, 0, false)
      const isPicture = ({ kind, payload }: { kind: string; payload: Buffer }) => kind === 'video' && payload[1] === 1
      assert.equal((await player.frame(isPicture)).timestamp, 0)
      await player.frame(frame => isPicture(frame) && frame.timestamp === 1000)
      const paused = await client.createStream()
      await paused.play('list', 0, -1, true)
      await paused.pause(true)
      await paused.pause(false)
      await paused.status('NetStream.Play.Stop')
    })

    test('gives way to another by play2, which begins where the first one was or waits for its end', async () => {
      await using client = await connect()
      for (const name of ['low', 'high']) {
        const stream = await client.createStream()
        await stream.publish(name, 'record')
        await stream.status('NetStream.Record.Start')
        send(stream, 4)
        stream.closeStream()
        await stream.status('NetStream.Record.Stop')
      }
      const player = await client.createStream()
      player.command('play', 'low', 2000, -1, true)
      await player.frame(({ kind, timestamp }) => kind === 'video' && timestamp >= 3000)
      const from = player.frames.length
      player.command('play2', { streamName: 'high', oldStreamName: 'low', transition: 'switch', start: -1, len: -1 })
      const isPicture = ({ kind, payload }: { kind: string; payload: Buffer }) => kind === 'video' && payload[1] === 1
      await player.frame(({ kind, values }) => kind === 'data' && values[0] === 'onMetaData', from)
      const first = await player.frame(frame => isPicture(frame) && frame.payload[0] === 0x17, from)
      assert.ok(first.timestamp >= 2000, `${first.timestamp} ms`)
      player.command('play2', { streamName: 'low', transition: 'append', start: 0, len: 0 })
      await player.frame(frame => isPicture(frame) && frame.timestamp === 0, from)
    })

    test('is asked for by scripts, which measure, delete and clear what there is (R10, R11, R12, R40)', async () => {
      await using client = await connect()
      const stream = await client.createStream()
      await stream.publish('show')
      send(stream, 1)
      assert.equal(await client.call('record', 'show', 'flv', 'copy/show'), 'recording')
      send(stream, 1, 1000)
      const refused = await client.call('record', 'show', 'flv', 'copy/show').catch(error => String(error))
      assert.match(String(refused), /show is not recorded: that file is being recorded already/)
      await client.call('stop', 'show')
      await server.logged(line => line.msg.includes('recorded show as copy/show.flv'))
      const seconds = await client.call('length', 'copy/show')
      assert.ok(Math.abs(Number(seconds) - 1.96) < 1, `${seconds} s`)
      assert.ok(Number(await client.call('size', 'copy/show')) > 1000)
      assert.equal(await client.call('remove', 'copy/show'), true)
      assert.equal(await client.call('remove', 'copy/show'), false)
      assert.equal(await client.call('length', 'copy/show'), 0)
      const count = await client.call('clear', '')
      assert.equal(typeof count, 'number')
      assert.equal(await client.call('clear', ''), 0)
    })

    test('is not there for who may not read it, and where there is nothing says so (R40)', async () => {
      await using client = await connect()
      const player = await client.createStream()
      await assert.rejects(player.play('nothing', 0), /StreamNotFound/)
      await assert.rejects(player.play('../../nothing', 0), /Not authorized/)
      assert.equal(await client.call('getStreamLength', 'nothing'), 0)
      await client.call('forbid')
      await assert.rejects(player.play('film', 0), /No read access to film/)
    })

    test('is made without anybody asking where the configuration says so, and seen by latecomers from its beginning', async () => {
      await using client = await connect('auto')
      const stream = await client.createStream()
      await stream.publish('cam')
      send(stream, 3)
      while (Number(await client.call('size', 'cam')) < 10_000);
      await using late = await connect('auto')
      const live = await late.createStream()
      await live.play('cam', -2)
      await live.status('NetStream.Play.PublishNotify')
      const shifted = await late.createStream()
      await shifted.play('cam', 0, -1, true)
      const first = await shifted.frame(({ kind, payload }) => kind === 'video' && payload[1] === 1)
      assert.equal(first.timestamp, 0)
      send(stream, 1, 3000)
      await shifted.frame(({ kind, timestamp }) => kind === 'video' && timestamp >= 3800)
    })
  })
}

suite('time-shift', { skip: ffprobe.skip, timeout: 40_000 }, () => {
  test('begins behind what is live, seeks back in it, is paused at its end, and catches up (R63, K10)', async () => {
    await using server = await startTestServer({ www })
    await using author = await RtmpClient.connect({ url: server.url('live') })
    await using late = await RtmpClient.connect({ url: server.url('live') })
    const stream = await author.createStream()
    await stream.publish('show', 'record')
    await stream.status('NetStream.Record.Start')
    send(stream, 6)
    while (Number(await late.call('length', 'show')) < 5.9);
    const isPicture = ({ kind, payload }: ReceivedFrame) => kind === 'video' && payload[1] === 1
    const player = await late.createStream()
    player.command('play', 'show', -1500, -1, true)
    // The key picture at or before 4.46 s.
    assert.equal((await player.frame(isPicture)).timestamp, 4000)
    const back = player.frames.length
    player.command('seek', 2300)
    await player.status('NetStream.Seek.Notify')
    const sought = await player.frame(frame => isPicture(frame) && frame.timestamp < 4000, back)
    assert.deepEqual([sought.timestamp, sought.payload[0]], [2000, 0x17])
    // Up to the end of what is recorded; then it is paused, while more comes.
    player.command('seek', 5000)
    await player.frame(frame => isPicture(frame) && frame.timestamp === 5960)
    await player.pause(true)
    send(stream, 1, 6000)
    while (Number(await late.call('length', 'show')) < 6.9);
    await player.pause(false)
    await player.frame(frame => isPicture(frame) && frame.timestamp === 6960)
    // Live: what is published now is shown now, and the end is the stream's.
    send(stream, 1, 7000)
    await player.frame(frame => isPicture(frame) && frame.timestamp === 7960)
    stream.closeStream()
    await player.status('NetStream.Play.Stop')
  })

  test('goes over a restart of the server: what is appended goes on in the file’s time (K10)', async () => {
    await using server = await startTestServer({ www })
    const publish = async (to: TestServer): Promise<void> => {
      await using author = await RtmpClient.connect({ url: to.url('live') })
      const stream = await author.createStream()
      await stream.publish('show', 'append')
      await stream.status('NetStream.Record.Start')
      send(stream, 2)
      stream.closeStream()
      await stream.status('NetStream.Record.Stop')
    }
    await publish(server)
    const folder = join(server.data, 'streams')
    await using other = await startTestServer({ www, set: [`recording.folder=${folder}`] })
    await publish(other)
    const file = join(folder, 'live', 'show.flv')
    const { seconds, packets } = await probe(file)
    assert.deepEqual([seconds, packets], [3.96, 200])
    const { stdout } = await run(ffprobe.path, ['-v', 'error', '-of', 'csv=p=0', '-show_entries', 'packet=dts', file])
    const times = stdout
      .trim()
      .split('\n')
      .map(line => Number.parseInt(line, 10))
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    )
  })
})

suite('recordings of several workers', { timeout: 240_000 }, () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer({ www, set: ['server.workers=2', 'app:/auto.record=flv'] })
  })
  after(() => server?.stop())
  const on = (worker: number, app = 'live') => connectOn(server, worker, { url: server.url(app) })

  test('are seen by players of the other while they go on, to their very end (R10, R12, K10)', async () => {
    await using author = await on(1)
    await using other = await on(2)
    const stream = await author.createStream()
    await stream.publish('long', 'record')
    await stream.status('NetStream.Record.Start')
    send(stream, 1)
    while (Number(await other.call('size', 'long')) < 1000);
    assert.equal(await other.call('remove', 'long'), false, 'it is being written')
    const second = await other.createStream()
    await second.publish('second')
    const refused = await other.call('record', 'second', 'flv', 'long').catch(error => String(error))
    assert.match(String(refused), /that file is being recorded already/)
    const player = await other.createStream()
    await player.play('long', 0, -1, true)
    await player.frame(({ kind, timestamp }) => kind === 'video' && timestamp >= 900)
    send(stream, 1, 1000)
    await player.frame(({ kind, timestamp }) => kind === 'video' && timestamp >= 1900)
    const closedAt = Date.now()
    stream.closeStream()
    await player.status('NetStream.Play.Stop')
    assert.ok(Date.now() - closedAt < 20_000, 'its end is known, not guessed')
    assert.equal(await other.call('remove', 'long'), true)
  })

  test('are continued by the other, in one time (K10)', async () => {
    await using author = await on(1)
    await using other = await on(2)
    for (const [nth, client] of [author, other, author].entries()) {
      const stream = await client.createStream()
      await stream.publish('relay', 'append')
      await stream.status('NetStream.Record.Start')
      send(stream, 1)
      stream.closeStream()
      // Who comes next waits for the file, not for this.
      if (nth === 2) await stream.status('NetStream.Record.Stop')
    }
    await server.logged(line => line.msg.includes('recorded relay as relay.flv'))
    assert.equal(await other.call('length', 'relay'), 2.96)
  })

  test('of one that is killed are ended by the server and announced, and continued by who comes back (R12, K13)', async () => {
    const up = (line: { msg: string; worker?: unknown }) => line.msg === 'media worker up' && line.worker === 2
    const { pid } = await server.logged(up)
    const author = await on(2, 'auto')
    const stream = await author.createStream()
    await stream.publish('cut')
    send(stream, 3)
    await using other = await on(1, 'auto')
    while (Number(await other.call('length', 'cut')) < 2.9);
    const from = server.log.length
    process.kill(Number(pid), 'SIGKILL')
    await server.logged(line => line.msg.includes('recorded cut as cut.flv'), from)
    const file = join(server.www, '..', 'data', 'streams', 'auto', 'cut.flv')
    const head = await readFile(file)
    assert.ok(head.readDoubleBE(head.indexOf('duration') + 9) >= 2.9, 'its head says how long it is')
    const since = server.log.length
    const again = await other.createStream()
    await again.publish('cut')
    send(again, 1)
    again.closeStream()
    await server.logged(line => line.msg.includes('recorded cut as cut.flv'), since)
    while (Number(await other.call('length', 'cut')) < 3.9);
  })
})

suite('recordings and real players', { skip: ffmpeg.skip || ffprobe.skip || rtmpdump.skip, timeout: 240_000 }, () => {
  let film: Film
  before(async () => {
    film = await Film.make({ seconds: 3, keySeconds: 1 })
  })
  after(() => film?.[Symbol.asyncDispose]())

  test('FFmpeg finds all in one and seeks, rtmpdump takes it whole (R40)', async t => {
    await using server = await startTestServer({ www, set: ['app:/auto.record=flv'] })
    const folder = await mkdtemp(join(tmpdir(), 'cumulus-vod-'))
    t.after(() => rm(folder, { recursive: true }))
    await publishPackets(film.path, server.url('auto'), 'film')
    await server.logged(line => line.msg === 'recorded')
    await assertClean(server.url('auto/flv:film'))
    const whole = await probe(film.path)
    const dump = join(folder, 'dump.flv')
    const { code, output } = await run(rtmpdump.path, ['-q', '-r', server.url('auto/film'), '-o', dump])
    assert.equal(code, 0, output)
    assert.deepEqual(await probe(dump), whole)
    const played = await run(ffmpeg.path, [
      ...['-v', 'error', '-ss', '2', '-i', server.url('auto/film'), '-c', 'copy', '-f', 'framecrc', '-'],
    ])
    assert.equal(played.code, 0, played.output)
    const pictures = played.stdout.split('\n').filter(line => /^0,/.test(line)).length
    assert.ok(pictures >= 20 && pictures <= 55, `${pictures} pictures from 2 s on`)
  })

  test('an MP3 file that was put there is played', async t => {
    await using server = await startTestServer({ www })
    const folder = join(server.www, '..', 'data', 'streams', 'live')
    await mkdir(folder, { recursive: true })
    const made = await run(ffmpeg.path, [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'sine',
      '-t',
      '2',
      join(folder, 'tune.mp3'),
    ])
    if (made.code !== 0) return t.skip('this FFmpeg makes no MP3')
    await using client = await RtmpClient.connect({ url: server.url('live') })
    assert.ok(Math.abs(Number(await client.call('getStreamLength', 'mp3:tune')) - 2) < 0.1)
    const player = await client.createStream()
    await player.play('mp3:tune', 0)
    const sound = await player.frame(({ kind, timestamp }) => kind === 'audio' && timestamp > 1500)
    assert.equal(sound.payload[0], 0x2f)
    await player.status('NetStream.Play.Stop')
  })

  test('in MP4 is played by FFmpeg from the middle, and taken whole by rtmpdump (R40)', async t => {
    await using server = await startTestServer({ www, set: ['app:/auto.record=mp4', 'recording.fragment=1'] })
    const folder = await mkdtemp(join(tmpdir(), 'cumulus-mp4-'))
    t.after(() => rm(folder, { recursive: true }))
    await publishPackets(film.path, server.url('auto'), 'film')
    await server.logged(line => line.msg === 'recorded')
    const whole = await probe(join(server.www, '..', 'data', 'streams', 'auto', 'film.mp4'))
    assert.equal(whole.packets, (await probe(film.path)).packets)
    await assertClean(server.url('auto/mp4:film'))
    const dump = join(folder, 'dump.flv')
    const args = ['-q', '-r', server.url('auto'), '-y', 'mp4:film', '-o', dump]
    const { code, output } = await run(rtmpdump.path, args)
    assert.equal(code, 0, output)
    const played = await run(ffmpeg.path, [
      ...['-v', 'error', '-ss', '2', '-i', server.url('auto/mp4:film'), '-c', 'copy', '-f', 'framecrc', '-'],
    ])
    assert.equal(played.code, 0, played.output)
    const pictures = played.stdout.split('\n').filter(line => /^0,/.test(line)).length
    assert.ok(pictures >= 20 && pictures <= 55, `${pictures} pictures from 2 s on`)
  })

  test('what was recorded to MP4 when the server was killed plays up to the last fragment', async () => {
    const server = await startTestServer({ www, set: ['app:/auto.record=mp4', 'recording.fragment=1'] })
    await using client = await RtmpClient.connect({ url: server.url('auto') })
    const stream = await client.createStream()
    await stream.publish('cam')
    send(stream, 5)
    while (Number(await client.call('length', 'mp4:cam')) < 3.9);
    process.kill(server.pid, 'SIGKILL')
    await client.closed
    const { seconds, packets } = await probe(join(server.www, '..', 'data', 'streams', 'auto', 'cam.mp4'))
    assert.ok(seconds >= 3.9 && packets >= 190, `${seconds} s, ${packets} packets`)
    await server.stop()
  })

  test('what was recorded when the server was killed plays up to there', async () => {
    const server = await startTestServer({ www, set: ['app:/auto.record=flv'] })
    await using client = await RtmpClient.connect({ url: server.url('auto') })
    const stream = await client.createStream()
    await stream.publish('cam')
    send(stream, 5)
    const file = join(server.www, '..', 'data', 'streams', 'auto', 'cam.flv')
    const player = await client.createStream()
    while (Number(await client.call('size', 'cam')) < 12_000);
    // What a player of the file was shown is in the file.
    await player.play('cam', 0)
    await player.frame(({ kind, timestamp }) => kind === 'video' && timestamp >= 4000)
    process.kill(server.pid, 'SIGKILL')
    await client.closed
    const { seconds, packets } = await probe(file)
    assert.ok(seconds >= 4 && packets >= 200, `${seconds} s, ${packets} packets`)
    await server.stop()
  })
})
