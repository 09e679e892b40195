import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ProtocolError } from '../../../server/base/errors.ts'
import { decodeAmf0, encodeAmf0 } from '../../../server/media/amf0.ts'
import {
  decodeCommand,
  encodeCommand,
  encodeStatus,
  firstArg,
  readArgs,
} from '../../../server/protocol/netconnection/command.ts'
import { failure } from '../../../server/protocol/netconnection/status.ts'
import { type Message, MessageType } from '../../../server/protocol/rtmp/message.ts'

function message(payload: Uint8Array | string, type: number = MessageType.CommandAmf0): Message {
  const bytes = typeof payload === 'string' ? Buffer.from(payload.replaceAll(' ', ''), 'hex') : Buffer.from(payload)
  return { type, streamId: 0, timestamp: 0, payload: bytes }
}

suite('decodeCommand', () => {
  test('reads name, transaction id and command object, and leaves the arguments as bytes', () => {
    const command = decodeCommand(message(encodeAmf0(['add', 5, null, 1, 'two'])))
    assert.equal(command.name, 'add')
    assert.equal(command.transactionId, 5)
    assert.equal(command.object, null)
    assert.deepEqual(Buffer.from(command.args), Buffer.from(encodeAmf0([1, 'two'])))
  })

  test('passes the byte before the values of an AMF3 command, and misses it in nobody who forgot it', () => {
    const values = encodeAmf0(['ping', 1, null, 7])
    const enveloped = Buffer.concat([Buffer.of(0), values])
    for (const payload of [enveloped, values]) {
      const command = decodeCommand(message(payload, MessageType.CommandAmf3))
      assert.equal(command.name, 'ping')
      assert.deepEqual(readArgs(command, 1), [7])
    }
  })

  test('takes a command that ends early for one without object and arguments', () => {
    assert.deepEqual(decodeCommand(message(encodeAmf0(['closeStream']))), {
      name: 'closeStream',
      transactionId: 0,
      object: null,
      args: Buffer.alloc(0),
    })
  })

  test('takes a transaction id that nobody could answer for none', () => {
    for (const id of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      assert.equal(decodeCommand(message(encodeAmf0(['call', id, null]))).transactionId, 0)
    }
  })

  const deep = '0a00000001'.repeat(10_000)
  for (const [what, payload, code] of [
    ['nothing at all', '', 'AMF_TRUNCATED'],
    ['a number for a name', '00 4008000000000000', 'netconnection.command'],
    ['a name of 257 characters', encodeAmf0(['x'.repeat(257), 0]), 'netconnection.name'],
    ['a text for a transaction id', encodeAmf0(['call', 'x']), 'netconnection.transaction'],
    ['arguments that end early', '020001 61 00 0000000000000000 05 0200ff 61', 'AMF_TRUNCATED'],
    ['arguments nested 10,000 deep', `020001 61 00 0000000000000000 05 ${deep}`, 'AMF_DEPTH'],
    ['a command object nested 10,000 deep', `020001 61 00 0000000000000000 ${deep}`, 'AMF_DEPTH'],
    ['an argument that nothing begins with', '020001 61 00 0000000000000000 05 ff', 'AMF_MARKER'],
  ] as const) {
    test(`refuses ${what} (hazard R12)`, () => {
      assert.throws(
        () => decodeCommand(message(payload)),
        (error: unknown) => error instanceof ProtocolError && error.code === code,
      )
    })
  }

  test('writes arguments anew that refer to the command object, so that they stand alone', () => {
    const shared = { a: 1 }
    const command = decodeCommand(message(encodeAmf0(['connect', 1, { app: 'live' }, shared, shared])))
    const [first, second] = decodeAmf0(command.args)
    assert.deepEqual(first, { a: 1 })
    assert.equal(second, first)
  })

  test('hands on an externalizable, whose end only its class knows', () => {
    // AMF3 object, inline externalizable traits, class "X", and bytes of its own.
    const args = Buffer.from('11 0a 07 0358 ffff'.replaceAll(' ', ''), 'hex')
    const command = decodeCommand(message(Buffer.concat([encodeAmf0(['save', 1, null]), args])))
    assert.deepEqual(Buffer.from(command.args), args)
    assert.deepEqual(Buffer.from(firstArg(command)), args)
  })

  test('cuts the first argument out of several', () => {
    const command = decodeCommand(message(encodeAmf0(['_result', 3, null, [1, 2], 'rest'])))
    assert.deepEqual(Buffer.from(firstArg(command)), Buffer.from(encodeAmf0([[1, 2]])))
    assert.deepEqual(decodeAmf0(firstArg(decodeCommand(message(encodeAmf0(['_result', 3, null]))))), [undefined])
  })
})

suite('encodeCommand', () => {
  test('answers a client of AMF0 in type 20 and one of AMF3 in type 17 behind a byte 0', () => {
    const plain = encodeCommand(0, '_result', { transactionId: 4, args: [1.5] })
    assert.equal(plain.type, MessageType.CommandAmf0)
    assert.deepEqual(plain.payload, Buffer.from(encodeAmf0(['_result', 4, null, 1.5])))
    const enveloped = encodeCommand(3, '_result', { transactionId: 4, args: [1.5] })
    assert.equal(enveloped.type, MessageType.CommandAmf3)
    assert.deepEqual(enveloped.payload, Buffer.concat([Buffer.of(0), plain.payload]))
  })

  test('takes arguments that are bytes already as they are', () => {
    const { payload } = encodeCommand(0, 'hear', { args: encodeAmf0(['x', { y: 1 }]) })
    assert.deepEqual(decodeAmf0(payload), ['hear', 0, null, 'x', { y: 1 }])
  })

  test('sends a status on its stream', () => {
    const { streamId, payload } = encodeStatus(0, 3, failure('NetStream.Play.Failed', 'no'))
    assert.equal(streamId, 3)
    assert.deepEqual(decodeAmf0(payload), [
      'onStatus',
      0,
      null,
      { level: 'error', code: 'NetStream.Play.Failed', description: 'no' },
    ])
  })
})
