import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { App, AppError, type Client, type MediaFrame, type Play, type Publication } from '../../server/library/index.ts'
import { audioHeader, audioTag, dataTag, interTag, keyTag, metadata, videoHeader } from '../support/media-samples.ts'
import type { RtmpStream } from '../support/rtmp-stream.ts'
import { Scene } from './scene.ts'

/** A second of film in little. */
function sendFilm(stream: RtmpStream): void {
  stream.sendData(0, metadata)
  stream.sendVideo(0, videoHeader)
  stream.sendAudio(0, audioHeader)
  stream.sendVideo(0, keyTag())
  stream.sendAudio(20, audioTag)
  stream.sendVideo(40, interTag(1))
}

suite('streams of a class', () => {
  test('are asked about and told of, from publish to its end (K8, M1)', async () => {
    const told: string[] = []
    class Studio extends App {
      override onPublish(_client: Client, { address, query }: Publication) {
        told.push(`publish ${address} ${query.key}`)
        if (query.key !== 'tulip') throw new Error(`${address} needs its key`)
      }
      override onUnpublish(client: Client, publication: Publication) {
        told.push(`unpublish ${publication.address} ${publication.client === client}`)
      }
      override async onPlay(_client: Client, { name, room }: Play) {
        told.push(`play ${name} in '${room}'`)
        return name !== 'secret'
      }
      override onPlayStop(_client: Client, play: Play) {
        told.push(`stop ${play.address}`)
      }
      override onCreateStream(client: Client, id: number) {
        return client.room === 'lobby' || id === 1
      }
    }
    await using scene = await Scene.of({ live: Studio })
    const events: string[] = []
    for (const name of ['publish', 'unpublish', 'play', 'playStop'] as const) {
      scene.server.on(name, (_client, what: { address: string }) => events.push(`${name} ${what.address}`))
    }
    const stopped = new Promise(resolve => scene.server.on('playStop', resolve))
    await using publisher = await scene.connect('live/lobby')
    await assert.rejects(publisher.publish('cam?key=rose'), /Publish.Failed: lobby\/cam needs its key/)
    const stream = await publisher.publish('cam?key=tulip')
    const second = await publisher.publish('two?key=tulip')
    await using player = await scene.connect('live')
    const playing = await player.play('lobby/cam')
    await assert.rejects(player.createStream(), /Call.Failed/)
    const app = scene.server.app('live')!
    assert.deepEqual([...app.publications.keys()], ['lobby/cam', 'lobby/two'])
    assert.deepEqual(
      [app.publications.get('lobby/cam')!.listeners, app.publications.get('lobby/cam')!.isLive],
      [1, true],
    )
    const cam = app.publications.get('lobby/cam')!
    cam.close('that is enough')
    assert.equal((await stream.status('NetStream.Unpublish.Success')).description, 'that is enough')
    assert.equal(cam.isLive, false)
    cam.close()
    second.closeStream()
    await second.status('NetStream.Unpublish.Success')
    playing.closeStream()
    await stopped
    assert.deepEqual(told, [
      'publish lobby/cam rose',
      'publish lobby/cam tulip',
      'publish lobby/two tulip',
      "play cam in 'lobby'",
      'unpublish lobby/cam true',
      'unpublish lobby/two true',
      'stop lobby/cam',
    ])
    assert.deepEqual(events, [
      'publish lobby/cam',
      'publish lobby/two',
      'play lobby/cam',
      'unpublish lobby/cam',
      'unpublish lobby/two',
      'playStop lobby/cam',
    ])
  })

  test('refuse players, pauses and seeks by false, and end from this side (K8)', async () => {
    class Strict extends App {
      override onPlay(_client: Client, play: Play) {
        if (play.name === 'short') this.plays.push(play)
        return play.name !== 'secret'
      }
      override onPause = (_client: Client, _play: Play, paused: boolean) => !paused
      override onSeek = (_client: Client, _play: Play, ms: number) => ms > 1000
      readonly plays: Play[] = []
    }
    await using scene = await Scene.of({ live: Strict })
    await using player = await scene.connect('live')
    await assert.rejects(player.play('secret'), /Play.Failed: Not authorized to play secret/)
    const stream = await player.play('short')
    stream.command('pause', true, 0)
    await stream.status('NetStream.Pause.Failed')
    stream.command('seek', 500)
    await stream.status('NetStream.Seek.Failed')
    const [play] = (scene.server.app('live') as Strict).plays
    play!.close('time is up')
    assert.equal((await stream.status('NetStream.Play.Stop')).description, 'time is up')
    play!.close()
  })

  test('show their frames with kind, role and time, beside the players (K9, M1)', async () => {
    const frames: MediaFrame[] = []
    const enough = Promise.withResolvers<void>()
    let end = (): void => {}
    class Watching extends App {
      override onPublish(_client: Client, publication: Publication) {
        publication.onFrame(() => {
          throw new Error('a slip')
        })
        publication.onFrame(async () => {
          throw new Error('a slip that shows later')
        })
        end = publication.onFrame(frame => {
          if (frames.push(frame) === 6) enough.resolve()
        })
      }
    }
    await using scene = await Scene.of({ live: Watching })
    await using publisher = await scene.connect('live')
    const stream = await publisher.publish('cam')
    sendFilm(stream)
    await enough.promise
    assert.deepEqual(
      frames.map(({ kind, role }) => `${kind} ${role}`),
      ['data metadata', 'video header', 'audio header', 'video key', 'audio inter', 'video inter'],
    )
    // The metadata came first, by as much as it came earlier.
    const [, first, , key, sound, inter] = frames
    assert.deepEqual([key!.time - first!.time, sound!.time - key!.time, inter!.time - key!.time], [0, 20, 40])
    assert.deepEqual(Buffer.from(key!.payload), keyTag())
    const publication = scene.server.app('live')!.publications.get('cam')!
    assert.deepEqual([publication.videoCodec, publication.audioCodec], ['avc1', 'mp4a'])
    // What the other handlers threw twelve times is one line within a second.
    assert.deepEqual(scene.log.complaints, ['a handler of frames threw'])
    end()
    await using player = await scene.connect('live')
    const playing = await player.play('cam')
    stream.sendVideo(80, keyTag(1))
    await playing.frame(({ payload }) => payload.equals(keyTag(1)))
    assert.equal(frames.length, 6)
  })

  test('may be published by the server, frame by frame (K8, M1)', async () => {
    await using scene = await Scene.of({ live: App })
    const cam = scene.server.publish('live', 'lobby/cam')
    await using player = await scene.connect('live/lobby')
    const playing = await player.play('cam')
    const memory = keyTag()
    cam.data('onMetaData', { width: 64 })
    cam.video(0, videoHeader)
    cam.video(0, memory)
    memory.fill(0)
    cam.audio(20, audioTag)
    cam.push({ kind: 'video', time: 40, payload: interTag(1) })
    cam.push({ kind: 'data', time: 0, payload: dataTag('cue', 'go') })
    const seen = await playing.frame(({ kind, payload }) => kind === 'video' && payload.equals(keyTag()))
    assert.equal(seen.timestamp, 0)
    assert.equal((await playing.frame(({ payload }) => payload.equals(interTag(1)))).timestamp, 40)
    assert.deepEqual((await playing.frame(({ values }) => values[0] === 'cue')).values, ['cue', 'go'])
    assert.equal(cam.listeners, 1)
    const own = scene.server.app('live')!.publications.get('lobby/cam')!
    assert.deepEqual([own.client, own.isLive], [null, true])

    const refused = (run: () => void, code: string) =>
      assert.throws(run, error => error instanceof AppError && error.code === code)
    refused(() => scene.server.publish('live', 'lobby/cam'), 'PUBLICATION_BUSY')
    refused(() => scene.server.publish('live', '../cam'), 'PUBLICATION_NAME')
    refused(() => scene.server.publish('other', 'cam'), 'APP_UNKNOWN')
    assert.throws(() => cam.video(-1, keyTag()), /a time must be/)
    assert.throws(() => cam.video(0, 'text' as never), /must be a Uint8Array/)
    assert.throws(() => cam.push({ kind: 'text' as never, time: 0, payload: keyTag() }), /a frame's kind/)
    refused(() => cam.data('onMetaData', 'no object'), 'PUBLICATION_DATA')
    cam.close()
    cam.close()
    assert.equal(cam.isOpen, false)
    refused(() => cam.audio(60, audioTag), 'PUBLICATION_CLOSED')
    assert.equal(scene.server.app('live')!.publications.size, 0)
    scene.server.publish('live', 'lobby/cam').close()
  })

  test('of the server keep an application of "*" alive as long as they last (K23)', async () => {
    await using scene = await Scene.of({ '*': App })
    const cam = scene.server.publish('radio', 'one')
    assert.ok(scene.server.app('radio'))
    scene.server.app('radio')!.publications.get('one')!.close()
    assert.equal(cam.isOpen, false)
    assert.equal(scene.server.app('radio'), undefined)
  })
})
