import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { AppError, ProtocolError } from '../../server/base/errors.ts'
import { Amf0Reader, type AmfTypes, type ExternalReader, encodeAmf0 } from '../../server/media/amf0.ts'
import { describeTag } from '../../server/media/flv-tag.ts'
import { FrameKind } from '../../server/media/frame.ts'
import { readDataMessage } from '../../server/media/metadata.ts'
import { amfSamples, bytesOfHex } from '../fixtures/amf.ts'
import { fuzzPlan, mutations } from '../support/mutate.ts'

/** Milliseconds one input of at most 64 kB may take, with a machine that is busy elsewhere in mind. */
const slowest = 4_000

/** Every class reads a few things of its own, as a script's would. */
const types: AmfTypes = {
  onTypedObject(type, object) {
    if (type.length % 2 === 0) return
    Object.assign(object, {
      __readExternal(reader: ExternalReader) {
        reader.readUTF()
        reader.readInt()
        reader.readAMF(1)
      },
    })
  },
}

const samples = [
  ...amfSamples.map(({ bytes }) => bytesOfHex(bytes)),
  encodeAmf0(['connect', 1, { app: 'live', tcUrl: 'rtmp://host/live', fpad: false, capabilities: 239 }, 'user']),
  encodeAmf0(['@setDataFrame', 'onMetaData', Object.assign([], { width: 1280, height: 720, encoder: 'x' })]),
  encodeAmf0(['call', 2, null, [1, { a: [new Date(0), new Map([['k', Uint8Array.of(1)]])] }]], { encoding: 3 }),
  bytesOfHex('11 0a 07 03 43 0003 616263 00000001 06 07 616263'),
]

suite('fuzz: AMF', () => {
  test('whatever comes is a value or a ProtocolError, soon, and skipping agrees with reading', context => {
    const { seed, count } = fuzzPlan(60_000)
    context.diagnostic(`FUZZ_SEED=${seed} FUZZ_COUNT=${count}`)
    let refused = 0
    let number = 0
    for (const input of mutations(seed, samples, count)) {
      const where = `FUZZ_SEED=${seed}, input ${number++}: ${input.subarray(0, 2000).toString('hex')}`
      const started = performance.now()
      const read = outcome(input, where)
      const passed = performance.now() - started
      assert.ok(passed < slowest, `${Math.round(passed)} ms: ${where}`)
      if (read !== 'read') refused++
    }
    // Neither all good nor all bad, or the mutations were worth nothing.
    if (count >= 1000) assert.ok(refused > count / 10 && refused < count, `${refused} of ${count} refused`)
  })
})

function outcome(input: Buffer, where: string): string {
  const read = attempt(where, () => {
    const reader = new Amf0Reader(input)
    const values: unknown[] = []
    while (!reader.done) values.push(reader.read())
    return values
  })
  const skipped = attempt(where, () => {
    const reader = new Amf0Reader(input)
    while (!reader.done) reader.skip()
  })
  assert.equal(skipped.code, read.code, where)
  attempt(where, () => {
    const reader = new Amf0Reader(input, { types })
    while (!reader.done) reader.read()
  })
  if (read.value) {
    const { value } = read
    for (const encoding of [0, 3] as const) attempt(where, () => encodeAmf0(value, { encoding }))
  }
  readDataMessage(18, input)
  readDataMessage(15, input)
  describeTag(FrameKind.Video, input)
  describeTag(FrameKind.Audio, input)
  return read.code
}

function attempt<T>(where: string, action: () => T): { code: string; value?: T } {
  try {
    return { code: 'read', value: action() }
  } catch (thrown) {
    const expected = thrown instanceof ProtocolError || (thrown instanceof AppError && thrown.code.startsWith('AMF_'))
    if (!expected) throw new Error(where, { cause: thrown })
    return { code: thrown.code }
  }
}
