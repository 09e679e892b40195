import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { cumulus } from '../support/cumulus.ts'
import { PacedPublisher } from '../support/paced-publisher.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { RtmpRefusal } from '../support/rtmp-refusal.ts'
import { startTestServer } from '../support/server.ts'

const good = `
export function onPublish() {}
export const calls = { figures() { return server.stats() } }
`
const bad = good.replace('onPublish() {}', 'onPublish(client, publication) { return publication.nowhere.allowed }')

suite('a save that goes wrong', { timeout: 240_000 }, () => {
  test('costs three refused publishes, is taken back and named, and no stream notices', async () => {
    await using server = await startTestServer({ www: { 'live/main.js': good } })
    const url = server.url('live')
    await using encoder = await RtmpClient.connect({ url })
    using _film = new PacedPublisher(await encoder.publish('film')).start()
    await using player = await RtmpClient.connect({ url })
    const watching = await player.play('film')
    await watching.frame(({ kind, timestamp }) => kind === 'video' && timestamp > 200)
    await server.writeApp('live/main.js', bad)
    await server.logged(({ msg }) => msg === 'application reloaded')
    const outcomes: boolean[] = []
    for (let times = 0; times < 8; times++) {
      await using client = await RtmpClient.connect({ url })
      const name = `cam${times}`
      outcomes.push(await client.publish(name).then(() => true, refused))
    }
    assert.deepEqual(outcomes, [false, false, false, true, true, true, true, true])
    const line = await server.logged(({ msg }) => msg.startsWith('application rolled back'))
    assert.match(line.msg, /onPublish threw TypeError/)
    const exec = await cumulus(['exec', 'live', 'server.stats().rolledBack', '--data', server.data])
    assert.match(exec.stdout, /^"onPublish threw TypeError: /)
    const shown = await cumulus(['repl', 'live', '--data', server.data], { input: '.apps\n' })
    assert.match(shown.stdout, /\n\/live serves the version before its last save: onPublish threw TypeError: /)
    const figures = (await encoder.call('figures')) as { rollbacks: number; rolledBack: string }
    assert.equal(figures.rollbacks, 1)
    assert.match(figures.rolledBack, /TypeError/)
    await watching.frame(({ kind }) => kind === 'video', watching.frames.length)
    const pictures = watching.frames.filter(({ kind }) => kind === 'video')
    const times = pictures.slice(2).map(({ timestamp }) => timestamp)
    for (const [nth, time] of times.entries()) assert.ok(nth === 0 || time - times[nth - 1]! === 40, `${times}`)
  })
})

suite('accounting', { timeout: 240_000 }, () => {
  test('shows who burns a third of a processor, and that its neighbour does not', async () => {
    const telling = "setInterval(() => server.broadcast('load', server.stats().load), 1000)"
    const burning =
      'setInterval(() => { const until = performance.now() + 30; while (performance.now() < until); }, 100)'
    await using server = await startTestServer({
      www: { 'hot/main.js': `${telling}\n${burning}`, 'cold/main.js': telling },
    })
    const [hot, cold] = await Promise.all([heard('hot', 5), heard('cold', 5)])

    /** What an application says of itself at that time of telling. */
    async function heard(app: string, times: number): Promise<number> {
      const said = Promise.withResolvers<number>()
      const load = (value: unknown) => {
        if (--times === 0) said.resolve(value as number)
      }
      await using _client = await RtmpClient.connect({ url: server.url(app), handlers: { load } })
      return await said.promise
    }
    // A machine with less to give leaves it less; it never shows more than it burnt.
    assert.ok(hot < 0.6 && hot > 4 * cold, `${hot} and ${cold}`)
    assert.ok(cold < 0.05, `${cold}`)
  })
})

function refused(error: unknown): boolean {
  if (error instanceof RtmpRefusal) return false
  throw error
}
