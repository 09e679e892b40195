import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { residentBytes } from '../support/memory.ts'
import { PacedPublisher } from '../support/paced-publisher.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { Watcher } from '../support/watcher.ts'

const mega = 1024 * 1024
const lags = 'listener lags: dropping to the next key frame'

/** The id under which the log knows a client. */
async function idOf(server: TestServer, client: RtmpClient): Promise<unknown> {
  const address = `127.0.0.1:${client.socket.localPort}`
  const line = await server.logged(({ msg, address: from }) => msg === 'connected' && from === address)
  return line.client
}

suite('twenty listeners', { timeout: 240_000 }, () => {
  // Small limits, and pictures heavy enough that the system's own buffers are full within seconds.
  const set = ['listener.queueBytes=1MiB', 'listener.queueMs=1s', 'listener.lagMs=1s']
  const pace = { fps: 25, keyEvery: 25, videoBytes: 100_000 }

  test('lose nothing by one that stalls, which drops to key frames and is closed by name (M15)', async () => {
    await using server = await startTestServer({ www: { 'live/readme.txt': '' }, set })
    const url = server.url('live')
    await using encoder = await RtmpClient.connect({ url })
    const stream = await encoder.publish('show')
    using publisher = new PacedPublisher(stream, pace).start()
    const clients = await Promise.all(Array.from({ length: 20 }, () => RtmpClient.connect({ url })))
    const watchers = await Promise.all(clients.map(async client => new Watcher(await client.play('show'), pace.fps)))
    await Promise.all(watchers.map(watcher => watcher.sees(25)))
    const [stalled, ...others] = clients
    const before = residentBytes(server.pid)

    stalled!.pauseReading()
    const lagging = await server.logged(({ msg }) => msg === lags)
    const closed = await server.logged(({ msg }) => msg.startsWith('listener too slow'))
    const name = await idOf(server, stalled!)
    assert.deepEqual([lagging.client, closed.client], [name, name])
    assert.deepEqual([closed.level, closed.app, closed.publication], ['warn', '/live', 'show'])
    const grown = residentBytes(server.pid) - before

    publisher.stop()
    const [, ...watching] = watchers
    const all = publisher.pictures
    await Promise.all(watching.map(watcher => watcher.sees(all - 25)))
    for (const watcher of watching) assert.deepEqual([watcher.gaps, watcher.faults], [[], []])
    assert.ok(grown < 48 * mega, `memory grew by ${Math.round(grown / mega)} MB`)
    assert.equal(server.log.filter(({ msg }) => msg === lags).length, 1)
    stalled!.destroy()
    await Promise.all(others.map(client => client.close()))
  })

  test('take one back that stalled for a while, with a key frame', async () => {
    await using server = await startTestServer({
      www: { 'live/readme.txt': '' },
      set: [...set, 'listener.lagMs=30s'],
    })
    const url = server.url('live')
    await using encoder = await RtmpClient.connect({ url })
    using publisher = new PacedPublisher(await encoder.publish('show'), pace).start()
    await using client = await RtmpClient.connect({ url })
    const watcher = new Watcher(await client.play('show'), pace.fps)
    await watcher.sees(25)
    client.pauseReading()
    await server.logged(({ msg }) => msg === lags)
    client.resumeReading()
    // Some were still on their way to it when it began to lag; the next group of pictures comes after those it missed.
    await watcher.sees(publisher.pictures + 2 * pace.keyEvery)
    assert.deepEqual(watcher.faults, [])
    assert.deepEqual(
      watcher.gaps.map(gap => gap.opensWithKey),
      [true],
    )
  })
})
