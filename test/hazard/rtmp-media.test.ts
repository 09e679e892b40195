import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { HazardScene } from '../support/hazard-scene.ts'
import { audioHeader, audioTag, interTag, keyTag, videoHeader } from '../support/media-samples.ts'
import { PacedPublisher } from '../support/paced-publisher.ts'
import { requireProgram } from '../support/programs.ts'
import type { RtmpClient } from '../support/rtmp-client.ts'
import type { ReceivedFrame, RtmpStream } from '../support/rtmp-stream.ts'
import { run } from '../support/run.ts'
import { hex } from '../support/wire.ts'

const ffprobe = requireProgram('ffprobe')

/** The payloads a player saw of one kind. */
function seen(to: RtmpStream, kind: ReceivedFrame['kind']): Buffer[] {
  return to.frames.filter(frame => frame.kind === kind).map(({ payload }) => payload)
}

suite('media', { timeout: 240_000 }, () => {
  let scene: HazardScene
  let encoder: RtmpClient
  let viewer: RtmpClient
  let count = 0

  before(async () => {
    scene = await HazardScene.open()
    encoder = await scene.client()
    viewer = await scene.client()
  })

  after(() => scene?.close())

  /** Publishes what `send` sends to somebody who watches from the beginning and somebody who comes at the end. */
  async function shown(send: (from: RtmpStream) => void): Promise<{ early: RtmpStream; late: RtmpStream }> {
    const name = `film ${++count}`
    const from = await encoder.publish(name)
    const early = await viewer.play(name)
    send(from)
    const end = keyTag(1, 1000)
    from.sendVideo(10_000, end)
    await early.frame(({ payload }) => payload.equals(end))
    const late = await viewer.play(name)
    await late.frame(({ payload }) => payload.equals(end))
    for (const stream of [from, early, late]) stream.delete()
    return { early, late }
  }

  test('without a codec’s configuration are passed on as they come (hazard R16)', async () => {
    await scene.bears(async () => {
      const { early } = await shown(from => {
        from.sendVideo(0, keyTag())
        from.sendVideo(40, interTag(1))
        from.sendAudio(41, audioTag)
      })
      assert.deepEqual(seen(early, 'video').slice(0, 2), [keyTag(), interTag(1)])
      assert.deepEqual(seen(early, 'audio'), [audioTag])
    })
  })

  test('whose configuration comes again and changes in mid-stream give newcomers the last one (hazard R16)', async () => {
    await scene.bears(async () => {
      const changed = Buffer.concat([videoHeader, Buffer.of(0)])
      const { early, late } = await shown(from => {
        from.sendVideo(0, videoHeader)
        from.sendVideo(0, videoHeader)
        from.sendVideo(0, keyTag())
        from.sendVideo(40, changed)
        from.sendVideo(40, keyTag(1))
      })
      assert.deepEqual(seen(early, 'video').slice(0, 5), [videoHeader, videoHeader, keyTag(), changed, keyTag(1)])
      assert.deepEqual(seen(late, 'video')[0], changed)
      assert.equal(seen(late, 'video').filter(payload => payload.equals(videoHeader)).length, 0)
    })
  })

  for (const [what, payload] of [
    ['of nothing', Buffer.alloc(0)],
    ['of one byte', hex('17')],
    ['of a header without content', hex('17 00 00 00 00')],
    ['with a truncated avcC', videoHeader.subarray(0, 9)],
    ['with a truncated hvcC', hex('1c 00 00 00 00 01 02')],
    ['with a NAL unit longer than they are', hex('17 01 00 00 00 7f ff ff ff 65')],
    ['of an unknown codec', hex('1f 01 02 03')],
    ['of no known kind', hex('ff ff ff ff')],
    // Enhanced RTMP
    ['of an unknown FourCC', hex('90 78 78 78 78 00')],
    ['with a FourCC cut short', hex('91 68 76')],
    ['with a truncated hvc1 configuration', hex('90 68766331 01')],
    ['with a truncated av01 configuration', hex('90 61763031 81')],
    ['with a chain of modifiers that never ends', Buffer.concat([hex('97'), Buffer.alloc(3000, hex('00 00 07'))])],
    ['with a modifier of no length', hex('97 00')],
    ['with a modifier past their end', hex('97 ff ff ff')],
    ['with tracks past their end', hex('96 01 68766331 05 ff ffff')],
  ] as const) {
    test(`in pictures ${what} harm nobody (hazard R16, R17)`, async () => {
      await scene.bears(async () => {
        const { early } = await shown(from => {
          from.sendVideo(0, videoHeader)
          from.sendVideo(0, payload)
          from.sendVideo(40, keyTag())
          from.sendVideo(80, payload)
        })
        assert.ok(seen(early, 'video').some(picture => picture.equals(keyTag())))
      })
    })
  }

  for (const [what, payload] of [
    ['empty', Buffer.alloc(0)],
    ['of one byte', hex('af')],
    ['of a header without content', hex('af 00')],
    ['of an unknown format', hex('ff 00')],
    ['of an unknown FourCC', hex('91 78 78 78 78 00')],
    ['cut short in its FourCC', hex('90 4f 70')],
    ['of more channels than there are', hex('94 4f707573 01 ff 00000000')],
  ] as const) {
    test(`in sound that is ${what} harm nobody (hazard R16, R17)`, async () => {
      await scene.bears(async () => {
        const { early } = await shown(from => {
          from.sendAudio(0, audioHeader)
          from.sendAudio(0, payload)
          from.sendAudio(23, audioTag)
        })
        assert.ok(seen(early, 'audio').some(sound => sound.equals(audioTag)))
      })
    })
  }

  test('of all that harm leave a stream that real players play', { skip: ffprobe.skip }, async () => {
    await scene.bears(async () => {
      const from = await encoder.publish('afterwards')
      using _publisher = new PacedPublisher(from).start()
      from.sendAudio(0, Buffer.alloc(0))
      const { code, output, stdout } = await run(ffprobe.path, [
        ...['-v', 'error', '-of', 'csv=p=0', '-show_entries', 'stream=codec_name', '-analyzeduration', '500k'],
        ...['-read_intervals', '%+#5', scene.server.url('live/afterwards')],
      ])
      assert.equal(code, 0, output)
      assert.deepEqual(stdout.trim().split('\n').sort(), ['aac', 'h264'])
    })
  })
})
