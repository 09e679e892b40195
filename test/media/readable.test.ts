import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { FrameKind } from '../../server/media/frame.ts'
import { type Reading, readableTag } from '../../server/media/readable.ts'
import { tagBytes } from '../fixtures/tags.ts'

const { Audio, Video } = FrameKind
const plain: Reading = { multitrack: false, modEx: false }

function expectTags(kind: FrameKind, reading: Reading, table: Record<string, [from: string, to: string | null]>): void {
  for (const [name, [from, to]] of Object.entries(table)) {
    const readable = readableTag(kind, tagBytes(from), reading)
    assert.deepEqual(readable, to === null ? null : tagBytes(to), name)
  }
}

suite('a tag as a player can read it', () => {
  test('is the default track alone for players of a single one (Enhanced RTMP)', () => {
    expectTags(Video, plain, {
      'one track, the default one': ["96 01 'hvc1' 00 000000 aa", "91 'hvc1' 000000 aa"],
      'its configuration': ["96 00 'hvc1' 00 aa", "90 'hvc1' aa"],
      'an inter frame': ["a6 03 'hvc1' 00 aa", "a3 'hvc1' aa"],
      'one track, another one': ["96 01 'hvc1' 01 000000 aa", null],
      'many tracks': ["96 11 'vp09' 01 000001 aa 00 000002 bbcc", "91 'vp09' bbcc"],
      'many codecs': ["96 20 'hvc1' 01 000001 aa 'av01' 00 000001 bb", "90 'av01' bb"],
      'many tracks without the default one': ["96 11 'vp09' 01 000001 aa 02 000001 bb", null],
      'many tracks, none of them whole': ["96 11 'vp09' 00 ffffff", null],
    })
    expectTags(Audio, plain, {
      'one track, the default one': ["95 01 'Opus' 00 aa", "91 'Opus' aa"],
      'one track, another one': ["95 01 'mp4a' 02 aa", null],
    })
  })

  test('is H.264, AAC and MP3 in their legacy form, which every player knows (Enhanced RTMP)', () => {
    expectTags(Video, plain, {
      configuration: ["90 'avc1' 0164", '17 00 000000 0164'],
      'key frame': ["91 'avc1' 000043 aa", '17 01 000043 aa'],
      'frame without composition time': ["a3 'avc1' aa", '27 01 000000 aa'],
      'end of sequence': ["92 'avc1'", '17 02 000000'],
      'of many tracks': ["96 21 'avc1' 00 000004 000000aa 'hvc1' 01 000001 bb", '17 01 000000 aa'],
      'behind nanoseconds': ["97 02 000010 01 'avc1' 000043 aa", '17 01 000043 aa'],
      'colours, which had no form': ["94 'avc1' 02", null],
    })
    expectTags(Audio, plain, {
      configuration: ["90 'mp4a' 1210", 'af 00 1210'],
      frame: ["91 'mp4a' aa", 'af 01 aa'],
      MP3: ["91 '.mp3' aa", '2f aa'],
      'end of sequence, which had no form': ["92 'mp4a'", null],
      'the channels of MP3, which had no form': ["94 '.mp3' 0102", null],
    })
  })

  test('has no modifiers for players that cannot take them apart (Enhanced RTMP)', () => {
    const nanoseconds = '02 000010 0'
    expectTags(Video, plain, { alone: [`97 ${nanoseconds}1 'av01' aa`, "91 'av01' aa"] })
    expectTags(Video, plain, { 'on a track': [`97 ${nanoseconds}6 01 'av01' 00 aa`, "91 'av01' aa"] })
    expectTags(
      Video,
      { multitrack: true, modEx: false },
      { 'on many tracks': [`a7 ${nanoseconds}6 11 'av01' 00 000001 aa`, "a6 11 'av01' 00 000001 aa"] },
    )
    expectTags(
      Video,
      { multitrack: false, modEx: true },
      {
        kept: [`97 ${nanoseconds}1 'av01' aa`, `97 ${nanoseconds}1 'av01' aa`],
        'kept, without the track': [`97 ${nanoseconds}6 01 'av01' 00 aa`, `97 ${nanoseconds}1 'av01' aa`],
      },
    )
  })

  test('is the very same, without a copy, when it is readable (Enhanced RTMP)', () => {
    const same = (kind: FrameKind, text: string, reading: Reading) => {
      const payload = tagBytes(text)
      assert.equal(readableTag(kind, payload, reading), payload, text)
    }
    for (const text of ['17 01 000000 aa', '27 01 00', '', "91 'hvc1' 000000 aa", "94 'hvc1' 02", 'd1 00', '97 ff']) {
      same(Video, text, plain)
    }
    for (const text of ['af 01 aa', '', "91 'Opus' aa", "94 'Opus' 0102"]) same(Audio, text, plain)
    same(FrameKind.Data, "02 000a 'onMetaData' 03", plain)
    same(Video, "97 02 000010 06 01 'avc1' 02 000000", { multitrack: true, modEx: true })
    same(Video, "96 01 'avc1' 02 000000", { multitrack: true, modEx: false })
  })

  test('is the very same when it says that it holds tags of tracks, or modifiers, within its tracks', () => {
    for (const text of ['96 06 00 00000000 aa', '96 07 00 00000000 00 aa']) {
      const payload = tagBytes(text)
      assert.equal(readableTag(Video, payload, { multitrack: false, modEx: false }), payload, text)
    }
  })

  test('is the same when it has been made readable before (hazard R17)', () => {
    const any = fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.concat([Buffer.of(0x96), bytes]))
    fc.assert(
      fc.property(fc.constantFrom(Audio, Video), any, fc.boolean(), (kind, payload, modEx) => {
        const once = readableTag(kind, payload, { multitrack: false, modEx })
        if (once) assert.deepEqual(readableTag(kind, once, { multitrack: false, modEx }), once)
      }),
      { numRuns: 3000 },
    )
  })
})
