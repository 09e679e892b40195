import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  clientKey,
  type DigestScheme,
  findDigest,
  imprintDigest,
  serverKey,
  verifyReply,
} from '../../../server/protocol/rtmp/digest.ts'
import { ClientHandshake, type Handshake, ServerHandshake } from '../../../server/protocol/rtmp/handshake.ts'
import { cuts, own } from '../../support/cuts.ts'
import { hex, pattern } from './samples.ts'

const plainC1 = Buffer.concat([hex('00000000 00000000'), pattern(1528)])
const flashC1 = (scheme: DigestScheme): Buffer => {
  const c1 = Buffer.concat([hex('00001234 80000702'), pattern(1528)])
  imprintDigest(c1, scheme, clientKey)
  return c1
}
const c0c1 = (c1: Buffer): Buffer => Buffer.concat([hex('03'), c1])
const c2 = pattern(1536, 99)
const after = hex('03 000000 000001 14 00000000 05')

/** What a handshake replied to those reads, and what it handed on. */
function run(handshake: Handshake, reads: readonly Buffer[]): { reply: Buffer; rest: Buffer | null; replies: number } {
  const replies: Buffer[] = []
  let rest: Buffer | null = null
  for (const bytes of reads) {
    if (rest !== null) {
      rest = Buffer.concat([rest, bytes])
      continue
    }
    const step = handshake.receive(bytes)
    if (step.reply) replies.push(step.reply)
    rest = step.rest
  }
  return { reply: Buffer.concat(replies), rest, replies: replies.length }
}

suite('ServerHandshake', () => {
  test('answers a plain C1 with S0, S1 and S2 in one buffer, S2 repeating C1', () => {
    const { reply, rest, replies } = run(new ServerHandshake(), [c0c1(plainC1)])
    assert.equal(replies, 1)
    assert.equal(reply.length, 1 + 1536 + 1536)
    assert.equal(reply[0], 3)
    assert.deepEqual(reply.subarray(5, 9), hex('00000000'))
    assert.deepEqual(reply.subarray(1537), plainC1)
    assert.equal(rest, null)
  })

  test('shares its random bytes among connections', () => {
    const [first, second] = [1, 2].map(() => run(new ServerHandshake(), [c0c1(plainC1)]).reply)
    assert.deepEqual(first, second)
  })

  for (const scheme of [0, 1] as const) {
    test(`answers the digest of scheme ${scheme} by the same scheme and signs it`, () => {
      const c1 = flashC1(scheme)
      const handshake = new ServerHandshake()
      const { reply } = run(handshake, [c0c1(c1)])
      assert.equal(handshake.scheme, scheme)
      const s1 = reply.subarray(1, 1537)
      assert.ok(s1.readUInt32BE(4) >= 0x03000000, 'a version that knows digests')
      assert.equal(findDigest(s1, serverKey)?.scheme, scheme)
      assert.ok(verifyReply(reply.subarray(1537), findDigest(c1, clientKey)!.digest, serverKey))
    })
  }

  test('answers plainly when the digest is wrong in both schemes (hazard R2)', () => {
    for (const scheme of [0, 1] as const) {
      const c1 = flashC1(scheme)
      c1[1535] = c1[1535]! ^ 1
      const handshake = new ServerHandshake()
      const { reply } = run(handshake, [c0c1(c1)])
      assert.equal(handshake.scheme, null)
      assert.deepEqual(reply.subarray(5, 9), hex('00000000'))
      assert.deepEqual(reply.subarray(1537), c1)
    }
  })

  test('answers plainly when there is a digest but no version that asks for it', () => {
    const c1 = Buffer.concat([hex('00000000 00000000'), pattern(1528)])
    imprintDigest(c1, 0, clientKey)
    assert.deepEqual(run(new ServerHandshake(), [c0c1(c1)]).reply.subarray(1537), c1)
  })

  test('finds digests whose four offset bytes are all 0 or all 255', () => {
    for (const scheme of [0, 1] as const) {
      for (const byte of [0, 255]) {
        const c1 = Buffer.concat([hex('00000000 80000702'), pattern(1528)]).fill(
          byte,
          scheme ? 772 : 8,
          scheme ? 776 : 12,
        )
        imprintDigest(c1, scheme, clientKey)
        const handshake = new ServerHandshake()
        run(handshake, [c0c1(c1)])
        assert.equal(handshake.scheme, scheme)
      }
    }
  })

  test('takes any C2 and hands on what follows it (hazard R3)', () => {
    const handshake = new ServerHandshake()
    handshake.receive(c0c1(plainC1))
    assert.deepEqual(handshake.receive(Buffer.concat([c2, after])), { reply: null, rest: after, cipher: null })
  })

  test('is done with nothing behind C2 too', () => {
    const handshake = new ServerHandshake()
    handshake.receive(c0c1(plainC1))
    assert.deepEqual(handshake.receive(c2).rest, Buffer.alloc(0))
  })

  test('takes C0, C1, C2 and messages in one read', () => {
    const { reply, rest } = run(new ServerHandshake(), [Buffer.concat([c0c1(plainC1), c2, after])])
    assert.equal(reply.length, 3073)
    assert.deepEqual(rest, after)
  })

  test('takes its bytes cut anywhere', () => {
    for (const c1 of [plainC1, flashC1(1)]) {
      const whole = run(new ServerHandshake(), [c0c1(c1)]).reply
      for (const { title, reads } of cuts(Buffer.concat([c0c1(c1), c2, after]))) {
        const { reply, rest, replies } = run(new ServerHandshake(), reads)
        assert.deepEqual(reply, whole, title)
        assert.deepEqual(rest, after, title)
        assert.equal(replies, 1, title)
      }
    }
  })

  const foreign: [first: string, code: string, says: RegExp][] = [
    ['00', 'rtmp.handshake.version', /version 0/],
    ['06', 'rtmp.handshake.encrypted', /RTMPE/],
    ['08', 'rtmp.handshake.encrypted', /RTMPE/],
    ['47 4554', 'rtmp.handshake.http', /^the client speaks HTTP.*"G"/],
    ['50', 'rtmp.handshake.http', /HTTP.*"P"/],
    ['16 0301', 'rtmp.handshake.tls', /^the client speaks TLS/],
    ['ff', 'rtmp.handshake.version', /version 255/],
  ]
  for (const [first, code, says] of foreign) {
    test(`refuses a connection that begins with ${first}, and says what it is (hazard R2)`, () => {
      assert.throws(() => new ServerHandshake().receive(hex(first)), { name: 'ProtocolError', code, message: says })
    })
  }

  test('waits when it is given nothing', () => {
    assert.deepEqual(new ServerHandshake().receive(Buffer.alloc(0)), { reply: null, rest: null, cipher: null })
  })
})

suite('ClientHandshake', () => {
  for (const digest of [undefined, 0, 1] as const) {
    const title = digest === undefined ? 'plainly' : `with a digest of scheme ${digest}`
    test(`agrees with the server ${title}, cut anywhere`, () => {
      const hello = (): ClientHandshake => new ClientHandshake(digest === undefined ? {} : { digest })
      const s0s1s2 = run(new ServerHandshake(), [hello().hello]).reply
      for (let at = 0; at <= s0s1s2.length; at += 61) {
        const client = hello()
        const server = new ServerHandshake()
        const answer = Buffer.concat([run(server, [client.hello]).reply, after])
        const { reply, rest } = run(client, [own(answer.subarray(0, at)), own(answer.subarray(at))])
        assert.equal(server.scheme, digest ?? null)
        assert.equal(client.scheme, digest ?? null)
        assert.equal(reply.length, 1536)
        assert.deepEqual(rest, after)
        if (digest === undefined) assert.deepEqual(reply, answer.subarray(1, 1537), 'C2 repeats S1')
        else assert.ok(verifyReply(reply, findDigest(answer.subarray(1, 1537), serverKey)!.digest, clientKey))
        assert.deepEqual(server.receive(reply).rest, Buffer.alloc(0))
      }
    })
  }

  test('goes on plainly with a server that has no digest', () => {
    const client = new ClientHandshake({ digest: 1 })
    const { reply, rest } = run(client, [Buffer.concat([hex('03'), plainC1, client.hello.subarray(1)])])
    assert.equal(client.scheme, null)
    assert.deepEqual(reply, plainC1)
    assert.deepEqual(rest, Buffer.alloc(0))
  })

  test('refuses an S2 that does not answer its digest', () => {
    const client = new ClientHandshake({ digest: 1 })
    const answer = Buffer.from(run(new ServerHandshake(), [client.hello]).reply)
    answer[3072] = answer[3072]! ^ 1
    assert.throws(() => client.receive(answer), { code: 'rtmp.handshake.signature' })
  })

  for (const [first, code, words] of [
    [Buffer.from('HTTP/1.1 400'), 'rtmp.handshake.http', /^the server speaks HTTP/],
    [hex('15 0303 0002 0246'), 'rtmp.handshake.tls', /^the server speaks TLS/],
    [hex('06'), 'rtmp.handshake.encrypted', /^the server answers with RTMPE/],
    [hex('04'), 'rtmp.handshake.version', /^RTMP version 4 of the server/],
  ] as const) {
    test(`refuses a server that answers with ${first.toString('hex')}, and says what it is (F10)`, () => {
      assert.throws(() => new ClientHandshake().receive(first), { code, message: words })
    })
  }

  test('refuses a server of another version', () => {
    assert.throws(() => new ClientHandshake().receive(hex('06')), { code: 'rtmp.handshake.encrypted' })
  })
})
