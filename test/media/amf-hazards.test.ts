import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ProtocolError } from '../../server/base/errors.ts'
import { Amf0Reader, decodeAmf0, encodeAmf0 } from '../../server/media/amf0.ts'
import { amfLimits } from '../../server/media/limits.ts'
import { bytesOfHex } from '../fixtures/amf.ts'

/** Reading and skipping both refuse it, with this code; nothing else ever comes out. */
function refused(bytes: Uint8Array, code: string, name?: string): void {
  const expected = (thrown: unknown) => {
    assert.ok(thrown instanceof ProtocolError, `${name}: ${thrown}`)
    assert.equal(thrown.code, code, name)
    assert.ok(thrown.message.length < 300)
    return true
  }
  assert.throws(() => decodeAmf0(bytes), expected)
  assert.throws(() => {
    const reader = new Amf0Reader(bytes)
    while (!reader.done) reader.skip()
  }, expected)
}

const repeated = (hex: string, times: number) =>
  Buffer.alloc((hex.replaceAll(' ', '').length / 2) * times, bytesOfHex(hex))

/** Values within values; what each level begins with. */
const nestings: Record<string, string> = {
  'AMF0 objects': '03 0001 61',
  'AMF0 ECMA arrays': '08 00000001 0001 61',
  'AMF0 strict arrays': '0a 00000001',
  'AMF0 classes': '10 0001 43 0001 61',
}
const nestings3: Record<string, string> = {
  'AMF3 arrays': '09 03 01',
  'AMF3 arrays by name': '09 01 03 61',
  'AMF3 objects': '0a 0b 01 03 61',
  'AMF3 sealed objects': '0a 13 01 03 61',
  'AMF3 dictionaries': '11 03 00',
  'AMF3 vectors': '10 03 00 01',
}

suite('hazard R12, R13: depth', () => {
  for (const levels of [65, 10_000, 1_000_000]) {
    test(`${levels} values within values are refused at the 65th`, () => {
      // A value at the bottom of it all, so that nothing is amiss but the depth.
      const nested = (before: string, open: string) =>
        Buffer.concat([bytesOfHex(before), repeated(open, levels).subarray(0, amfLimits.bytes - 9), Buffer.alloc(8, 1)])
      for (const [name, open] of Object.entries(nestings)) refused(nested('', open), 'AMF_DEPTH', name)
      for (const [name, open] of Object.entries(nestings3)) refused(nested('11', open), 'AMF_DEPTH', name)
    })
  }

  test('AMF0 and AMF3 share one depth', () => {
    const half = Object.values(nestings)[0]!
    refused(Buffer.concat([repeated(half, 40), Buffer.from([0x11]), repeated('09 03 01', 25)]), 'AMF_DEPTH')
    refused(Buffer.concat([repeated(half, 40), Buffer.from([0x11]), repeated('09 03 01', 24)]), 'AMF_TRUNCATED')
  })

  test('values beside each other have no depth', () => {
    const pair = '0a 00000001 03 0000 09'
    assert.equal(decodeAmf0(repeated(pair, 1000)).length, 1000)
    assert.equal(decodeAmf0(repeated('11 09 03 01 0a 0b 01 01', 1000)).length, 1000)
  })
})

suite('hazard R12, R13: what is announced and never comes', () => {
  const announcements: Record<string, string> = {
    'a strict array of 2^32-1': '0a ffffffff',
    'a string of 65,535': '02 ffff',
    'a class name of 65,535': '10 ffff',
    'an AMF3 array of 2^28-1': '11 09 ffffffff 01',
    'an AMF3 string of 4 MB': '11 06 81ffffff',
    'a byte array of 2^28-1': '11 0c ffffffff',
    'a vector of 2^28-1 int': '11 0d ffffffff 00',
    'a vector of 2^28-1 uint': '11 0e ffffffff 00',
    'a vector of 2^28-1 Number': '11 0f ffffffff 00',
    'a vector of 2^28-1 objects': '11 10 ffffffff 00 01',
    'a dictionary of 2^28-1': '11 11 ffffffff 00',
    'traits with 2^25-1 members': '11 0a fffffff3 01',
    'XML of 4 MB': '11 0b 81ffffff',
    'an object without an end': '03 0001 61 05',
    'an object whose end is cut': '03 0000',
    'an ECMA array without an end': '08 00000000',
  }

  test('is an end too early, at once and in no memory', () => {
    const before = process.memoryUsage()
    const started = performance.now()
    for (const [name, hex] of Object.entries(announcements)) {
      for (let times = 0; times < 100; times++) refused(bytesOfHex(hex), 'AMF_TRUNCATED', name)
    }
    const after = process.memoryUsage()
    assert.ok(
      after.arrayBuffers - before.arrayBuffers < 10_000_000,
      `${after.arrayBuffers - before.arrayBuffers} bytes`,
    )
    assert.ok(performance.now() - started < 20_000)
  })

  test('a long string of 4 GB is refused by its length', () => {
    refused(bytesOfHex('0c ffffffff'), 'AMF_STRING')
    refused(bytesOfHex('0f ffffffff'), 'AMF_STRING')
    refused(bytesOfHex('11 06 ffffffff'), 'AMF_STRING')
  })

  test('many arrays that each announce many cost no more than their bytes', () => {
    // Each of them finds as many bytes behind it as it announces, for all the others are there.
    const bytes = repeated('0a 00010000', 60)
    refused(Buffer.concat([bytes, Buffer.alloc(70_000, 5)]), 'AMF_TRUNCATED')
  })
})

suite('hazard R12, R13: too much of it', () => {
  test('100,000 names are read; more values than the bound are refused', () => {
    const names = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, index]))
    for (const encoding of [0, 3] as const) {
      assert.deepEqual(decodeAmf0(encodeAmf0([names], { encoding })), [names])
    }
    refused(repeated('05', amfLimits.elements + 1), 'AMF_ELEMENTS')
    assert.equal(decodeAmf0(repeated('05', amfLimits.elements)).length, amfLimits.elements)
    const list = Buffer.concat([bytesOfHex('0a 00020000'), repeated('05', 0x20000)])
    refused(list, 'AMF_ELEMENTS')
    // 4,000,000 names of traits, each of one byte.
    refused(Buffer.concat([bytesOfHex('11 0a 8fa19003'), repeated('01', 4_000_001)]), 'AMF_ELEMENTS')
  })

  test('a message beyond the bound of its bytes is not looked at', () => {
    refused(new Uint8Array(amfLimits.bytes + 1), 'AMF_SIZE')
  })

  test('a string beyond its bound is refused, one within is read', () => {
    const limits = { stringBytes: 10 }
    assert.deepEqual(decodeAmf0(encodeAmf0(['x'.repeat(10)]), { limits }), ['x'.repeat(10)])
    assert.throws(() => decodeAmf0(encodeAmf0(['x'.repeat(11)]), { limits }), { code: 'AMF_STRING' })
  })

  test('the same long string and the same traits a thousand times are one in memory', () => {
    const text = 'x'.repeat(100_000)
    const bytes = encodeAmf0([Array.from({ length: 100_000 }, () => text)], { encoding: 3 })
    const before = process.memoryUsage().heapUsed
    const [list] = decodeAmf0(bytes) as [string[]]
    assert.equal(list.length, 100_000)
    assert.ok(process.memoryUsage().heapUsed - before < 30_000_000)
  })

  test('time follows the bytes, whatever they are', () => {
    const worst = {
      numbers: repeated('00 3ff0000000000000', 100_000),
      objects: repeated('03 0000 09', 100_000),
      'objects with a far number for a name': repeated('03 0003 333230 05 0000 09', 60_000),
      'names going down': Buffer.concat([
        bytesOfHex('03'),
        ...Array.from({ length: 60_000 }, (_, index) => {
          const name = Buffer.from(String(60_000 - index))
          return Buffer.concat([Buffer.from([0, name.length]), name, Buffer.from([5])])
        }),
        bytesOfHex('0000 09'),
      ]),
      strings: repeated('02 0001 61', 130_000),
      'AMF3 values': repeated('11 0a 0b 01 01', 60_000),
      'dictionaries of one': repeated('11 11 03 00 04 01 04 01', 30_000),
      'one long text of broken UTF-8': Buffer.concat([bytesOfHex('0c 00400000'), Buffer.alloc(0x400000, 0xe2)]),
      'one long text beyond ASCII': Buffer.concat([bytesOfHex('0c 00400000'), repeated('c3a9', 0x200000)]),
    }
    for (const [name, bytes] of Object.entries(worst)) {
      const started = performance.now()
      decodeAmf0(bytes)
      const passed = performance.now() - started
      assert.ok(passed < 10_000, `${name}: ${Math.round(passed)} ms for ${bytes.length} bytes`)
    }
  })
})

suite('hazard R12, R13: what is none', () => {
  test('every marker that nobody has assigned is refused by name', () => {
    for (let marker = 0; marker < 256; marker++) {
      const reserved = marker === 0x04 || marker === 0x0e || marker === 0x09 || marker > 0x11
      if (reserved) refused(Uint8Array.of(marker, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 'AMF_MARKER', `AMF0 ${marker}`)
      if (marker > 0x11) refused(Uint8Array.of(0x11, marker, 1, 1, 1, 1), 'AMF_MARKER', `AMF3 ${marker}`)
    }
  })

  test('every reference to what has not come is refused', () => {
    const references: Record<string, string> = {
      'AMF0 object 0': '07 0000',
      'AMF0 object 65535': '03 0001 61 07 ffff 0000 09',
      'the next AMF0 object': '0a 00000001 07 0001',
      'AMF3 string 0': '11 06 00',
      'AMF3 string 2^28-1': '11 06 fffffffe',
      'AMF3 object 0': '11 0a 00',
      'AMF3 object 2^28-1': '11 09 fffffffe',
      'AMF3 traits 0': '11 0a 01',
      'AMF3 traits 2^27-1': '11 0a fffffffd',
      'AMF3 class name': '11 0a 0b 00',
      'AMF3 member name': '11 0a 0b 01 00',
      'AMF3 date': '11 08 00',
      'AMF3 byte array': '11 0c 02',
      'AMF3 vector': '11 0d 04',
      'AMF3 dictionary': '11 11 06',
      'a string of the value before': '11 06 03 61 11 06 00',
      'an object of the value before': '11 09 01 01 11 09 00',
      'traits of the value before': '11 0a 0b 01 01 11 0a 01 01',
    }
    for (const [name, hex] of Object.entries(references)) refused(bytesOfHex(hex), 'AMF_REFERENCE', name)
  })

  test('a fifth byte of a number of 29 bits belongs to what follows', () => {
    assert.deepEqual(decodeAmf0(bytesOfHex('11 04 80 80 80 80 05')), [128, null])
    assert.deepEqual(decodeAmf0(bytesOfHex('11 04 ff ff ff ff 05')), [-1, null])
    refused(bytesOfHex('11 04 ff ff ff ff ff'), 'AMF_MARKER')
  })

  test('an externalizable of an unknown class ends the message, for nobody knows its length', () => {
    refused(bytesOfHex('11 0a 07 03 43 00 00'), 'AMF_EXTERNALIZABLE')
    refused(bytesOfHex('11 0a 07 01'), 'AMF_EXTERNALIZABLE')
    assert.throws(() => decodeAmf0(bytesOfHex('11 0a 07 03 43')), /"C"/)
  })

  test('XML is a text: a DOCTYPE expands to nothing', () => {
    const text = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c SYSTEM "file:///etc/passwd">]><a>&b;&c;</a>'
    assert.deepEqual(decodeAmf0(encodeAmf0([{ __xml: text }])), [{ __xml: text }])
  })

  test('loops of references are values like others', () => {
    const [loop] = decodeAmf0(bytesOfHex('11 09 03 01 09 00')) as [unknown[]]
    assert.equal(loop[0], loop)
    const [dictionary] = decodeAmf0(bytesOfHex('11 11 03 00 11 00 11 00')) as [Map<unknown, unknown>]
    assert.equal(dictionary.get(dictionary), dictionary)
    const [vector] = decodeAmf0(bytesOfHex('11 10 03 00 01 10 00')) as [unknown[]]
    assert.equal(vector[0], vector)
  })

  test('strange numbers and texts are values like others', () => {
    assert.deepEqual(decodeAmf0(bytesOfHex('00 7ff0000000000000')), [Number.POSITIVE_INFINITY])
    assert.deepEqual(decodeAmf0(bytesOfHex('00 fff8000000000001')), [Number.NaN])
    assert.deepEqual(decodeAmf0(bytesOfHex('0b 7ff0000000000000 0000')), [new Date(Number.NaN)])
    assert.deepEqual(decodeAmf0(bytesOfHex('02 0003 eda080')), ['\ufffd\ufffd\ufffd'])
    assert.deepEqual(decodeAmf0(bytesOfHex('02 0002 fffe')), ['\ufffd\ufffd'])
    assert.deepEqual(decodeAmf0(bytesOfHex('02 0003 610062')), ['a\0b'])
  })
})
