import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { App, type Client, type MediaFrame, type Publication } from '../../server/library/index.ts'
import { Scene } from '../library/scene.ts'
import { Film } from '../support/film.ts'
import { keyTag, videoHeader } from '../support/media-samples.ts'
import { requireProgram } from '../support/programs.ts'
import { run } from '../support/run.ts'

const ffmpeg = requireProgram('ffmpeg')

suite('a server within a program', { skip: ffmpeg.skip, timeout: 240_000 }, () => {
  test('is published to and played from by FFmpeg, which reads its words of refusal (K1, K15, K20, M1)', async () => {
    const frames: MediaFrame[] = []
    class Live extends App {
      override onConnect(client: Client) {
        client.send('connected', 'some-arg')
        return client.query.word === 'tulip'
      }
      override onPublish(_client: Client, publication: Publication) {
        if (publication.name !== 'test') throw new Error(`${publication.name} is not on today`)
        publication.onFrame(frame => frames.push(frame))
      }
    }
    await using scene = await Scene.of({ live: Live })
    const { server } = scene
    const published = new Promise(resolve => server.on('publish', resolve))
    await using film = await Film.make({ seconds: 20, keySeconds: 2 })
    await using publisher = film.publish(scene.url('live?word=tulip/test'))
    await published
    const { code, output, stdout } = await run(ffmpeg.path, [
      ...[
        '-v',
        'error',
        '-i',
        scene.url('live?word=tulip/test'),
        '-c',
        'copy',
        '-frames:v',
        '25',
        '-f',
        'framecrc',
        '-',
      ],
    ])
    assert.equal(code, 0, output)
    assert.ok(stdout.split('\n').filter(line => /^[01],/.test(line)).length > 25)
    const refused = await film.publish(scene.url('live?word=tulip/other')).exited
    assert.match(refused.output, /other is not on today/)
    assert.equal(publisher.hasExited, false)
    assert.deepEqual([...new Set(frames.map(({ kind }) => kind))].sort(), ['audio', 'data', 'video'])
    const times = frames.filter(({ kind }) => kind === 'video').map(({ time }) => time)
    assert.ok(times.every((time, nth) => nth === 0 || time >= times[nth - 1]!))
    await publisher.stop()
    assert.deepEqual(scene.log.complaints, [])
  })

  test('has its classes in one process, and its sockets in as many as it is told (M1)', async () => {
    const seen = Promise.withResolvers<MediaFrame>()
    class Live extends App {
      override calls = { add: (_client: Client, a: number, b: number) => a + b }
      override onPublish(_client: Client, publication: Publication) {
        publication.onFrame(seen.resolve)
      }
    }
    await using scene = await Scene.of({ live: Live }, { server: { workers: 2 } })
    await using client = await scene.connect('live')
    assert.equal(await client.call('add', 3, 4), 7)
    const stream = await client.publish('cam')
    stream.sendVideo(0, videoHeader)
    assert.deepEqual(Buffer.from((await seen.promise).payload), videoHeader)
    const own = scene.server.publish('live', 'own')
    const playing = await client.play('own')
    own.video(0, videoHeader)
    own.video(0, keyTag())
    await playing.frame(({ payload }) => payload.equals(keyTag()))
  })
})
