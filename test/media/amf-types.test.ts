import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { AppError } from '../../server/base/errors.ts'
import {
  type AmfTypes,
  decodeAmf0,
  type ExternalReader,
  type ExternalWriter,
  encodeAmf0,
} from '../../server/media/amf0.ts'
import { bytesOfHex } from '../fixtures/amf.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

class Point {
  x = 0
  y = 0
  get sum() {
    return this.x + this.y
  }
}

const points: AmfTypes = {
  create: type => (type === 'geo.Point' ? new Point() : undefined),
  typeOf: object => (object instanceof Point ? 'geo.Point' : undefined),
}

suite('classes', () => {
  test('that are registered come back as themselves, in AMF0 and AMF3', () => {
    const point = Object.assign(new Point(), { x: 1, y: 2 })
    for (const encoding of [0, 3] as const) {
      const bytes = encodeAmf0([[point, point]], { encoding, types: points })
      const [[first, second]] = decodeAmf0(bytes, { types: points }) as [[Point, Point]]
      assert.ok(first instanceof Point)
      assert.equal(first.sum, 3)
      assert.equal(first, second)
      assert.deepEqual(decodeAmf0(bytes), [
        [
          { __type: 'geo.Point', x: 1, y: 2 },
          { __type: 'geo.Point', x: 1, y: 2 },
        ],
      ])
    }
  })

  test('are filled with properties of their own: setters and read-only names of a prototype are not asked', () => {
    class Guarded {
      set x(_value: unknown) {
        throw new Error('the setter was asked')
      }
    }
    Object.defineProperty(Guarded.prototype, 'y', { value: 'fixed', writable: false })
    const bytes = encodeAmf0([{ __type: 'Guarded', x: 1, y: 2 }])
    const [guarded] = decodeAmf0(bytes, { types: { create: () => new Guarded() } }) as [Guarded]
    assert.deepEqual(Object.entries(guarded), [
      ['x', 1],
      ['y', 2],
    ])
  })

  test('are announced once each, when their fields are there', () => {
    const seen: [string, unknown][] = []
    const types: AmfTypes = {
      onTypedObject(type, object) {
        seen.push([type, { ...object }])
        Object.assign(object, { greeting: 'hello' })
      },
    }
    for (const encoding of [0, 3] as const) {
      seen.length = 0
      const value = [{ __type: 'A', a: 1 }, { plain: true }, { __type: 'B', inner: { __type: 'A', a: 2 } }]
      const [read] = decodeAmf0(encodeAmf0([value], { encoding }), { types }) as [Record<string, unknown>[]]
      assert.deepEqual(
        seen.map(([type]) => type),
        ['A', 'A', 'B'],
      )
      assert.deepEqual(seen[0]![1], { __type: 'A', a: 1 })
      assert.equal(read[0]!.greeting, 'hello')
      assert.equal(read[1]!.greeting, undefined)
    }
  })

  test('named like members of Object.prototype are names like any other', () => {
    for (const type of ['__proto__', 'constructor', 'toString']) {
      assert.deepEqual(decodeAmf0(encodeAmf0([{ __type: type, a: 1 }])), [{ __type: type, a: 1 }])
    }
  })
})

/** Reads and writes with every method there is. */
const everything = {
  __type: 'Everything',
  __writeExternal(writer: ExternalWriter) {
    for (const endian of ['bigEndian', 'littleEndian'] as const) {
      writer.endian = endian
      writer.writeBoolean(true)
      writer.writeByte(-2)
      writer.writeUnsignedByte(254)
      writer.writeShort(-3)
      writer.writeUnsignedShort(65533)
      writer.writeInt(-4)
      writer.writeUnsignedInt(4294967292)
      writer.writeFloat(0.5)
      writer.writeDouble(-0.1)
      writer.writeBytes(Uint8Array.of(1, 2, 3, 4), 1, 2)
      writer.writeBytes(Uint8Array.of(1, 2, 3, 4), 3)
      writer.writeUTF('käse')
      writer.writeUTFBytes('käse')
      writer.writeMultiByte('käse', 'iso-8859-1')
    }
    writer.writeAMF('a', { b: ['a'] })
    writer.writeAMF(everythingElse)
    writer.writeAMF(1, 2)
  },
}
const everythingElse = { shared: true }

function readEverything(reader: ExternalReader): unknown {
  const numbers = () => [
    reader.readBoolean(),
    reader.readByte(),
    reader.readUnsignedByte(),
    reader.readShort(),
    reader.readUnsignedShort(),
    reader.readInt(),
    reader.readUnsignedInt(),
    reader.readFloat(),
    reader.readDouble(),
    reader.readBytes(2),
    reader.readBytes(1),
    reader.readUTF(),
    reader.readUTFBytes(5),
    reader.readMultiByte(4, 'iso-8859-1'),
  ]
  const big = numbers()
  reader.endian = 'littleEndian'
  return [big, numbers(), reader.readAMF(2), reader.readAMF(1), reader.readAMF()]
}

const external = (read: (reader: ExternalReader) => void): AmfTypes => ({
  onTypedObject: (_type, object) => Object.assign(object, { __readExternal: read }),
})

suite('externalizables', () => {
  test('write and read themselves with every method of IDataOutput and IDataInput', () => {
    const expected = [true, -2, 254, -3, 65533, -4, 4294967292, 0.5, -0.1, Uint8Array.of(2, 3), Uint8Array.of(4)]
    const half = [...expected, 'käse', 'käse', 'käse']
    for (const encoding of [0, 3] as const) {
      let read: unknown
      decodeAmf0(encodeAmf0([everything], { encoding }), {
        types: external(reader => {
          read = readEverything(reader)
        }),
      })
      assert.deepEqual(read, [half, half, ['a', { b: ['a'] }], everythingElse, [1, 2]])
    }
  })

  test('are AMF3 also inside AMF0, byte for byte', () => {
    const value = { __type: 'E', __writeExternal: (writer: ExternalWriter) => writer.writeByte(7) }
    assert.equal(hex(encodeAmf0([value])), '110a07034507')
    assert.equal(hex(encodeAmf0([{ e: value }])), '03000165110a07034507000009')
    assert.equal(hex(encodeAmf0([[value, value]], { encoding: 3 })), '110905010a070345070a02')
  })

  test('share the tables of references with what is around them', () => {
    const shared = { name: 'shared' }
    const inside = { __type: 'E', __writeExternal: (writer: ExternalWriter) => writer.writeAMF(shared, 'text') }
    const bytes = encodeAmf0([['text', shared, inside, shared]], { encoding: 3 })
    let read: unknown[] = []
    const [list] = decodeAmf0(bytes, {
      types: external(reader => {
        read = reader.readAMF(2) as unknown[]
      }),
    }) as [unknown[]]
    assert.equal(read[0], list[1])
    assert.equal(list[3], list[1])
    assert.equal(read[1], 'text')
  })

  test('are told of before their content is read, and can be referred to by it', () => {
    const order: string[] = []
    const types: AmfTypes = {
      onTypedObject(type, object) {
        order.push(`hook ${type}`)
        Object.assign(object, {
          __readExternal(reader: ExternalReader) {
            order.push(`read ${type}`)
            Object.assign(object, { me: reader.readAMF(1) })
          },
        })
      },
    }
    const value = { __type: 'E', __writeExternal: (writer: ExternalWriter) => writer.writeAMF(value) }
    const [read] = decodeAmf0(encodeAmf0([value]), { types }) as [{ me: unknown }]
    assert.equal(read.me, read)
    assert.deepEqual(order, ['hook E', 'read E'])
  })

  test('of a registered class use its methods', () => {
    class Pair {
      a = 0
      b = 0
      __readExternal(reader: ExternalReader) {
        this.a = reader.readInt()
        this.b = reader.readInt()
      }
      __writeExternal(writer: ExternalWriter) {
        writer.writeInt(this.a)
        writer.writeInt(this.b)
      }
    }
    const types: AmfTypes = {
      create: type => (type === 'Pair' ? new Pair() : undefined),
      typeOf: object => (object instanceof Pair ? 'Pair' : undefined),
    }
    const pairs = [Object.assign(new Pair(), { a: 1, b: -1 }), Object.assign(new Pair(), { a: 2, b: -2 })]
    for (const encoding of [0, 3] as const) {
      assert.deepEqual(decodeAmf0(encodeAmf0(pairs, { encoding, types }), { types }), pairs)
    }
  })

  test('that read more than there is end too early, whatever they read', () => {
    const reads: ((reader: ExternalReader) => unknown)[] = [
      reader => reader.readInt(),
      reader => reader.readDouble(),
      reader => reader.readBytes(1000),
      reader => reader.readUTF(),
      reader => reader.readUTFBytes(4294967295),
      reader => reader.readMultiByte(5, 'utf-16'),
      reader => reader.readAMF(1e9),
    ]
    for (const read of reads) {
      const types = external(reader => void read(reader))
      assert.throws(() => decodeAmf0(bytesOfHex('11 0a 07 03 43 01 01'), { types }), { code: 'AMF_TRUNCATED' })
    }
  })

  test('know how many bytes are left of the message', () => {
    const left: number[] = []
    const types = external(reader => {
      left.push(reader.bytesAvailable)
      reader.readBytes()
      left.push(reader.bytesAvailable)
    })
    decodeAmf0(bytesOfHex('11 0a 07 03 43 01 02 03'), { types })
    assert.deepEqual(left, [3, 0])
  })

  test('that nest are bounded in depth, both ways', () => {
    const types = external(reader => void reader.readAMF(1))
    const bytes = Buffer.concat([Buffer.from([0x11]), Buffer.alloc(4 * 100_000, bytesOfHex('0a 07 03 43'))])
    // The class name is a new string each time; the depth is met before anything else.
    assert.throws(() => decodeAmf0(bytes, { types }), { code: 'AMF_DEPTH' })
    const fresh = (): object => ({ __type: 'E', __writeExternal: (writer: ExternalWriter) => writer.writeAMF(fresh()) })
    assert.throws(
      () => encodeAmf0([fresh()]),
      (thrown: unknown) => thrown instanceof AppError && thrown.code === 'AMF_DEPTH',
    )
  })

  test('cannot use their reader and writer afterwards', () => {
    const readers: ExternalReader[] = []
    const writers: ExternalWriter[] = []
    decodeAmf0(bytesOfHex('11 0a 07 03 43 05 05 05'), { types: external(reader => readers.push(reader)) })
    encodeAmf0([{ __type: 'E', __writeExternal: (writer: ExternalWriter) => writers.push(writer) }])
    for (const reader of readers) {
      assert.throws(() => reader.readByte(), { code: 'AMF_READER_RELEASED' })
      assert.throws(() => reader.readAMF(1), { code: 'AMF_READER_RELEASED' })
      assert.throws(() => reader.bytesAvailable, { code: 'AMF_READER_RELEASED' })
    }
    for (const writer of writers) {
      assert.throws(() => writer.writeByte(1), { code: 'AMF_WRITER_RELEASED' })
      assert.throws(() => writer.writeAMF(1), { code: 'AMF_WRITER_RELEASED' })
    }
    assert.deepEqual([readers.length, writers.length], [1, 1])
  })

  test('that throw are heard as they are', () => {
    const mine = new Error('mine')
    const types = external(() => {
      throw mine
    })
    assert.throws(() => decodeAmf0(bytesOfHex('11 0a 07 03 43'), { types }), mine)
    const value = {
      __type: 'E',
      __writeExternal() {
        throw mine
      },
    }
    assert.throws(() => encodeAmf0([value]), mine)
  })

  test('cannot write a UTF longer than its length can say', () => {
    const value = { __type: 'E', __writeExternal: (writer: ExternalWriter) => writer.writeUTF('x'.repeat(65536)) }
    assert.throws(() => encodeAmf0([value]), { code: 'AMF_STRING' })
  })
})

suite('charsets', () => {
  test('of readMultiByte and writeMultiByte', () => {
    const texts: [charset: string, text: string, bytes: string, read?: string][] = [
      ['utf-8', 'é€😀', 'c3a9e282acf09f9880'],
      ['', 'é', 'c3a9'],
      ['shift_jis', 'é', 'c3a9'],
      ['iso-8859-1', 'é', 'e9'],
      ['ISO_8859_1', 'é€😀', 'e93f3f', 'é??'],
      ['us-ascii', 'a', '61'],
      ['utf-16', 'é😀', 'e9003dd800de'],
      ['utf-16LE', 'a', '6100'],
      ['utf-16be', 'é😀', '00e9d83dde00'],
    ]
    for (const [charset, text, bytes, read = text] of texts) {
      const value = { __type: 'E', __writeExternal: (writer: ExternalWriter) => writer.writeMultiByte(text, charset) }
      const encoded = encodeAmf0([value])
      assert.equal(hex(encoded), `110a070345${bytes}`, charset)
      let got: unknown
      const types = external(reader => {
        got = reader.readMultiByte(reader.bytesAvailable, charset)
      })
      decodeAmf0(encoded, { types })
      assert.equal(got, read, charset)
    }
  })
})
