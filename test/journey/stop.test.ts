import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { stopMs } from '../../server/cli/life.ts'
import { Film } from '../support/film.ts'
import { PacedPublisher } from '../support/paced-publisher.ts'
import { requireProgram } from '../support/programs.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer } from '../support/server.ts'
import { Watcher } from '../support/watcher.ts'

const ffmpeg = requireProgram('ffmpeg')

const www = {
  'live/main.js': `
    export const calls = { wait: () => new Promise(() => {}) }
    export function onDisconnection(client) { console.info('farewell ' + client.farewell) }
    export function onStop(path, reason) { console.info('stopped by ' + reason) }
  `,
  'asks/main.js': `
    export function onConnection() {
      console.info('asked')
      return new Promise(() => {})
    }
  `,
}

suite('a stop', { timeout: 240_000 }, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`by ${signal} tells clients, then applications, and ends within five seconds`, async () => {
      await using server = await startTestServer({ www })
      const url = server.url('live')
      const encoder = await RtmpClient.connect({ url: `${url}?farewell=encoder` })
      using _publisher = new PacedPublisher(await encoder.publish('cam'), { videoBytes: 100_000 }).start()
      const viewer = await RtmpClient.connect({ url: `${url}?farewell=viewer` })
      await new Watcher(await viewer.play('cam')).sees(5)
      const deaf = await RtmpClient.connect({ url: `${url}?farewell=deaf` })
      await deaf.play('cam')
      deaf.pauseReading()
      // Neither an answer that never comes nor a verdict that never comes holds it up.
      const waiting = viewer.call('wait').catch(() => 'unanswered')
      const asking = RtmpClient.connect({ url: server.url('asks') }).then(
        () => 'let in',
        (error: Error) => error.message,
      )
      await server.logged(({ msg }) => msg === 'asked')

      // A server that needs longer than its limit ends with another code.
      assert.ok(stopMs < 5000)
      assert.equal(await server.stop(signal), 0)
      for (const client of [encoder, viewer]) {
        const farewell = await client.status('NetConnection.Connect.AppShutdown')
        assert.equal(farewell.level, 'error')
        await client.closed
      }
      assert.equal(await waiting, 'unanswered')
      assert.match(await asking, /AppShutdown|closed/)
      deaf.destroy()
      const said = server.log.map(({ msg }) => msg)
      const at = (text: string): number => said.findIndex(msg => msg.includes(text))
      for (const name of ['encoder', 'viewer', 'deaf']) assert.ok(at(`farewell ${name}`) > 0, `${name} was missed`)
      assert.ok(at('stopped by shutdown') > at('farewell encoder'))
    })
  }

  test('lets FFmpeg end, on both sides', { skip: ffmpeg.skip }, async () => {
    await using film = await Film.make({ seconds: 30, keySeconds: 1 })
    await using server = await startTestServer({ www })
    const publisher = film.publish(server.url('live/cam'))
    await server.logged(({ msg }) => msg === 'published')
    await using viewer = await RtmpClient.connect({ url: server.url('live') })
    await new Watcher(await viewer.play('cam')).sees(5)
    await server.stop()
    const { output } = await publisher.exited
    assert.match(output, /Server error: the server stops/)
  })

  test('is harmless when nobody is there', async () => {
    await using server = await startTestServer({ www: {} })
    assert.equal(await server.stop(), 0)
    assert.equal(server.complaints, '')
  })
})
