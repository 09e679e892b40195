import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { GopCache } from '../../server/hub/gop-cache.ts'
import { type Frame, FrameKind, type FrameRole } from '../../server/media/frame.ts'
import { tagBytes } from '../fixtures/tags.ts'

const frame = (role: FrameRole, name: string, track = 0, kind: FrameKind = FrameKind.Video): Frame => ({
  kind,
  role,
  track,
  timestamp: 0,
  payload: Buffer.from(name),
})
const names = (frames: Iterable<Frame>): string => [...frames].map(({ payload }) => payload.toString()).join(' ')
const cache = (): GopCache => new GopCache({ gopBytes: 20, gopFrames: 5 })

suite('GopCache', () => {
  test('keeps what came since the last key frame', () => {
    const gop = cache()
    for (const [role, name] of [
      ['inter', 'x'],
      ['key', 'a'],
      ['inter', 'b'],
      ['key', 'c'],
      ['inter', 'd'],
    ] as const) {
      gop.keep(frame(role, name))
    }
    assert.equal(names(gop.frames), 'c d')
  })

  test('gives up a group past its bytes or frames until the next key frame', () => {
    const gop = cache()
    gop.keep(frame('key', 'a'))
    gop.keep(frame('inter', 'b'.repeat(20)))
    assert.equal(names(gop.frames), '')
    gop.keep(frame('inter', 'c'))
    assert.equal(names(gop.frames), '')
    gop.keep(frame('key', 'd'))
    for (let nth = 0; nth < 5; nth++) gop.keep(frame('inter', 'e'))
    assert.equal(names(gop.frames), '')
    gop.keep(frame('key', 'f'))
    assert.equal(names(gop.frames), 'f')
  })

  test('keeps the newest header of each kind and track, metadata of the stream first', () => {
    const gop = cache()
    gop.keep(frame('header', 'v0'))
    gop.keep(frame('header', 'v1', 1))
    gop.keep(frame('metadata', 'colour'))
    gop.keep(frame('header', 'a0', 0, FrameKind.Audio))
    gop.keep(frame('metadata', 'meta', 0, FrameKind.Data))
    gop.keep(frame('header', 'V0'))
    assert.equal(names(gop.prelude()), 'meta V0 v1 colour a0')
    gop.forgetMetadata()
    assert.equal(names(gop.prelude()), 'V0 v1 colour a0')
  })

  test('begins groups with the key frames of the leading track only', () => {
    const gop = cache()
    gop.keep(frame('key', 'a'))
    gop.keep(frame('key', 'b', 1))
    gop.keep(frame('inter', 'c'))
    assert.equal(names(gop.frames), 'a b c')
  })

  test('keeps headers of a bounded number of tracks', () => {
    const gop = cache()
    for (let track = 0; track < 256; track++) gop.keep(frame('header', `h${track}`, track))
    assert.equal([...gop.prelude()].length, 64)
  })

  test('begins groups with the lowest track, together with the key frames of others just before it (Enhanced RTMP)', () => {
    const at = (timestamp: number, role: FrameRole, name: string, track = 0): Frame => ({
      ...frame(role, name, track),
      timestamp,
    })
    const gop = cache()
    gop.keep(at(0, 'key', 'a', 1))
    gop.keep(at(0, 'key', 'b'))
    assert.equal(names(gop.frames), 'a b')
    gop.keep(at(40, 'inter', 'c', 1))
    gop.keep(at(80, 'key', 'd', 1))
    gop.keep(at(80, 'key', 'e'))
    assert.equal(names(gop.frames), 'd e')
  })

  test('lets another track lead when the leading one has no key frames any more (Enhanced RTMP)', () => {
    const gop = cache()
    gop.keep(frame('key', 'a'))
    for (let nth = 0; nth < 5; nth++) gop.keep(frame('inter', 'b', 1))
    gop.keep(frame('key', 'c', 1))
    assert.equal(names(gop.frames), 'c')
  })

  test('keeps a header of several tracks until all of them have newer ones (Enhanced RTMP)', () => {
    const header = (text: string, track = 0): Frame => ({ ...frame('header', '', track), payload: tagBytes(text) })
    const both = header("96 10 'hvc1' 00 000001 aa 01 000001 bb")
    const second = header("96 00 'hvc1' 01 cc", 1)
    const first = header("96 00 'hvc1' 00 dd")
    const gop = cache()
    gop.keep(both)
    gop.keep(second)
    assert.deepEqual([...gop.prelude()], [both, second], 'the newer one comes later')
    gop.keep(first)
    assert.deepEqual([...gop.prelude()], [both, second, first])
    gop.keep(both)
    assert.deepEqual([...gop.prelude()], [both])
  })
})
