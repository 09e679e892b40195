import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Certificate, openssl } from '../support/certificate.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer } from '../support/server.ts'

const entry = fileURLToPath(new URL('../../server/cli/cumulus.ts', import.meta.url))

/** Asks whoever knows, in three lines. */
const asking = `
export const calls = {
  async ask(url) { return (await fetch(url)).text() }
}
`

suite('a script asks over HTTPS', { skip: openssl.skip, timeout: 240_000 }, () => {
  test('whom the authorities of the machine, or those the operator adds, vouch for, and nobody else', async t => {
    const certificate = await Certificate.make('localhost')
    t.after(() => certificate[Symbol.asyncDispose]())
    const files = { cert: readFileSync(certificate.certificate), key: readFileSync(certificate.key) }
    const backend = createServer(files, (_request, response) => void response.end('tulip')).listen(0, '127.0.0.1')
    t.after(() => backend.close())
    await once(backend, 'listening')
    const { port } = backend.address() as AddressInfo
    const www = { 'live/main.js': asking }
    const set = [`app:/live.allow=fetch:localhost:${port}, fetch:127.0.0.1:${port}`]
    const trusting = `NODE_EXTRA_CA_CERTS=${certificate.certificate}`
    await using trusts = await startTestServer({ www, set, command: ['env', trusting, process.execPath, entry] })
    await using doubts = await startTestServer({ www, set })
    await using friend = await RtmpClient.connect({ url: trusts.url('live') })
    await using stranger = await RtmpClient.connect({ url: doubts.url('live') })
    assert.equal(await friend.call('ask', `https://localhost:${port}/`), 'tulip')
    await assert.rejects(stranger.call('ask', `https://localhost:${port}/`), /certificate/)
  })
})
