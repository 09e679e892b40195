import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { describeTag } from '../../server/media/flv-tag.ts'
import { FrameKind, FrameRole } from '../../server/media/frame.ts'
import { tagBytes as tag } from '../fixtures/tags.ts'

const { Audio, Video, Data } = FrameKind
const { Metadata, Header, Key, Inter } = FrameRole

function expectTags(
  kind: FrameKind,
  table: Record<string, [text: string, role: FrameRole, codec: string, track?: number]>,
) {
  for (const [name, [text, role, codec, track = 0]] of Object.entries(table)) {
    const { others: _, ...described } = describeTag(kind, tag(text))
    assert.deepEqual(described, { role, codec, track }, name)
  }
}

suite('a legacy tag', () => {
  test('of video says what it is', () => {
    expectTags(Video, {
      'AVC configuration': ['17 00 000000 0164', Header, 'avc1'],
      'AVC configuration in an inter frame': ['27 00 000000 0164', Header, 'avc1'],
      'AVC configuration without content': ['17 00 000000', Inter, 'avc1'],
      'AVC key frame': ['17 01 000000 00000001', Key, 'avc1'],
      'AVC inter frame': ['27 01 000043 00000001', Inter, 'avc1'],
      'AVC disposable frame': ['37 01 000000 00', Inter, 'avc1'],
      'AVC end of sequence': ['17 02 000000', Inter, 'avc1'],
      'AVC of a packet type nobody knows': ['17 03 000000', Inter, 'avc1'],
      'AVC cut short': ['17', Inter, 'avc1'],
      'AVC command': ['57 00', Inter, 'avc1'],
      'HEVC in the way of AVC': ['1c 00 000000 01', Header, 'hvc1'],
      'HEVC key frame in the way of AVC': ['1c 01 000000 01', Key, 'hvc1'],
      'H.263 key': ['12 00', Key, 'h263'],
      'H.263 inter': ['22 00', Inter, 'h263'],
      'H.263 disposable': ['32 00', Inter, 'h263'],
      'generated key frame': ['42 00', Key, 'h263'],
      'seek command': ['52 00', Inter, 'h263'],
      'Screen video': ['13', Key, 'screen'],
      VP6: ['14 00', Key, 'vp6'],
      'VP6 with alpha': ['25 00', Inter, 'vp6a'],
      'Screen video 2': ['16', Key, 'screen2'],
      'a codec nobody knows': ['1f', Key, ''],
      nothing: ['', Inter, ''],
    })
  })

  test('of audio says what it is', () => {
    expectTags(Audio, {
      'AAC configuration': ['af 00 1210', Header, 'mp4a'],
      'AAC configuration without content': ['af 00', Inter, 'mp4a'],
      'AAC frame': ['af 01 2110', Inter, 'mp4a'],
      'AAC cut short': ['af', Inter, 'mp4a'],
      MP3: ['2f fffb', Inter, '.mp3'],
      'MP3 at 8 kHz': ['e2 00', Inter, '.mp3'],
      Speex: ['b2 00', Inter, 'speex'],
      PCM: ['0e 00', Inter, 'pcm'],
      'PCM, little-endian': ['3e 00', Inter, 'pcm'],
      ADPCM: ['1e 00', Inter, 'adpcm'],
      Nellymoser: ['52 00', Inter, 'nellymoser'],
      'A-law': ['72 00', Inter, 'alaw'],
      'mu-law': ['82 00', Inter, 'mulaw'],
      'a format nobody knows': ['cf 00 00', Inter, ''],
      nothing: ['', Inter, ''],
    })
  })

  test('of data has no codec', () => {
    expectTags(Data, { metadata: ["02 000a 'onMetaData'", Inter, ''] })
  })
})

suite('an Enhanced RTMP tag', () => {
  test('of video says what it is', () => {
    const table: Parameters<typeof expectTags>[1] = {}
    for (const codec of ['avc1', 'hvc1', 'vvc1', 'av01', 'vp09', 'vp08']) {
      table[`${codec} configuration`] = [`90 '${codec}' 01`, Header, codec]
      table[`${codec} key frame`] = [`91 '${codec}' 000000 01`, Key, codec]
      table[`${codec} inter frame`] = [`a1 '${codec}' 000000 01`, Inter, codec]
      table[`${codec} end of sequence`] = [`92 '${codec}'`, Inter, codec]
      table[`${codec} key frame without composition time`] = [`93 '${codec}' 01`, Key, codec]
      table[`${codec} inter frame without composition time`] = [`a3 '${codec}' 01`, Inter, codec]
      table[`${codec} generated key frame`] = [`c3 '${codec}' 01`, Key, codec]
      table[`${codec} metadata`] = [`94 '${codec}' 02 0009 'colorInfo' 05`, Metadata, codec]
    }
    expectTags(Video, {
      ...table,
      'metadata, whatever the frame type': ["d4 'hvc1' 02", Metadata, 'hvc1'],
      'MPEG-2 TS sequence start': ["95 'av01' 80", Header, 'av01'],
      'a seek command': ['d1 00', Inter, ''],
      'a packet type nobody knows': ["98 'hvc1' 00", Inter, 'hvc1'],
      'a FourCC nobody knows': ["91 'abcd' 00", Key, 'abcd'],
      'a FourCC without letters': ['91 00ff00ff 00', Key, ''],
      'a FourCC cut short': ["90 'hvc'", Header, ''],
      'the first byte only': ['91', Key, ''],
    })
  })

  test('of audio says what it is', () => {
    const table: Parameters<typeof expectTags>[1] = {}
    for (const codec of ['Opus', 'fLaC', 'ac-3', 'ec-3', '.mp3', 'mp4a']) {
      table[`${codec} configuration`] = [`90 '${codec}' 01`, Header, codec]
      table[`${codec} frame`] = [`91 '${codec}' 01`, Inter, codec]
      table[`${codec} end of sequence`] = [`92 '${codec}'`, Inter, codec]
      table[`${codec} channels`] = [`94 '${codec}' 01 02 00000003`, Metadata, codec]
    }
    expectTags(Audio, { ...table, 'Opus configuration without content': ["90 'Opus'", Header, 'Opus'] })
  })

  test('of one of many tracks says which', () => {
    expectTags(Video, {
      'one track, configuration': ["96 00 'hvc1' 01 aa", Header, 'hvc1', 1],
      'one track, key frame': ["96 01 'avc1' 02 000000 aa", Key, 'avc1', 2],
      'one track, inter frame': ["a6 03 'avc1' ff aa", Inter, 'avc1', 255],
      'the default track, said so': ["96 01 'avc1' 00 000000 aa", Key, 'avc1', 0],
      'many tracks': ["96 11 'avc1' 00 000001 aa 01 000001 bb", Key, 'avc1', 0],
      'many tracks without the default one': ["96 10 'avc1' 03 000001 aa 04 000001 bb", Header, 'avc1', 3],
      'many codecs': ["96 20 'hvc1' 00 000001 aa 'av01' 01 000001 bb", Header, 'hvc1', 0],
      'many tracks, a size past the end': ["96 11 'avc1' 00 ffffff", Key, 'avc1', 0],
      'tracks within tracks': ["96 06 'avc1' 00", Inter, 'avc1', 0],
      'cut short': ['96', Inter, ''],
      'cut short before the FourCC': ['96 00', Header, ''],
    })
    expectTags(Audio, {
      configuration: ["95 00 'Opus' 01", Header, 'Opus', 1],
      frame: ["95 01 'mp4a' 00 aa", Inter, 'mp4a'],
      'many codecs': ["95 20 'mp4a' 00 000001 aa 'Opus' 01 000001 bb", Header, 'mp4a'],
      'cut short': ['95', Inter, ''],
    })
  })

  test('of many tracks names all of them', () => {
    const others = (text: string, kind: FrameKind = Video) => describeTag(kind, tag(text)).others
    const second = [{ track: 1, codec: 'avc1' }]
    assert.deepEqual(others("96 11 'avc1' 00 000001 aa 01 000001 bb"), second)
    assert.deepEqual(others("97 02 000010 06 11 'avc1' 00 000001 aa 01 000001 bb"), second)
    assert.deepEqual(others("96 20 'hvc1' 00 000001 aa 'av01' 01 000001 bb"), [{ track: 1, codec: 'av01' }])
    assert.deepEqual(others("95 20 'mp4a' 00 000001 aa 'Opus' 07 000000", Audio), [{ track: 7, codec: 'Opus' }])
    assert.equal(others("96 01 'avc1' 01 000000 aa"), undefined)
    assert.equal(others("96 11 'avc1' 00 000001 aa 01 ffffff bb"), undefined, 'a size past the end')
  })

  test('stays what it is behind modifiers', () => {
    const nanoseconds = '02 000010 0'
    const padding = `ff 00ff ${'00'.repeat(256)} 0`
    expectTags(Video, {
      'configuration behind one': [`97 ${nanoseconds}0 'hvc1' 01`, Header, 'hvc1'],
      'key frame behind one': [`97 ${nanoseconds}1 'hvc1' 000000`, Key, 'hvc1'],
      'inter frame behind one': [`a7 ${nanoseconds}1 'hvc1' 000000`, Inter, 'hvc1'],
      'metadata behind one': [`97 ${nanoseconds}4 'hvc1'`, Metadata, 'hvc1'],
      'behind two': [`97 ${nanoseconds}7 ${nanoseconds}0 'hvc1' 01`, Header, 'hvc1'],
      'behind a long one': [`97 ${padding}0 'hvc1' 01`, Header, 'hvc1'],
      'a track behind one': [`97 ${nanoseconds}6 00 'hvc1' 03`, Header, 'hvc1', 3],
      'more nanoseconds than a millisecond has': ["97 02 ffffff 00 'hvc1' 01", Header, 'hvc1'],
      'a modifier nobody knows': ["97 00 aa f1 'hvc1'", Key, 'hvc1'],
      'a modifier past the end': ['97 fe 00', Inter, ''],
      'a long modifier past the end': ['97 ff ffff 00', Inter, ''],
      'modifiers without end': [`97 ${'00 00 07'.repeat(100_000)}`, Inter, ''],
      'cut short': ['97', Inter, ''],
      'cut short in its size': ['97 ff 00', Inter, ''],
    })
    expectTags(Audio, { 'configuration behind one': [`97 ${nanoseconds}0 'Opus' 01`, Header, 'Opus'] })
  })
})

test('hazard R16: configurations cut short and lengths past the end of the tag change nothing of what a tag is', () => {
  expectTags(Video, {
    'an avcC of one byte': ['17 00 000000 01', Header, 'avc1'],
    'an hvcC of one byte': ["90 'hvc1' 01", Header, 'hvc1'],
    'an av1C of one byte': ["90 'av01' 81", Header, 'av01'],
    'a NAL unit of 4 GB': ['17 01 000000 ffffffff 65', Key, 'avc1'],
    'a NAL unit of 4 GB, enhanced': ["91 'hvc1' 000000 ffffffff 26", Key, 'hvc1'],
    'a composition time cut short': ['17 01 00', Key, 'avc1'],
  })
})

test('any bytes are described, and only those of the default track without allocating', () => {
  fc.assert(
    fc.property(fc.constantFrom(Audio, Video, Data), fc.uint8Array({ maxLength: 20 }), (kind, payload) => {
      const { role, codec, track } = describeTag(kind, payload)
      assert.ok([Metadata, Header, Key, Inter].includes(role))
      assert.equal(typeof codec, 'string')
      assert.ok(track >= 0 && track <= 255)
      assert.ok(kind === Video || role !== Key)
    }),
    { numRuns: 3000 },
  )
  assert.equal(describeTag(Video, tag('27 01 000000 00')), describeTag(Video, tag('27 01 000000 01')))
})
