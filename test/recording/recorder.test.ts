import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { FrameKind } from '../../server/media/frame.ts'
import { FlvFilm } from '../../server/recording/flv-film.ts'
import { ownLedger } from '../../server/recording/ledger.ts'
import { recordingsMax } from '../../server/recording/limits.ts'
import { ArchiveScene, feed } from './archive-scene.ts'
import { frames, watch } from './films.ts'
import { fileOf } from './pretend-disk.ts'

const file = 'live/cam.flv'

/** The milliseconds that the head of a file says it lasts. */
function lengthTold(format: 'flv' | 'mp4', bytes: Buffer): number {
  if (format === 'mp4') return bytes.readUInt32BE(bytes.indexOf('mvhd') + 20)
  return 1000 * bytes.readDoubleBE(bytes.indexOf('duration') + 9)
}

async function played(bytes: Buffer | undefined): Promise<string[]> {
  assert.ok(bytes, 'there is no such file')
  return (await watch(await FlvFilm.open(fileOf(bytes)))).seen
}

suite('a recording', () => {
  test('is told to its publisher, closed with the publication and announced (R12, K13)', async () => {
    const scene = new ArchiveScene()
    const publication = scene.publication('lobby/cam')
    const news = scene.record(publication)
    await scene.settle()
    assert.deepEqual(news, ['Start: cam is recorded from now on'])
    feed(publication, frames(2))
    await scene.end(publication)
    assert.deepEqual(news.slice(1), ['Stop: cam is recorded'])
    assert.deepEqual(scene.recorded, ['lobby/cam: lobby/cam.flv'])
    assert.equal((await played(scene.disk.files.get('live/lobby/cam.flv'))).length, 100)
    assert.equal(scene.disk.syncs, 1)
  })

  test('that is ended before its file stands has begun all the same (R12)', async () => {
    const scene = new ArchiveScene()
    const publication = scene.publication()
    const news = scene.record(publication)
    await scene.end(publication)
    assert.deepEqual(news, ['Start: cam is recorded from now on', 'Stop: cam is recorded'])
  })

  test('takes the place of an older one, or goes on in it where its time ended (K10)', async () => {
    const scene = new ArchiveScene()
    for (const mode of ['record', 'append', 'append', 'record'] as const) {
      const publication = scene.publication()
      scene.record(publication, { mode })
      feed(publication, frames(1))
      await scene.end(publication)
      if (mode === 'record') assert.equal((await played(scene.disk.files.get(file))).length, 50)
    }
    const publication = scene.publication()
    scene.record(publication, { mode: 'append' })
    feed(publication, frames(1))
    await scene.end(publication)
    const seen = await played(scene.disk.files.get(file))
    assert.deepEqual([seen.length, seen[49], seen[50], seen[99]], [100, 'a965', 'V1005', 'a1970'])
    const film = await FlvFilm.open(fileOf(scene.disk.files.get(file)!))
    assert.equal(film.duration, 1970)
    assert.deepEqual(
      film.index.map(({ time }) => time),
      [0, 1005],
    )
  })

  test('goes on behind the last whole tag of one that a crash cut off', async () => {
    const scene = new ArchiveScene()
    const first = scene.publication()
    scene.record(first)
    feed(first, frames(1))
    await scene.settle()
    const cut = scene.disk.files.get(file)!
    scene.disk.files.set(file, cut.subarray(0, cut.length - 7))
    const after = new ArchiveScene()
    after.disk.files.set(file, cut.subarray(0, cut.length - 7))
    const second = after.publication()
    after.record(second, { mode: 'append' })
    feed(second, frames(1))
    await after.end(second)
    assert.equal((await played(after.disk.files.get(file))).length, 49 + 50)
  })

  test('begun midway begins with the present group of pictures', async () => {
    const scene = new ArchiveScene()
    const publication = scene.publication()
    feed(publication, frames(2.4))
    scene.record(publication)
    feed(publication, [...frames(1, 3000)].slice(3))
    await scene.end(publication)
    const seen = await played(scene.disk.files.get(file))
    assert.deepEqual(seen.slice(0, 3), ['V0', 'a5', 'v40'])
  })

  test('in segments begins another file at a key frame, named by its time', async () => {
    const scene = new ArchiveScene()
    const publication = scene.publication()
    scene.record(publication, { segment: 1500 })
    for (const each of frames(5)) {
      scene.clock.advance(20)
      feed(publication, [each])
    }
    await scene.end(publication)
    const names = [...scene.disk.files.keys()].sort()
    assert.equal(names.length, 3)
    for (const name of names) assert.match(name, /^live\/cam_2026\d{4}T\d{6}\.\d{3}Z\.flv$/)
    const all = await Promise.all(names.map(name => played(scene.disk.files.get(name))))
    assert.deepEqual(
      all.map(seen => [seen.length, seen[0]]),
      [
        [100, 'V0'],
        [100, 'V0'],
        [50, 'V0'],
      ],
    )
  })

  test('loses frames up to the next key frame when the disk is slow, says so, and publishing never waits', async () => {
    const scene = new ArchiveScene({ queueBytes: 262_144 })
    const publication = scene.publication()
    scene.record(publication)
    feed(publication, frames(1))
    await scene.settle()
    const { promise, resolve } = Promise.withResolvers<void>()
    scene.disk.pause = promise
    feed(publication, [...frames(60, 1000)].slice(3))
    await scene.settle()
    assert.ok(scene.lines.some(line => line.startsWith('the disk is too slow for a recording')))
    resolve()
    await scene.settle()
    feed(publication, [...frames(2, 61_000)].slice(3))
    await scene.end(publication)
    assert.ok(scene.lines.some(line => line.startsWith('a recording goes on')))
    const seen = await played(scene.disk.files.get(file))
    assert.ok(seen.length < 60 * 50, `${seen.length} frames`)
    const gap = seen.findIndex((name, at) => at > 0 && Number(name.slice(1)) - Number(seen[at - 1]!.slice(1)) > 1000)
    assert.match(seen[gap]!, /^V/)
    assert.deepEqual(seen.slice(-2), ['v62960', 'a62965'])
  })

  test('ends when the disk is full: said, playable, and the publication goes on', async () => {
    const scene = new ArchiveScene()
    scene.disk.capacity = 20_000
    const publication = scene.publication()
    const news = scene.record(publication)
    await scene.settle()
    for (const each of frames(30)) {
      feed(publication, [each])
      await scene.settle(3)
    }
    await scene.settle()
    assert.deepEqual(news, ['Start: cam is recorded from now on', 'Failed: the disk is full'])
    assert.ok(scene.lines.includes('the recording ends: the disk is full'))
    assert.equal(publication.recorders.size, 0)
    assert.equal(publication.lastTimestamp, 29_965)
    const film = await FlvFilm.open(fileOf(scene.disk.files.get(file)!))
    assert.equal((await watch(film)).damage, null)
    assert.equal(film.metadata!.figures.bytes, scene.disk.files.get(file)!.length)
    assert.deepEqual(scene.recorded, ['cam: cam.flv'])
  })

  test('leaves the disk the room that it must keep', async () => {
    const scene = new ArchiveScene({ keepFree: 1000 })
    scene.disk.capacity = 500
    const publication = scene.publication()
    const news = scene.record(publication)
    feed(publication, frames(1))
    await scene.settle()
    assert.match(news.at(-1)!, /^Failed: .*recording\.keepFree/)
  })

  test('is refused with the reason: by the disk, by the configuration, by its name, by another one', async () => {
    const scene = new ArchiveScene()
    const publication = scene.publication()
    scene.disk.refuses = 'EACCES'
    const denied = scene.record(publication)
    await scene.settle()
    assert.deepEqual(denied, ['NoAccess: the server may not write there'])
    scene.disk.refuses = ''
    scene.record(publication)
    assert.deepEqual(scene.record(publication), ['NoAccess: that file is being recorded already'])
    for (const path of ['../cam', 'a/../b', '.hidden', 'a:b', 'c'.repeat(300)]) {
      assert.match(scene.record(publication, { path })[0]!, /^NoAccess: cam cannot be the name of a file/, path)
    }
    await scene.end(publication)
    const closed = new ArchiveScene({ clients: false })
    assert.deepEqual(closed.record(closed.publication()), ['NoAccess: clients may not record here (recording.clients)'])
    const many = new ArchiveScene()
    const wanted = many.publication()
    for (let nth = 0; nth < recordingsMax; nth++) assert.deepEqual(many.record(wanted, { path: `copy${nth}` }), [])
    assert.match(many.record(wanted)[0]!, /has 8 recordings already/)
  })

  test('of the configuration continues what is there, unless its publisher records it himself', async () => {
    const scene = new ArchiveScene()
    scene.standing = { format: 'flv', mode: 'append', segment: 0, path: '', by: 'config' }
    for (const asked of [false, true]) {
      const publication = scene.publication()
      if (asked) scene.record(publication, { mode: 'append' })
      scene.archive.began(publication)
      feed(publication, frames(1))
      await scene.end(publication)
    }
    assert.equal((await played(scene.disk.files.get(file))).length, 100)
    assert.deepEqual([...scene.disk.files.keys()], [file])
  })

  for (const format of ['flv', 'mp4'] as const) {
    test(`in ${format} that another process left is ended, with its length, and announced (R12, K13)`, async () => {
      const scene = new ArchiveScene()
      const left = new ArchiveScene({ ledger: { ...ownLedger, release: released => void scene.lines.push(released) } })
      const publication = scene.publication()
      scene.record(publication, { format })
      feed(publication, frames(9))
      await scene.settle()
      const key = `live/cam.${format}`
      // What is behind its last whole unit was on its way.
      const bytes = Buffer.concat([scene.disk.files.get(key)!, Buffer.from([0, 0, 9, 9, 9])])
      left.disk.files.set(key, bytes)
      left.disk.files.set('live/nothing.flv', Buffer.alloc(0))
      const facts = publication.facts()
      left.archive.mend({ file: key, format, address: `cam.${format}`, facts })
      left.archive.mend({ file: 'live/nothing.flv', format: 'flv', address: 'nothing.flv', facts })
      await left.settle()
      assert.deepEqual(left.recorded, [`cam: cam.${format}`])
      assert.deepEqual(scene.lines.sort(), [key, 'live/nothing.flv'].sort())
      assert.deepEqual([...left.disk.files.keys()], [key])
      const mended = left.disk.files.get(key)!
      assert.ok(mended.length < bytes.length)
      const length = lengthTold(format, mended)
      assert.ok(length >= 5900 && length <= 9000, `${length} ms`)
    })
  }

  test('that got nothing leaves no file behind', async () => {
    const scene = new ArchiveScene()
    const publication = scene.publication()
    scene.record(publication)
    await scene.end(publication)
    assert.deepEqual([[...scene.disk.files.keys()], scene.recorded], [[], []])
  })

  test('is on the disk tag by tag while it goes on, durable as the configuration says', async () => {
    const scene = new ArchiveScene({ sync: 'fragment' })
    const publication = scene.publication()
    scene.record(publication)
    feed(publication, frames(3))
    await scene.settle()
    assert.equal((await played(scene.disk.files.get(file))).length, 150)
    assert.equal(scene.disk.syncs, 3)
    feed(
      publication,
      [...frames(1, 3000)].filter(({ kind }) => kind === FrameKind.Audio),
    )
    await scene.settle()
    assert.equal(scene.disk.syncs, 3)
  })
})

suite('recordings of an application', () => {
  async function recorded(): Promise<ArchiveScene> {
    const scene = new ArchiveScene()
    for (const name of ['cam', 'lobby/cam', 'other/cam']) {
      const publication = scene.publication(name)
      scene.record(publication)
      feed(publication, frames(1))
      await scene.end(publication)
    }
    scene.disk.files.set('live/cam.mp3', Buffer.of(1))
    scene.disk.files.set('live/notes.txt', Buffer.of(1))
    return scene
  }
  const ask = <Value>(act: (answer: (value: Value) => void) => void): Promise<Value> => new Promise(act)

  test('have a length and a size (R40)', async () => {
    const { archive, disk } = await recorded()
    assert.deepEqual(await ask(answer => archive.facts('/live', 'lobby/cam', null, answer)), {
      seconds: 0.965,
      bytes: disk.files.get('live/lobby/cam.flv')!.length,
    })
    assert.equal(await ask(answer => archive.facts('/live', 'nothing', null, answer)), null)
  })

  test('are deleted one by one, whatever their format (R10, R12)', async () => {
    const { archive, disk } = await recorded()
    assert.equal(await ask(answer => archive.delete('/live', 'cam', null, answer)), 2)
    assert.equal(await ask(answer => archive.delete('/live', 'cam', null, answer)), 0)
    assert.deepEqual([...disk.files.keys()].sort(), ['live/lobby/cam.flv', 'live/notes.txt', 'live/other/cam.flv'])
  })

  test('are cleared, all or those of a room, but neither what is no recording nor what is another application’s (R11, R12)', async () => {
    const { archive, disk } = await recorded()
    assert.equal(await ask(answer => archive.clear('/live', 'lobby', answer)), 1)
    assert.equal(await ask(answer => archive.clear('/live', '', answer)), 2)
    assert.deepEqual([...disk.files.keys()].sort(), ['live/notes.txt', 'live/other/cam.flv'])
  })

  test('stay while they are being written (R10, R11)', async () => {
    const scene = await recorded()
    const publication = scene.publication('cam')
    scene.record(publication)
    feed(publication, frames(1))
    await scene.settle()
    assert.equal(await ask(answer => scene.archive.delete('/live', 'cam', 'flv', answer)), 0)
    assert.equal(await ask(answer => scene.archive.clear('/live', '', answer)), 2)
    assert.ok(scene.disk.files.has(file))
    await scene.end(publication)
  })
})
