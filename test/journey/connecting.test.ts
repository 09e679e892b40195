import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { RtmpClient } from '../support/rtmp-client.ts'
import { RtmpRefusal } from '../support/rtmp-refusal.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const www = {
  'main.js': `export const calls = { ban() { server.addToBlacklist('127.0.0.0/8') } }`,
  'door/main.js': `
    export function onHandshake(address, path, properties, attempts) {
      if (path === '/door/away') return ['other:1936', 'third']
      if (path === '/door/here') return 'again'
      if (properties.times) return attempts <= Number(properties.times)
    }
    export function onConnection(client, where) {
      if (where) client.redirect(where)
    }
    export function onCreateStream(client, streamId) { return streamId < 2 }
    export function onFailed(client, error) { INFO('failed: ', error) }
    export function onDisconnection(client) { INFO('gone') }
    export const calls = {
      async measure() { return this.bandwidth() },
      end() { this.writer.close() },
    }`,
}

suite('connecting', { timeout: 240_000 }, () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer({ www })
  })
  after(() => server?.stop())

  const refusal = async (path: string, ...args: unknown[]): Promise<Record<string, unknown>> => {
    const error = await RtmpClient.connect({ url: server.url(path), args }).catch(thrown => thrown)
    assert.ok(error instanceof RtmpRefusal, String(error))
    return { ...error.info }
  }

  test('elsewhere, by the hook and by the client, is a refusal with the way there (R28, C153, C154)', async () => {
    const sent = (redirect: string) => ({
      level: 'error',
      code: 'NetConnection.Connect.Rejected',
      description: `redirected to ${redirect}`,
      ex: { code: 302, redirect },
    })
    assert.deepEqual(await refusal('door/away?a=b'), sent('rtmp://other:1936/door/away?a=b'))
    assert.deepEqual(await refusal('door', 'rtmp://x/y'), sent('rtmp://x/y'))
    await using here = await RtmpClient.connect({ url: server.url('door/here') })
    assert.equal(here.info.code, 'NetConnection.Connect.Success')
  })

  test('is counted by address and path (C153)', async () => {
    await using first = await RtmpClient.connect({ url: server.url('door/count?times=1') })
    assert.equal(first.info.code, 'NetConnection.Connect.Success')
    assert.equal((await refusal('door/count?times=1')).description, 'client rejected')
  })

  test('brings streams with leave, a measured line, and an end by the main writer (M3, R38, C59, C133)', async () => {
    await using client = await RtmpClient.connect({ url: server.url('door') })
    assert.equal(await client.call('createStream'), 1)
    await assert.rejects(client.call('createStream'), /Not allowed to create a stream/)
    const { maximum, latency } = (await client.call('measure')) as { maximum: number; latency: number }
    assert.ok(maximum > 100_000 && latency >= 0, `${maximum} bytes/s, ${latency} ms`)
    client.notify('end')
    const { description } = await client.status('NetConnection.Connect.Closed')
    assert.equal(description, 'Main flow writer closed, session is closing')
    await server.logged(({ msg }) => msg === 'failed: Main flow writer closed, session is closing')
    await server.logged(({ msg }) => msg === 'gone')
  })

  test('is over for whom the root bans, before a word is said (C16)', async () => {
    await using client = await RtmpClient.connect({ url: server.url('') })
    client.notify('ban')
    assert.equal((await client.status('NetConnection.Connect.Closed')).description, 'address is banned')
    const error = await RtmpClient.connect({ url: server.url('door') }).catch(thrown => thrown)
    assert.ok(error instanceof Error && !(error instanceof RtmpRefusal), 'there is no handshake')
  })
})
