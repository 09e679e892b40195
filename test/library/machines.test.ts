import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import * as amf from '../../server/library/amf.ts'
import * as flv from '../../server/library/flv.ts'
import * as rtmp from '../../server/library/rtmp.ts'
import { loadedBy } from '../tidy/source-tree.ts'

/** Two sessions whose bytes go straight to one another, and what each was told. */
function pair(): { client: rtmp.RtmpSession; server: rtmp.RtmpSession; told: rtmp.Message[]; heard: rtmp.Message[] } {
  const told: rtmp.Message[] = []
  const heard: rtmp.Message[] = []
  const host = (to: () => rtmp.RtmpSession, messages: rtmp.Message[]): rtmp.RtmpSessionHost => ({
    write: bytes => to().receive(Buffer.from(bytes), 0),
    ready: () => {},
    message: message => messages.push(message),
    failed: error => assert.fail(error),
  })
  const client: rtmp.RtmpSession = new rtmp.RtmpSession(
    host(() => server, heard),
    new rtmp.ClientHandshake(),
    rtmp.rtmpLimits,
    0,
  )
  const server: rtmp.RtmpSession = new rtmp.RtmpSession(
    host(() => client, told),
    new rtmp.ServerHandshake(),
    rtmp.rtmpLimits,
    0,
  )
  client.start()
  return { client, server, told, heard }
}

suite('the machines on their own', () => {
  test('shake hands and exchange messages without a socket, on either side (K6, K7, K9, F4)', () => {
    const { client, server, told, heard } = pair()
    client.send(rtmp.encodeCommand(0, 'connect', { transactionId: 1, object: { app: 'live' } }))
    const { name, transactionId, object } = rtmp.decodeCommand(told[0]!)
    assert.deepEqual([name, transactionId, object], ['connect', 1, { app: 'live' }])
    server.sendMany([rtmp.setChunkSize(4096), rtmp.encodeCommand(0, '_result', { transactionId: 1, args: ['yes'] })])
    assert.deepEqual(rtmp.readArgs(rtmp.decodeCommand(heard[0]!), 1), ['yes'])
    const payload = Buffer.alloc(100_000, 7)
    client.send({ type: rtmp.MessageType.Video, streamId: 1, timestamp: 40, payload })
    assert.deepEqual(told[1], { type: 9, streamId: 1, timestamp: 40, payload })
  })

  test('cut messages into chunks and join them, and call what is wrong a ProtocolError (K7, F4)', () => {
    const messages: rtmp.Message[] = []
    const reader = new rtmp.ChunkReader(rtmp.rtmpLimits, message => messages.push(message))
    const message = { type: rtmp.MessageType.Audio, streamId: 1, timestamp: 20, payload: Buffer.alloc(500, 1) }
    const bytes = new rtmp.ChunkWriter().encode([message])
    for (const byte of bytes) reader.receive(Buffer.of(byte))
    assert.deepEqual(messages, [message])
    const wrong = new rtmp.ChunkReader({ ...rtmp.rtmpLimits, messageBytes: 100 }, () => {})
    assert.throws(() => wrong.receive(bytes), rtmp.ProtocolError)
  })

  test('write and read AMF (F4)', () => {
    const values = ['text', 1.5, { list: [1, 2], at: new Date(0) }, null, undefined]
    assert.deepEqual(amf.decodeAmf0(amf.encodeAmf0(values)), values)
    assert.deepEqual(amf.decodeAmf0(amf.encodeAmf0(values, { encoding: 3 })), values)
    assert.throws(() => amf.decodeAmf0(Buffer.of(2, 0, 9)), amf.ProtocolError)
  })

  test('write and read FLV files (K10, F4)', async () => {
    const frame = (role: flv.FrameRole, timestamp: number, hex: string): flv.Frame => ({
      kind: flv.FrameKind.Video,
      ...{ role, track: 0, timestamp, payload: Buffer.from(hex, 'hex') },
    })
    const frames = [
      frame('header', 0, '170000000001640028'),
      frame('key', 0, '1701000000aa'),
      frame('inter', 40, '2701000000bb'),
    ]
    const writer = new flv.FlvWriter()
    const out: Buffer[] = []
    for (const each of frames) writer.add(each, each.timestamp, out)
    const bytes = Buffer.concat(out)
    assert.equal(writer.duration, 40)
    const reader = await flv.FlvReader.open({
      size: async () => bytes.length,
      read: async (at, length) => bytes.subarray(at, at + length),
      close: async () => {},
    })
    const read: string[] = []
    for (let next = await reader.next(); next; next = await reader.next()) {
      if (next.kind === flv.FrameKind.Video) read.push(`${next.role} ${next.timestamp} ${next.payload.toString('hex')}`)
    }
    assert.deepEqual(
      read,
      frames.map(({ role, timestamp, payload }) => `${role} ${timestamp} ${payload.toString('hex')}`),
    )
    assert.equal(flv.describeTag(flv.FrameKind.Video, frames[0]!.payload).codec, 'avc1')
  })

  test('bring no server along, and no package (K7, F4)', () => {
    for (const door of ['rtmp', 'amf', 'flv']) {
      const foreign = [...loadedBy(`server/library/${door}.ts`)].filter(
        to => !/^server\/(base|media|protocol|recording|library|hub\/(address|limits))|^node:crypto$/.test(to),
      )
      assert.deepEqual(foreign, [], door)
    }
  })
})
