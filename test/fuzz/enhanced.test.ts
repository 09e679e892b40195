import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { GopCache } from '../../server/hub/gop-cache.ts'
import { Tracks } from '../../server/hub/tracks.ts'
import { describeTag } from '../../server/media/flv-tag.ts'
import { FrameKind } from '../../server/media/frame.ts'
import { readableTag } from '../../server/media/readable.ts'
import { tagBytes } from '../fixtures/tags.ts'
import { own } from '../support/cuts.ts'
import { fuzzPlan, mutations, SeededRandom } from '../support/mutate.ts'

const samples = [
  "97 02 000064 06 21 'av01' 00 000003 0a0b0c 'vp08' 01 000002 1d1e",
  "96 10 'hvc1' 00 000001 aa 01 000001 bb",
  "95 11 'Opus' 00 000002 fc01 01 000002 fc02",
  "97 ff 0100 00 07 02 000001 91 'avc1' 000000 aa",
  "94 'av01' 02 0009 'colorInfo' 03 000009",
  '17 01 000000 00000001 65',
].map(tagBytes)

suite('fuzz', () => {
  test('tags of any bytes are described, kept and fitted within their bounds (hazard R17)', t => {
    const { seed, count } = fuzzPlan(20_000)
    t.diagnostic(`FUZZ_SEED=${seed}`)
    const tracks = new Tracks()
    const cache = new GopCache({ gopBytes: 10_000, gopFrames: 100 })
    const kinds = new SeededRandom(seed)
    let nth = 0
    for (const input of mutations(seed, samples, count)) {
      const payload = own(input)
      const kind = kinds.pick([FrameKind.Audio, FrameKind.Video])
      const where = `FUZZ_SEED=${seed}, input ${nth++}: ${payload.toString('hex')}`
      try {
        const tag = describeTag(kind, payload)
        assert.ok((tag.others?.length ?? 0) < 256)
        tracks.note(kind, tag)
        assert.ok(tracks.all.length <= 64)
        cache.keep({ kind, role: tag.role, track: tag.track, timestamp: nth, payload })
        assert.ok([...cache.prelude()].length <= 64)
        for (const reading of [
          { multitrack: false, modEx: false },
          { multitrack: true, modEx: false },
          { multitrack: false, modEx: true },
        ]) {
          const readable = readableTag(kind, payload, reading)
          // At most an AVC header stands where there was none.
          assert.ok((readable?.length ?? 0) <= payload.length + 5)
        }
      } catch (error) {
        throw new Error(where, { cause: error })
      }
    }
  })
})
