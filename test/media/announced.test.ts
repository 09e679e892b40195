import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import {
  type Announced,
  ownCapabilities,
  readAnnounced,
  readingOf,
  reconnects,
  takes,
} from '../../server/media/announced.ts'
import { announcedMax } from '../../server/media/limits.ts'

const [CanDecode, CanEncode, CanForward] = [1, 2, 4]

suite('what a client announces with connect() of Enhanced RTMP', () => {
  const table: Record<string, [object: unknown, announced: Announced | undefined]> = {
    'nothing, as Flash and most players': [{ app: 'live', videoCodecs: 252 }, undefined],
    'no object': [null, undefined],
    'a list of the first version, which knew only pictures': [
      { fourCcList: ['av01', 'hvc1'] },
      { video: ['av01', 'hvc1'], audio: null, capsEx: 0 },
    ],
    'a list of both kinds': [
      { fourCcList: ['hvc1', 'Opus', '.mp3'] },
      { video: ['hvc1'], audio: ['Opus', '.mp3'], capsEx: 0 },
    ],
    'any codec': [{ fourCcList: ['*'] }, { video: ['*'], audio: ['*'], capsEx: 0 }],
    'a codec nobody has heard of, of either kind': [
      { fourCcList: ['hvc1', 'Opus', 'abcd'] },
      { video: ['hvc1', 'abcd'], audio: ['Opus', 'abcd'], capsEx: 0 },
    ],
    'maps, of which what can only be encoded is nothing to be sent': [
      { videoFourCcInfoMap: { av01: CanDecode, hvc1: CanEncode }, audioFourCcInfoMap: { '*': CanForward } },
      { video: ['av01'], audio: ['*'], capsEx: 0 },
    ],
    'a map and a list': [
      { fourCcList: ['av01'], videoFourCcInfoMap: { hvc1: CanDecode } },
      { video: ['hvc1', 'av01'], audio: null, capsEx: 0 },
    ],
    'empty ones, which say nothing': [{ fourCcList: [], videoFourCcInfoMap: {} }, undefined],
    'extensions alone': [{ capsEx: 3 }, { video: null, audio: null, capsEx: 3 }],
    'things of other types': [
      {
        fourCcList: [1, null, 'toolong', 'hvc1'],
        videoFourCcInfoMap: 'x',
        audioFourCcInfoMap: { Opus: 'y' },
        capsEx: -1,
      },
      { video: ['hvc1'], audio: [], capsEx: 0 },
    ],
    'extensions that are no number': [{ capsEx: Number.NaN }, undefined],
  }
  for (const [what, [object, announced]] of Object.entries(table)) {
    test(`is read: ${what} (Enhanced RTMP)`, () => assert.deepEqual(readAnnounced(object), announced))
  }

  test('is kept of a bounded number of codecs (hazard R17)', () => {
    const names = Array.from({ length: 10_000 }, (_, nth) => String(nth).padStart(4, 'x'))
    const map = Object.fromEntries(names.map(name => [name, CanDecode]))
    const { video } = readAnnounced({ fourCcList: [...names, 'hvc1'], videoFourCcInfoMap: map })!
    assert.ok(video!.length <= 2 * announcedMax)
  })

  test('never throws, whatever it is (hazard R17)', () => {
    const members = ['fourCcList', 'videoFourCcInfoMap', 'audioFourCcInfoMap', 'capsEx', '__proto__']
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...members), fc.anything()), object => void readAnnounced(object)),
    )
  })

  test('says what it takes: what Flash knew everybody does (Enhanced RTMP)', () => {
    for (const classic of ['avc1', 'mp4a', '.mp3', 'vp6', 'speex', 'pcm', '']) assert.ok(takes([], classic), classic)
    assert.ok(takes(['av01'], 'av01'))
    assert.ok(takes(['*'], 'hvc1'))
    assert.ok(!takes(['av01'], 'hvc1'))
    assert.ok(!takes([], 'Opus'))
  })

  test('says what it can take apart, and whether it can be asked to reconnect (Enhanced RTMP)', () => {
    const told = (capsEx: number) => ({ video: null, audio: null, capsEx })
    assert.deepEqual(readingOf(undefined), { multitrack: false, modEx: false })
    assert.deepEqual(readingOf(told(2)), { multitrack: true, modEx: false })
    assert.deepEqual(readingOf(told(12)), { multitrack: false, modEx: true })
    assert.equal(reconnects(undefined), false)
    assert.equal(reconnects(told(14)), false)
    assert.equal(reconnects(told(1)), true)
  })
})

test('the server says that it forwards every codec and takes all extensions apart (Enhanced RTMP)', () => {
  const { fourCcList, videoFourCcInfoMap, audioFourCcInfoMap, capsEx } = ownCapabilities
  assert.deepEqual(fourCcList.slice(0, 3), ['*', 'avc1', 'hvc1'])
  assert.equal(videoFourCcInfoMap['*'], CanForward)
  assert.equal(videoFourCcInfoMap.av01, CanForward)
  assert.equal(audioFourCcInfoMap.Opus, CanForward)
  assert.equal(capsEx, 15)
})
