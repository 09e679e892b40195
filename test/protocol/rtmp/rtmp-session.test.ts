import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type CodedError, ProtocolError } from '../../../server/base/errors.ts'
import { ChunkReader } from '../../../server/protocol/rtmp/chunk-reader.ts'
import { ChunkWriter } from '../../../server/protocol/rtmp/chunk-writer.ts'
import {
  acknowledgement,
  BandwidthLimit,
  setBufferLength,
  setChunkSize,
  setPeerBandwidth,
  UserEvent,
  userControl,
  windowAcknowledgementSize,
} from '../../../server/protocol/rtmp/control.ts'
import { ClientHandshake, ServerHandshake } from '../../../server/protocol/rtmp/handshake.ts'
import {
  messagesBetweenLooks,
  promptReadsMax,
  type RtmpLimits,
  replyCreditMax,
  rtmpLimits,
} from '../../../server/protocol/rtmp/limits.ts'
import { type Message, MessageType } from '../../../server/protocol/rtmp/message.ts'
import { RtmpSession } from '../../../server/protocol/rtmp/rtmp-session.ts'
import type { RtmpSessionHost } from '../../../server/protocol/rtmp/session-host.ts'
import { cuts, own } from '../../support/cuts.ts'
import { hex, message, pattern, samples } from './samples.ts'

const hello = new ClientHandshake().hello
const c2 = pattern(1536)
const handshake = Buffer.concat([hello, c2])
const command = message(MessageType.CommandAmf0, 0, 0, pattern(40))

/** A server's session and all it told its host. */
class Desk implements RtmpSessionHost {
  readonly written: Buffer[] = []
  readonly messages: Message[] = []
  readonly errors: CodedError[] = []
  readyCount = 0
  onMessage: (message: Message) => void = () => {}
  onReady: () => void = () => {}
  mayGoOn: () => boolean = () => true
  readonly session: RtmpSession

  constructor(limits: Partial<RtmpLimits> = {}, now = 0) {
    this.session = new RtmpSession(this, new ServerHandshake(), { ...rtmpLimits, ...limits }, now)
    this.session.start()
  }

  write(bytes: Buffer): void {
    this.written.push(bytes)
  }
  ready(): void {
    this.readyCount++
    this.onReady()
  }
  message(message: Message): void {
    this.messages.push(message)
    this.onMessage(message)
  }
  failed(error: CodedError): void {
    this.errors.push(error)
  }

  /** What was sent since the last call, as messages. */
  sent(): Message[] {
    const messages: Message[] = []
    const reader = new ChunkReader(rtmpLimits, message => messages.push(message))
    for (const bytes of this.written.splice(0)) reader.receive(bytes)
    return messages
  }
}

/** A session whose handshake is done, with nothing said since. */
function ready(limits: Partial<RtmpLimits> = {}): Desk {
  const desk = new Desk(limits)
  desk.session.receive(handshake, 0)
  assert.equal(desk.readyCount, 1)
  desk.written.length = 0
  return desk
}

const encode = (...messages: Message[]): Buffer => new ChunkWriter().encode(messages)

suite('RtmpSession', () => {
  test('leaves the rest of a read that takes too long for later, and loses nothing of it (hazard R5)', () => {
    const desk = ready()
    desk.mayGoOn = () => false
    const sent = Array.from({ length: 100 }, (_, i) => message(MessageType.CommandAmf0, 0, 0, Buffer.of(i)))
    desk.session.receive(encode(...sent), 0)
    assert.deepEqual([desk.session.isBehind, desk.messages.length], [true, messagesBetweenLooks])
    for (let goes = 0; desk.session.isBehind; goes++) {
      assert.ok(goes < 10)
      desk.session.goOn(1)
    }
    assert.deepEqual(
      desk.messages.map(({ payload }) => payload[0]),
      sent.map(({ payload }) => payload[0]),
    )
    assert.deepEqual(desk.errors, [])
  })

  test('answers the handshake, then tells its messages, whether the bytes come at once or cut anywhere', () => {
    const stream = Buffer.concat([handshake, samples[5]!.bytes])
    for (const { title, reads } of cuts(stream)) {
      const desk = new Desk()
      for (const bytes of reads) desk.session.receive(bytes, 0)
      assert.equal(desk.readyCount, 1, title)
      assert.equal(desk.written[0]!.length, 3073, title)
      assert.deepEqual(desk.messages, samples[5]!.messages, title)
      assert.equal(desk.session.bytesIn, stream.length)
      assert.equal(desk.session.bytesOut, 3073)
      assert.equal(desk.errors.length, 0)
    }
  })

  test('talks to a session of the other side', () => {
    const server = new Desk()
    const client = new Desk()
    const session = new RtmpSession(client, new ClientHandshake({ digest: 1 }), rtmpLimits, 0)
    session.start()
    const carry = (): void => {
      for (let more = true; more; ) {
        const [toServer, toClient] = [client.written.splice(0), server.written.splice(0)]
        for (const bytes of toServer) server.session.receive(bytes, 0)
        for (const bytes of toClient) session.receive(bytes, 0)
        more = client.written.length + server.written.length > 0
      }
    }
    carry()
    assert.equal(server.readyCount + client.readyCount, 2)
    session.sendMany([setChunkSize(50), command])
    server.session.sendMany([command, setChunkSize(10), command])
    carry()
    assert.deepEqual(server.messages, [command])
    assert.deepEqual(client.messages, [command, command])
  })

  test('takes C2 for what comes instead of it (hazard R3)', () => {
    const desk = new Desk()
    desk.session.receive(Buffer.concat([hello, encode(command)]), 0)
    assert.equal(desk.readyCount, 0)
    assert.deepEqual(desk.messages, [])
    desk.session.receive(pattern(1536 - encode(command).length), 0)
    assert.equal(desk.readyCount, 1)
    desk.session.receive(encode(command), 0)
    assert.deepEqual(desk.messages, [command])
  })

  test('fails once on a broken handshake and is quiet afterwards (hazard R2)', () => {
    const desk = new Desk()
    desk.session.receive(hex('06 00'), 0)
    desk.session.receive(handshake, 0)
    desk.session.tick(100_000)
    desk.session.send(command)
    assert.deepEqual(
      desk.errors.map(({ code }) => code),
      ['rtmp.handshake.encrypted'],
    )
    assert.deepEqual(desk.written, [])
  })

  test('gives up a handshake that drips, measured over the whole of it (hazard R1)', () => {
    const desk = new Desk({ handshakeTimeout: 10_000 }, 500)
    for (let second = 0; second < 10; second++) {
      desk.session.receive(own(handshake.subarray(second, second + 1)), 500 + second * 1000)
      desk.session.tick(500 + second * 1000)
    }
    assert.equal(desk.errors.length, 0)
    desk.session.receive(own(handshake.subarray(10, 11)), 10_400)
    desk.session.tick(10_500)
    assert.equal(desk.errors[0]!.code, 'rtmp.handshake.timeout')
    assert.ok(desk.errors[0] instanceof ProtocolError)
  })

  test('gives up who says nothing, and who stops after C1 (hazard R1)', () => {
    for (const bytes of [Buffer.alloc(0), hex('03'), hello]) {
      const desk = new Desk({ handshakeTimeout: 10_000 })
      desk.session.receive(bytes, 0)
      desk.session.tick(9_999)
      assert.equal(desk.errors.length, 0)
      desk.session.tick(10_000)
      assert.equal(desk.errors[0]!.code, 'rtmp.handshake.timeout')
    }
  })

  test('fails on bad chunks with the reader’s own words, and hands on what came before', () => {
    const desk = ready()
    desk.session.receive(Buffer.concat([encode(command), hex('c9')]), 5)
    assert.deepEqual(desk.messages, [command])
    assert.equal(desk.errors[0]!.code, 'rtmp.chunk.orphan')
  })

  test('an error of its host’s ends this session alone, and is not called the peer’s', () => {
    const desk = ready()
    const thrown = new TypeError('undefined is not a function')
    desk.onMessage = () => {
      throw thrown
    }
    desk.session.receive(encode(command, command), 0)
    assert.equal(desk.messages.length, 1)
    assert.equal(desk.errors.length, 1)
    assert.equal(desk.errors[0]!.code, 'rtmp.fault')
    assert.equal(desk.errors[0]!.doing, 'server')
    assert.equal(desk.errors[0]!.cause, thrown)
  })

  test('an error of the peer’s, found by its host, is passed as it is', () => {
    const desk = ready()
    const thrown = new ProtocolError('amf.depth', 'too deep')
    desk.onMessage = () => {
      throw thrown
    }
    desk.session.receive(encode(command), 0)
    assert.deepEqual(desk.errors, [thrown])
  })

  test('may be closed from within ready and from within a message', () => {
    const closing = new Desk()
    closing.onReady = () => closing.session.close()
    closing.session.receive(Buffer.concat([handshake, encode(command)]), 0)
    assert.deepEqual(closing.messages, [])

    const desk = ready()
    desk.onMessage = () => desk.session.close()
    const ping = userControl(UserEvent.PingRequest, 1)
    desk.session.receive(encode(ping, command, command, ping), 0)
    desk.session.close()
    desk.session.receive(encode(command), 0)
    desk.session.tick(1e9)
    assert.equal(desk.messages.length, 1)
    assert.deepEqual(desk.written, [])
    assert.equal(desk.errors.length, 0)
  })

  test('sends nothing before the handshake is over', () => {
    const desk = new Desk()
    desk.session.send(command)
    desk.session.write(hex('00'))
    desk.session.ping(0)
    assert.deepEqual(desk.written, [])
  })

  test('sends many messages in one write, by the chunk size among them', () => {
    const desk = ready()
    const big = message(MessageType.Video, 1, 0, pattern(1000))
    desk.session.sendMany([big, setChunkSize(4096), big])
    assert.equal(desk.written.length, 1)
    assert.equal(desk.session.chunkSize, 4096)
    assert.equal(desk.session.bytesOut, 3073 + 12 + 1000 + 7 + 16 + 12 + 1000)
    assert.deepEqual(desk.sent(), [big, big])
    desk.session.write(pattern(10))
    assert.deepEqual(desk.written, [pattern(10)])
  })

  test('ends, by our own fault, at a message that RTMP cannot carry', () => {
    const desk = ready()
    desk.session.sendMany([command, message(MessageType.CommandAmf0, 0, 0, Buffer.alloc(0x1000000))])
    assert.equal(desk.errors[0]!.code, 'rtmp.message.unsendable')
    assert.equal(desk.errors[0]!.doing, 'server')
    assert.deepEqual(desk.written, [])
  })

  test('passes known user control events, and counts unknown events and types (hazard R11)', () => {
    const desk = ready()
    const passed = [
      setBufferLength(1, 3000),
      userControl(UserEvent.StreamBegin, 1),
      userControl(UserEvent.StreamDry, 1),
    ]
    desk.session.receive(encode(...passed), 0)
    assert.deepEqual(desk.messages, passed)
    const unknown = [0, 7, 10, 11, 12, 13, 14, 21, 23, 100, 255].map(type => message(type, 0, 0, hex('0102')))
    desk.session.receive(encode(...unknown, message(MessageType.UserControl, 0, 0, hex('001a')), command), 0)
    assert.equal(desk.session.ignored, 12)
    assert.deepEqual(desk.messages.slice(passed.length), [command])
  })

  test('fails on user control, window, bandwidth and acknowledgement with a short body (hazard R15)', () => {
    for (const [type, body] of [
      [4, '00'],
      [4, '0003 00000001'],
      [4, '0006 000001'],
      [5, '000001'],
      [6, '00000001'],
      [3, ''],
    ] as const) {
      const desk = ready()
      desk.session.receive(encode(message(type, 0, 0, hex(body))), 0)
      assert.equal(desk.errors[0]?.code, 'rtmp.control.short', `${type} ${body}`)
    }
  })

  test('hands on the messages of an aggregate, and fails on a nested or truncated one (hazard R11)', () => {
    const aggregate = (body: string): Buffer => encode(message(MessageType.Aggregate, 1, 50, hex(body)))
    const desk = ready()
    desk.session.receive(aggregate('08 000001 000064 00 000000 af 0000000c 09 000001 00006e 00 000000 27 0000000c'), 0)
    assert.deepEqual(desk.messages, [message(8, 1, 50, hex('af')), message(9, 1, 60, hex('27'))])
    desk.session.receive(
      aggregate('14 000001 000000 00 000000 02 0000000c 01 000004 000000 00 000000 00000001 0000000f'),
      0,
    )
    assert.equal(desk.messages.length, 2)
    assert.equal(desk.session.ignored, 2)
    desk.session.receive(aggregate('16 000000 000000 00 000000 0000000b'), 0)
    assert.equal(desk.errors[0]!.code, 'rtmp.aggregate.nested')
    const other = ready()
    other.session.receive(aggregate('08 0000ff'), 0)
    assert.equal(other.errors[0]!.code, 'rtmp.aggregate.truncated')
  })

  test('may be closed from within an aggregate', () => {
    const desk = ready()
    desk.onMessage = () => desk.session.close()
    const tag = '08 000001 000064 00 000000 af 0000000c'
    desk.session.receive(encode(message(MessageType.Aggregate, 1, 50, hex(tag + tag))), 0)
    assert.equal(desk.messages.length, 1)
  })
})

suite('RtmpSession acknowledgements', () => {
  test('are sent at once when half of the window has come, with all bytes so far', () => {
    const desk = ready({ windowSize: 20_000 })
    const before = desk.session.bytesIn
    const audio = encode(message(8, 1, 0, pattern(1000)))
    let nth = 0
    while (desk.written.length === 0) {
      desk.session.receive(audio, 0)
      nth++
    }
    assert.equal(nth, Math.ceil((10_000 - before) / audio.length))
    assert.deepEqual(desk.messages.length, nth)
    const [sent] = [desk.written.splice(0)[0]!]
    assert.deepEqual(sent, encode(acknowledgement(before + nth * audio.length)))
  })

  test('answer the first reads that nothing else answers, and no more than those', () => {
    const desk = ready()
    for (let nth = 0; nth < promptReadsMax; nth++) {
      desk.session.answerQuiet()
      assert.deepEqual(desk.sent(), [acknowledgement(desk.session.bytesIn)])
    }
    desk.session.answerQuiet()
    assert.deepEqual(desk.sent(), [])
  })

  test('answer no quiet read once frames have come', () => {
    const desk = ready()
    desk.session.receive(new ChunkWriter().encode([message(MessageType.Audio, 1, 0, pattern(4))]), 1)
    desk.session.answerQuiet()
    assert.deepEqual(desk.sent(), [])
  })

  test('answer nothing before the handshake is over', () => {
    const desk = new Desk()
    desk.session.receive(hello.subarray(0, 100), 0)
    desk.session.answerQuiet()
    assert.deepEqual(desk.written, [])
  })

  test('follow the window the peer names', () => {
    const desk = ready({ windowSize: 20_000 })
    desk.session.receive(encode(windowAcknowledgementSize(100_000)), 0)
    for (let received = desk.session.bytesIn; received < 49_000; received = desk.session.bytesIn) {
      desk.session.receive(encode(message(8, 1, 0, pattern(500))), 0)
    }
    assert.deepEqual(desk.written, [])
    desk.session.receive(encode(message(8, 1, 0, pattern(2000))), 0)
    assert.deepEqual(desk.written, [encode(acknowledgement(desk.session.bytesIn))])
  })

  test('cost no more than the peer sends, with a window of 1 and reads of one byte (hazard R15)', () => {
    const desk = ready()
    const stream = encode(windowAcknowledgementSize(1), message(8, 1, 0, pattern(40_000)))
    desk.session.receive(stream.subarray(0, 16), 0)
    desk.written.length = 0
    const [inBefore, outBefore] = [desk.session.bytesIn, desk.session.bytesOut]
    for (const byte of stream.subarray(16)) desk.session.receive(Buffer.of(byte), 0)
    const received = desk.session.bytesIn - inBefore
    const sent = desk.session.bytesOut - outBefore
    assert.ok(sent <= received + replyCreditMax, `${sent} bytes for ${received}`)
    assert.ok(desk.written.length > 1000, 'it is acknowledged all the same')
    assert.equal(desk.errors.length, 0)
  })

  test('are counted as messages, and so is what is answered (R17, R44)', () => {
    const desk = ready()
    const before = { ...desk.session.messages }
    desk.session.receive(encode(message(8, 1, 0, pattern(10)), message(9, 1, 0, pattern(300))), 0)
    desk.session.sendMany([windowAcknowledgementSize(5), windowAcknowledgementSize(6)])
    assert.deepEqual(desk.session.messages, { in: before.in + 2, out: before.out + 2 })
  })

  test('are not sent for a window of 0, and hardly ever for the largest (hazard R15)', () => {
    for (const size of [0, 0xffffffff]) {
      const desk = ready()
      desk.session.receive(encode(windowAcknowledgementSize(size)), 0)
      for (let nth = 0; nth < 100; nth++) desk.session.receive(encode(message(8, 1, 0, pattern(100_000))), 0)
      assert.deepEqual(desk.written, [])
      assert.equal(desk.messages.length, 100)
    }
  })

  test('of the peer may never come (hazard R15)', () => {
    const desk = ready()
    for (let nth = 0; nth < 1000; nth++) desk.session.write(pattern(10_000))
    assert.equal(desk.written.length, 1000)
  })
})

suite('RtmpSession replies', () => {
  test('answer a ping with its own time', () => {
    const desk = ready()
    desk.session.receive(encode(userControl(UserEvent.PingRequest, 0xdeadbeef)), 0)
    assert.deepEqual(desk.messages, [])
    assert.deepEqual(desk.written, [encode(userControl(UserEvent.PingResponse, 0xdeadbeef))])
  })

  test('gather what one read asked for into one write', () => {
    const desk = ready()
    const pings = [1, 2, 3].map(time => userControl(UserEvent.PingRequest, time))
    desk.session.receive(encode(...pings), 0)
    assert.deepEqual(desk.written, [encode(...[1, 2, 3].map(time => userControl(UserEvent.PingResponse, time)))])
  })

  test('tell the window once for each SetPeerBandwidth that changes it', () => {
    const desk = ready()
    desk.session.send(windowAcknowledgementSize(2_500_000))
    desk.written.length = 0
    const bandwidth = (bytes: number): Message => setPeerBandwidth(bytes, BandwidthLimit.Dynamic)
    desk.session.receive(encode(bandwidth(2_500_000)), 0)
    assert.deepEqual(desk.written, [])
    desk.session.receive(encode(bandwidth(5000), bandwidth(5000), bandwidth(5000)), 0)
    desk.session.receive(encode(bandwidth(5000)), 0)
    assert.deepEqual(desk.written, [encode(windowAcknowledgementSize(5000))])
  })

  test('never outgrow a flood of the smallest pings and bandwidths (hazard R15)', () => {
    const desk = ready()
    const [inBefore, outBefore] = [desk.session.bytesIn, desk.session.bytesOut]
    desk.session.receive(encode(userControl(UserEvent.PingRequest, 0)), 0)
    for (let nth = 0; nth < 200; nth++) {
      const flood: Buffer[] = []
      for (let ping = 0; ping < 300; ping++) flood.push(hex('c2 0006 00000000'))
      flood.push(hex('42 000000 000005 06 00000001 02'))
      flood[300]!.writeUInt32BE(nth + 1, 8)
      flood.push(hex('42 000000 000006 04 0006 00000000'))
      desk.session.receive(Buffer.concat(flood), 0)
    }
    const received = desk.session.bytesIn - inBefore
    const sent = desk.session.bytesOut - outBefore
    assert.ok(sent <= received + replyCreditMax, `${sent} bytes for ${received}`)
    assert.ok(sent > received / 2, 'most are answered')
    assert.ok(desk.session.unanswered > 0)
    assert.equal(desk.errors.length, 0)
  })

  test('are bounded in one read, however much was sent before', () => {
    const desk = ready({ windowSize: 0 })
    for (let nth = 0; nth < 100; nth++) desk.session.receive(encode(message(8, 1, 0, pattern(100_000))), 0)
    const before = desk.session.bytesOut
    const pings = new Array<Buffer>(9000).fill(hex('c2 0006 00000000'))
    desk.session.receive(Buffer.concat([encode(userControl(UserEvent.PingRequest, 0)), ...pings]), 0)
    assert.equal(desk.written.length, 1)
    assert.ok(desk.session.bytesOut - before <= replyCreditMax)
    assert.ok(desk.session.unanswered > 8000)
  })
})

suite('RtmpSession in silence', () => {
  const limits = { pingInterval: 10_000, keepAliveTimeout: 30_000 }

  test('pings after each interval, and measures the way there and back', () => {
    const desk = ready(limits)
    desk.session.tick(9_999)
    assert.deepEqual(desk.written, [])
    desk.session.tick(10_000.7)
    assert.deepEqual(desk.written, [encode(userControl(UserEvent.PingRequest, 10_000))])
    desk.session.tick(11_000)
    assert.equal(desk.written.length, 1)
    assert.equal(desk.session.rtt, null)
    desk.session.receive(encode(userControl(UserEvent.PingResponse, 10_000)), 10_042.7)
    assert.equal(Math.round(desk.session.rtt!), 42)
    assert.equal(desk.session.lastReceived, 10_042.7)
    desk.session.tick(20_000)
    assert.equal(desk.written.length, 1)
    desk.session.tick(20_043)
    assert.equal(desk.written.length, 2)
  })

  test('gives up the peer after keepAliveTimeout, having asked twice', () => {
    const desk = ready(limits)
    for (let now = 1000; now < 30_000; now += 1000) desk.session.tick(now)
    assert.equal(desk.sent().length, 2)
    assert.equal(desk.errors.length, 0)
    desk.session.tick(30_000)
    desk.session.tick(31_000)
    assert.deepEqual(
      desk.errors.map(({ code }) => code),
      ['rtmp.silent'],
    )
  })

  test('keeps a peer that only answers pings', () => {
    const desk = ready(limits)
    for (let now = 0; now < 200_000; now += 1000) {
      desk.session.tick(now)
      for (const ping of desk.sent()) {
        desk.session.receive(encode(userControl(UserEvent.PingResponse, ping.payload.readUInt32BE(2))), now + 5)
      }
    }
    assert.equal(desk.errors.length, 0)
    assert.equal(desk.session.rtt, 5)
  })

  test('does not ping a peer that sends', () => {
    const desk = ready(limits)
    for (let now = 0; now < 60_000; now += 1000) {
      desk.session.receive(encode(command), now)
      desk.session.tick(now)
    }
    assert.deepEqual(desk.written, [])
  })

  test('believes no pong it did not ask for, nor one twice', () => {
    const desk = ready(limits)
    desk.session.receive(encode(userControl(UserEvent.PingResponse, 0)), 5)
    desk.session.receive(encode(userControl(UserEvent.PingResponse, 0xffffffff)), 5)
    assert.equal(desk.session.rtt, null)
    desk.session.ping(100)
    desk.session.receive(encode(userControl(UserEvent.PingResponse, 99)), 150)
    assert.equal(desk.session.rtt, null)
    desk.session.receive(encode(userControl(UserEvent.PingResponse, 100)), 160)
    desk.session.receive(encode(userControl(UserEvent.PingResponse, 100)), 9000)
    assert.equal(desk.session.rtt, 60)
  })
})
