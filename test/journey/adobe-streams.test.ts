import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { audioHeader, audioTag, interTag, keyTag, metadata, videoHeader } from '../support/media-samples.ts'
import { RtmpClient, type RtmpClientOptions } from '../support/rtmp-client.ts'
import type { RtmpStream } from '../support/rtmp-stream.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

/** The samples of Adobe's reference that deal with streams and shared objects, as it describes them. */
const www = {
  // Whatever is published is recorded under another name, and the client may ask how long that is.
  'recorder/main.asc': `
    application.onPublish = function (client, stream) {
      if (stream.name.indexOf('copy') === 0) return
      var copy = Stream.get('copy of ' + stream.name)
      copy.onStatus = function (info) { trace(info.code + ' ' + info.details) }
      copy.record()
      copy.play(stream.name, -1, -1)
    }
    application.onConnect = function (client) {
      client.getLength = function (name) { return Stream.length(name) }
      client.getSize = function (name) { return Stream.size(name) }
      client.tell = function (name, text) { return Stream.get(name).send('told', text) }
      client.wipe = function () { return application.clearStreams('/') }
      return true
    }`,
  // The server's own programme: recordings one after another, then what is live.
  'channel/main.asc': `
    application.onConnect = function (client) {
      client.begin = function () {
        var channel = Stream.get('programme')
        channel.onStatus = function (info) {
          trace(info.code + ' ' + info.details)
          client.call('news', null, info.code, info.details)
        }
        channel.play('one', 0, -1, true)
        channel.play('none', 0, -1, false)
        channel.play('two', 0, 1, false)
        channel.play('studio', -1, -1, false)
        return channel.time >= 0
      }
      client.end = function () { return Stream.get('programme').play(false) }
      return true
    }`,
  // Everybody sees where the ball is.
  'ball/main.asc': `
    application.onAppStart = function () {
      this.ball = SharedObject.get('position', false)
      this.ball.setProperty('x', 10)
      this.ball.onSync = function (list) { trace('moved ' + list[0].code + ' ' + this.getProperty('x')) }
    }
    application.onConnect = function (client) {
      client.where = function () { return application.ball.getProperty('x') }
      client.push = function (x) { application.ball.setProperty('x', x) }
      client.wipe = function () { return application.clearSharedObjects('/position') }
      return true
    }`,
}

/** A key picture that is told from all others by its size. */
const picture = (id: number) => keyTag(id, 200 + id)

/** Sends so many pictures of 40 ms as fast as they go, the keys numbered from `first` on. */
function send(stream: RtmpStream, pictures: number, first = 0): void {
  stream.sendData(0, metadata)
  stream.sendVideo(0, videoHeader)
  stream.sendAudio(0, audioHeader)
  for (let nth = 0; nth < pictures; nth++) {
    stream.sendVideo(nth * 40, nth % 10 === 0 ? picture(first + nth / 10) : interTag(nth % 10))
    stream.sendAudio(nth * 40, audioTag)
  }
}

suite('streams and shared objects in the dialect of Adobe', { timeout: 240_000 }, () => {
  let server: TestServer
  const clients: RtmpClient[] = []

  before(async () => {
    server = await startTestServer({ www, set: ['publication.graceMs=0'] })
  })
  after(async () => {
    for (const client of clients) client.destroy()
    await server.stop()
  })

  async function connect(app: string, options: Omit<RtmpClientOptions, 'url'> = {}): Promise<RtmpClient> {
    const client = await RtmpClient.connect({ url: server.url(app), ...options })
    clients.push(client)
    return client
  }

  const traced = (text: string, from = 0) => server.logged(line => line.msg === text, from)

  test('live stream recorder: what is published is played into a stream that is recorded (R10, R11, R40)', async () => {
    const client = await connect('recorder/room')
    const stream = await client.publish('cam')
    await traced('NetStream.Publish.Start copy of cam')
    await traced('NetStream.Play.Start cam')
    const player = await client.play('copy of cam')
    send(stream, 50)
    const key = await player.frame(frame => frame.payload.equals(picture(4)))
    assert.equal(key.kind, 'video')
    assert.equal(await client.call('tell', 'copy of cam', 'hello'), true)
    assert.deepEqual((await player.frame(({ values }) => values[0] === 'told')).values, ['told', 'hello'])
    stream.closeStream()
    await traced('NetStream.Play.Stop cam')
    await traced('NetStream.Unpublish.Success copy of cam')
    await player.status('NetStream.Play.UnpublishNotify')
    await server.logged(line => /recorded|recording/.test(line.msg) && JSON.stringify(line).includes('copy of cam'))
    const seconds = (await client.call('getLength', 'copy of cam')) as number
    assert.ok(seconds > 1.8 && seconds < 2.2, `${seconds} s`)
    assert.ok(((await client.call('getSize', 'copy of cam')) as number) > 1000)
    assert.equal(await client.call('getLength', 'nothing'), 0)
    assert.equal(await client.call('wipe'), true)
    // The disk is not waited for: it is gone a moment later, or the suite's time runs out.
    while ((await client.call('getLength', 'copy of cam')) !== 0) await client.call('getSize', 'copy of cam')
  })

  test('playlist: recordings follow one another into one stream, then what is live', async () => {
    const editor = await connect('channel')
    for (const [name, first] of [
      ['one', 100],
      ['two', 200],
    ] as const) {
      const stream = await editor.createStream()
      await stream.publish(name, 'record')
      send(stream, 30, first)
      stream.closeStream()
      await stream.status('NetStream.Record.Stop')
    }
    const player = await editor.createStream()
    const watching = player.play('programme', -1)
    assert.equal(await editor.call('begin'), true)
    await watching
    await player.frame(frame => frame.payload.equals(picture(102)))
    await player.frame(frame => frame.payload.equals(picture(201)))
    await traced('NetStream.Play.Switch studio')
    const studio = await editor.publish('studio')
    send(studio, 20, 40)
    await player.frame(frame => frame.payload.equals(picture(41)))
    const times = player.frames.filter(({ kind }) => kind === 'video').map(({ timestamp }) => timestamp)
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
      'its time never goes back',
    )
    const keys = player.frames.filter(
      frame => frame.kind === 'video' && frame.payload[0] === 0x17 && frame.payload[1] === 1,
    )
    const order = [100, 101, 102, 200, 201, 40, 41].map(id =>
      keys.findIndex(frame => frame.payload.equals(picture(id))),
    )
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
      'in the order of the list',
    )
    assert.equal(await editor.call('end'), true)
    await player.status('NetStream.Play.UnpublishNotify')
    await traced('NetStream.Unpublish.Success programme')
    await editor.call('end')
    const news = editor.calls.filter(({ name }) => name === 'news').map(({ args }) => args.join(' '))
    assert.deepEqual(news, [
      'NetStream.Publish.Start programme',
      'NetStream.Play.Start one',
      'NetStream.Play.Switch none',
      'NetStream.Play.StreamNotFound none',
      'NetStream.Play.Switch two',
      'NetStream.Play.Start two',
      'NetStream.Play.Switch studio',
      'NetStream.Play.Start studio',
      'NetStream.Unpublish.Success programme',
    ])
  })

  test('shared ball: each instance has its own, and the script may clear it (R9, R68, R74)', async () => {
    const [one, two] = [await connect('ball/one'), await connect('ball/two')]
    await one.call('push', 55)
    assert.equal(await one.call('where'), 55)
    assert.equal(await two.call('where'), 10)
    assert.equal(await one.call('wipe'), true)
    assert.equal(await one.call('where'), null)
    assert.equal(await two.call('where'), 10)
  })
})

suite('streams of the server with several processes at the sockets', { timeout: 240_000 }, () => {
  test('play recordings, and say that a live stream cannot be played so', async () => {
    await using server = await startTestServer({ www, set: ['server.workers=2'] })
    await using client = await RtmpClient.connect({ url: server.url('recorder') })
    const stream = await client.publish('cam')
    await server.logged(line => line.msg === 'NetStream.Play.Failed cam')
    stream.closeStream()
    await using editor = await RtmpClient.connect({ url: server.url('channel') })
    const film = await editor.createStream()
    await film.publish('one', 'record')
    send(film, 30, 100)
    film.closeStream()
    await film.status('NetStream.Record.Stop')
    const player = await editor.createStream()
    const watching = player.play('programme', -1)
    await editor.call('begin')
    await watching
    await player.frame(frame => frame.payload.equals(picture(101)))
  })
})
