import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { HazardScene } from '../support/hazard-scene.ts'
import { command, openSocket, plainHandshake } from '../support/wire.ts'

const mega = 1024 * 1024
const handshakeSeconds = 2

suite('handshakes', { timeout: 240_000 }, () => {
  let scene: HazardScene

  before(async () => {
    scene = await HazardScene.open([`rtmp.handshakeTimeout=${handshakeSeconds}s`])
  })

  after(() => scene?.close())

  test('that drip or stop are given up in time, a thousand at once (hazard R1)', async () => {
    const from = scene.server.log.length
    const before = scene.memory
    const count = 1000
    const connections = await Promise.all(Array.from({ length: count }, () => openSocket(scene.server.port)))
    const begun = performance.now()
    for (const { socket } of connections) socket.write(Buffer.of(3))
    const dripping = setInterval(() => {
      for (const { socket } of connections.slice(0, count / 2)) socket.write(Buffer.of(0))
    }, 100)
    await Promise.all(connections.map(({ closed }) => closed))
    clearInterval(dripping)
    const seconds = (performance.now() - begun) / 1000
    assert.ok(seconds < handshakeSeconds + 20, `the last was closed after ${seconds.toFixed(1)} s`)
    assert.ok(scene.memory - before < 64 * mega, `memory grew by ${Math.round((scene.memory - before) / mega)} MB`)
    await scene.unharmed()
    await scene.troubled('rtmp.handshake.timeout', count, from)
  })

  for (const [what, code, bytes] of [
    ['a version 0', 'version', Buffer.alloc(1537)],
    ['encryption (RTMPE, version 6)', 'encrypted', Buffer.concat([Buffer.of(6), Buffer.alloc(1536)])],
    ['a request of HTTP', 'http', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['one byte of anything', 'version', Buffer.of(0xff)],
  ] as const) {
    test(`with ${what} are closed (hazard R2)`, async () => {
      await scene.blames(`rtmp.handshake.${code}`, async () => {
        const { socket, closed } = await openSocket(scene.server.port)
        socket.write(bytes)
        await closed
      })
    })
  }

  test('with a digest that is wrong in both schemes are plain ones (hazard R2)', async () => {
    await scene.bears(async () => {
      const { socket, receives } = await openSocket(scene.server.port)
      const hello = Buffer.alloc(1537, 0x5a)
      hello[0] = 3
      hello.writeUInt32BE(0, 1)
      // The version that asks for digests.
      hello.writeUInt32BE(0x0a002d02, 5)
      socket.write(Buffer.concat([hello, Buffer.alloc(1536), command(0, 'connect', 1, { app: 'live' })]))
      await scene.server.logged(({ msg, address }) => {
        return msg === 'connected' && address === `127.0.0.1:${socket.localPort}`
      })
      await receives(3073)
      socket.destroy()
    })
  })

  test('whose last part is anything are accepted, as real clients send it (hazard R3)', async () => {
    await scene.bears(async () => {
      const { socket } = await openSocket(scene.server.port)
      socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(1536), Buffer.alloc(1536, 0xee)]))
      socket.write(command(0, 'connect', 1, { app: 'live' }))
      await scene.server.logged(({ msg, address }) => {
        return msg === 'connected' && address === `127.0.0.1:${socket.localPort}`
      })
      socket.destroy()
    })
  })

  test('that a message cuts short take the message for their own bytes (hazard R3)', async () => {
    const early = command(0, 'connect', 1, { app: 'live' })
    await scene.blames('rtmp.handshake.timeout', async () => {
      const { socket, closed } = await openSocket(scene.server.port)
      socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(1536), early]))
      await closed
    })
  })

  test('that are not followed by a connect are closed', async () => {
    await scene.blames('rtmp.connect.timeout', async () => {
      const { socket, closed } = await openSocket(scene.server.port)
      socket.write(Buffer.concat([plainHandshake, command(0, 'createStream', 2, null)]))
      await closed
    })
  })

  test('and all that follows may come in one piece', async () => {
    await scene.bears(async () => {
      const { socket } = await openSocket(scene.server.port)
      const from = scene.server.log.length
      socket.write(
        Buffer.concat([
          plainHandshake,
          command(0, 'connect', 1, { app: 'live' }),
          command(0, 'createStream', 2, null),
          command(1, 'publish', 0, null, 'at once', 'live'),
        ]),
      )
      await scene.server.logged(({ msg, publication }) => msg === 'published' && publication === 'at once', from)
      socket.destroy()
    })
  })
})
