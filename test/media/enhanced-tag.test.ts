import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { readEnhancedTag } from '../../server/media/enhanced-tag.ts'
import { FrameKind } from '../../server/media/frame.ts'
import { tagBytes } from '../fixtures/tags.ts'

const { Audio, Video } = FrameKind

/** Its tracks as `number codec bytes`. */
function tracksOf(text: string, kind: FrameKind = Video): string[] | undefined {
  const payload = tagBytes(text)
  return readEnhancedTag(kind, payload)?.tracks.map(
    ({ track, codec, from, to }) => `${track} ${codec.name} ${payload.toString('hex', from, to)}`,
  )
}

suite('an Enhanced RTMP tag', () => {
  test('is taken apart into its tracks', () => {
    assert.deepEqual(tracksOf("91 'hvc1' 000000 aa"), ['0 hvc1 000000aa'])
    assert.deepEqual(tracksOf("96 01 'avc1' 05 000000 aa"), ['5 avc1 000000aa'])
    assert.deepEqual(tracksOf("96 13 'avc1' 00 000001 aa 01 000002 bbcc"), ['0 avc1 aa', '1 avc1 bbcc'])
    assert.deepEqual(tracksOf("96 20 'hvc1' 00 000001 aa 'av01' 01 000000"), ['0 hvc1 aa', '1 av01 '])
    assert.deepEqual(tracksOf("95 11 'Opus' 02 000001 aa 03 000001 bb", Audio), ['2 Opus aa', '3 Opus bb'])
  })

  test('says its packet type, its frame type and where they stand', () => {
    const { frameType, packetType, typeAt, isMultitrack } = readEnhancedTag(Video, tagBytes("a6 03 'avc1' 01"))!
    assert.deepEqual([frameType, packetType, typeAt, isMultitrack], [2, 3, 0, true])
    assert.equal(readEnhancedTag(Video, tagBytes("97 02 000010 01 'avc1'"))?.typeAt, 5)
    assert.equal(readEnhancedTag(Audio, tagBytes("90 'fLaC' 01"))?.frameType, 0)
  })

  test('gives the nanoseconds behind its timestamp', () => {
    const nanoseconds = (text: string) => readEnhancedTag(Video, tagBytes(text))?.nanoOffset
    assert.equal(nanoseconds("91 'avc1' 000000"), 0)
    assert.equal(nanoseconds("97 02 0f423f 01 'avc1' 000000"), 999_999)
    assert.equal(nanoseconds("97 02 000007 07 02 000009 01 'avc1' 000000"), 9, 'the last of several')
    assert.equal(nanoseconds("97 03 000007ff 01 'avc1' 000000"), 7, 'data may be longer')
    assert.equal(nanoseconds("97 02 000007 11 'avc1' 000000"), 0, 'a modifier of another kind')
    assert.equal(nanoseconds("97 01 0007 01 'avc1' 000000"), 0, 'too short to be one')
  })

  test('is nothing when it is legacy, a command, or cut off in its header', () => {
    for (const text of ['17 01 000000 aa', 'd1 00', 'd6 11 00', '', '91', "91 'hvc'", '96', '97 ff 00', '97']) {
      assert.equal(readEnhancedTag(Video, tagBytes(text)), null, text)
    }
    assert.equal(readEnhancedTag(Audio, tagBytes('af 01 aa')), null)
    assert.equal(readEnhancedTag(FrameKind.Data, tagBytes("91 'hvc1' 000000")), null)
  })
})

suite('hazard R17: Enhanced RTMP', () => {
  test('a nanosecond offset past a millisecond is not believed', () => {
    assert.equal(readEnhancedTag(Video, tagBytes("97 02 0f4240 01 'avc1' 000000"))?.nanoOffset, 0)
    assert.equal(readEnhancedTag(Video, tagBytes("97 02 ffffff 01 'avc1' 000000"))?.nanoOffset, 0)
  })

  test('a track whose size runs past the end is left out, with all behind it', () => {
    assert.deepEqual(tracksOf("96 11 'avc1' 00 000001 aa 01 ffffff bb"), ['0 avc1 aa'])
    assert.deepEqual(tracksOf("96 11 'avc1' 00 ffffff 01 000001 bb"), [])
    assert.deepEqual(tracksOf("96 11 'avc1' 00 0000"), [])
    assert.deepEqual(tracksOf("96 31 'avc1' 00 000001 aa"), [], 'a way of holding tracks that nobody knows')
  })

  test('a track number that comes twice counts once, and a million tracks cost what 256 do', () => {
    assert.deepEqual(tracksOf("96 11 'avc1' 01 000001 aa 01 000001 bb"), ['1 avc1 aa'])
    const many = Buffer.concat([tagBytes("96 11 'avc1'"), Buffer.alloc(4_000_000)])
    for (let track = 0; track < 256; track++) many[6 + 4 * track] = track
    assert.equal(readEnhancedTag(Video, many)?.tracks.length, 256)
    assert.equal(
      readEnhancedTag(Video, Buffer.concat([tagBytes("96 11 'avc1'"), Buffer.alloc(4_000_000)]))?.tracks.length,
      1,
    )
  })

  test('cut at every byte it is read or nothing, and never past its end', () => {
    for (const text of [
      "97 02 000010 06 20 'hvc1' 00 000002 aabb 'av01' 01 000001 cc",
      `97 ff 0100 ${'00'.repeat(257)} 01 'avc1' 000000 aa`,
    ]) {
      const whole = tagBytes(text)
      for (let length = 0; length <= whole.length; length++) {
        const tag = readEnhancedTag(Video, whole.subarray(0, length))
        for (const { from, to } of tag?.tracks ?? []) assert.ok(from <= to && to <= length, `at ${length}`)
      }
    }
  })

  test('any bytes are read within their bounds', () => {
    const bytes = fc.uint8Array({ maxLength: 64 }).map(rest => Buffer.concat([Buffer.of(0x96), rest]))
    fc.assert(
      fc.property(fc.constantFrom(Audio, Video), bytes, (kind, payload) => {
        const tag = readEnhancedTag(kind, payload)
        for (const { track, from, to } of tag?.tracks ?? []) {
          assert.ok(track <= 255 && from <= to && to <= payload.length)
        }
        assert.ok((tag?.nanoOffset ?? 0) <= 999_999)
      }),
      { numRuns: 3000 },
    )
  })
})
