import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { decodeAmf0 } from '../../server/media/amf0.ts'
import { flvHeader, tagHeaderBytes, writeTag } from '../../server/media/flv-file.ts'
import { type Frame, FrameKind, FrameRole } from '../../server/media/frame.ts'
import { Damage } from '../../server/recording/film.ts'
import { FlvContainer } from '../../server/recording/flv-container.ts'
import { FlvFilm } from '../../server/recording/flv-film.ts'
import { indexEntriesMax } from '../../server/recording/limits.ts'
import { videoHeader } from '../support/media-samples.ts'
import { fuzzPlan, SeededRandom } from '../support/mutate.ts'
import { fileBytes, frame, frames, nameOf, watch } from './films.ts'
import { fileOf } from './pretend-disk.ts'

const coded = (all: Iterable<Frame>): string[] =>
  [...all].filter(({ role }) => role === FrameRole.Key || role === FrameRole.Inter).map(nameOf)

suite('an FLV file', () => {
  test('gives back every frame that was put into it, at its time (K10)', async () => {
    const film = await FlvFilm.open(fileOf(fileBytes(new FlvContainer(), frames(3))))
    const { seen, damage } = await watch(film)
    assert.deepEqual(seen, coded(frames(3)))
    assert.equal(damage, null)
  })

  test('says in its head how long it is, where its key frames are, and what the encoder said (K10, R40)', async () => {
    const bytes = fileBytes(new FlvContainer(), frames(3))
    const size = bytes.readUIntBE(flvHeader.length + 1, 3)
    const from = flvHeader.length + tagHeaderBytes
    const [name, said] = decodeAmf0(bytes.subarray(from, from + size)) as [string, Record<string, unknown>]
    const { duration, filesize, encoder, keyframes } = said
    const { times, filepositions } = keyframes as { times: number[]; filepositions: number[] }
    assert.deepEqual(
      { name, duration, filesize, encoder, times },
      {
        name: 'onMetaData',
        duration: 2.965,
        filesize: bytes.length,
        encoder: 'test',
        times: [0, 1, 2],
      },
    )
    for (const position of filepositions) assert.equal(bytes[position], FrameKind.Video)
  })

  test('plays up to the last whole tag when it was cut, at every byte', async () => {
    const whole = fileBytes(new FlvContainer(), frames(1))
    let least = 0
    for (let cut = 0; cut < whole.length; cut++) {
      const film = await FlvFilm.open(fileOf(whole.subarray(0, cut))).catch(error => {
        assert.ok(error instanceof Damage)
        return null
      })
      if (!film) continue
      const { seen, damage } = await watch(film)
      assert.equal(damage, null, `cut at ${cut}`)
      assert.ok(seen.length >= least, `cut at ${cut}`)
      assert.deepEqual(seen, coded(frames(1)).slice(0, seen.length))
      least = seen.length
    }
    assert.ok(least > 40)
  })

  test('with bytes changed anywhere plays to its end or to the damage, and never goes wrong otherwise', async t => {
    const { seed, count } = fuzzPlan(300)
    t.diagnostic(`FUZZ_SEED=${seed}`)
    const random = new SeededRandom(seed)
    const whole = fileBytes(new FlvContainer(), frames(1))
    for (let nth = 0; nth < count; nth++) {
      const bytes = Buffer.from(whole)
      for (let changes = random.below(4) + 1; changes > 0; changes--)
        bytes[random.below(bytes.length)] = random.below(256)
      try {
        const film = await FlvFilm.open(fileOf(bytes))
        await film.measure()
        await film.seek(random.below(2000))
        const { seen } = await watch(film)
        assert.ok(seen.length <= 100)
      } catch (error) {
        assert.ok(error instanceof Damage, `FUZZ_SEED=${seed}: ${error}`)
      }
    }
  })

  test('says where it is damaged', async () => {
    const bytes = fileBytes(new FlvContainer(), frames(1))
    const film = await FlvFilm.open(fileOf(bytes))
    for (let nth = 0; nth < 10; nth++) await film.next()
    bytes[film.position] = 0x77
    const { damage } = await watch(await FlvFilm.open(fileOf(bytes)))
    assert.equal(damage, `there is no tag at byte ${film.position}`)
  })

  test('is entered at the key frame before the wanted time, headers first, with and without an index', async () => {
    const whole = fileBytes(new FlvContainer(), frames(4))
    // A crash left the head as it was at first: without an index.
    const crashed = Buffer.concat([fileBytes(new FlvContainer(), []), whole])
    const head = new FlvContainer()
    const out: Buffer[] = []
    head.add([...frames(1)][0]!, 0, out)
    Buffer.concat(out).copy(crashed)
    for (const bytes of [whole, crashed]) {
      const film = await FlvFilm.open(fileOf(bytes))
      for (const [wanted, got] of [
        [2500, 'V2000'],
        [999, 'V0'],
        [3000, 'V3000'],
        [1_000_000, 'V3000'],
        [0, 'V0'],
      ] as const) {
        const prelude = await film.seek(wanted)
        assert.deepEqual(
          prelude.map(({ kind, role }) => `${kind} ${role}`),
          ['18 metadata', '9 header', '8 header'],
        )
        const next = await film.next()
        assert.equal(nameOf(next!), got, `sought ${wanted}`)
      }
    }
  })

  test('whose codec changes midway is entered with the headers that hold there', async () => {
    const other = Buffer.concat([videoHeader, Buffer.of(1)])
    const container = new FlvContainer()
    const given = [...frames(2), frame(FrameKind.Video, 2000, other), ...[...frames(2, 2000)].slice(3)]
    const film = await FlvFilm.open(fileOf(fileBytes(container, given)))
    const late = await film.seek(3500)
    assert.deepEqual(late.find(({ kind }) => kind === FrameKind.Video)!.payload, other)
    const early = await film.seek(1500)
    assert.deepEqual(early.find(({ kind }) => kind === FrameKind.Video)!.payload, videoHeader)
  })

  test('of any length keeps its index within the room of its head', async () => {
    const film = await FlvFilm.open(fileOf(fileBytes(new FlvContainer(), frames(3 * indexEntriesMax))))
    assert.ok(film.index.length > indexEntriesMax / 4 && film.index.length <= indexEntriesMax)
    await film.seek(1_000_500)
    assert.equal(nameOf((await film.next())!), 'V1000000')
  })

  test('of sound alone is entered at any of its sounds', async () => {
    const sounds = [...frames(3)].filter(({ kind }) => kind === FrameKind.Audio)
    const film = await FlvFilm.open(fileOf(fileBytes(new FlvContainer(), sounds)))
    await film.seek(1010)
    assert.equal(nameOf((await film.next())!), 'a1005')
  })

  test('goes on past 2^32 milliseconds, where its timestamps wrap', async () => {
    const out: Buffer[] = [flvHeader]
    const times = [2 ** 32 - 80, 2 ** 32 - 40, 2 ** 32, 2 ** 32 + 40]
    for (const time of times) writeTag(FrameKind.Audio, time, Buffer.from('af01ff', 'hex'), out)
    const { seen } = await watch(await FlvFilm.open(fileOf(Buffer.concat(out))))
    // A file may begin anywhere: from there on its time only grows.
    assert.deepEqual(
      new Set(seen.slice(1).map((name, at) => Number(name.slice(1)) - Number(seen[at]!.slice(1)))),
      new Set([40]),
    )
  })
})
