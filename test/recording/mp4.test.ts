import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { createFile, MP4BoxBuffer } from 'mp4box'
import { decodeAmf0 } from '../../server/media/amf0.ts'
import { type Frame, FrameKind, FrameRole } from '../../server/media/frame.ts'
import { Unfit } from '../../server/recording/container.ts'
import { Damage } from '../../server/recording/film.ts'
import { mp4TracksMax } from '../../server/recording/limits.ts'
import { MediaFilm } from '../../server/recording/media-film.ts'
import { readBeginning } from '../../server/recording/mp4/fragments.ts'
import { Mp4Container } from '../../server/recording/mp4/mp4-container.ts'
import { codecOf, headerTag, packetTag } from '../../server/recording/tag-writer.ts'
import { videoHeader } from '../support/media-samples.ts'
import { fuzzPlan, SeededRandom } from '../support/mutate.ts'
import { ArchiveScene, feed, PretendScreen } from './archive-scene.ts'
import { fileBytes, frame, frames, nameOf, watch } from './films.ts'
import { fileOf } from './pretend-disk.ts'

const limits = { fragment: 1000, fragmentBytes: 1e6 }

/** A tag of one track by its number (AvMultitrackType OneTrack). */
function enhancedTag(kind: FrameKind, type: number, codec: string, track: number, body: Buffer, first = 0x90): Buffer {
  const head = kind === FrameKind.Video ? (first & 0xf0) | 0x86 : 0x95
  return Buffer.concat([Buffer.of(head, type), Buffer.from(codec), Buffer.of(track), body])
}

/** The film of frames(), the same picture as a second track, and two more sounds beside its own. */
function* manyTracks(seconds: number): Generator<Frame> {
  const opus = Buffer.concat([Buffer.from('OpusHead'), Buffer.of(1, 2, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0)])
  for (const each of frames(seconds)) {
    const { kind, role, timestamp, payload } = each
    yield each
    const type = role === FrameRole.Header ? 0 : 1
    if (kind === FrameKind.Video) {
      const body = payload.subarray(type === 0 ? 5 : 2)
      yield frame(kind, timestamp, enhancedTag(kind, type, 'avc1', 1, body, payload[0]))
    } else if (kind === FrameKind.Audio) {
      yield frame(kind, timestamp, enhancedTag(kind, type, 'Opus', 1, type === 0 ? opus : payload.subarray(2)))
      yield frame(kind, timestamp, enhancedTag(kind, type, 'mp4a', 2, payload.subarray(2)))
    }
  }
}

/** What an independent reader makes of a file. */
function inspect(bytes: Buffer) {
  const file = createFile()
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(bytes).buffer, 0))
  file.flush()
  return file
}

suite('an MP4 file', () => {
  test('is what an independent reader expects: tracks, codecs, fragments, duration (R12)', () => {
    const info = inspect(fileBytes(new Mp4Container(limits), frames(4))).getInfo()
    assert.equal(info.isFragmented, true)
    assert.deepEqual(
      info.tracks.map(({ codec, nb_samples }) => [codec, nb_samples]),
      [
        ['avc1.42c00a', 100],
        ['mp4a.40.2', 100],
      ],
    )
    assert.deepEqual(info.fragment_duration, { num: 3965, den: 1000 })
  })

  test('has a box for every track, the default ones enabled, and plays these (R12, Enhanced RTMP)', async () => {
    const info = inspect(fileBytes(new Mp4Container(limits), manyTracks(4))).getInfo()
    assert.deepEqual(
      info.tracks.map(({ codec, nb_samples, alternate_group }) => [codec, nb_samples, alternate_group]),
      [
        ['avc1.42c00a', 100, 1],
        ['avc1.42c00a', 100, 1],
        ['mp4a.40.2', 100, 2],
        ['Opus', 100, 2],
        ['mp4a.40.2', 100, 2],
      ],
    )
    const film = await MediaFilm.open(fileOf(fileBytes(new Mp4Container(limits), manyTracks(4))))
    await film.seek(0)
    const { seen } = await watch(film)
    const alone = await MediaFilm.open(fileOf(fileBytes(new Mp4Container(limits), frames(4))))
    await alone.seek(0)
    assert.deepEqual(seen, (await watch(alone)).seen)
  })

  test('leaves out further tracks that have no place in it, and tracks past the most', () => {
    const given = [...frames(2), frame(FrameKind.Audio, 2000, enhancedTag(FrameKind.Audio, 1, 'ac-3', 1, Buffer.of(1)))]
    for (let track = 1; track <= 40; track++) {
      given.unshift(frame(FrameKind.Audio, 0, enhancedTag(FrameKind.Audio, 0, 'mp4a', track, Buffer.of(0x12, 0x10))))
    }
    const { tracks } = inspect(fileBytes(new Mp4Container(limits), given)).getInfo()
    assert.equal(tracks.length, mp4TracksMax)
  })

  test('gives back every frame, at its time, and headers first', async () => {
    const film = await MediaFilm.open(fileOf(fileBytes(new Mp4Container(limits), frames(3))))
    const prelude = await film.seek(0)
    assert.deepEqual(
      prelude.map(({ kind, role }) => `${kind} ${role}`),
      ['18 metadata', '9 header', '8 header'],
    )
    assert.deepEqual(prelude[1]!.payload, videoHeader)
    const { seen } = await watch(film)
    const given = [...frames(3)].filter(({ role }) => role === FrameRole.Key || role === FrameRole.Inter).map(nameOf)
    assert.deepEqual(seen.sort(), given.sort())
    await film.seek(2500)
    assert.equal(nameOf((await film.next())!), 'V2000')
  })

  test('with pictures out of order gives each its time of decoding and of being shown', async () => {
    const shown = [0, 120, 40, 80, 240, 160, 200]
    const given: Frame[] = [frame(FrameKind.Video, 0, videoHeader)]
    for (const [nth, time] of shown.entries()) {
      const payload = Buffer.from([nth === 0 ? 0x17 : 0x27, 1, 0, 0, time + 40 - nth * 40, 0, 0, 0, 1, nth])
      given.push(frame(FrameKind.Video, nth * 40, payload))
    }
    const film = await MediaFilm.open(fileOf(fileBytes(new Mp4Container(limits), given)))
    await film.seek(0)
    for (const [nth, time] of shown.entries()) {
      const { timestamp, payload } = (await film.next())!
      const offset = payload.readIntBE(2, 3)
      assert.equal(payload.at(-1), nth)
      assert.ok(offset >= 0)
      // All are shown later by one and the same time.
      assert.equal(timestamp + offset - time, 80)
    }
  })

  test('tells its players how long it is, and sounds and pictures come in the order of their times (R40)', async () => {
    // Every other picture is shown after the next one: 80 ms after it is decoded, or at once.
    const given = [...frames(3)].map((each, nth) => {
      if (each.kind !== FrameKind.Video || each.role === FrameRole.Header) return each
      const payload = Buffer.from(each.payload)
      payload.writeIntBE(nth % 4 < 2 ? 80 : 0, 2, 3)
      return { ...each, payload }
    })
    const film = await MediaFilm.open(fileOf(fileBytes(new Mp4Container(limits), given)))
    const [metadata] = await film.seek(0)
    assert.equal((decodeAmf0(metadata!.payload)[1] as { duration: number }).duration, 2.965)
    const times: number[] = []
    for (let next = await film.next(); next; next = await film.next()) times.push(next.timestamp)
    assert.ok(times.length > 140)
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    )
  })

  test('plays up to its last whole fragment when it was cut, wherever that was', async t => {
    const { seed, count } = fuzzPlan(60)
    t.diagnostic(`FUZZ_SEED=${seed}`)
    const random = new SeededRandom(seed)
    const whole = fileBytes(new Mp4Container(limits), frames(5))
    for (let nth = 0; nth < count; nth++) {
      const cut = whole.subarray(0, random.below(whole.length))
      const beginning = await readBeginning(fileOf(cut))
      if (!beginning) continue
      const film = await MediaFilm.open(fileOf(cut))
      await film.seek(0)
      const { seen, damage } = await watch(film)
      const last = Math.max(...seen.map(name => Number(name.slice(1))))
      assert.ok(
        last >= beginning.duration - 80,
        `FUZZ_SEED=${seed}: ${last} of ${beginning.duration}, cut at ${cut.length}, ${damage}`,
      )
    }
  })

  test('with bytes changed anywhere plays or says that it is damaged, and never goes wrong otherwise', async t => {
    const { seed, count } = fuzzPlan(60)
    t.diagnostic(`FUZZ_SEED=${seed}`)
    const random = new SeededRandom(seed)
    const whole = fileBytes(new Mp4Container(limits), frames(2))
    for (let nth = 0; nth < count; nth++) {
      const bytes = Buffer.from(whole)
      for (let changes = random.below(4) + 1; changes > 0; changes--)
        bytes[random.below(bytes.length)] = random.below(256)
      try {
        await readBeginning(fileOf(bytes))
        const film = await MediaFilm.open(fileOf(bytes))
        await film.seek(random.below(2000))
        for (let left = 1000; left > 0 && (await film.next()); left--);
      } catch (error) {
        assert.ok(error instanceof Damage, `FUZZ_SEED=${seed}: ${error}`)
      }
    }
  })

  test('holds every codec that has a place in it, and comes back as the tags it was', async () => {
    const opusHead = Buffer.from('4f707573486561640102380180bb0000000000', 'hex')
    const flac = Buffer.from(
      '664c614380000022100010000000000000000bb80170000000000000000000000000000000000000000000000000',
      'hex',
    )
    const av1 = Buffer.from('81040c000a0b00000004479e3c87fcc080', 'hex')
    const vp9 = Buffer.from('010000000010820202020000', 'hex').subarray(0, 12)
    for (const [name, config] of [
      ['opus', opusHead],
      ['flac', flac],
      ['av1', av1],
      ['vp9', vp9],
    ] as const) {
      const codec = codecOf(name)!
      const kind = name === 'opus' || name === 'flac' ? FrameKind.Audio : FrameKind.Video
      const given = [frame(kind, 0, headerTag(codec, config)!)]
      for (let nth = 0; nth < 50; nth++)
        given.push(frame(kind, nth * 20, packetTag(codec, Buffer.of(1, 2, nth), nth === 0, 0)))
      const film = await MediaFilm.open(fileOf(fileBytes(new Mp4Container(limits), given)))
      await film.seek(0)
      const first = await film.next()
      assert.deepEqual([first!.payload, first!.timestamp], [given[1]!.payload, 0], name)
      assert.equal((await watch(film)).seen.length, 49, name)
    }
  })

  test('has no place for other codecs, and says which', () => {
    const container = new Mp4Container(limits)
    const vp8 = frame(FrameKind.Video, 0, Buffer.concat([Buffer.of(0x93), Buffer.from('vp08'), Buffer.of(1)]))
    assert.throws(() => container.add(vp8, 0, []), /vp08 has no place in MP4/)
    const speex = frame(FrameKind.Audio, 0, Buffer.of(0xb6, 1, 2))
    assert.throws(() => container.add(speex, 0, []), /audio format 11 has no place in MP4/)
  })

  test('ends where the codec changes: another file must begin', () => {
    const container = new Mp4Container(limits)
    for (const each of frames(2)) container.add(each, each.timestamp, [])
    const other = frame(FrameKind.Video, 2000, Buffer.concat([videoHeader, Buffer.of(1)]))
    assert.throws(() => container.add(other, 2000, []), Unfit)
  })
})

suite('recording to MP4', () => {
  const file = 'live/cam.mp4'

  async function record(scene: ArchiveScene, seconds: number, mode: 'record' | 'append' = 'append'): Promise<void> {
    const publication = scene.publication()
    scene.record(publication, { format: 'mp4', mode })
    await scene.settle()
    feed(publication, frames(seconds))
    await scene.end(publication)
  }

  test('continues what was recorded before, in time', async () => {
    const scene = new ArchiveScene()
    await record(scene, 2)
    await record(scene, 2)
    assert.deepEqual([...scene.disk.files.keys()], [file])
    const info = inspect(scene.disk.files.get(file)!).getInfo()
    assert.deepEqual(
      info.tracks.map(track => track.nb_samples),
      [100, 100],
    )
    const film = await MediaFilm.open(fileOf(scene.disk.files.get(file)!))
    await film.measure()
    assert.ok(film.duration >= 3900 && film.duration <= 4100, `${film.duration} ms`)
  })

  test('goes on in a file beside it when the codec is another one, and when what is there was not recorded here', async () => {
    const scene = new ArchiveScene()
    await record(scene, 2)
    const before = Buffer.from(scene.disk.files.get(file)!)
    const publication = scene.publication()
    scene.record(publication, { format: 'mp4', mode: 'append' })
    await scene.settle()
    const other = Buffer.concat([videoHeader, Buffer.of(1)])
    feed(
      publication,
      [...frames(3)].map(each => (each.payload === videoHeader ? frame(FrameKind.Video, 0, other) : each)),
    )
    await scene.end(publication)
    const names = [...scene.disk.files.keys()].sort()
    assert.equal(names.length, 2)
    assert.match(names[1]!, /^live\/cam_2026.*\.mp4$/)
    // From the key frame on at which it was seen.
    assert.ok(inspect(scene.disk.files.get(names[1]!)!).getInfo().tracks[0]!.nb_samples >= 25)
    assert.equal(inspect(scene.disk.files.get(file)!).getInfo().tracks[0]!.nb_samples, 50)
    assert.ok(before.length > 0)
    const foreign = new ArchiveScene()
    foreign.disk.files.set(file, Buffer.from('not a film at all'))
    await record(foreign, 1)
    assert.equal(foreign.disk.files.size, 2)
    assert.equal(foreign.disk.files.get(file)!.toString(), 'not a film at all')
  })

  test('is on the disk fragment by fragment, and is played while it goes on', async () => {
    const scene = new ArchiveScene({ sync: 'fragment' })
    const publication = scene.publication()
    scene.record(publication, { format: 'mp4' })
    feed(publication, frames(7))
    await scene.settle()
    const { duration } = (await readBeginning(fileOf(scene.disk.files.get(file)!)))!
    assert.ok(duration >= 5900, `${duration} ms of 7000`)
    assert.equal(scene.disk.syncs, 3)
    const screen = new PretendScreen()
    const show = await scene.show(screen, { format: 'mp4', start: 4500, buffer: 60_000 })
    assert.ok(show !== null && typeof show === 'object')
    show.start()
    await scene.pass(200)
    assert.equal(screen.take()[0], 'V4000')
    feed(publication, [...frames(4, 7000)].slice(3))
    await scene.pass(500)
    const seen = screen.take()
    assert.ok(seen.includes('v8000') || seen.includes('V8000'), seen.join(' '))
    assert.deepEqual(screen.ends, [])
    await scene.end(publication)
    await scene.pass(500)
    assert.equal(screen.ends.length, 1)
  })

  test('refuses what has no place in it: said, and live goes on', async () => {
    const scene = new ArchiveScene()
    const publication = scene.publication()
    const news = scene.record(publication, { format: 'mp4' })
    await scene.settle()
    feed(publication, [frame(FrameKind.Audio, 0, Buffer.of(0xb6, 1, 2))])
    await scene.settle()
    assert.match(news.at(-1)!, /^Failed: audio format 11 has no place in MP4/)
    assert.equal(publication.recorders.size, 0)
    assert.deepEqual([...scene.disk.files.keys()], [])
  })
})
