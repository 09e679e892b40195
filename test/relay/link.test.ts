import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { suite, test } from 'node:test'
import type { Log } from '../../server/base/log.ts'
import { silentLog } from '../../server/base/log.ts'
import { readRtmpStreamUrl } from '../../server/base/rtmp-url.ts'
import { encodeAmf0 } from '../../server/media/amf0.ts'
import type { Dialled, Dialling } from '../../server/protocol/netconnection/dial.ts'
import { readStatus } from '../../server/protocol/netconnection/remote-status.ts'
import { rtmpLimits } from '../../server/protocol/rtmp/limits.ts'
import { backoff, redirectsMax } from '../../server/relay/limits.ts'
import { Link } from '../../server/relay/link.ts'
import { RtmpDialer } from '../../server/transports/rtmp-dialer.ts'
import { worldLimits } from '../protocol/netconnection/fake-client.ts'
import { ManualClock } from '../support/manual-clock.ts'

const url = readRtmpStreamUrl('rtmp://h.example/live/SECRET?k=SECRET2')
const idle = { begin() {}, end() {} }

function scene(fail: string | null) {
  const clock = new ManualClock()
  const tries: { at: number; to: Dialled; dialling: Dialling }[] = []
  const lines: string[] = []
  const line = (subject: object, text: string): void => void lines.push(`${JSON.stringify(subject)} ${text}`)
  const log: Log = { ...silentLog, warn: line, info: line, error: line, child: () => log }
  const dial = {
    dial(to: Dialled, dialling: Dialling) {
      tries.push({ at: clock.now(), to, dialling })
      if (fail !== null) queueMicrotask(() => dialling.failed(fail))
      return () => {}
    },
  }
  const world = { dial, clock, log, name: 'me', random: () => 0 }
  assert.ok(typeof url !== 'string')
  const link = new Link(url, idle, () => [], world, log)
  return { clock, tries, lines, link }
}

suite('Link', () => {
  test('comes back for ever, in pauses that double up to a bound (R36)', async () => {
    const { clock, tries, link } = scene('ECONNREFUSED')
    link.start()
    for (let look = 0; look < 400; look++) {
      await Promise.resolve()
      clock.advance(250)
    }
    const pauses = tries.slice(1).map(({ at }, index) => at - tries[index]!.at)
    assert.deepEqual(pauses.slice(0, 7), [250, 500, 1000, 2000, 4000, 8000, 15_000])
    assert.equal(Math.max(...pauses), backoff.most)
    const before = tries.length
    link.stop()
    clock.advance(60_000)
    assert.equal(tries.length, before)
  })

  test('goes where it is sent, so often and no further, and asks the first server again (R36, F10)', () => {
    const { clock, tries, lines, link } = scene(null)
    const sent = (redirect: string): void => {
      const info = { code: 'NetConnection.Connect.Rejected', level: 'error', ex: { code: 302, redirect } }
      link.refused(readStatus(encodeAmf0([info])))
    }
    link.start()
    for (let round = 0; round < 2; round++) {
      const from = tries.length - 1
      for (let nth = 1; nth <= redirectsMax; nth++) sent(`rtmps://other${nth}.example/there`)
      const hosts = tries.slice(from).map(({ to: { host, port, secure } }) => `${host}:${port} ${secure}`)
      assert.deepEqual(hosts.slice(0, 2), ['h.example:1935 false', 'other1.example:443 true'])
      assert.equal(hosts.length, 1 + redirectsMax)
      sent('rtmp://once-more.example/there')
      assert.equal(link.trouble, `sent elsewhere more than ${redirectsMax} times in a row`)
      clock.advance(backoff.most)
      assert.equal(tries.at(-1)!.to.host, 'h.example')
    }
    // One that is gone by now is not asked for ever.
    sent('rtmp://gone.example/there')
    tries.at(-1)!.dialling.failed('ECONNREFUSED')
    clock.advance(backoff.most)
    assert.equal(tries.at(-1)!.to.host, 'h.example')
    sent('http://web.example/')
    assert.match(lines.at(-1)!, /it sends us elsewhere, but the URL begins with neither rtmp/)
    link.stop()
  })

  test('says nothing of keys, whatever the other server says back (R36)', async () => {
    const { lines, link } = scene('the stream SECRET?k=SECRET2 is not welcome, SECRET')
    link.start()
    await Promise.resolve()
    assert.equal(lines.length, 1)
    assert.doesNotMatch(lines[0]!, /SECRET/)
    assert.doesNotMatch(link.trouble, /SECRET/)
    link.stop()
  })
})

/** A server that is none: what it does with each connection is the test's. */
async function rogue(act: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(socket => {
    socket.on('error', () => {})
    act(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

const hello = Buffer.concat([Buffer.of(3), Buffer.alloc(1536 * 2)])
const chunk = (type: number, body: Buffer): Buffer => {
  const header = Buffer.alloc(12)
  header[0] = 3
  header.writeUIntBE(body.length, 4, 3)
  header[7] = type
  return Buffer.concat([header, body])
}

suite('a server that means harm', () => {
  const rogues: [string, (socket: Socket) => void][] = [
    ['closes at once', socket => socket.destroy()],
    ['speaks HTTP', socket => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['sends random bytes', socket => socket.write(Buffer.alloc(10_000, 3))],
    [
      'announces a message of 16 MB and goes',
      socket => socket.end(Buffer.concat([hello, Buffer.from('03000000ffffff1400000000', 'hex')])),
    ],
    [
      'sends a command that is none',
      socket => socket.write(Buffer.concat([hello, chunk(20, Buffer.from('ffffff', 'hex'))])),
    ],
    ['nests its AMF without end', socket => socket.write(Buffer.concat([hello, chunk(20, Buffer.alloc(100, 0x0a))]))],
  ]
  for (const [what, act] of rogues) {
    test(`and ${what} costs its connection, and is tried again (R36, F10)`, async () => {
      const { server, port } = await rogue(act)
      const clock = new ManualClock()
      const config = {
        ...worldLimits,
        rtmp: { ...rtmpLimits, chunkSize: 65_536 } as never,
      }
      const dialer = new RtmpDialer({ config, clock, log: silentLog })
      const target = readRtmpStreamUrl(`rtmp://127.0.0.1:${port}/live/x`)
      assert.ok(typeof target !== 'string')
      const failed = Promise.withResolvers<string>()
      const log: Log = { ...silentLog, warn: (_, text) => failed.resolve(text), child: () => log }
      const link = new Link(target, idle, () => [], { dial: dialer, clock, log, name: 'me', random: () => 0 }, log)
      link.start()
      assert.match(await failed.promise, /./)
      const again = once(server, 'connection')
      clock.advance(backoff.first)
      await again
      link.stop()
      dialer.close()
      server.close()
    })
  }

  test('and never answers is given up in time (R36)', async () => {
    const { server, port } = await rogue(() => {})
    const clock = new ManualClock()
    const config = { ...worldLimits, rtmp: { ...rtmpLimits, chunkSize: 65_536 } as never }
    const dialer = new RtmpDialer({ config, clock, log: silentLog })
    const target = readRtmpStreamUrl(`rtmp://127.0.0.1:${port}/live/x`)
    assert.ok(typeof target !== 'string')
    const failed = Promise.withResolvers<string>()
    const log: Log = { ...silentLog, warn: (_, text) => failed.resolve(text), child: () => log }
    const link = new Link(target, idle, () => [], { dial: dialer, clock, log, name: 'me', random: () => 0 }, log)
    const connected = once(server, 'connection')
    link.start()
    const [socket] = (await connected) as [Socket]
    await once(socket, 'data')
    clock.advance(rtmpLimits.handshakeTimeout + 1000)
    assert.match(await failed.promise, /no handshake within/)
    link.stop()
    dialer.close()
    server.close()
  })
})
