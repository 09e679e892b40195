import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { after, before, suite, test } from 'node:test'
import { Lab, runner } from '../lab.ts'
import { outcome, Script } from './script.ts'

const portOf = (server: Server) => (server.address() as AddressInfo).port

/** Everything a socket receives until it ends. */
async function textOf(socket: Socket): Promise<string> {
  let text = ''
  for await (const data of socket) text += data
  return text
}

suite('sockets of a script', () => {
  const lab = new Lab()
  const echo = createServer(socket => socket.pipe(socket).on('error', () => {}))
  let port = 0
  before(async () => {
    echo.listen(0, '127.0.0.1')
    await once(echo, 'listening')
    port = portOf(echo)
  })
  after(async () => {
    echo.close()
    await lab.end()
  })

  test('a TCP client connects, sends what came before, receives, and hears its end (C18)', async () => {
    const script = await Script.raise(lab, ['tcp:127.0.0.1:*'])
    const seen = await script.run(`
      const socket = server.createTCPClient()
      const { promise, resolve } = Promise.withResolvers()
      const seen = [socket.connected, socket.address, socket.peerAddress]
      let text = ''
      socket.onReception = function (data) {
        text += new TextDecoder().decode(data)
        if (text === 'early late') this.disconnect()
        return 0
      }
      socket.onDisconnection = function () { resolve(this === socket) }
      const connecting = socket.connect('127.0.0.1', ${port})
      const early = socket.send('early ')
      seen.push(await connecting, socket.connected, socket.peerAddress, await early)
      seen.push(await socket.send(new TextEncoder().encode('late')))
      seen.push(await promise, text, socket.connected, socket.address, await socket.send('x'))
      return seen
    `)
    assert.deepEqual(seen, [
      false,
      undefined,
      undefined,
      undefined,
      true,
      `127.0.0.1:${port}`,
      undefined,
      undefined,
      true,
      'early late',
      false,
      undefined,
      'TCPClient not connected',
    ])
  })

  test('what a handler leaves over comes again with what follows (C18)', async () => {
    const script = await Script.raise(lab, ['tcp:127.0.0.1:*'])
    const lines = await script.run(`
      const socket = server.createTCPClient()
      const { promise, resolve } = Promise.withResolvers()
      const lines = []
      let heard
      socket.onReception = data => {
        heard.resolve()
        const text = new TextDecoder().decode(data)
        const parts = text.split('\\n')
        const rest = parts.pop()
        lines.push(...parts)
        if (lines.includes('end')) resolve(lines)
        return rest.length
      }
      await socket.connect('127.0.0.1', ${port})
      for (const part of ['on', 'e\\ntw', 'o', '\\nen', 'd\\n']) {
        heard = Promise.withResolvers()
        await socket.send(part)
        await heard.promise
      }
      return promise
    `)
    assert.deepEqual(lines, ['one', 'two', 'end'])
  })

  test('a handler that leaves more than apps.socketBytes over loses its connection (C18)', async () => {
    const script = await Script.raise(lab, ['tcp:127.0.0.1:*'], { socketBytes: 1_024 })
    const error = await script.run(`
      const socket = server.createTCPClient()
      const ended = Promise.withResolvers()
      socket.onReception = data => data.length
      socket.onDisconnection = ended.resolve
      await socket.connect('127.0.0.1', ${port})
      for (let i = 0; i < 4; i++) await socket.send(new Uint8Array(512))
      await ended.promise
      return socket.error
    `)
    assert.match(String(error), /apps\.socketBytes \(1024\)/)
  })

  test('more than apps.socketBytes does not wait to be sent, and the text says so (C18)', async () => {
    const { promise: accepted, resolve: accept } = Promise.withResolvers<Socket>()
    const deaf = createServer(socket => accept(socket.pause().on('error', () => {})))
    deaf.listen(0, '127.0.0.1')
    await once(deaf, 'listening')
    const script = await Script.raise(lab, ['tcp:127.0.0.1:*'], { socketBytes: 1_024 })
    const text = await script.run(`
      const socket = server.createTCPClient()
      await socket.connect('127.0.0.1', ${portOf(deaf)})
      const text = await socket.send(new Uint8Array(1_025))
      socket.disconnect()
      return text
    `)
    ;(await accepted).destroy()
    deaf.close()
    assert.match(String(text), /apps\.socketBytes \(1024\)/)
  })

  test('a connection that is refused gives the text, and no onDisconnection (C18)', async () => {
    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const closed = portOf(gone)
    gone.close()
    await once(gone, 'close')
    const script = await Script.raise(lab, ['tcp:127.0.0.1:*'])
    const seen = await script.run(`
      const socket = server.createTCPClient()
      let ended = 0
      socket.onDisconnection = () => ended++
      const text = await socket.connect('127.0.0.1', ${closed})
      const again = await socket.connect('127.0.0.1', ${port})
      socket.onDisconnection = undefined
      socket.disconnect()
      return [text, socket.error, again, ended]
    `)
    assert.match(String((seen as unknown[])[0]), /ECONNREFUSED/)
    assert.deepEqual((seen as unknown[]).slice(1), [undefined, undefined, 0])
  })

  test('what is not allowed is a CapabilityError with the line to add (C18, C19, C20)', async () => {
    const script = await Script.raise(lab, ['tcp:*:*'])
    for (const [expression, word] of [
      [`server.createTCPClient().connect('127.0.0.1', ${port})`, `tcp:127.0.0.1:${port}`],
      [`server.createTCPServer().start(0)`, 'listen:tcp:0'],
      [`server.createUDPSocket().bind('127.0.0.1:0')`, 'listen:udp:0'],
      [`server.createUDPSocket().connect('127.0.0.1:9')`, 'udp:127.0.0.1:9'],
      [`server.createUDPSocket().send('x', '[::1]:9')`, 'udp:[::1]:9'],
    ] as const) {
      const text = String(await script.run(outcome(expression)))
      assert.match(text, /^CapabilityError: application \/app\d+ may not use /)
      assert.ok(text.includes(`${word}: add it to the line allow in section [app:`), text)
    }
  })

  test('a name that leads to this machine needs the address, too (C18)', async () => {
    const byName = await Script.raise(lab, ['tcp:localhost:*'])
    const connecting = `server.createTCPClient().connect('localhost', ${port})`
    assert.match(
      String(await byName.run(outcome(connecting))),
      /^CapabilityError: localhost leads to .*no public address/,
    )
    const both = await Script.raise(lab, ['tcp:localhost:*', 'tcp:127.0.0.1:*'])
    assert.equal(await both.run(outcome(connecting)), 'undefined')
  })

  test('a script that names an argument wrongly reads which (C18, C19, C20)', async () => {
    const script = await Script.raise(lab, ['tcp:127.0.0.1:*'])
    assert.equal(
      await script.run(outcome('server.createTCPClient().connect(7, 1)')),
      'TypeError: connect: host is a text like "example.com"',
    )
    assert.match(
      String(await script.run(outcome(`server.createTCPClient().connect('a', 70000)`))),
      /^TypeError: connect: port is/,
    )
    assert.match(String(await script.run(outcome(`server.createTCPServer().start('x')`))), /^TypeError: start: port is/)
    assert.match(
      String(await script.run(outcome(`server.createUDPSocket().bind('::1:5')`))),
      /^TypeError: bind: address is/,
    )
    assert.match(
      String(await script.run(outcome(`server.createTCPClient().send(5)`))),
      /^TypeError: send wants a Uint8Array/,
    )
    assert.match(
      String(await script.run(outcome(`server.createTCPClient().onReception = 5`))),
      /^TypeError: onReception is a function/,
    )
  })

  test('a TCP server answers its clients, and stops (C19)', async () => {
    const script = await Script.raise(lab, ['listen:tcp:*'])
    const at = Number(
      await script.run(`
        globalThis.tcp = server.createTCPServer()
        tcp.clientHandler = client => {
          client.onReception = async data => {
            await client.send(client.peerAddress + ' said ' + new TextDecoder().decode(data))
            client.disconnect()
          }
        }
        const before = [tcp.running, tcp.port]
        const text = await tcp.start(0)
        if (text !== undefined || !tcp.running || before[0] || before[1] !== 0) throw new Error('not as it should be')
        return tcp.port
      `),
    )
    const socket = connect(at, '127.0.0.1')
    socket.write('hello')
    await once(socket, 'connect')
    const { localPort } = socket
    assert.match(await textOf(socket), new RegExp(`127\\.0\\.0\\.1:${localPort} said hello`))
    assert.deepEqual(await script.run('tcp.stop(); return [tcp.running, tcp.port]'), [false, 0])
    const late = connect(at, '127.0.0.1')
    assert.match(String((await once(late, 'error'))[0]), /ECONNREFUSED/)
  })

  test('connections past apps.sockets are closed at once, and counted in one line (C19)', async () => {
    const script = await Script.raise(lab, ['listen:tcp:*'], { sockets: 2 })
    const at = Number(
      await script.run(`
        globalThis.tcp = server.createTCPServer()
        tcp.clientHandler = client => { client.send('in') }
        await tcp.start(0)
        return tcp.port
      `),
    )
    const first = connect(at, '127.0.0.1')
    await once(first, 'data')
    const second = connect(at, '127.0.0.1').on('error', () => {})
    second.resume()
    await once(second, 'close')
    assert.match(
      (await script.app.command('log', ({ level }) => level === 'warn')).text,
      /1 connections were dropped: apps\.sockets \(2\)/,
    )
    assert.match(String(await script.run(outcome('server.createTCPServer().start(0)'))), /apps\.sockets \(2\) are open/)
    first.destroy()
    await script.run('tcp.stop()')
  })

  test('a peer that floods is read no faster than the script looks (C19)', async () => {
    const script = await Script.raise(lab, ['listen:tcp:*'])
    const at = Number(
      await script.run(`
        globalThis.tcp = server.createTCPServer()
        globalThis.got = 0
        globalThis.gates = []
        tcp.clientHandler = client => {
          client.onReception = data => { got += data.length; return new Promise(go => gates.push(() => go(0))) }
        }
        await tcp.start(0)
        return tcp.port
      `),
    )
    const socket = connect(at, '127.0.0.1').on('error', () => {})
    await once(socket, 'connect')
    let taken = true
    for (let sent = 0; sent < 64 && taken; sent++) taken = socket.write(new Uint8Array(1024 * 1024))
    // The handler has not answered: at most what one window holds has come behind the glass, twice over.
    await script.run('while (got === 0) await new Promise(go => setTimeout(go, 5))')
    assert.ok(Number(await script.run('return got')) <= 2 * 64 * 1024 + 65_536)
    assert.ok(socket.writableLength > 0)
    socket.destroy()
  })

  test('UDP sockets bind, send, receive and tell from whom (C20)', async () => {
    const script = await Script.raise(lab, ['listen:udp:*', 'udp:127.0.0.1:*'])
    const peer = createSocket('udp4')
    peer.bind(0, '127.0.0.1')
    await once(peer, 'listening')
    const address = String(
      await script.run(`
        globalThis.udp = server.createUDPSocket()
        udp.onReception = (data, from) => { udp.send('back: ' + new TextDecoder().decode(data), from) }
        const text = await udp.bind('127.0.0.1:0')
        if (text !== undefined) throw new Error(text)
        return udp.address
      `),
    )
    peer.send('there', Number(address.split(':')[1]), '127.0.0.1')
    const [data] = await once(peer, 'message')
    assert.equal(String(data), 'back: there')
    const again = await script.run(`return [await udp.bind('127.0.0.1:0'), await udp.connect('127.0.0.1:9')]`)
    assert.deepEqual(again, Array(2).fill(`UDPSocket already bound on ${address}, close the socket before`))
    assert.deepEqual(await script.run('udp.close(); return [udp.address, udp.peerAddress]'), [undefined, undefined])
    peer.close()
  })

  test('a connected UDP socket hears its peer only (C20)', async () => {
    const script = await Script.raise(lab, ['udp:127.0.0.1:*'])
    const [peer, stranger] = [createSocket('udp4'), createSocket('udp4')]
    peer.bind(0, '127.0.0.1')
    await once(peer, 'listening')
    const { port: at } = peer.address()
    const sending = script.run(`
      const udp = server.createUDPSocket(false)
      const { promise, resolve } = Promise.withResolvers()
      udp.onReception = (data, from) => resolve([new TextDecoder().decode(data), from])
      const text = await udp.connect('127.0.0.1:${at}')
      const first = [text, udp.peerAddress, await udp.send('knock')]
      return [...first, ...(await promise)]
    `)
    const [, from] = await once(peer, 'message')
    stranger.send('stranger', from.port, '127.0.0.1', () => peer.send('come in', from.port, '127.0.0.1'))
    assert.deepEqual(await sending, [undefined, `127.0.0.1:${at}`, undefined, 'come in', `127.0.0.1:${at}`])
    peer.close()
    stranger.close()
  })
})

suite('sockets at a reload', () => {
  const lab = new Lab()
  after(() => lab.end())

  const version = (name: string, onStart = '') => `
    ${runner}
    const tcp = server.createTCPServer()
    tcp.clientHandler = client => { client.send('${name}') }
    export async function onStart(path, { reason, state }) {
      const text = await tcp.start(state?.port ?? 0)
      if (reason !== 'rollback' && text !== undefined) throw new Error(text)
      ${onStart}
    }
    export const onStop = () => ({ port: tcp.port })
    globalThis.tcp = tcp
  `

  async function greeting(port: number): Promise<string> {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    const [data] = await once(socket, 'data')
    socket.destroy()
    return String(data)
  }

  test('the new version takes the port over, and no connection is refused (C19, C125)', async () => {
    const script = await Script.raise(lab, ['listen:tcp:*'])
    const { app } = script
    assert.equal((await app.reload(version('one'))).report, 'reloaded')
    const port = Number(await script.run('return tcp.port'))
    const stays = connect(port, '127.0.0.1')
    assert.equal(String((await once(stays, 'data'))[0]), 'one')
    const ended = once(stays.resume(), 'close')
    assert.equal((await app.reload(version('two'))).report, 'reloaded')
    // What the old version held has ended with it.
    await ended
    assert.equal(await greeting(port), 'two')
    const failed = await app.reload(version('three', `if (reason === 'reload') throw new Error('no')`))
    assert.equal(failed.report, 'failed')
    assert.equal(await greeting(port), 'two')
    app.tell({ e: 'forget', client: 'nobody' })
    lab.child.send({ order: 'dispose', path: app.path })
    await lab.child.report('disposed')
    const late = connect(port, '127.0.0.1')
    assert.match(String((await once(late, 'error'))[0]), /ECONNREFUSED/)
  })
})
