import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  abort,
  acknowledgement,
  BandwidthLimit,
  decodeAbort,
  decodeAcknowledgement,
  decodeChunkSize,
  decodePeerBandwidth,
  decodeUserControl,
  decodeWindowAcknowledgementSize,
  setBufferLength,
  setChunkSize,
  setPeerBandwidth,
  UserEvent,
  userControl,
  windowAcknowledgementSize,
} from '../../../server/protocol/rtmp/control.ts'
import type { Message } from '../../../server/protocol/rtmp/message.ts'
import { hex, message } from './samples.ts'

const table: [
  name: string,
  made: Message,
  type: number,
  payload: string,
  decode: (bytes: Buffer) => unknown,
  means: unknown,
][] = [
  ['SetChunkSize', setChunkSize(4096), 1, '00001000', decodeChunkSize, 4096],
  ['SetChunkSize to the largest size', setChunkSize(0x7fffffff), 1, '7fffffff', decodeChunkSize, 0x7fffffff],
  ['Abort', abort(65_599), 2, '0001003f', decodeAbort, 65_599],
  ['Acknowledgement', acknowledgement(0xfffffffe), 3, 'fffffffe', decodeAcknowledgement, 0xfffffffe],
  ['Acknowledgement past 2^32', acknowledgement(2 ** 32 + 5), 3, '00000005', decodeAcknowledgement, 5],
  [
    'WindowAcknowledgementSize',
    windowAcknowledgementSize(2_500_000),
    5,
    '002625a0',
    decodeWindowAcknowledgementSize,
    2_500_000,
  ],
  [
    'SetPeerBandwidth',
    setPeerBandwidth(2_500_000, BandwidthLimit.Dynamic),
    6,
    '002625a002',
    decodePeerBandwidth,
    { bytes: 2_500_000, limit: 2 },
  ],
  [
    'StreamBegin',
    userControl(UserEvent.StreamBegin, 1),
    4,
    '000000000001',
    decodeUserControl,
    { event: 0, value: 1, bufferMs: 0 },
  ],
  [
    'StreamEOF',
    userControl(UserEvent.StreamEof, 1),
    4,
    '000100000001',
    decodeUserControl,
    { event: 1, value: 1, bufferMs: 0 },
  ],
  [
    'StreamDry',
    userControl(UserEvent.StreamDry, 2),
    4,
    '000200000002',
    decodeUserControl,
    { event: 2, value: 2, bufferMs: 0 },
  ],
  [
    'SetBufferLength',
    setBufferLength(1, 3000),
    4,
    '00030000000100000bb8',
    decodeUserControl,
    { event: 3, value: 1, bufferMs: 3000 },
  ],
  [
    'StreamIsRecorded',
    userControl(UserEvent.StreamIsRecorded, 3),
    4,
    '000400000003',
    decodeUserControl,
    { event: 4, value: 3, bufferMs: 0 },
  ],
  [
    'PingRequest',
    userControl(UserEvent.PingRequest, 0xffffffff),
    4,
    '0006ffffffff',
    decodeUserControl,
    { event: 6, value: 0xffffffff, bufferMs: 0 },
  ],
  [
    'PingResponse',
    userControl(UserEvent.PingResponse, 7),
    4,
    '000700000007',
    decodeUserControl,
    { event: 7, value: 7, bufferMs: 0 },
  ],
]

suite('control messages', () => {
  for (const [name, made, type, payload, decode, means] of table) {
    test(`${name} is written and read`, () => {
      assert.deepEqual(made, message(type, 0, 0, hex(payload)))
      assert.deepEqual(decode(made.payload), means)
    })
    test(`${name} with a longer body means the same`, () => {
      assert.deepEqual(decode(Buffer.concat([made.payload, hex('ffff')])), means)
    })
    test(`${name} with a shorter body is the peer's fault (hazard R15)`, () => {
      for (let length = 0; length < made.payload.length; length++) {
        assert.throws(() => decode(made.payload.subarray(0, length)), {
          name: 'ProtocolError',
          code: 'rtmp.control.short',
        })
      }
    })
  }

  test('user control events of vendors may have any body', () => {
    assert.deepEqual(decodeUserControl(hex('001a 01')), { event: 26, value: 0, bufferMs: 0 })
    assert.deepEqual(decodeUserControl(hex('001f 00000001')), { event: 31, value: 1, bufferMs: 0 })
  })
})
