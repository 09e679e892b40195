import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { encodeAmf0 } from '../../server/media/amf0.ts'
import { abort, setChunkSize } from '../../server/protocol/rtmp/control.ts'
import { MessageType } from '../../server/protocol/rtmp/message.ts'
import { HazardScene } from '../support/hazard-scene.ts'
import { audioTag, interTag, keyTag, videoHeader } from '../support/media-samples.ts'
import type { RtmpClient } from '../support/rtmp-client.ts'
import type { RtmpStream } from '../support/rtmp-stream.ts'
import { chunk, chunked, hex } from '../support/wire.ts'

const mega = 1024 * 1024

/** FCPublish as a message: the server calls onFCPublish with the name, so that it is seen to have been understood. */
function asking(name: string): Buffer {
  return Buffer.from(encodeAmf0(['FCPublish', 0, null, name]))
}

async function understood(client: RtmpClient, name: string): Promise<void> {
  const from = client.calls.length
  const call = await client.called('onFCPublish', Math.max(0, from - 1))
  assert.equal((call.args[0] as { description: string }).description, name)
}

suite('chunks', { timeout: 240_000 }, () => {
  let scene: HazardScene

  before(async () => {
    scene = await HazardScene.open()
  })

  after(() => scene?.close())

  /** Sends raw bytes as a client that was let in; resolves when the server has closed it. */
  const harm =
    (...bytes: Uint8Array[]) =>
    async (): Promise<void> => {
      const client = await scene.client()
      client.writeRaw(Buffer.concat(bytes))
      await client.closed
    }

  for (const size of [0, 0x80000000, 0xffffffff]) {
    test(`of size ${size} end the connection (hazard R4)`, async () => {
      const payload = Buffer.alloc(4)
      payload.writeUInt32BE(size)
      await scene.blames('rtmp.chunk.size', harm(chunk({ id: 2, message: 1, payload })))
    })
  }

  for (const size of [1, 127, 0xffffff, 0x7fffffff]) {
    test(`of size ${size} are read (hazard R4)`, async () => {
      await scene.bears(async () => {
        await using client = await scene.client()
        client.send(setChunkSize(size))
        assert.equal(await client.call('getStreamLength', 'x'.repeat(1000)), 0)
      })
    })
  }

  test('may change their size in the middle of a message (hazard R4)', async () => {
    await scene.bears(async () => {
      await using client = await scene.client()
      const payload = asking('x'.repeat(400))
      const size = Buffer.alloc(4)
      size.writeUInt32BE(100)
      client.writeRaw(chunk({ id: 2, message: 1, payload: size }))
      client.writeRaw(chunk({ length: payload.length, payload: payload.subarray(0, 100) }))
      size.writeUInt32BE(1000)
      client.writeRaw(chunk({ id: 2, message: 1, payload: size }))
      client.writeRaw(chunk({ type: 3, payload: payload.subarray(100) }))
      await understood(client, 'x'.repeat(400))
    })
  })

  test('of one byte may carry ten megabytes, at a bounded price (hazard R5)', async () => {
    await scene.bears(async () => {
      await using client = await scene.client()
      client.send(setChunkSize(1))
      const bytes = 10 * mega
      const rest = Buffer.alloc(2 * (bytes - 1), hex('c5 00'))
      const first = chunk({ id: 5, message: MessageType.Audio, streamId: 1, length: bytes, payload: Buffer.of(0) })
      const begun = performance.now()
      client.writeRaw(Buffer.concat([first, rest]))
      assert.equal(await client.call('getStreamLength', 'after'), 0)
      const seconds = (performance.now() - begun) / 1000
      assert.ok(seconds < 30, `it took ${seconds.toFixed(1)} s`)
    })
  })

  test('of 65,599 streams that announce 16 MB each end the connection (hazard R6)', async () => {
    const before = scene.memory
    const size = chunk({ id: 2, message: 1, payload: hex('00 00 00 01') })
    const flood = Array.from({ length: 65_597 }, (_, nth) => {
      return chunk({ id: 3 + nth, message: 8, streamId: 1, length: 0xffffff, payload: Buffer.of(0) })
    })
    await scene.blames('rtmp.chunk.streams', harm(size, ...flood))
    assert.ok(scene.memory - before < 32 * mega, `memory grew by ${Math.round((scene.memory - before) / mega)} MB`)
  })

  test('that announce 100 GB in all take memory for what came of them (hazard R6)', async () => {
    const before = scene.memory
    await scene.bears(async () => {
      const clients = await Promise.all(Array.from({ length: 50 }, () => scene.client()))
      for (const client of clients) {
        client.send(setChunkSize(1))
        for (let id = 5; id < 125; id++) {
          client.writeRaw(chunk({ id, message: 8, streamId: 1, length: 0xffffff, payload: Buffer.of(0) }))
        }
      }
      await Promise.all(clients.map(client => client.call('getStreamLength', 'x')))
      assert.ok(scene.memory - before < 64 * mega, `memory grew by ${Math.round((scene.memory - before) / mega)} MB`)
      await Promise.all(clients.map(client => client.close()))
    })
  })

  for (const id of [3, 63, 64, 319, 320, 65_599]) {
    test(`come on chunk stream ${id} (hazard R7)`, async () => {
      await scene.bears(async () => {
        await using client = await scene.client()
        client.writeRaw(chunk({ id, payload: asking(`on ${id}`) }))
        await understood(client, `on ${id}`)
      })
    })
  }

  test('may use the longer forms of a small id (hazard R7)', async () => {
    await scene.bears(async () => {
      await using client = await scene.client()
      const payload = asking('in three bytes')
      // Id 100 as a number of 16 bits.
      client.writeRaw(Buffer.concat([hex('01 24 00'), chunk({ id: 3, payload }).subarray(1)]))
      await understood(client, 'in three bytes')
    })
  })

  test('may begin with a header of type 1, as librtmp does (hazard R7)', async () => {
    await scene.bears(async () => {
      await using client = await scene.client()
      client.writeRaw(chunk({ type: 1, id: 9, payload: asking('first') }))
      await understood(client, 'first')
    })
  })

  for (const type of [2, 3]) {
    test(`that begin with a header of type ${type} end the connection (hazard R7)`, async () => {
      await scene.blames('rtmp.chunk.orphan', harm(chunk({ type, id: 9, payload: Buffer.alloc(100) })))
    })
  }

  test('that change the length of a message on its way end the connection (hazard R8)', async () => {
    const begun = chunk({ length: 70_000, payload: Buffer.alloc(65_536) })
    for (const type of [0, 1, 2]) {
      await scene.blames('rtmp.chunk.interrupted', harm(begun, chunk({ type, payload: asking('shorter') })))
    }
  })

  test('without content are messages without content (hazard R8)', async () => {
    await scene.bears(async () => {
      await using client = await scene.client()
      client.writeRaw(chunk({ id: 4, message: MessageType.Audio, streamId: 1 }))
      client.writeRaw(chunk({ id: 4, message: MessageType.DataAmf0, streamId: 1 }))
      client.writeRaw(chunk({ id: 4, payload: asking('after nothing') }))
      await understood(client, 'after nothing')
    })
    await scene.blames('AMF_TRUNCATED', harm(chunk({ id: 4, message: MessageType.CommandAmf0 })))
  })

  test('may be aborted, also those that never came (hazard R8)', async () => {
    await scene.bears(async () => {
      await using client = await scene.client()
      client.writeRaw(chunk({ id: 7, length: 70_000, payload: Buffer.alloc(65_536) }))
      client.send(abort(7))
      client.send(abort(12_345))
      client.writeRaw(chunk({ id: 7, payload: asking('another') }))
      await understood(client, 'another')
    })
  })

  for (const [what, code, payload] of [
    ['an Abort', 'rtmp.control.short', { id: 2, message: MessageType.Abort, payload: Buffer.alloc(3) }],
    ['a SetChunkSize', 'rtmp.control.short', { id: 2, message: MessageType.SetChunkSize, payload: Buffer.alloc(1) }],
  ] as const) {
    test(`of ${what} that is too short end the connection (hazard R8)`, async () => {
      await scene.blames(code, harm(chunk(payload)))
    })
  }
})

suite('messages', { timeout: 240_000 }, () => {
  let scene: HazardScene
  let encoder: RtmpClient
  let viewer: RtmpClient
  let count = 0

  before(async () => {
    scene = await HazardScene.open()
    encoder = await scene.client()
    viewer = await scene.client()
  })

  after(() => scene?.close())

  /** A publishing stream and a playing one. */
  async function pair(): Promise<{ from: RtmpStream; to: RtmpStream }> {
    const name = `show ${++count}`
    return { from: await encoder.publish(name), to: await viewer.play(name) }
  }

  test('of sound, pictures and commands are kept apart however their chunks are mixed (hazard R9)', async () => {
    await scene.bears(async () => {
      const { from, to } = await pair()
      const picture = keyTag(0, 150_000)
      const sound = Buffer.concat([audioTag, Buffer.alloc(140_000, 7)])
      const call = asking('y'.repeat(40_000))
      const part = (bytes: Buffer, nth: number): Buffer => bytes.subarray(nth * 65_536, (nth + 1) * 65_536)
      const streamId = from.id
      encoder.writeRaw(
        Buffer.concat([
          chunk({ id: 5, message: 9, streamId, length: picture.length, payload: part(picture, 0) }),
          chunk({ id: 4, message: 8, streamId, length: sound.length, payload: part(sound, 0) }),
          chunk({ id: 3, payload: call }),
          chunk({ id: 5, type: 3, payload: part(picture, 1) }),
          chunk({ id: 4, type: 3, payload: part(sound, 1) }),
          chunk({ id: 4, type: 3, payload: part(sound, 2) }),
          chunk({ id: 5, type: 3, payload: part(picture, 2) }),
        ]),
      )
      const heard = await to.frame(({ kind }) => kind === 'audio')
      const seen = await to.frame(({ kind }) => kind === 'video')
      assert.ok(heard.payload.equals(sound))
      assert.ok(seen.payload.equals(picture))
    })
  })

  for (const [habit, repeats] of [
    ['repeated', true],
    ['left out', false],
  ] as const) {
    test(`may have extended timestamps, ${habit} on each further chunk (hazard R10)`, async () => {
      await scene.bears(async () => {
        const { from, to } = await pair()
        const picture = keyTag(0, 150_000)
        for (const [nth, time] of [0xfffffe, 0xffffff, 0x1000000].entries()) {
          const extended = time < 0xffffff ? {} : { extended: time }
          const rest = extended.extended !== undefined && repeats ? { extended: time } : {}
          const head = { id: 30 + nth, message: 9, streamId: from.id, time, ...extended }
          encoder.writeRaw(chunk({ ...head, length: picture.length, payload: picture.subarray(0, 65_536) }))
          for (let at = 65_536; at < picture.length; at += 65_536) {
            encoder.writeRaw(chunk({ id: 30 + nth, type: 3, ...rest, payload: picture.subarray(at, at + 65_536) }))
          }
        }
        const last = await to.frame(({ timestamp }) => timestamp === 2)
        assert.ok(last.payload.equals(picture))
        assert.deepEqual(
          to.frames.filter(({ kind }) => kind === 'video').map(({ timestamp }) => timestamp),
          [0, 1, 2],
        )
      })
    })
  }

  test('whose clock wraps, jumps back or leaps ahead reach players in rising time (hazard R10)', async () => {
    await scene.bears(async () => {
      const { from, to } = await pair()
      from.sendVideo(0xfffffff0, videoHeader)
      const hours10 = 36_000_000
      const times = [0xfffffff0, 0x18, 0x40, 10, 50, hours10, hours10 + 40, 0x7fffffff, 0, 40]
      for (const time of times) from.sendVideo(time, keyTag())
      from.sendData(80, Buffer.from(encodeAmf0(['end'])))
      await to.frame(({ values }) => values[0] === 'end')
      const seen = to.frames.filter(({ kind }) => kind === 'video').map(({ timestamp }) => timestamp)
      assert.equal(seen.length, times.length + 1)
      assert.deepEqual(seen.slice(0, 4), [0, 0, 40, 80])
      for (const [nth, time] of seen.entries()) {
        const step = nth === 0 ? 0 : time - seen[nth - 1]!
        assert.ok(step >= 0 && step < 1000, `from ${seen[nth - 1]} to ${time}`)
      }
    })
  })

  test('of types nobody has assigned are passed over (hazard R11)', async () => {
    await scene.bears(async () => {
      await using client = await scene.client()
      const types = [0, 7, 10, 11, 12, 13, 14, ...Array.from({ length: 233 }, (_, nth) => 23 + nth)]
      for (const message of types) client.writeRaw(chunk({ id: 20, message, payload: Buffer.alloc(50, 0xff) }))
      assert.equal(await client.call('getStreamLength', 'x'), 0)
    })
  })

  test('about shared objects that make no sense end their own connection only (hazard R11)', async () => {
    for (const message of [MessageType.SharedObjectAmf0, MessageType.SharedObjectAmf3]) {
      await scene.blames('SHARED_NAME', async () => {
        const client = await scene.client()
        client.writeRaw(chunk({ id: 20, message, payload: Buffer.alloc(50, 0xff) }))
        await client.closed
      })
    }
  })

  /** One tag of an aggregate: type, length, time, stream, body, and the size of it all. */
  function tag(type: number, time: number, body: Buffer, length = body.length): Buffer {
    const header = Buffer.alloc(11)
    header[0] = type
    header.writeUIntBE(length, 1, 3)
    header.writeUIntBE(time & 0xffffff, 4, 3)
    const size = Buffer.alloc(4)
    size.writeUInt32BE(11 + length)
    return Buffer.concat([header, body, size])
  }

  test('in aggregates are taken apart (hazard R11)', async () => {
    await scene.bears(async () => {
      const { from, to } = await pair()
      const payload = Buffer.concat([tag(9, 0, keyTag()), tag(8, 20, audioTag), tag(9, 40, interTag(1))])
      encoder.send({ type: MessageType.Aggregate, streamId: from.id, timestamp: 500, payload })
      const last = await to.frame(({ timestamp, kind }) => timestamp === 40 && kind === 'video')
      assert.ok(last.payload.equals(interTag(1)))
    })
  })

  for (const [what, payload] of [
    ['nested', tag(22, 0, tag(9, 0, keyTag()))],
    ['truncated', tag(9, 0, keyTag()).subarray(0, 20)],
    ['truncated', tag(9, 0, keyTag(), 0xffffff)],
    ['tags', Buffer.concat(Array.from({ length: 5000 }, () => tag(8, 0, audioTag)))],
  ] as const) {
    test(`in aggregates that are bad end the connection: ${what}, ${payload.length} bytes (hazard R11)`, async () => {
      await scene.blames(`rtmp.aggregate.${what}`, async () => {
        const client = await scene.client()
        client.writeRaw(chunked({ id: 6, message: MessageType.Aggregate, streamId: 1, payload }))
        await client.closed
      })
    })
  }

  test('that are never finished end the connection once they hold too much (hazard R6)', async () => {
    await scene.blames('rtmp.pending.bytes', async () => {
      const client = await scene.client()
      const payload = Buffer.alloc(65_536)
      const ids = Array.from({ length: 100 }, (_, nth) => 10 + nth)
      for (const id of ids) client.writeRaw(chunk({ id, message: 8, streamId: 1, length: 0xffffff, payload }))
      for (let round = 0; round < 5; round++) for (const id of ids) client.writeRaw(chunk({ id, type: 3, payload }))
      await client.closed
    })
  })
})
