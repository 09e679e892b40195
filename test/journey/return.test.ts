import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { PacedPublisher } from '../support/paced-publisher.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { RtmpRefusal } from '../support/rtmp-refusal.ts'
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

suite('an encoder that comes back', { timeout: 40_000 }, () => {
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
