import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { encodeAmf0 } from '../../server/media/amf0.ts'
import { BandwidthLimit, setPeerBandwidth, windowAcknowledgementSize } from '../../server/protocol/rtmp/control.ts'
import { MessageType } from '../../server/protocol/rtmp/message.ts'
import { HazardScene } from '../support/hazard-scene.ts'
import { keyTag } from '../support/media-samples.ts'
import { PacedPublisher } from '../support/paced-publisher.ts'
import { RtmpRefusal } from '../support/rtmp-refusal.ts'
import { chunk, chunked, command } from '../support/wire.ts'

const mega = 1024 * 1024

suite('commands', { timeout: 240_000 }, () => {
  let scene: HazardScene

  before(async () => {
    scene = await HazardScene.open(['rtmp.streams=8'])
  })

  after(() => scene?.close())

  test('to connect twice are refused (hazard R14)', async () => {
    await scene.bears(async () => {
      await using client = await scene.client()
      await assert.rejects(client.call('connect', { app: 'live' }), RtmpRefusal)
      assert.equal(await client.call('getStreamLength', 'x'), 0)
    })
  })

  test('to publish or play before createStream, or on stream 0, are refused (hazard R14)', async () => {
    await scene.bears(async () => {
      await using client = await scene.client()
      const from = client.statuses.length
      client.writeRaw(Buffer.concat([0, 5, 4_294_967_295].map(id => command(id, 'publish', 0, null, 'x', 'live'))))
      client.writeRaw(command(0, 'play', 0, null, 'x'))
      for (const message of [8, 9, 18]) client.writeRaw(chunk({ id: 9, message, streamId: 7, payload: keyTag() }))
      assert.equal(await client.call('getStreamLength', 'x'), 0)
      assert.deepEqual(
        client.statuses.slice(from).map(({ code }) => code),
        [...Array(3).fill('NetStream.Publish.Failed'), 'NetStream.Play.Failed'],
      )
    })
  })

  test('to publish and play on one stream end each other (hazard R14)', async () => {
    await scene.bears(async () => {
      await using client = await scene.client()
      const stream = await client.createStream()
      for (let round = 0; round < 20; round++) {
        await stream.publish(`turn ${round}`)
        await stream.play(`turn ${round}`)
      }
      assert.equal(stream.statuses.filter(({ level }) => level === 'error').length, 0)
    })
  })

  test('to delete streams that are not there change nothing (hazard R14)', async () => {
    await scene.bears(async () => {
      await using client = await scene.client()
      for (const id of [0, 1, -1, 1e300, Number.NaN, 'one', null, {}, []]) client.notify('deleteStream', id)
      client.notify('deleteStream')
      assert.equal(await client.call('getStreamLength', 'x'), 0)
    })
  })

  test('to create 100,000 streams are refused beyond the limit, all of them in time (hazard R14)', async () => {
    const before = scene.memory
    await scene.bears(async () => {
      await using client = await scene.client()
      const calls = Array.from({ length: 100_000 }, () => client.call('createStream').catch(error => error))
      const answers = await Promise.all(calls)
      assert.deepEqual(answers.slice(0, 8), [1, 2, 3, 4, 5, 6, 7, 8])
      assert.ok(answers.slice(8).every(answer => answer instanceof RtmpRefusal))
    })
    assert.ok(scene.memory - before < 96 * mega, `memory grew by ${Math.round((scene.memory - before) / mega)} MB`)
  })

  test('to create 100,000 streams whose answers nobody reads cost a bounded amount (hazard R14, R15)', async () => {
    const before = scene.memory
    const client = await scene.client()
    client.pauseReading()
    const flood = Buffer.concat(Array.from({ length: 1000 }, (_, nth) => command(0, 'createStream', nth + 10, null)))
    for (let round = 0; round < 100; round++) client.writeRaw(flood)
    await scene.unharmed()
    const asked = client.call('getStreamLength', 'x')
    client.resumeReading()
    assert.equal(await asked, 0)
    assert.ok(client.socket.bytesRead > 100_000 * 100)
    assert.ok(scene.memory - before < 96 * mega, `memory grew by ${Math.round((scene.memory - before) / mega)} MB`)
    await client.close()
  })

  for (const [what, name] of [
    ['that lead upwards', '../../etc/passwd'],
    ['that lead upwards inside', 'a/../../b'],
    ['with a backslash', 'a\\..\\b'],
    ['with a NUL', 'a\0b'],
    ['with a line feed', 'a\nb'],
    ['that are empty', ''],
    ['that are only slashes', '///'],
    ['that are only a query', '?token=x'],
    ['of a million characters', 'x'.repeat(1_000_000)],
    ['that are no text', 7],
    ['that are an object', { toString: 1 }],
    ['that are nothing', null],
  ] as const) {
    test(`with names ${what} are refused (hazard R14)`, async () => {
      await scene.bears(async () => {
        await using client = await scene.client()
        const refused = (error: unknown): boolean => {
          assert.ok(error instanceof RtmpRefusal)
          assert.match(error.info.code, /^NetStream\.(Publish\.BadName|Play\.Failed)$/)
          assert.ok(error.info.description.length < 300)
          return true
        }
        await assert.rejects(client.publish(name as string), refused)
        await assert.rejects(client.play(name as string), refused)
        assert.equal(await client.call('getStreamLength', name), 0)
        client.notify('FCPublish', name)
        await client.called('onFCPublish')
      })
    })
  }

  test('with odd names that are names name publications (hazard R14)', async () => {
    await scene.bears(async () => {
      await using client = await scene.client()
      for (const name of [
        '%2f%2e%2e%2f',
        'cam?a=1&a=2&__proto__=3',
        '🎬 émoji',
        'constructor',
        '__proto__',
        '/slashed/',
      ]) {
        const stream = await client.publish(name)
        stream.delete()
      }
    })
  })

  test('of names without an end are refused (hazard R14)', async () => {
    await scene.blames('netconnection.name', async () => {
      const client = await scene.client()
      client.writeRaw(chunked({ payload: encodeAmf0(['x'.repeat(1_000_000), 1, null]) }))
      await client.closed
    })
  })

  test('by the names of members of Object.prototype are no different (hazard R14)', async () => {
    await scene.bears(async () => {
      await using client = await scene.client()
      const names = ['constructor', '__proto__', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__', '']
      for (const name of names) await assert.rejects(client.call(name), RtmpRefusal, name)
    })
  })
})

suite('windows', { timeout: 240_000 }, () => {
  let scene: HazardScene

  before(async () => {
    scene = await HazardScene.open()
  })

  after(() => scene?.close())

  for (const size of [0, 1, 0x7fffffff, 0xffffffff]) {
    test(`of ${size} bytes are no reason to stop, or to flood (hazard R15)`, async () => {
      await scene.bears(async () => {
        await using encoder = await scene.client()
        await using viewer = await scene.client()
        for (const client of [encoder, viewer]) {
          client.send(windowAcknowledgementSize(size))
          client.send(setPeerBandwidth(size, BandwidthLimit.Hard))
        }
        const from = await encoder.publish(`window ${size}`)
        const to = await viewer.play(`window ${size}`)
        using _publisher = new PacedPublisher(from, { fps: 100, videoBytes: 20_000 }).start()
        await to.frame(({ kind, timestamp }) => kind === 'video' && timestamp >= 500)
        const { bytesIn, bytesOut } = encoder.session
        assert.ok(bytesIn < bytesOut / 4 + 10_000, `${bytesIn} bytes came back for ${bytesOut}`)
      })
    })
  }

  test('that are never acknowledged do not hold back the server (hazard R15)', async () => {
    await scene.bears(async () => {
      await using encoder = await scene.client()
      const from = await encoder.publish('unacknowledged')
      await using viewer = await scene.client()
      const to = await viewer.play('unacknowledged')
      // Past the window that the server announced: its acknowledgements go nowhere from here on.
      viewer.write = () => {}
      using _publisher = new PacedPublisher(from, { fps: 100, videoBytes: 100_000 }).start()
      await to.frame(({ kind, timestamp }) => kind === 'video' && timestamp >= 600)
    })
  })

  test('and pings by the hundred thousand are answered as far as they are paid for (hazard R15)', async () => {
    await scene.bears(async () => {
      await using client = await scene.client()
      const ping = chunk({ id: 2, message: MessageType.UserControl, payload: Buffer.from([0, 6, 0, 0, 0, 7]) })
      const limit = chunk({ id: 2, message: MessageType.SetPeerBandwidth, payload: Buffer.from([0, 0, 0, 1, 0]) })
      const pings = Buffer.concat(Array.from({ length: 1000 }, () => ping))
      const limits = Buffer.concat(Array.from({ length: 1000 }, () => limit))
      for (let round = 0; round < 100; round++) {
        client.writeRaw(pings)
        client.writeRaw(limits)
      }
      assert.equal(await client.call('getStreamLength', 'x'), 0)
      assert.ok(client.socket.bytesRead <= client.socket.bytesWritten + 20_000)
    })
  })

  for (const [what, message, payload] of [
    ['an acknowledgement', MessageType.Acknowledgement, Buffer.alloc(3)],
    ['a window', MessageType.WindowAcknowledgementSize, Buffer.alloc(0)],
    ['a bandwidth', MessageType.SetPeerBandwidth, Buffer.alloc(4)],
    ['a user control message', MessageType.UserControl, Buffer.alloc(1)],
    ['a ping', MessageType.UserControl, Buffer.from([0, 6, 0])],
    ['a buffer length', MessageType.UserControl, Buffer.from([0, 3, 0, 0, 0, 1])],
  ] as const) {
    test(`that are cut short end the connection: ${what} (hazard R15)`, async () => {
      await scene.blames('rtmp.control.short', async () => {
        const client = await scene.client()
        client.writeRaw(chunk({ id: 2, message, payload }))
        await client.closed
      })
    })
  }
})
