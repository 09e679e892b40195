import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { rtmpLimits } from '../../server/protocol/rtmp/limits.ts'
import { handedAddressChars, lingerMs, tickMs } from '../../server/transports/limits.ts'
import { RtmpTransport } from '../../server/transports/rtmp.ts'
import { TunnelLobby } from '../../server/transports/tunnel-lobby.ts'
import { World, worldLimits } from '../protocol/netconnection/fake-client.ts'
import { post, TunnelClient } from '../support/tunnel-client.ts'

suite('TunnelLobby', () => {
  let world: World
  let folder = ''
  let transport: RtmpTransport
  let lobby: TunnelLobby
  let base = ''
  /** Where the next connection is handed to. */
  let next: string | null = null
  let isDismissed = false

  const dismiss = (): void => {
    isDismissed = true
    transport.dismiss({ code: 'Connect.AppShutdown', description: 'enough' })
  }

  beforeEach(async () => {
    world = new World()
    isDismissed = false
    folder = await mkdtemp(join(tmpdir(), 'cumulus-lobby-'))
    next = join(folder, 'h')
    const { hub, clock, log } = world
    const rtmp = {
      ...{ ...rtmpLimits, port: 0, interface: '127.0.0.1', backlog: 511, chunkSize: 65_536, streams: 64 },
      ...{ connections: 2, rtmpe: false, rtmpt: true },
    }
    const rtmps = { port: null, certificate: '', key: '', tls: '1.2' as const }
    const http = { port: 0, interface: '127.0.0.1', connections: 100 }
    transport = new RtmpTransport({ hub, config: { ...worldLimits, rtmp, rtmps, http }, clock, log, handed: next })
    await transport.listen()
    lobby = new TunnelLobby({ config: { rtmp, http }, clock, log, next: () => next })
    base = `http://${(await lobby.listen()).rtmpt}`
  })

  afterEach(async () => {
    lobby.close()
    if (!isDismissed) dismiss()
    const closing = Promise.all([transport.close(), lobby.closed])
    let isClosed = false
    void closing.then(() => {
      isClosed = true
    })
    for (; !isClosed; await turn()) world.clock.advance(tickMs)
    await rm(folder, { recursive: true })
  })

  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await turn()
  }

  test('hands a tunnel on to who serves it, and the answers back (R45)', async () => {
    const client = await TunnelClient.connect(base)
    assert.equal(transport.connections, 1)
    client.command('createStream', 2)
    await client.until(() => client.commands.filter(name => name === '_result').length === 2)
  })

  test('keeps last words for the next request of their client (R45)', async () => {
    const client = await TunnelClient.connect(base)
    lobby.close()
    dismiss()
    await client.until(() => client.commands.includes('onStatus'))
    assert.equal((await post(`${base}/open/1`).catch(() => ({ status: 503 }))).status, 503)
  })

  test('ends what its client ends, and what its server ends (R45)', async () => {
    const [one, other] = [await TunnelClient.connect(base), await TunnelClient.connect(base)]
    await one.leave()
    world.clock.advance(lingerMs + tickMs)
    await until(() => transport.connections === 1)
    dismiss()
    while ((await post(`${base}/idle/${other.id}/99`)).status !== 404) world.clock.advance(tickMs)
  })

  test('closes at once what nobody can serve (R45)', async () => {
    next = null
    const { bytes } = await post(`${base}/open/1`)
    assert.equal((await post(`${base}/idle/${bytes.toString().trim()}/1`)).status, 404)
    next = join(folder, 'nobody')
    const id = (await post(`${base}/open/1`)).bytes.toString().trim()
    while ((await post(`${base}/idle/${id}/1`)).status !== 404);
  })

  test('is not taken for a client by who serves before it said whose connection it is', async () => {
    const socket = connect(next!)
    socket.write('x'.repeat(handedAddressChars + 1))
    await once(socket, 'close')
    assert.equal(transport.connections, 0)
  })
})
