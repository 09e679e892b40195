import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { CodedError } from '../../../server/base/errors.ts'
import { KeyExchange } from '../../../server/protocol/rtmp/encryption.ts'
import { ClientHandshake, type Handshake, ServerHandshake } from '../../../server/protocol/rtmp/handshake.ts'
import { rtmpLimits } from '../../../server/protocol/rtmp/limits.ts'
import { type Message, MessageType } from '../../../server/protocol/rtmp/message.ts'
import { RtmpSession } from '../../../server/protocol/rtmp/rtmp-session.ts'

/** One side of a connection whose bytes go to the other in pieces. */
class Side {
  readonly session: RtmpSession
  readonly messages: Message[] = []
  readonly sent: Buffer[] = []
  error: CodedError | null = null
  isReady = false

  constructor(handshake: Handshake) {
    const host = {
      write: (bytes: Buffer) => void this.sent.push(bytes),
      ready: () => {
        this.isReady = true
      },
      message: (message: Message) => void this.messages.push(message),
      failed: (error: CodedError) => {
        this.error = error
      },
    }
    this.session = new RtmpSession(host, handshake, rtmpLimits, 0)
  }

  /** Everything said so far, in pieces of that many bytes. */
  tell(other: Side, pieceBytes: number): void {
    const bytes = Buffer.concat(this.sent.splice(0))
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      other.session.receive(Buffer.from(bytes.subarray(at, at + pieceBytes)), 0)
    }
  }
}

const said: Message = { type: MessageType.DataAmf0, streamId: 1, timestamp: 7, payload: Buffer.from('nothing to hide') }

suite('RTMPE', () => {
  test('costs little for each hello: a hundred exchanges take less than making the group for each would', () => {
    new KeyExchange()
    const begun = process.cpuUsage()
    const keys = new Set<string>()
    for (let times = 0; times < 100; times++) {
      const block = Buffer.alloc(1536)
      new KeyExchange().imprint(block, 0)
      keys.add(block.toString('hex'))
    }
    const ms = process.cpuUsage(begun).user / 1000
    assert.equal(keys.size, 100, 'each has keys of its own')
    assert.ok(ms < 1000, `${ms} ms of a processor`)
  })

  for (const digest of [0, 1] as const) {
    for (const pieceBytes of [1, 100, 1536, 100_000]) {
      test(`brings messages both ways with a digest of scheme ${digest}, in pieces of ${pieceBytes} bytes (R45)`, () => {
        const client = new Side(new ClientHandshake({ encryption: true, digest }))
        const server = new Side(new ServerHandshake({ encryption: true }))
        client.session.start()
        client.tell(server, pieceBytes)
        server.tell(client, pieceBytes)
        client.session.send(said)
        client.tell(server, pieceBytes)
        assert.deepEqual([client.error, server.error], [null, null])
        assert.deepEqual([client.session.isEncrypted, server.session.isEncrypted], [true, true])
        server.session.send(said)
        assert.ok(!Buffer.concat(server.sent).includes('nothing'), 'it can be read on the way')
        server.tell(client, pieceBytes)
        for (const { messages } of [client, server]) {
          assert.deepEqual(
            messages.map(({ payload, timestamp }) => [payload.toString(), timestamp]),
            [['nothing to hide', 7]],
          )
        }
      })
    }
  }

  test('is refused with a way out where it is not spoken', () => {
    const client = new Side(new ClientHandshake({ encryption: true }))
    const server = new Side(new ServerHandshake())
    client.session.start()
    client.tell(server, 4096)
    assert.equal(server.error?.code, 'rtmp.handshake.encrypted')
    assert.match(server.error!.remedy, /rtmps:\/\/.*rtmp\.rtmpe = true/)
  })

  test('needs a digest in C1', () => {
    const server = new Side(new ServerHandshake({ encryption: true }))
    server.session.receive(Buffer.concat([Buffer.of(6), Buffer.alloc(1536)]), 0)
    assert.equal(server.error?.code, 'rtmp.handshake.digest')
  })

  test('needs a digest in S1', () => {
    const client = new Side(new ClientHandshake({ encryption: true }))
    client.session.receive(Buffer.concat([Buffer.of(6), Buffer.alloc(3072)]), 0)
    assert.equal(client.error?.code, 'rtmp.handshake.digest')
  })
})
