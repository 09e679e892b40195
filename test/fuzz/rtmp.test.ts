import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type CodedError, ProtocolError } from '../../server/base/errors.ts'
import { ChunkReader } from '../../server/protocol/rtmp/chunk-reader.ts'
import { ChunkWriter } from '../../server/protocol/rtmp/chunk-writer.ts'
import { setChunkSize } from '../../server/protocol/rtmp/control.ts'
import { clientKey, imprintDigest } from '../../server/protocol/rtmp/digest.ts'
import { ClientHandshake, type Handshake, ServerHandshake } from '../../server/protocol/rtmp/handshake.ts'
import { rtmpLimits, trustedBytes } from '../../server/protocol/rtmp/limits.ts'
import { type Message, MessageType } from '../../server/protocol/rtmp/message.ts'
import { RtmpSession } from '../../server/protocol/rtmp/rtmp-session.ts'
import { hex, message, pattern, samples } from '../protocol/rtmp/samples.ts'
import { own } from '../support/cuts.ts'
import { fuzzPlan, mutations, SeededRandom } from '../support/mutate.ts'

/** Small, so that mutations reach them. */
const limits = { ...rtmpLimits, messageBytes: 100_000, pendingBytes: 4000, chunkStreams: 8 }

/** The input in one read, or cut at random places. */
function reads(random: SeededRandom | null, input: Buffer): Buffer[] {
  if (random === null) return [own(input)]
  const parts: Buffer[] = []
  const longest = random.pick([1, 2, 20, 1000])
  for (let at = 0; at < input.length; ) {
    const end = at + 1 + random.below(longest)
    parts.push(own(input.subarray(at, end)))
    at = end
  }
  return parts
}

/** All that came of an input: it must not depend on how the bytes were cut. */
interface Outcome {
  messages: Message[]
  error: string
}

function readChunks(parts: readonly Buffer[]): Outcome {
  const messages: Message[] = []
  const reader = new ChunkReader(limits, message => messages.push(message))
  let received = 0
  try {
    for (const part of parts) {
      received += part.length
      reader.receive(part)
      assert.ok(reader.heldBytes <= 2 * received + trustedBytes, 'memory follows bytes received')
      assert.ok(reader.heldBytes <= 2 * limits.pendingBytes + trustedBytes, 'memory is bounded')
      assert.ok(reader.pendingBytes <= limits.pendingBytes)
    }
    return { messages, error: '' }
  } catch (thrown) {
    if (!(thrown instanceof ProtocolError)) throw thrown
    return { messages, error: `${thrown.code}: ${thrown.message}` }
  }
}

/** Runs `check` on each input; a failure names the seed and the input. */
function fuzz(
  title: string,
  count: number,
  seeds: readonly Uint8Array[],
  check: (input: Buffer, random: SeededRandom) => void,
): void {
  const plan = fuzzPlan(count)
  test(`${title} (FUZZ_SEED=${plan.seed})`, t => {
    const random = new SeededRandom(plan.seed ^ 0x5eed)
    let nth = 0
    for (const input of mutations(plan.seed, seeds, plan.count)) {
      try {
        check(input, random)
      } catch (thrown) {
        t.diagnostic(`FUZZ_SEED=${plan.seed}, input ${nth}: ${input.toString('hex').slice(0, 2000)}`)
        throw thrown
      }
      nth++
    }
    t.diagnostic(`${nth} inputs, FUZZ_SEED=${plan.seed}`)
  })
}

const chunkSeeds = [
  ...samples.map(({ bytes }) => bytes),
  new ChunkWriter().encode([
    setChunkSize(64),
    message(MessageType.UserControl, 0, 0, hex('0006 00000001')),
    message(MessageType.SetPeerBandwidth, 0, 0, hex('00000001 02')),
    message(MessageType.WindowAcknowledgementSize, 0, 0, hex('00000001')),
    message(MessageType.CommandAmf0, 0, 0, pattern(200)),
    message(
      MessageType.Aggregate,
      1,
      9,
      hex('08 000001 000064 00 000000 af 0000000c 12 000001 000065 00 000000 02 0000000c'),
    ),
  ]),
]

const plainC1 = new ClientHandshake().hello
const digestC1 = new ClientHandshake({ digest: 0 }).hello
const c2 = pattern(1536)
const answered = (hello: Buffer): Buffer => new ServerHandshake().receive(hello).reply!

suite('fuzzing RTMP', () => {
  fuzz(
    'the chunk reader gives the same messages or the same error, however cut',
    30_000,
    chunkSeeds,
    (input, random) => {
      const outcome = readChunks(reads(null, input))
      assert.deepEqual(readChunks(reads(random, input)), outcome)
      const written = new ChunkWriter().encode(outcome.messages)
      if (outcome.messages.every(({ type }) => type !== MessageType.SetChunkSize && type !== MessageType.Abort)) {
        const again: Message[] = []
        new ChunkReader({ ...rtmpLimits, chunkStreams: 65_536 }, message => again.push(message)).receive(written)
        assert.deepEqual(again, outcome.messages)
      }
    },
  )

  fuzz(
    'a session fails by the peer’s fault or not at all, and never sends more than it received',
    15_000,
    chunkSeeds,
    (input, random) => {
      const errors: CodedError[] = []
      let readyCount = 0
      const session = new RtmpSession(
        { write() {}, message() {}, ready: () => readyCount++, failed: error => errors.push(error) },
        new ServerHandshake(),
        limits,
        0,
      )
      session.start()
      const stream = Buffer.concat([plainC1, c2, input])
      for (const part of random.below(2) === 0
        ? reads(null, stream)
        : [stream.subarray(0, 3073), ...reads(random, input)]) {
        session.receive(own(part), 0)
        session.tick(1)
      }
      assert.equal(readyCount, 1)
      assert.ok(errors.length <= 1)
      for (const error of errors) assert.ok(error instanceof ProtocolError, `${error.code}: ${error.message}`)
      assert.ok(session.bytesOut - answered(plainC1).length <= session.bytesIn)
    },
  )

  const handshakeSeeds = [plainC1, digestC1].flatMap(hello => [hello, Buffer.concat([hello, c2, pattern(40)])])
  const shake = (
    handshake: Handshake,
    parts: readonly Buffer[],
  ): { sent: Buffer; rest: Buffer | null; error: string } => {
    const sent: Buffer[] = []
    const rest: Buffer[] = []
    try {
      for (const part of parts) {
        if (rest.length > 0) {
          rest.push(part)
          continue
        }
        const step = handshake.receive(part)
        if (step.reply) sent.push(step.reply)
        if (step.rest) rest.push(step.rest)
      }
      return { sent: Buffer.concat(sent), rest: rest.length > 0 ? Buffer.concat(rest) : null, error: '' }
    } catch (thrown) {
      if (!(thrown instanceof ProtocolError)) throw thrown
      return { sent: Buffer.concat(sent), rest: null, error: thrown.code }
    }
  }

  fuzz('a server’s handshake answers the same, however cut', 5_000, handshakeSeeds, (input, random) => {
    if (random.below(4) === 0 && input.length >= 1537) imprintDigest(input.subarray(1, 1537), 1, clientKey)
    input = input.subarray(0, 4000)
    const outcome = shake(new ServerHandshake(), reads(null, input))
    assert.deepEqual(shake(new ServerHandshake(), reads(random, input)), outcome)
    assert.ok(outcome.sent.length <= 3073)
    assert.equal(outcome.rest !== null, outcome.error === '' && input.length >= 3073)
  })

  fuzz(
    'a client’s handshake ends in agreement or by the server’s fault',
    2_000,
    [answered(plainC1), answered(digestC1)],
    (input, random) => {
      const { sent, rest, error } = shake(new ClientHandshake({ digest: 0 }), reads(random, input.subarray(0, 4000)))
      assert.ok(sent.length <= 1536)
      if (error === '') assert.equal(rest !== null, input.length >= 3073)
    },
  )
})
