import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { readEnhancedTag } from '../../server/media/enhanced-tag.ts'
import { FrameKind } from '../../server/media/frame.ts'
import { connectOn } from '../support/on-worker.ts'
import { encodePackets, everyTrack, type FoundStream, publishPackets, readPackets } from '../support/packets.ts'
import { requireProgram } from '../support/programs.ts'
import { run } from '../support/run.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const ffmpeg = requireProgram('ffmpeg')

/** By name: the encoders, and what FFmpeg calls the codecs. */
const films: Record<string, { video: string[]; audio: string[]; codecs: string[] }> = {
  hevc: { video: ['libx265'], audio: ['aac'], codecs: ['hevc', 'aac'] },
  av1: { video: ['libsvtav1'], audio: ['libopus'], codecs: ['av1', 'opus'] },
  vp9: { video: ['libvpx-vp9'], audio: ['libopus'], codecs: ['vp9', 'opus'] },
  flac: { video: ['libx264'], audio: ['flac'], codecs: ['h264', 'flac'] },
  many: {
    video: ['libx264', 'libx265'],
    audio: ['aac', 'libopus', 'ac3'],
    codecs: ['h264', 'hevc', 'aac', 'opus', 'ac3'],
  },
}

/** By codec, for the order in which FFmpeg finds the streams is its own. */
const byCodec = (streams: readonly FoundStream[]) => Object.fromEntries(streams.map(each => [each.codec, each.packets]))

suite('FFmpeg 8 publishes and plays by Enhanced RTMP', { skip: ffmpeg.skip, timeout: 240_000 }, () => {
  let folder: string
  let server: TestServer
  const fileOf = (name: string): string => join(folder, `${name}.mkv`)

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cumulus-enhanced-'))
    for (const [name, { video, audio }] of Object.entries(films)) await encodePackets(fileOf(name), video, audio)
    server = await startTestServer({
      www: { 'live/readme.txt': '', 'kept/readme.txt': '', 'boxed/readme.txt': '' },
      set: ['publication.graceMs=300', 'app:/kept.record=flv', 'app:/boxed.record=mp4'],
    })
  })

  after(async () => {
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  /** Everybody watches before the first packet; it ends for all when it has been published. */
  async function show(name: string, players: readonly (() => Promise<FoundStream[]>)[]): Promise<FoundStream[][]> {
    const from = server.log.length
    const playing = Promise.all(players.map(play => play()))
    const watching = () => server.log.slice(from).filter(({ msg }) => msg === 'playing').length
    await server.logged(() => watching() === players.length, from)
    await publishPackets(fileOf(name), server.url('live'), name)
    return await playing
  }

  for (const [name, { codecs }] of Object.entries(films)) {
    test(`${codecs.join(', ')}, and each packet comes out as it went in (Enhanced RTMP)`, async () => {
      const sent = await readPackets(fileOf(name))
      assert.deepEqual(
        sent.map(({ codec }) => codec),
        codecs,
      )
      const [played] = await show(name, [() => readPackets(server.url(`live/${name}?tracks=all`))])
      assert.deepEqual(byCodec(played!), byCodec(sent))
      for (const { codec, packets } of sent) assert.ok(packets.length > 10, `${packets.length} packets of ${codec}`)
    })
  }

  test('a recording of several tracks plays as it was published, all of it or the default ones (Enhanced RTMP)', async () => {
    const sent = byCodec(await readPackets(fileOf('many')))
    await publishPackets(fileOf('many'), server.url('kept'), 'many')
    await server.logged(({ msg, app }) => msg === 'recorded' && app === '/kept')
    const [all, single] = await Promise.all([
      readPackets(server.url('kept/flv:many?tracks=all')),
      readPackets(server.url('kept/flv:many')),
    ])
    assert.deepEqual(byCodec(all), sent)
    assert.deepEqual(byCodec(single), { h264: sent.h264, aac: sent.aac })
  })

  test('a recording to MP4 holds every track that has a place there, each packet as it was (Enhanced RTMP)', async () => {
    const sent = byCodec(await readPackets(fileOf('many')))
    await publishPackets(fileOf('many'), server.url('boxed'), 'many')
    await server.logged(({ msg, file }) => msg === 'recorded' && file === 'many.mp4')
    const { h264, hevc, aac, opus } = byCodec(
      await readPackets(join(server.www, '..', 'data', 'streams', 'boxed', 'many.mp4')),
    )
    assert.deepEqual([h264, hevc, aac, opus], [sent.h264, sent.hevc, sent.aac, sent.opus])
  })

  test('a player of single tracks gets the default ones of a stream of several, as they were (Enhanced RTMP)', async () => {
    const { h264, aac } = byCodec(await readPackets(fileOf('many')))
    const [played] = await show('many', [() => readPackets(server.url('live/many'))])
    assert.deepEqual(byCodec(played!), { h264, aac })
  })

  test('an FFmpeg that knows nothing of it plays H.264 and AAC of the same server (K15)', async () => {
    const url = server.url('live/many')
    const copied = join(folder, 'copied.mkv')
    const args = ['-v', 'error', '-i', url, '-c', 'copy', copied]
    const old = async (): Promise<FoundStream[]> => {
      const { code, output } = await run(ffmpeg.path, args)
      assert.equal(code, 0, output)
      return await readPackets(copied)
    }
    const { h264, aac } = byCodec(await readPackets(fileOf('many')))
    const [played] = await show('many', [old])
    assert.deepEqual(byCodec(played!), { h264, aac })
  })

  test('players of several media workers get all tracks alike (Enhanced RTMP)', async () => {
    await server.stop()
    server = await startTestServer({
      www: { 'live/readme.txt': '' },
      set: ['publication.graceMs=300', 'server.workers=2'],
    })
    // FFmpeg publishes to one of the two, whichever; the other pulls it from there.
    const options = { url: server.url('live'), properties: everyTrack }
    await using near = await connectOn(server, 1, options)
    await using far = await connectOn(server, 2, options)
    const players = [await near.play('many'), await far.play('many')]
    await publishPackets(fileOf('many'), server.url('live'), 'many', players[0])
    for (const player of players) await player.status('NetStream.Play.UnpublishNotify')
    const [one, other] = players.map(({ frames }) => frames.map(({ payload }) => payload.toString('base64')).sort())
    assert.deepEqual(one, other)
    const tags = players[0]!.frames.flatMap(({ kind, payload }) =>
      kind === 'data' ? [] : [readEnhancedTag(kind === 'video' ? FrameKind.Video : FrameKind.Audio, payload)],
    )
    const tracks = new Set(tags.map(tag => tag?.tracks.map(({ track, codec }) => `${track} ${codec.name}`).join()))
    for (const track of ['1 hvc1', '1 Opus', '2 ac-3']) assert.ok(tracks.has(track), track)
  })
})
