import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { ChunkReader } from '../../../server/protocol/rtmp/chunk-reader.ts'
import { ChunkWriter, chunkedBytes } from '../../../server/protocol/rtmp/chunk-writer.ts'
import { setChunkSize } from '../../../server/protocol/rtmp/control.ts'
import { rtmpLimits } from '../../../server/protocol/rtmp/limits.ts'
import { type Message, MessageType } from '../../../server/protocol/rtmp/message.ts'
import { hex, message, pattern, samples } from './samples.ts'

function read(bytes: Buffer): Message[] {
  const messages: Message[] = []
  new ChunkReader(rtmpLimits, message => messages.push(message)).receive(bytes)
  return messages
}

suite('ChunkWriter', () => {
  for (const { name, bytes, messages, written } of samples) {
    if (written) {
      test(`writes ${name}`, () =>
        assert.equal(new ChunkWriter().encode(messages).toString('hex'), bytes.toString('hex')))
    }
  }

  test('sends control on chunk stream 2, commands on 3, and each kind of a stream on its own', () => {
    const table: [type: number, streamId: number, basicHeader: string][] = [
      [MessageType.SetChunkSize, 0, '02'],
      [MessageType.UserControl, 0, '02'],
      [MessageType.CommandAmf0, 0, '03'],
      [MessageType.SharedObjectAmf0, 0, '03'],
      [MessageType.Audio, 1, '04'],
      [MessageType.Video, 1, '05'],
      [MessageType.DataAmf0, 1, '06'],
      [MessageType.CommandAmf0, 1, '07'],
      [MessageType.Audio, 2, '08'],
      [MessageType.CommandAmf3, 15, '3f'],
      [MessageType.Audio, 16, '0000'],
      [MessageType.DataAmf3, 79, '00fe'],
      [MessageType.CommandAmf0, 79, '00ff'],
      [MessageType.Audio, 80, '010001'],
      [MessageType.CommandAmf0, 16_399, '01ffff'],
      [MessageType.Audio, 16_400, '04'],
    ]
    for (const [type, streamId, basicHeader] of table) {
      const payload = type === MessageType.SetChunkSize ? hex('00000100') : hex('01')
      const bytes = new ChunkWriter().encode([message(type, streamId, 0, payload)])
      assert.equal(bytes.subarray(0, basicHeader.length / 2).toString('hex'), basicHeader, `${type} on ${streamId}`)
    }
  })

  test('splits what follows a SetChunkSize by the new size, in the same call and after it', () => {
    const writer = new ChunkWriter()
    assert.equal(writer.chunkSize, 128)
    const messages = [message(9, 1, 1, pattern(300)), setChunkSize(1000), message(9, 1, 2, pattern(300))]
    const first = writer.encode(messages)
    assert.equal(first.length, 12 + 300 + 2 + 16 + 12 + 300)
    assert.equal(writer.chunkSize, 1000)
    const second = writer.encode([message(9, 1, 3, pattern(1001))])
    assert.equal(second.length, 12 + 1001 + 1)
    assert.deepEqual(read(Buffer.concat([first, second])), [messages[0], messages[2], message(9, 1, 3, pattern(1001))])
  })

  test('refuses a payload whose length no header can tell', () => {
    assert.throws(() => new ChunkWriter().encode([message(9, 1, 0, Buffer.alloc(0x1000000))]), RangeError)
  })

  test('writes what the reader reads, whatever the messages and sizes', () => {
    const anyMessage: fc.Arbitrary<Message> = fc.record(
      {
        type: fc.constantFrom(8, 9, 15, 17, 18, 20, 100),
        streamId: fc.oneof(fc.nat(20), fc.nat(0xffff)),
        timestamp: fc.oneof(fc.nat(100), fc.integer({ min: 0xfffff0, max: 0x100000f }), fc.nat(0xffffffff)),
        payload: fc.nat(2000).map(length => pattern(length, length)),
      },
      { noNullPrototype: true },
    )
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 10 }), fc.integer({ min: 1, max: 3000 }), (messages, chunkSize) => {
        const writer = new ChunkWriter()
        const announced = writer.encode([setChunkSize(chunkSize)])
        const bytes = writer.encode(messages)
        assert.equal(
          bytes.length,
          messages.reduce((sum, each) => sum + chunkedBytes(each, chunkSize), 0),
        )
        assert.deepEqual(read(Buffer.concat([announced, bytes])), messages)
      }),
    )
  })
})
