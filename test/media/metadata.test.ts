import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { decodeAmf0, encodeAmf0 } from '../../server/media/amf0.ts'
import { readDataBody } from '../../server/media/data-body.ts'
import { dataLimits, metadataBytes } from '../../server/media/limits.ts'
import { readDataMessage } from '../../server/media/metadata.ts'

const facts = { width: 1280, height: 720, videocodecid: 'avc1' }
const asArray = Object.assign([], facts)

function message(...values: unknown[]): Buffer {
  return Buffer.from(encodeAmf0(values))
}

function message3(...values: unknown[]): Buffer {
  return Buffer.concat([Buffer.from([0]), encodeAmf0(values, { encoding: 3 })])
}

function frameOf(read: ReturnType<typeof readDataMessage>) {
  assert.equal(read.is, 'frame', JSON.stringify(read))
  assert.ok(read.is === 'frame')
  return { role: read.role, name: read.name, values: decodeAmf0(read.payload) }
}

function refusal(read: ReturnType<typeof readDataMessage>): string {
  assert.ok(read.is === 'refused', JSON.stringify(read))
  assert.ok(read.reason.length > 10)
  return read.code
}

suite('a data message', () => {
  test('with @setDataFrame and onMetaData is metadata, without the order', () => {
    const read = readDataMessage(18, message('@setDataFrame', 'onMetaData', asArray))
    assert.deepEqual(frameOf(read), { role: 'metadata', name: 'onMetaData', values: ['onMetaData', asArray] })
    assert.ok(read.is === 'frame')
    assert.deepEqual(read.payload, message('onMetaData', asArray))
  })

  test('with onMetaData alone is metadata too', () => {
    const read = readDataMessage(18, message('onMetaData', facts))
    assert.deepEqual(frameOf(read), { role: 'metadata', name: 'onMetaData', values: ['onMetaData', facts] })
  })

  test('of AMF3 becomes one of AMF0: its format byte goes, names and metadata are written anew', () => {
    for (const value of [facts, asArray]) {
      const read = readDataMessage(15, message3('@setDataFrame', 'onMetaData', value))
      assert.ok(read.is === 'frame')
      assert.deepEqual(read.payload, message('onMetaData', value))
    }
    const cue = readDataMessage(15, message3('onCuePoint', [1]))
    assert.ok(cue.is === 'frame')
    assert.deepEqual(cue.payload, Buffer.concat([message('onCuePoint'), encodeAmf0([[1]], { encoding: 3 })]))
    const plain = readDataMessage(15, Buffer.concat([Buffer.from([0]), message('onMetaData', facts)]))
    assert.deepEqual(frameOf(plain).values, ['onMetaData', facts])
    const careless = readDataMessage(15, message('onMetaData', facts))
    assert.deepEqual(frameOf(careless).values, ['onMetaData', facts], 'some clients forget the format byte')
  })

  test('of any other name is relayed with all its values', () => {
    const read = readDataMessage(18, message('onTextData', { text: 'hello' }, 1, null))
    assert.deepEqual(frameOf(read), {
      role: 'inter',
      name: 'onTextData',
      values: ['onTextData', { text: 'hello' }, 1, null],
    })
    assert.deepEqual(frameOf(readDataMessage(18, message('@setDataFrame', 'onFoo', 1))).values, ['onFoo', 1])
    assert.deepEqual(frameOf(readDataMessage(18, message('poke'))).values, ['poke'])
  })

  test('with @clearDataFrame names what is to be forgotten', () => {
    assert.deepEqual(readDataMessage(18, message('@clearDataFrame', 'onMetaData')), { is: 'clear', name: 'onMetaData' })
  })

  test('is not copied when its bytes can stay', () => {
    const bytes = message('@setDataFrame', 'onMetaData', facts)
    const read = readDataMessage(18, bytes)
    assert.ok(read.is === 'frame')
    assert.equal(read.payload.buffer, bytes.buffer)
  })

  test('keeps of onMetaData only the object, whatever nonsense follows it', () => {
    const bytes = Buffer.concat([message('onMetaData', facts), Buffer.from('04ffff', 'hex')])
    assert.deepEqual(frameOf(readDataMessage(18, bytes)).values, ['onMetaData', facts])
  })

  test('splits into its name and the values behind it', () => {
    for (const [type, bytes] of [
      [18, message('onTextData', 1, 'x')],
      [15, message3('onTextData', 1, 'x')],
    ] as const) {
      const read = readDataMessage(type, bytes)
      assert.ok(read.is === 'frame')
      const { name, values } = readDataBody(read.payload)
      assert.equal(name, 'onTextData')
      assert.deepEqual(decodeAmf0(values), [1, 'x'])
    }
  })
})

suite('a data message is refused, and says why,', () => {
  test('without a name', () => {
    for (const bytes of [
      Buffer.alloc(0),
      message(1),
      message({}),
      message('@setDataFrame'),
      message('@setDataFrame', 5),
    ]) {
      assert.equal(refusal(readDataMessage(18, bytes)), 'DATA_NAME')
    }
    assert.equal(refusal(readDataMessage(15, Buffer.from([0]))), 'DATA_NAME')
    assert.equal(refusal(readDataMessage(18, message('x'.repeat(100_000)))), 'DATA_NAME')
  })

  test('when onMetaData brings no object', () => {
    for (const values of [[], [1], ['facts'], [null], [[1, 2]], [new Date()]]) {
      assert.equal(refusal(readDataMessage(18, message('onMetaData', ...values))), 'METADATA_OBJECT')
    }
    assert.equal(refusal(readDataMessage(15, message3('onMetaData', 1))), 'METADATA_OBJECT')
  })

  test('when it is larger than its bound', () => {
    const text = (length: number) => ({ text: 'x'.repeat(length) })
    assert.equal(refusal(readDataMessage(18, message('onMetaData', text(metadataBytes)))), 'METADATA_SIZE')
    assert.equal(refusal(readDataMessage(18, message('onMetaData', text(16_000_000)))), 'AMF_SIZE')
    assert.equal(refusal(readDataMessage(18, message('onTextData', text(dataLimits.bytes)))), 'AMF_SIZE')
    assert.equal(frameOf(readDataMessage(18, message('onTextData', text(metadataBytes)))).name, 'onTextData')
    // Few bytes of AMF3 that are many in AMF0.
    const long = 'x'.repeat(100_000)
    const bomb = message3('onMetaData', Object.fromEntries(Array.from({ length: 100 }, (_, key) => [`k${key}`, long])))
    assert.ok(bomb.length < 110_000)
    assert.equal(refusal(readDataMessage(15, bomb)), 'AMF_SIZE')
  })

  test('when it is nested deeper than players bear', () => {
    const nested = (levels: number) => {
      const open = Buffer.from('030001 61'.replaceAll(' ', ''), 'hex')
      return Buffer.concat([message('onMetaData'), ...new Array<Buffer>(levels).fill(open), Buffer.from([5])])
    }
    for (const levels of [33, 10_000, 200_000]) assert.equal(refusal(readDataMessage(18, nested(levels))), 'AMF_DEPTH')
    assert.equal(refusal(readDataMessage(18, nested(4_000_000))), 'AMF_SIZE')
    assert.equal(refusal(readDataMessage(18, nested(32))), 'AMF_TRUNCATED')
  })

  test('when its values are broken', () => {
    const whole = message('@setDataFrame', 'onTextData', facts)
    const ends = new Set([message('@setDataFrame', 'onTextData').length])
    for (let length = 0; length < whole.length; length++) {
      const read = readDataMessage(18, whole.subarray(0, length))
      if (ends.has(length)) assert.equal(read.is, 'frame')
      else assert.equal(read.is, 'refused', `cut at ${length}`)
    }
    assert.equal(refusal(readDataMessage(18, Buffer.concat([message('x'), Buffer.from([4])]))), 'AMF_MARKER')
    assert.equal(
      refusal(readDataMessage(18, Buffer.concat([message('x'), Buffer.from('070000', 'hex')]))),
      'AMF_REFERENCE',
    )
  })
})
