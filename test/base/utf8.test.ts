import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { readUtf8, utf8Length, writeUtf8 } from '../../server/base/utf8.ts'

function encode(text: string): Buffer {
  const bytes = Buffer.alloc(utf8Length(text))
  assert.equal(writeUtf8(text, bytes, 0), bytes.length)
  return bytes
}

const decode = (bytes: Uint8Array) => readUtf8(bytes, 0, bytes.length)
const reference = new TextDecoder('utf-8', { ignoreBOM: true })

suite('UTF-8', () => {
  test('is written as Node writes it, lone surrogates included', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: utf16Unit() })), text => {
        assert.equal(encode(text).toString('hex'), Buffer.from(text, 'utf8').toString('hex'))
      }),
    )
  })

  test('is read as the Encoding Standard has it, whatever the bytes', () => {
    const awkward = fc.constantFrom(
      0x41,
      0x80,
      0xbf,
      0xc0,
      0xc2,
      0xe0,
      0xa0,
      0xed,
      0x9f,
      0xef,
      0xbb,
      0xf0,
      0x90,
      0xf4,
      0x8f,
      0xff,
    )
    const bytes = fc.array(fc.oneof(awkward, fc.nat(255)), { maxLength: 40 })
    fc.assert(
      fc.property(bytes, list => {
        const given = Uint8Array.from(list)
        assert.equal(decode(given), reference.decode(given))
      }),
      { numRuns: 2000 },
    )
  })

  test('every sequence of up to two bytes is read like that', () => {
    for (let first = 0; first < 256; first++) {
      assert.equal(decode(Uint8Array.of(first)), reference.decode(Uint8Array.of(first)))
      for (let second = 0; second < 256; second++) {
        const given = Uint8Array.of(first, second)
        assert.equal(decode(given), reference.decode(given))
      }
    }
  })

  test('a long text survives, whatever falls on the borders of its blocks', () => {
    for (const piece of ['a', 'é', '€', '😀', 'aé€😀']) {
      const text = piece.repeat(5000)
      assert.equal(decode(encode(text)), text)
      assert.equal(decode(encode(`x${text}`)), `x${text}`)
    }
  })

  test('a lone surrogate is written as U+FFFD', () => {
    for (const text of ['\ud800', 'a\udc00b', '\ud83d', '\udc00\ud800']) {
      assert.equal(decode(encode(text)), text.replace(/[\ud800-\udfff]/g, '\ufffd'))
    }
  })

  test('only the bytes asked for are read', () => {
    const bytes = Buffer.from('…and now this')
    assert.equal(readUtf8(bytes, 4, 6), 'nd')
    assert.equal(readUtf8(bytes, 1, 3), '\ufffd\ufffd')
    assert.equal(readUtf8(bytes, 5, 5), '')
  })
})

function utf16Unit() {
  return fc.nat(0xffff).map(unit => String.fromCharCode(unit))
}
