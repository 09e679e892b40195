import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { Film } from '../support/film.ts'
import { PacedPublisher } from '../support/paced-publisher.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { RtmpRefusal } from '../support/rtmp-refusal.ts'
import type { RtmpStream } from '../support/rtmp-stream.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { Watcher } from '../support/watcher.ts'

const www = {
  'live/main.js': `
    const told = []
    export function onPublish(client, publication) { told.push(publication.name + ' published ' + publication.generation) }
    export function onUnpublish(client, publication) { told.push(publication.name + ' unpublished ' + publication.generation) }
    export function onFailed(client, error) { told.push('failed ' + error) }
    export const calls = { told: name => told.filter(text => text.startsWith(name + ' ')) }
  `,
}

suite('an encoder that comes back', { timeout: 240_000 }, () => {
  let server: TestServer

  before(async () => {
    server = await startTestServer({ www, set: ['publication.staleMs=500ms', 'publication.graceMs=2s'] })
  })

  after(() => server?.stop())

  const connect = (): Promise<RtmpClient> => RtmpClient.connect({ url: server.url('live') })

  test('after a cut finds its players waiting, who see it go on', async () => {
    await using viewer = await connect()
    const stream = await viewer.play('cut')
    const watcher = new Watcher(stream)
    const first = await connect()
    let publisher = new PacedPublisher(await first.publish('cut')).start()
    await watcher.sees(10)
    publisher.stop()
    first.destroy()

    await using second = await connect()
    publisher = new PacedPublisher(await second.publish('cut'), { firstTimestamp: 5_000_000 }).start()
    await watcher.sees(watcher.pictures + 20)
    publisher.stop()
    assert.deepEqual(watcher.faults, [])
    for (const gap of watcher.gaps) {
      assert.ok(gap.opensWithKey && gap.to - gap.from < 2000, `a gap from ${gap.from} to ${gap.to}`)
    }
    const codes = stream.statuses.map(({ code }) => code)
    assert.equal(codes.filter(code => code === 'NetStream.Play.PublishNotify').length, 1)
    assert.ok(!codes.includes('NetStream.Play.UnpublishNotify'))
    assert.deepEqual(await viewer.call('told', 'cut'), ['cut published 1', 'cut unpublished 1', 'cut published 2'])
    assert.deepEqual(await viewer.call('told', 'failed'), ['failed the connection was reset'])
  })

  test('is not there any more when the grace is over, which players hear', async () => {
    await using viewer = await connect()
    const stream = await viewer.play('gone')
    await using encoder = await connect()
    const published = await encoder.publish('gone')
    await stream.status('NetStream.Play.PublishNotify')
    published.closeStream()
    const begun = performance.now()
    await stream.status('NetStream.Play.UnpublishNotify')
    assert.ok(performance.now() - begun >= 1900, 'they heard it before the grace was over')
    await published.publish('gone')
    await stream.status('NetStream.Play.PublishNotify', stream.statuses.length)
  })

  test('takes the name from itself when the old connection hangs without an end', async () => {
    const hanging = await connect()
    const old = await hanging.publish('hangs')
    using publisher = new PacedPublisher(old).start()
    await using viewer = await connect()
    const watcher = new Watcher(await viewer.play('hangs'))
    await watcher.sees(5)
    await using again = await connect()
    await assert.rejects(again.publish('hangs'), (error: unknown) => {
      return error instanceof RtmpRefusal && error.info.code === 'NetStream.Publish.BadName'
    })
    publisher.stop()
    // Refused for as long as something may still come from the old one.
    const stream = await again.createStream()
    const taken = async (): Promise<boolean> => {
      return stream.publish('hangs').then(
        () => true,
        () => false,
      )
    }
    while (!(await taken())) await new Promise(resolve => setImmediate(resolve))
    const farewell = await old.status('NetStream.Unpublish.Success')
    assert.equal(farewell.description, 'hangs was taken over')
    using _next = new PacedPublisher(stream).start()
    await watcher.sees(watcher.pictures + 10)
    assert.deepEqual(watcher.faults, [])
    // Its connection stays, and may be used for something else.
    await hanging.publish('elsewhere')
    await hanging.close()
    assert.deepEqual(await viewer.call('told', 'hangs'), [
      'hangs published 1',
      'hangs unpublished 1',
      'hangs published 2',
    ])
  })
})

/** Follows all that a player gets: pictures by a Watcher, and that the times of sounds never go back. */
function follow(stream: RtmpStream, fps: number): { watcher: Watcher; faults: string[] } {
  const watcher = new Watcher(stream, fps)
  const { onFrame } = stream
  const faults: string[] = []
  let last = -1
  stream.onFrame = frame => {
    if (frame.kind === 'audio') {
      if (frame.timestamp < last) faults.push(`sound goes from ${last} to ${frame.timestamp}`)
      last = frame.timestamp
    }
    onFrame?.(frame)
  }
  return { watcher, faults }
}

suite('an encoder that is cut again and again', { timeout: 240_000 }, () => {
  let server: TestServer

  before(async () => {
    server = await startTestServer({ www, set: ['publication.staleMs=150ms', 'publication.graceMs=5s'] })
  })

  after(() => server?.stop())

  test('returns fifty times, from here and elsewhere, and its players see one stream (C140)', async () => {
    const fps = 100
    await using viewer = await RtmpClient.connect({ url: server.url('live') })
    const stream = await viewer.play('many')
    const { watcher, faults } = follow(stream, fps)
    const hanging: RtmpClient[] = []
    // Where the clocks of encoders begin: anew, in front of the wrap at 2^32, in the middle of a long day.
    const beginnings = [0, 2 ** 32 - 20, 36_000_000]
    for (let nth = 0; nth < 50; nth++) {
      const encoder = await RtmpClient.connect({ url: server.url('live'), localAddress: `127.0.0.${1 + (nth % 4)}` })
      using publisher = new PacedPublisher(await encoder.publish('many'), {
        fps,
        firstTimestamp: beginnings[nth % 3]!,
      }).start()
      await watcher.sees(watcher.pictures + 4)
      publisher.stop()
      if (nth % 3 === 0) encoder.destroy()
      else if (nth % 3 === 1) await encoder.close()
      // No end at all, as when a cable is pulled: the connection is there, and nothing comes.
      else hanging.push(encoder)
    }
    assert.deepEqual([...watcher.faults, ...faults], [])
    for (const gap of watcher.gaps) assert.ok(gap.opensWithKey, `a gap from ${gap.from} to ${gap.to}`)
    assert.ok(watcher.lastTimestamp < 60_000, `its time is at ${watcher.lastTimestamp} after less than a minute`)
    const codes = stream.statuses.map(({ code }) => code)
    assert.equal(codes.filter(code => code === 'NetStream.Play.PublishNotify').length, 1)
    assert.ok(!codes.includes('NetStream.Play.UnpublishNotify'))
    await Promise.all(hanging.map(({ streams }) => [...streams.values()][0]!.status('NetStream.Unpublish.Success')))
    const told = (await viewer.call('told', 'many')) as string[]
    const expected = Array.from({ length: 50 }, (_, nth) => [
      `many published ${nth + 1}`,
      `many unpublished ${nth + 1}`,
    ])
    assert.deepEqual(told, expected.flat().slice(0, told.length))
    assert.ok(told.length >= 99)
    for (const encoder of hanging) encoder.destroy()
  })

  test('FFmpeg that was killed, frozen or stopped is replaced by the next, and players stay (C140)', async () => {
    await using film = await Film.make({ seconds: 20, keySeconds: 1 })
    await using viewer = await RtmpClient.connect({ url: server.url('live') })
    const stream = await viewer.play('film')
    const { watcher, faults } = follow(stream, 25)
    await using killed = film.publish(server.url('live/film'))
    await watcher.sees(10)
    await killed.stop('SIGKILL')
    await using frozen = film.publish(server.url('live/film'))
    await watcher.sees(watcher.pictures + 10)
    frozen.freeze()
    await using stopped = film.publish(server.url('live/film'))
    await watcher.sees(watcher.pictures + 30)
    await stopped.stop()
    await using last = film.publish(server.url('live/film'))
    await watcher.sees(watcher.pictures + 30)
    assert.equal(last.hasExited, false)
    assert.deepEqual([...watcher.faults, ...faults], [])
    assert.ok(!stream.statuses.some(({ code }) => code === 'NetStream.Play.UnpublishNotify'))
    const told = (await viewer.call('told', 'film')) as string[]
    assert.equal(told.at(-1), 'film published 4')
  })
})
