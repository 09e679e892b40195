import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { after, before, suite, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { dataTag, keyTag, videoHeader } from '../support/media-samples.ts'
import { connectOn, workerOf } from '../support/on-worker.ts'
import { PacedPublisher } from '../support/paced-publisher.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { Watcher } from '../support/watcher.ts'

const www = {
  'live/main.js': `
    export function onConnection(client, name) {
      client.name = name
      if (name === 'nobody') throw new Error('not today')
      return { hello: name }
    }
    export function onDisconnection(client) { console.info('gone: ' + client.name) }
    export function onFailed(client, error) { console.info('failed: ' + client.name + ': ' + error) }
    export function onPublish(client, publication) { console.info('publishes: ' + publication.name) }
    export function onUnpublish(client, publication) { console.info('unpublishes: ' + publication.name) }
    export function onVideoPacket(client, publication, time, packet) {
      if (publication.name === 'seen') console.info('packet: ' + packet.length)
    }
    function find(name) {
      return [...clients].map(([, client]) => client).find(client => client.name === name)
    }
    export const calls = {
      names() { return [...clients].map(([, client]) => client.name).sort() },
      shout(text) { server.broadcast('shouted', text) },
      ask(name) { return find(name).call('asked', 1) },
      kick(name) { find(name).close('enough') },
      audience(name) { return publications.get(name).listeners.count },
      rate(name) { return publications.get(name).videoQOS.byteRate },
      say(name, text) { publications.get(name).send('said', text) },
      end(name) { publications.get(name).close() },
      mute(name) { for (const [, listener] of publications.get(name).listeners) listener.receiveVideo = false },
      push(name) {
        // AMF0: the text "script".
        server.publish(name).pushDataPacket('hello', Uint8Array.of(2, 0, 6, ...[...'script'].map(c => c.charCodeAt(0))))
      },
    }
  `,
}

/** Resolves once the script sees these clients and no others: those that were closed may still be on their way out. */
async function sees(client: RtmpClient, names: readonly string[]): Promise<void> {
  while (!isDeepStrictEqual(await client.call('names'), names));
}

/** Lines about the relay of a publication, as worker and what it did. */
function relays(server: TestServer, publication: string): unknown[] {
  return server.log
    .filter(line => line.msg.startsWith('relay ') && line.publication === publication)
    .map(({ worker, msg }) => `${worker}: ${msg}`)
}

suite('two workers', { timeout: 240_000 }, () => {
  let server: TestServer
  let url: string
  before(async () => {
    server = await startTestServer({ www, set: ['server.workers=2'] })
    url = server.url('live')
  })
  after(() => server.stop())

  const on = (worker: number, name = 'somebody', handlers = {}): Promise<RtmpClient> =>
    connectOn(server, worker, { url, args: [name], handlers })

  test('play on both what one of them publishes, pulled once, with a picture at once for who comes late', async () => {
    await using encoder = await on(1)
    using publisher = new PacedPublisher(await encoder.publish('show'), { keyEvery: 1000 }).start()
    const near = await on(1)
    const far = [await on(2), await on(2)]
    const watchers = [new Watcher(await near.play('show'))]
    for (const client of far) watchers.push(new Watcher(await client.play('show')))
    await Promise.all(watchers.map(watcher => watcher.sees(50)))
    for (const { gaps, faults } of watchers) assert.deepEqual([gaps, faults], [[], []])
    await server.logged(({ msg, publication }) => msg === 'relay opened' && publication === 'show')

    await Promise.all(far.map(client => client.close()))
    await server.logged(({ msg, publication }) => msg === 'relay closed' && publication === 'show')
    assert.deepEqual(relays(server, 'show'), ['2: relay opened', '2: relay closed'])

    // There was one key picture, long ago: what follows it comes along.
    const sent = publisher.pictures
    await using late = await on(2)
    const stream = await late.play('show')
    const first = await stream.frame(({ kind, payload }) => kind === 'video' && payload[1] === 1)
    assert.equal(first.payload[0], 0x17)
    const frames = stream.frames.map(({ kind, payload }) => (kind === 'data' ? 'data' : payload.toString('hex', 0, 2)))
    assert.ok(frames.includes('1700') && frames.includes('af00'), `headers in ${frames.slice(0, 6)}`)
    const watcher = new Watcher(stream)
    await watcher.sees(sent)
    assert.deepEqual([watcher.gaps, watcher.faults], [[], []])
    await near.close()
  })

  test('are one to the script: clients, calls, broadcasts and kicks reach everybody', async () => {
    await using one = await on(1, 'one', { asked: (value: number) => `one heard ${value}` })
    await using two = await on(2, 'two', { asked: (value: number) => `two heard ${value}` })
    assert.equal((one.info as { hello?: string }).hello, 'one')
    await sees(one, ['one', 'two'])
    const from = server.log.length
    assert.deepEqual([await one.call('ask', 'two'), await two.call('ask', 'one')], ['two heard 1', 'one heard 1'])
    one.notify('shout', 'hear, hear')
    for (const client of [one, two]) assert.deepEqual((await client.called('shouted')).args, ['hear, hear'])
    one.notify('kick', 'two')
    assert.equal((await two.status('NetConnection.Connect.Closed')).description, 'enough')
    await server.logged(({ msg }) => msg === 'gone: two', from)
    assert.deepEqual(await one.call('names'), ['one'])
  })

  test('refuse a client in the words of the script', async () => {
    await assert.rejects(on(2, 'nobody'), /not today/)
  })

  test('have each name once', async () => {
    await using one = await on(1)
    await using two = await on(2)
    const stream = await one.publish('taken')
    using _publisher = new PacedPublisher(stream).start()
    await assert.rejects(two.publish('taken'), /taken is already published/)
    stream.closeStream()
    await server.logged(({ msg }) => msg === 'unpublishes: taken')
    await two.publish('taken')
  })

  test('give a name whose publisher fell silent to the next who takes it, whichever worker has either', async () => {
    await using one = await on(1)
    await using two = await on(2)
    const stream = await one.publish('silent')
    stream.sendVideo(0, videoHeader)
    const taker = await two.createStream()
    for (;;) {
      const outcome = await taker.publish('silent').catch((error: Error) => error)
      if (!(outcome instanceof Error)) break
      assert.match(outcome.message, /silent is already published/)
    }
    await stream.status('NetStream.Unpublish.Success')
  })

  test('keep players through a change of the publisher from one worker to the other, in one time', async () => {
    await using one = await on(1)
    await using two = await on(2)
    const clients = [await on(1), await on(2)]
    const first = await one.publish('moving')
    using before = new PacedPublisher(first).start()
    const watchers: Watcher[] = []
    const streams = []
    for (const client of clients) {
      const stream = await client.play('moving')
      streams.push(stream)
      watchers.push(new Watcher(stream))
    }
    await Promise.all(watchers.map(watcher => watcher.sees(30)))
    before.stop()
    first.closeStream()
    await server.logged(({ msg }) => msg === 'unpublishes: moving')
    const seen = watchers.map(({ pictures }) => pictures)
    using _after = new PacedPublisher(await two.publish('moving'), { firstTimestamp: 1_000_000 }).start()
    await Promise.all(watchers.map((watcher, i) => watcher.sees(seen[i]! + 30)))
    for (const [i, { faults, lastTimestamp, gaps }] of watchers.entries()) {
      assert.deepEqual(faults, [])
      assert.ok(lastTimestamp < 60_000, `the new clock shows: ${lastTimestamp}`)
      assert.ok(gaps.every(gap => gap.opensWithKey))
      assert.equal(streams[i]!.statuses.filter(({ code }) => code === 'NetStream.Play.UnpublishNotify').length, 0)
    }
    for (const client of clients) await client.close()
  })

  test('tell players everywhere who waited, and when it ends', async () => {
    await using player = await on(2)
    const stream = await player.play('awaited')
    await using encoder = await on(1)
    const published = await encoder.publish('awaited')
    await stream.status('NetStream.Play.PublishNotify')
    published.sendVideo(0, videoHeader)
    published.sendVideo(0, keyTag())
    await stream.frame(({ kind, payload }) => kind === 'video' && payload[1] === 1)
    await encoder.call('end', 'awaited')
    await published.status('NetStream.Unpublish.Success')
    await stream.status('NetStream.Play.UnpublishNotify')
  })

  test('carry what scripts say to a publication and publish themselves to players everywhere', async () => {
    await using encoder = await on(1)
    const stream = await encoder.publish('spoken')
    stream.sendData(0, dataTag('onCuePoint', 'a mark'))
    const players = [await on(1), await on(2)]
    const playing = await Promise.all(players.map(player => player.play('spoken')))
    await Promise.all(playing.map(async (_, i) => assert.equal(await players[i]!.call('audience', 'spoken'), 2)))
    await encoder.call('say', 'spoken', 'listen')
    for (const each of playing) {
      const said = await each.frame(({ kind, values }) => kind === 'data' && values[0] === 'said')
      assert.deepEqual(said.values, ['said', 'listen'])
    }
    const waiting = await Promise.all(players.map(player => player.play('scripted')))
    await encoder.call('push', 'scripted')
    for (const each of waiting) {
      await each.status('NetStream.Play.PublishNotify')
      const hello = await each.frame(({ kind, values }) => kind === 'data' && values[0] === 'hello')
      assert.deepEqual(hello.values, ['hello', 'script'])
    }
    for (const player of players) await player.close()
  })

  test('mute a player of any worker, show packets to the script, and measure', async () => {
    await using encoder = await on(1)
    await using player = await on(2)
    using _publisher = new PacedPublisher(await encoder.publish('seen'), { videoBytes: 2000 }).start()
    const stream = await player.play('seen')
    await stream.frame(({ kind }) => kind === 'video')
    await server.logged(({ msg }) => msg === 'packet: 2000')
    await encoder.call('mute', 'seen')
    // Whatever was under way has come by the time of this answer.
    await player.call('audience', 'seen')
    const from = stream.frames.length
    await stream.frame(({ kind }) => kind === 'audio', from + 10)
    assert.equal(stream.frames.slice(from).filter(({ kind }) => kind === 'video').length, 0)
    while (Number(await encoder.call('rate', 'seen')) < 30_000);
  })
})

suite('a worker that is killed', { timeout: 240_000 }, () => {
  test('costs its own clients only, of which the script hears, and is back', async () => {
    await using server = await startTestServer({ www, set: ['server.workers=2'] })
    const url = server.url('live')
    const on = (worker: number, name: string) => connectOn(server, worker, { url, args: [name] })
    await using encoder = await on(1, 'encoder')
    await using near = await on(1, 'near')
    const far = await on(2, 'far')
    const lost = await on(2, 'publisher')
    using publisher = new PacedPublisher(await encoder.publish('show')).start()
    await lost.publish('lost')
    const orphan = await near.play('lost')
    const watcher = new Watcher(await near.play('show'))
    const other = new Watcher(await far.play('show'))
    await watcher.sees(25)
    await other.sees(25)

    await sees(near, ['encoder', 'far', 'near', 'publisher'])
    const up = (line: { msg: string; worker?: unknown }) => line.msg === 'media worker up' && line.worker === 2
    const { pid } = await server.logged(up)
    const from = server.log.length
    process.kill(Number(pid), 'SIGKILL')
    await Promise.all([far.closed, lost.closed])
    const failure = 'the media worker that served it ended: its process ended by SIGKILL'
    await server.logged(({ msg }) => msg === `failed: far: ${failure}`)
    await server.logged(({ msg }) => msg === 'unpublishes: lost', from)
    await server.logged(({ msg }) => msg === 'gone: publisher', from)
    assert.deepEqual(await near.call('names'), ['encoder', 'near'])

    using _heir = new PacedPublisher(await encoder.publish('lost')).start()
    await orphan.frame(({ kind }) => kind === 'video')
    assert.equal(
      orphan.statuses.some(({ code }) => code === 'NetStream.Play.UnpublishNotify'),
      false,
    )

    await server.logged(up, from)
    await using again = await on(2, 'again')
    assert.equal(await workerOf(server, again), 2)
    const back = new Watcher(await again.play('show'))
    await back.sees(25)
    await watcher.sees(publisher.pictures)
    for (const { gaps, faults } of [watcher, back]) assert.deepEqual([gaps, faults], [[], []])

    const [code] = await Promise.all([
      server.stop(),
      ...[near, again].map(client => client.status('NetConnection.Connect.AppShutdown')),
    ])
    assert.equal(code, 0)
    assert.equal(server.complaints, '')
    assert.deepEqual(
      server.log.filter(({ level }) => level === 'error').map(({ msg }) => msg),
      ['media worker ended: its process ended by SIGKILL'],
    )
  })
})

suite('workers whose main process is killed', { timeout: 240_000 }, () => {
  test('end, and leave nothing behind', async () => {
    await using server = await startTestServer({ www, set: ['server.workers=2'] })
    const ups = server.log.filter(({ msg }) => msg === 'media worker up')
    assert.equal(ups.length, 2)
    await using client = await RtmpClient.connect({ url: server.url('live') })
    const relays = (): string[] => readdirSync(tmpdir()).filter(name => name.startsWith(`cumulus-${server.pid}-`))
    assert.equal(relays().length, 1)
    await server.stop('SIGKILL')
    await client.closed
    while (ups.some(({ pid }) => isThere(Number(pid))) || relays().length > 0) await turn()
  })
})

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
