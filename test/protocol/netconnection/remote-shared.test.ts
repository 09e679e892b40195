import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { silentLog } from '../../../server/base/log.ts'
import type { SharedMessage } from '../../../server/hub/shared-events.ts'
import { encodeCommand } from '../../../server/protocol/netconnection/command.ts'
import { sharedQueueBytes } from '../../../server/protocol/netconnection/limits.ts'
import { RemoteConnection } from '../../../server/protocol/netconnection/remote-connection.ts'
import { decodeShared, encodeShared } from '../../../server/protocol/netconnection/shared-message.ts'
import { type Message, MessageType } from '../../../server/protocol/rtmp/message.ts'

const use: SharedMessage = { object: 'board', version: 0, persistent: false, events: [{ kind: 'use' }] }

/** A connection of ours that stands, what it sent, and what its owner was told. */
function connected(encoding: 0 | 3) {
  const sent: Message[] = []
  const told: SharedMessage[] = []
  const failures: string[] = []
  const channel = {
    protocol: 'rtmp' as const,
    secure: false,
    address: '',
    queuedBytes: 0,
    send: (message: Message) => void sent.push(message),
    fail: (error: Error) => void failures.push(error.message),
    welcome() {},
    sendEncoded() {},
    counted() {},
    form: () => assert.fail('no media'),
    ping() {},
    probe() {},
    figures: () => ({ ping: 0, bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0, silence: 0 }),
    end() {},
  }
  const owner = {
    connected() {},
    refused: () => assert.fail('refused'),
    status() {},
    called() {},
    ended() {},
    shared: (message: SharedMessage) => void told.push(message),
  }
  const target = { app: 'chat', tcUrl: 'rtmp://x/chat', encoding, args: new Uint8Array(), via: [] }
  const connection = new RemoteConnection({ channel, target, owner, log: silentLog })
  const change = encodeShared({ ...use, events: [{ kind: 'useSuccess' }] }, MessageType.SharedObjectAmf0)
  connection.ready()
  connection.share(use)
  connection.receive(change)
  assert.deepEqual([sent.length, told.length], [1, 0], 'nothing before it stands')
  connection.receive(encodeCommand(0, '_result', { transactionId: 1, args: [{ objectEncoding: encoding }] }))
  sent.length = 0
  return { connection, channel, sent, told, failures, change }
}

suite('shared objects on a connection of ours', () => {
  for (const [encoding, type] of [
    [0, MessageType.SharedObjectAmf0],
    [3, MessageType.SharedObjectAmf3],
  ] as const) {
    test(`are used by messages of type ${type} where AMF${encoding} is spoken (R68, F10)`, () => {
      const { connection, sent, told, change } = connected(encoding)
      connection.share(use)
      assert.deepEqual([sent[0]!.type, sent[0]!.streamId, decodeShared(sent[0]!)], [type, 0, use])
      connection.receive(change)
      assert.deepEqual(told, [{ ...use, events: [{ kind: 'useSuccess' }] }])
      connection.close()
      connection.share(use)
      assert.equal(sent.length, 1)
    })
  }

  test('do not gather behind a server that reads nothing (R68)', () => {
    const { connection, channel, sent, failures } = connected(0)
    channel.queuedBytes = sharedQueueBytes + 1
    connection.share(use)
    assert.deepEqual(sent, [])
    assert.match(failures[0]!, /too slow for its shared objects/)
  })
})
