import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { suite, test } from 'node:test'
import { describeTag } from '../../server/media/flv-tag.ts'
import { FrameKind, FrameRole } from '../../server/media/frame.ts'
import { audioHeader, audioTag, audioTagMs, interTag, keyTag, videoHeader } from './media-samples.ts'
import { requireProgram } from './programs.ts'

const ffmpeg = requireProgram('ffmpeg')

function flvTag(type: number, time: number, body: Buffer): Buffer {
  const head = Buffer.alloc(11)
  head[0] = type
  head.writeUIntBE(body.length, 1, 3)
  head.writeUIntBE(time & 0xffffff, 4, 3)
  head[7] = time >>> 24
  const size = Buffer.alloc(4)
  size.writeUInt32BE(11 + body.length)
  return Buffer.concat([head, body, size])
}

suite('media samples', () => {
  test('are what they say, to the server', () => {
    const role = (kind: FrameKind, body: Buffer) => describeTag(kind, body).role
    assert.equal(role(FrameKind.Video, videoHeader), FrameRole.Header)
    assert.equal(role(FrameKind.Video, keyTag()), FrameRole.Key)
    assert.equal(role(FrameKind.Video, interTag(1)), FrameRole.Inter)
    assert.equal(role(FrameKind.Audio, audioHeader), FrameRole.Header)
    assert.equal(role(FrameKind.Audio, audioTag), FrameRole.Inter)
  })

  test('are as heavy as was asked', () => {
    assert.equal(keyTag(0, 100_000).length, 100_000)
    assert.equal(interTag(5, 5000).length, 5000)
    assert.ok(interTag(1).length < 30)
  })

  test('are decoded by FFmpeg without a complaint', { skip: ffmpeg.skip }, () => {
    const tags: Buffer[] = [
      Buffer.from('464c5601050000000900000000', 'hex'),
      flvTag(9, 0, videoHeader),
      flvTag(8, 0, audioHeader),
    ]
    let audioSent = 0
    for (let nth = 0; nth < 60; nth++) {
      const time = nth * 40
      tags.push(flvTag(9, time, nth % 20 === 0 ? keyTag(nth / 20, 3000) : interTag(nth % 20, nth * 10)))
      for (; audioSent * audioTagMs < time; audioSent++)
        tags.push(flvTag(8, Math.floor(audioSent * audioTagMs), audioTag))
    }
    const args = [
      '-hide_banner',
      '-loglevel',
      'warning',
      '-xerror',
      '-i',
      '-',
      '-progress',
      'pipe:1',
      '-f',
      'null',
      '-',
    ]
    const { status, stdout, stderr } = spawnSync(ffmpeg.path, args, { input: Buffer.concat(tags), encoding: 'utf8' })
    assert.equal(stderr, '')
    assert.equal(status, 0)
    assert.match(stdout, /^frame=60$/m)
  })
})
