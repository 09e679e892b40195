import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer } from '../support/server.ts'

suite('what comes to nothing', { timeout: 240_000 }, () => {
  test('a call that the client never answers rejects after apps.verdictTimeout, whoever asked for it (R36, K20)', async () => {
    await using server = await startTestServer({
      www: {
        'main.js': `
          export const calls = {
            ask() { void this.call('silent').catch(error => this.writer.writeAMFMessage('heard', error.message)) },
            wait() { return this.call('silent') },
          }`,
      },
      set: ['apps.verdictTimeout=200ms'],
    })
    await using client = await RtmpClient.connect({
      url: server.url(''),
      handlers: { silent: () => new Promise(() => {}) },
    })
    await client.call('ask')
    assert.deepEqual((await client.called('heard')).args, ['no answer within apps.verdictTimeout (200 ms)'])
    await assert.rejects(client.call('wait'), /no answer within apps\.verdictTimeout \(200 ms\)/)
  })

  test('an application that unloads itself closes its clients, hears of each, and starts again when it is needed (R21, R32)', async () => {
    await using server = await startTestServer({
      www: {
        'chat/main.js': `
          let served = 0
          export function onStart(path, { reason }) { console.log('begins with ' + reason) }
          export function onDisconnection(client) { console.log('goodbye ' + client.name) }
          export const calls = { serve() { return ++served }, unload() { server.unload() } }`,
      },
    })
    const connect = (name: string) => RtmpClient.connect({ url: server.url(`chat?name=${name}`) })
    await using tom = await connect('tom')
    await using ann = await connect('ann')
    assert.equal(await tom.call('serve'), 1)
    tom.notify('unload')
    for (const client of [tom, ann]) {
      const { level, description } = await client.status('NetConnection.Connect.AppShutdown')
      assert.deepEqual([level, description], ['error', 'Application /chat was unloaded'])
      await client.closed
    }
    const from = server.log.length
    await using later = await connect('ben')
    assert.equal(await later.call('serve'), 1, 'nothing of the life before is left')
    await server.logged(({ msg }) => msg === 'begins with start', from)
    const said = server.log.map(({ msg }) => msg).filter(msg => /^(begins|goodbye)/.test(msg))
    assert.deepEqual(said, ['begins with start', 'goodbye tom', 'goodbye ann', 'begins with start'])
  })
})
