import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { AppError } from '../../server/base/errors.ts'
import { Amf0Reader, Amf0Writer, decodeAmf0, encodeAmf0 } from '../../server/media/amf0.ts'
import { amf0Samples, amf3Samples, amfReadOnly, amfSamples, bytesOfHex } from '../fixtures/amf.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

suite('AMF', () => {
  for (const encoding of [0, 3] as const) {
    test(`every value has its bytes in encoding ${encoding}`, () => {
      for (const { name, value, bytes } of encoding === 0 ? amf0Samples : amf3Samples) {
        assert.equal(hex(encodeAmf0([value], { encoding })), bytes.replaceAll(' ', ''), name)
      }
    })
  }

  test('every value is read from its bytes, and what follows is left', () => {
    for (const { name, value, bytes } of [...amfSamples, ...amfReadOnly]) {
      const reader = new Amf0Reader(bytesOfHex(`${bytes} 05`))
      assert.deepStrictEqual(reader.read(), value, name)
      assert.equal(reader.position, bytesOfHex(bytes).length, name)
      assert.equal(reader.done, false)
      assert.equal(reader.read(), null)
      assert.equal(reader.done, true)
    }
  })

  test('skipping a value ends where reading it does', () => {
    for (const { name, bytes } of amfSamples) {
      const reader = new Amf0Reader(bytesOfHex(`${bytes} 05`))
      reader.skip()
      assert.equal(reader.position, bytesOfHex(bytes).length, name)
      assert.equal(reader.read(), null)
    }
  })

  test('every sample cut at every byte ends too early, for reading and skipping alike', () => {
    for (const { name, bytes } of amfSamples) {
      const whole = bytesOfHex(bytes)
      for (let length = 0; length < whole.length; length++) {
        const cut = whole.subarray(0, length)
        const truncated = { name: 'ProtocolError', code: 'AMF_TRUNCATED' }
        assert.throws(() => new Amf0Reader(cut).read(), truncated, `${name} cut at ${length}`)
        assert.throws(() => new Amf0Reader(cut).skip(), truncated, `${name} cut at ${length}`)
      }
    }
  })

  test('a message is all its values, one after another', () => {
    const values = ['connect', 1, { app: 'live' }, [1, 2], 'x']
    assert.deepEqual(decodeAmf0(encodeAmf0(values)), values)
    assert.deepEqual(decodeAmf0(encodeAmf0(values, { encoding: 3 })), values)
    assert.deepEqual(decodeAmf0(new Uint8Array(0)), [])
  })

  test('the writer writes command names and transaction ids in AMF0, whatever the encoding', () => {
    const writer = new Amf0Writer({ encoding: 3 })
    writer.string('_result').number(2).boolean(true).null().value(1).raw(bytesOfHex('01 01'))
    assert.equal(hex(writer.finish()), '0200075f726573756c74004000000000000000010105110401' + '0101')
  })

  test('a string of more than 65,535 bytes is a long one', () => {
    for (const length of [65535, 65536]) {
      const text = 'é'.repeat(length >> 1) + 'x'.repeat(length & 1)
      const bytes = encodeAmf0([text])
      assert.equal(bytes[0], length > 65535 ? 0x0c : 0x02)
      assert.deepEqual(decodeAmf0(bytes), [text])
    }
  })
})

suite('references', () => {
  test('a cycle of many kinds of things survives', () => {
    for (const encoding of [0, 3] as const) {
      const map = new Map<unknown, unknown>()
      const root: Record<string, unknown> = { list: [], map, __type: 'Root' }
      ;(root.list as unknown[]).push(root, map)
      map.set('root', root)
      map.set(root, map)
      const [read] = decodeAmf0(encodeAmf0([root], { encoding })) as [typeof root & { map: Map<unknown, unknown> }]
      const list = read.list as unknown[]
      assert.equal(list[0], read)
      // Inside AMF0 each ActionScript 3 thing stands for itself, with its own copies.
      if (encoding === 3) assert.equal(list[1], read.map)
      const inner = read.map.get('root') as typeof root
      assert.equal(inner.map, encoding === 3 ? read.map : inner.map)
      assert.equal(read.map.get(inner), inner.map)
    }
  })

  test('the same object in two values of a message: one object in AMF0, two in AMF3', () => {
    const thing = { a: 1 }
    const [first, second] = decodeAmf0(encodeAmf0([thing, thing]))
    assert.equal(first, second)
    const bytes = encodeAmf0([thing, thing], { encoding: 3 })
    assert.equal(hex(bytes), '110a0b0103610401' + '01' + '110a0b0103610401' + '01')
  })

  test('dates, bytes, vectors and XML are referred to in AMF3', () => {
    for (const thing of [
      new Date(5),
      Uint8Array.of(1),
      Int32Array.of(1),
      { __xml: 'x' },
      new Set([1]),
      new Error('e'),
    ]) {
      const [[first, second]] = decodeAmf0(encodeAmf0([[thing, thing]], { encoding: 3 })) as [[object, object]]
      assert.equal(first, second)
    }
  })

  test('values cut out of a message are read with the number of references before them', () => {
    const args = [{ a: [] as unknown[] }] as const
    args[0].a.push(args[0])
    const command = { app: 'live', more: [{}] }
    const message = encodeAmf0(['connect', 1, command, ...args])
    const reader = new Amf0Reader(message)
    reader.read()
    reader.read()
    reader.skip()
    assert.equal(reader.references, 3)
    const cut = message.subarray(reader.position)
    const [read] = decodeAmf0(cut, { firstReference: reader.references }) as [(typeof args)[0]]
    assert.equal(read.a[0], read)
    assert.deepEqual(reader.read(), read, 'the reader that skipped knows them by itself')
    assert.throws(() => decodeAmf0(cut), { code: 'AMF_REFERENCE' })
    assert.throws(() => decodeAmf0(bytesOfHex('07 0000'), { firstReference: 1 }), { code: 'AMF_REFERENCE' })
  })

  test('more than 65,536 objects are more than AMF0 can name: they are written again', () => {
    const late = { late: true }
    const many: unknown[] = Array.from({ length: 65536 }, () => [])
    const limits = { elements: 1_000_000 }
    const [read] = decodeAmf0(encodeAmf0([[...many, late, late]]), { limits }) as [unknown[]]
    assert.deepEqual(read.slice(-2), [late, late])
  })
})

suite('what AMF has no word for', () => {
  const sent = (value: unknown, encoding: 0 | 3 = 0) => {
    const warnings: string[] = []
    const [read] = decodeAmf0(encodeAmf0([value], { encoding, warn: text => warnings.push(text) }))
    return { read, warnings }
  }

  for (const encoding of [0, 3] as const) {
    test(`is sent as the next best thing in encoding ${encoding}`, () => {
      class Unregistered {
        x = 1
        get y() {
          return 2
        }
      }
      assert.deepEqual(sent(new Set([1, 'a']), encoding).read, [1, 'a'])
      assert.deepEqual(sent(new TypeError('no'), encoding).read, { name: 'TypeError', message: 'no' })
      assert.deepEqual(sent(new Unregistered(), encoding).read, { x: 1 })
      assert.deepEqual(sent(Object.assign(Object.create(null), { a: 1 }), encoding).read, { a: 1 })
      assert.deepEqual(sent(Buffer.from([1, 2]), encoding).read, Uint8Array.of(1, 2))
      assert.deepEqual(sent(Uint8Array.of(1, 2, 3).buffer, encoding).read, Uint8Array.of(1, 2, 3))
      assert.deepEqual(sent(new DataView(Uint8Array.of(1, 2, 3).buffer, 1), encoding).read, Uint8Array.of(2, 3))
      assert.deepEqual(sent(Uint8ClampedArray.of(300), encoding).read, Uint8Array.of(255))
      assert.deepEqual(sent(Int8Array.of(-1), encoding).read, Int32Array.of(-1))
      assert.deepEqual(sent(Uint16Array.of(65535), encoding).read, Uint32Array.of(65535))
      assert.deepEqual(sent(Float32Array.of(0.5), encoding).read, Float64Array.of(0.5))
      assert.deepEqual(sent(new Date(Number.NaN), encoding).read, new Date(Number.NaN))
      assert.deepEqual(sent({ __xml: 'a', other: 1 }, encoding).read, { __xml: 'a', other: 1 })
      assert.deepEqual(sent({ __type: 7 }, encoding).read, { __type: 7 })
      const boxed = { text: new String('a'), number: new Number(0.5), flags: [new Boolean(false)] }
      assert.deepEqual(sent(boxed, encoding).read, { text: 'a', number: 0.5, flags: [false] })
      assert.deepEqual(sent(Object.create(Number.prototype), encoding).read, {})
    })

    test(`is null with a warning when it is a function or a symbol in encoding ${encoding}`, () => {
      for (const value of [() => 1, Symbol('s'), class {}]) {
        assert.equal(sent(value, encoding).read, null)
        const { read, warnings } = sent({ a: value, b: [value] }, encoding)
        assert.deepEqual(read, { a: null, b: [null] })
        assert.equal(warnings.length, 2)
        assert.match(warnings[0]!, /cannot be sent/)
      }
    })

    test(`is a TypeError when it is a BigInt in encoding ${encoding}`, () => {
      for (const value of [1n, [1n], { a: 1n }, BigInt64Array.of(1n)]) {
        assert.throws(() => encodeAmf0([value], { encoding }), TypeError)
      }
    })

    test(`an array with holes keeps them in encoding ${encoding}`, () => {
      const sparse: unknown[] = [1, 2]
      sparse[5] = 'five'
      sparse[4294967294] = 'last'
      const { read } = sent(sparse, encoding) as { read: unknown[] }
      assert.equal(read.length, sparse.length)
      assert.deepEqual(Object.entries(read), Object.entries(sparse))
      assert.deepEqual(sent([undefined, 1], encoding).read, [undefined, 1])
    })
  }

  test('a property without a name is left out of AMF3, with a warning', () => {
    const { read, warnings } = sent({ '': 1, a: 2 }, 3)
    assert.deepEqual(read, { a: 2 })
    assert.equal(warnings.length, 1)
  })

  test('names longer than AMF0 can say are left out, with a warning', () => {
    const long = 'n'.repeat(65536)
    assert.deepEqual(sent({ [long]: 1, a: 2 }), {
      read: { a: 2 },
      warnings: ['a property name of 65536 bytes cannot be sent in AMF0'],
    })
    const { read, warnings } = sent({ __type: long, a: 2 })
    assert.deepEqual(read, { __type: long, a: 2 }, 'as a property it can be said')
    assert.deepEqual(warnings, ['a class name of 65536 bytes cannot be sent in AMF0'])
    assert.deepEqual(sent({ [long]: 1 }, 3).read, { [long]: 1 })
  })

  test('a lone surrogate is sent as U+FFFD', () => {
    for (const encoding of [0, 3] as const) assert.equal(sent('a\ud800b', encoding).read, 'a\ufffdb')
  })
})

suite('names', () => {
  test('of Object.prototype are names like any other', () => {
    for (const encoding of [0, 3] as const) {
      const object = JSON.parse(
        '{"__proto__":{"polluted":1},"constructor":2,"toString":3,"__defineGetter__":4,"hasOwnProperty":5}',
      )
      const [read, clean] = decodeAmf0(encodeAmf0([object, {}], { encoding })) as [object, object]
      assert.deepEqual(Object.getOwnPropertyNames(read).sort(), Object.getOwnPropertyNames(object).sort())
      assert.equal(Object.getPrototypeOf(read), Object.prototype)
      assert.deepEqual(Object.getOwnPropertyDescriptor(read, '__proto__')?.value, { polluted: 1 })
      assert.equal((clean as { polluted?: number }).polluted, undefined)
      const array = Object.assign([], { push: 1, map: 2 })
      Object.defineProperty(array, '__proto__', { value: 3, enumerable: true })
      const [list] = decodeAmf0(encodeAmf0([array], { encoding })) as [object]
      assert.deepEqual(Object.entries(list), [
        ['push', 1],
        ['map', 2],
        ['__proto__', 3],
      ])
      assert.equal(Object.getPrototypeOf(list), Array.prototype)
    }
  })

  test('"length" of an array is lost, whatever it says', () => {
    for (const value of ['00 bff0000000000000', '02 0001 78', '00 41f0000000000000']) {
      const [list] = decodeAmf0(bytesOfHex(`08 00000001 0006 6c656e677468 ${value} 0001 61 05 0000 09`)) as [unknown[]]
      assert.equal(list.length, 0)
      assert.deepEqual(Object.keys(list), ['a'])
    }
  })

  test('a property of the wire does not change the class', () => {
    const [typed] = decodeAmf0(bytesOfHex('10 0001 43 0006 5f5f74797065 05 0000 09')) as [object]
    assert.deepEqual(typed, { __type: 'C' })
  })

  test('far apart are read in little memory: a name of three digits makes no room for three hundred', () => {
    const inputs = ['03 0003 333230 05 0000 09', '08 00000001 0003 333230 05 0000 09', '11 09 01 07 333230 01 01']
    for (const input of inputs) {
      const bytes = bytesOfHex(input.repeat(10_000))
      const before = process.memoryUsage().heapUsed
      const values = decodeAmf0(bytes)
      const grown = process.memoryUsage().heapUsed - before
      assert.deepEqual(Object.keys(values[9999] as object), ['320'])
      assert.ok(grown < 10_000 * 1000, `${grown} bytes for 10,000 objects`)
    }
  })

  test('that are numbers are elements in any order', () => {
    const value = (index: number) => `0001 3${index} 00 ${index === 0 ? '0000' : '3ff0'}000000000000`
    const [list] = decodeAmf0(bytesOfHex(`08 00000000 ${value(2)} ${value(0)} ${value(1)} 0000 09`)) as [number[]]
    assert.deepEqual(list, [0, 1, 1])
  })
})

suite('what a script sends too much of', () => {
  test('is an AppError with a code', () => {
    const deep = (levels: number) => {
      let value: unknown = 1
      for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { value }
      return value
    }
    const wide = { text: 'x'.repeat(1000) }
    for (const encoding of [0, 3] as const) {
      const code = (code: string) => (thrown: unknown) => thrown instanceof AppError && thrown.code === code
      assert.throws(() => encodeAmf0([deep(65)], { encoding }), code('AMF_DEPTH'))
      assert.throws(() => encodeAmf0([deep(1_000_000)], { encoding }), code('AMF_DEPTH'))
      assert.deepEqual(decodeAmf0(encodeAmf0([deep(64)], { encoding })), [deep(64)])
      assert.throws(() => encodeAmf0([wide], { encoding, limits: { bytes: 1000 } }), code('AMF_SIZE'))
    }
    // A little AMF3 can be a lot of AMF0.
    const text = 'x'.repeat(100_000)
    assert.throws(() => encodeAmf0([new Array(1000).fill(text)]), { code: 'AMF_SIZE' })
    assert.equal(encodeAmf0([new Array(1000).fill(text)], { encoding: 3 }).length < 110_000, true)
  })
})
