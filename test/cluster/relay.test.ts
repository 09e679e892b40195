import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import fc from 'fast-check'
import { silentLog } from '../../server/base/log.ts'
import { overture, relayQueueBytes } from '../../server/cluster/limits.ts'
import type { Pull } from '../../server/cluster/relay.ts'
import { encodeForget, encodeHeader, encodeHello, FrameReader, readHello } from '../../server/cluster/relay-frames.ts'
import { SocketRelay } from '../../server/cluster/socket-relay.ts'
import { Publication, type Publisher } from '../../server/hub/publication.ts'
import { type Frame, FrameKind, FrameRole } from '../../server/media/frame.ts'
import { limits } from '../hub/pretend-hub.ts'
import { Collected } from '../support/collected.ts'

const publisher: Publisher = { id: 'script', client: null, closed() {} }

function publicationOf(name: string): Publication {
  const nothing = () => {}
  const host = {
    now: () => 0,
    soon: nothing,
    later: () => ({ cancel: nothing }),
    lagged: nothing,
    tooSlow: nothing,
    metadataChanged: nothing,
    codecsChanged: nothing,
  }
  const address = { address: name, room: '', name, query: {} }
  return new Publication('/live', address, { gopBytes: 1e9, gopFrames: 1e6 }, limits.listener.mergeMs, host)
}

suite('frames of a relay', () => {
  test('come out as they went in, however the socket cuts them', () => {
    const frame = fc
      .record({
        kind: fc.constantFrom(FrameKind.Audio, FrameKind.Video, FrameKind.Data),
        role: fc.constantFrom(...Object.values(FrameRole)),
        track: fc.integer({ min: 0, max: 255 }),
        timestamp: fc.double({ min: 0, max: 1e15, noNaN: true }),
        payload: fc.uint8Array({ maxLength: 60 }).map(bytes => Buffer.from(bytes)),
      })
      .map(each => ({ ...each }))
    fc.assert(
      fc.property(fc.array(fc.option(frame)), fc.integer({ min: 1, max: 70 }), (frames, cut) => {
        const bytes = Buffer.concat(
          frames.flatMap(each => (each ? [encodeHeader(each), each.payload] : [encodeForget()])),
        )
        const got: (Frame | null)[] = []
        const reader = new FrameReader({ frame: each => got.push(each), forget: () => got.push(null) })
        for (let at = 0; at < bytes.length; at += cut) reader.receive(bytes.subarray(at, at + cut))
        assert.deepEqual(got, frames)
      }),
    )
  })

  test('are asked for by a key of any letters', () => {
    const hello = encodeHello('/live\nübung')
    assert.equal(readHello(hello.subarray(0, hello.length - 1)), null)
    assert.equal(readHello(hello), '/live\nübung')
  })
})

suite('a relay between processes', { timeout: 240_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'cumulus-test-'))
  const address = join(folder, '1')
  const relay = new SocketRelay(silentLog)
  before(() => relay.listen(address))
  after(() => {
    relay.close()
    rmSync(folder, { recursive: true })
  })

  interface Pulled {
    readonly pull: Pull
    readonly got: Collected<string>
    readonly ended: Promise<void>
  }

  function pull(publication: Publication): Pulled {
    const got = new Collected<string>('frame')
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const say = ({ timestamp, payload }: Frame) => got.push(`${payload.toString('latin1', 0, 2)}@${timestamp}`)
    const pull = relay.pull(address, publication.key, { frame: say, forget: () => got.push('forget'), ended: resolve })
    return { pull, got, ended }
  }

  function begun(name: string): Publication {
    const publication = publicationOf(name)
    publication.begin(publisher, {}, 0)
    relay.begin(publication)
    return publication
  }

  function send(publication: Publication, what: string, time: number, bytes = 0): void {
    const role = what[0] === 'k' ? FrameRole.Key : what[0] === 'h' ? FrameRole.Header : FrameRole.Inter
    const payload = Buffer.concat([Buffer.from(what), Buffer.alloc(bytes)])
    publication.receive(FrameKind.Video, { role, codec: 'avc1', track: 0 }, time, payload)
  }

  const come = (pulled: Pulled, what: string) => pulled.got.first(each => each === what)

  test('brings a latecomer what it needs first, and then everything', async () => {
    const publication = begun('late')
    send(publication, 'h0', 0)
    for (let i = 0; i <= 5; i++) send(publication, `k${i}`, i * 1000)
    send(publication, 'v6', 5040)
    const pulled = pull(publication)
    await come(pulled, 'v6@5040')
    send(publication, 'v7', 5080)
    publication.forget('onMetaData')
    await come(pulled, 'forget')
    assert.deepEqual(pulled.got.items, ['h0@0', 'k5@5000', 'v6@5040', 'v7@5080', 'forget'])
    relay.end(publication)
    await pulled.ended
    assert.equal(publication.feed, null)
  })

  test('brings everything since the beginning to those who come right after it, and to those who were before', async () => {
    const publication = publicationOf('early')
    const before = pull(publication)
    publication.begin(publisher, {}, 0)
    relay.begin(publication)
    for (let i = 0; i < 3; i++) send(publication, `k${i}`, i * 40)
    const after = [pull(publication), pull(publication)]
    for (const each of [before, ...after]) {
      await come(each, 'k2@80')
      assert.deepEqual(each.got.items, ['k0@0', 'k1@40', 'k2@80'])
    }
    relay.end(publication)
    await Promise.all([before, ...after].map(each => each.ended))
  })

  test('costs a publication nothing once its beginning is over and nobody pulls it any more', async () => {
    const publication = begun('quiet')
    const pulled = pull(publication)
    send(publication, 'k0', 0)
    await come(pulled, 'k0@0')
    send(publication, 'k1', overture.ms + 1)
    await come(pulled, `k1@${overture.ms + 1}`)
    assert.notEqual(publication.feed, null)
    pulled.pull.close()
    const gone = new Collected<boolean>('end')
    const look = setInterval(() => publication.feed === null && gone.push(true), 5)
    await gone.first(() => true)
    clearInterval(look)
    relay.end(publication)
  })

  test('drops to the next key frame when the other side does not read, and keeps no more than its limit', async () => {
    const publication = begun('slow')
    const socket = connect(address)
    const got: string[] = []
    const reader = new FrameReader({
      frame: ({ payload }) => got.push(payload.toString('latin1', 0, 5)),
      forget() {},
    })
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    socket.on('close', () => resolve())
    socket.write(encodeHello(publication.key))
    send(publication, 'k0000', 0)
    await new Promise<void>(resolve => socket.once('data', bytes => resolve(reader.receive(bytes))))
    socket.pause()
    const size = 1024 * 1024
    const count = (2 * relayQueueBytes) / size
    for (let i = 1; i <= count; i++) send(publication, `v${String(i).padStart(4, '0')}`, i * 40, size)
    socket.on('data', bytes => reader.receive(bytes))
    socket.resume()
    // All that had been taken arrives; nothing follows it before a key frame.
    const taken = relayQueueBytes / size
    const arrived = new Collected<number>('count')
    const look = setInterval(() => arrived.push(got.length), 5)
    await arrived.first(length => length >= taken)
    for (let i = 0; got.at(-1) !== 'k9999'; i++) {
      send(publication, 'v9998', 100_000 + i)
      send(publication, 'k9999', 100_000 + i)
      await arrived.first(() => true, { from: arrived.items.length })
    }
    clearInterval(look)
    const last = got.indexOf('k9999')
    assert.ok(last < count, `${last} frames came, so nothing was dropped`)
    assert.deepEqual(got.slice(0, last), [
      'k0000',
      ...got.slice(1, last).map((_, i) => `v${String(i + 1).padStart(4, '0')}`),
    ])
    relay.end(publication)
    await closed
  })
})
