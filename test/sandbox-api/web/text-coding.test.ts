import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { TextDecoder as OurDecoder, TextEncoder as OurEncoder } from '../../../sandbox-api/web/text-coding.ts'

const byte = fc.constantFrom(
  0x41,
  0x7f,
  0x80,
  0xbf,
  0xc0,
  0xc3,
  0xe0,
  0xe2,
  0xed,
  0xa0,
  0xef,
  0xbb,
  0xf0,
  0x9f,
  0xf4,
  0xf5,
)
const bytes = fc.array(byte, { maxLength: 12 }).map(list => Uint8Array.from(list))

function decoded(
  Class: typeof TextDecoder | typeof OurDecoder,
  ...[label, options, parts]: [string, object, Uint8Array[]]
) {
  try {
    const decoder = new Class(label, options)
    const texts = parts.map(part => decoder.decode(part, { stream: true }))
    return [...texts, decoder.decode()].join('')
  } catch (error) {
    return (error as Error).name
  }
}

suite('TextDecoder', () => {
  for (const label of ['utf-8', 'utf-16le']) {
    for (const options of [{}, { fatal: true }, { ignoreBOM: true }]) {
      test(`gives what Node's gives for ${label} ${JSON.stringify(options)}, wherever the stream is cut`, () => {
        fc.assert(
          fc.property(fc.array(bytes, { maxLength: 3 }), parts => {
            assert.equal(decoded(OurDecoder, label, options, parts), decoded(TextDecoder, label, options, parts))
          }),
          { numRuns: 2_000 },
        )
      })
    }
  }

  test('knows two encodings, and refuses others', () => {
    assert.equal(new OurDecoder('UTF8').encoding, 'utf-8')
    assert.throws(() => new OurDecoder('latin1'), RangeError)
  })

  test('takes buffers and any view on them', () => {
    const text = new OurEncoder().encode('xhällo').subarray(1)
    assert.equal(new OurDecoder().decode(text), 'hällo')
    assert.equal(new OurDecoder().decode(new DataView(text.buffer, 1)), 'hällo')
    assert.throws(() => new OurDecoder().decode('text' as never), TypeError)
  })
})

suite('TextEncoder', () => {
  test('gives the bytes that Node gives', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        assert.deepEqual(new OurEncoder().encode(text), new TextEncoder().encode(text))
      }),
    )
  })

  test('fills what there is, and splits no character', () => {
    const ours = new Uint8Array(6)
    const theirs = new Uint8Array(6)
    assert.deepEqual(new OurEncoder().encodeInto('añ𝄞b', ours), new TextEncoder().encodeInto('añ𝄞b', theirs))
    assert.deepEqual(ours, theirs)
  })
})
