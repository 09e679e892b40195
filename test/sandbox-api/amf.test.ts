import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { decodeAmf0, encodeAmf0 } from '../../server/media/amf0.ts'
import { clientFacts } from '../apps/host/child.ts'
import { Lab, runner, type TriedApp } from '../apps/host/lab.ts'

const hex = (bytes: unknown) => Buffer.from(bytes as Uint8Array).toString('hex')
const bytes = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const { id } = clientFacts()

/** What CumulusServer wrote for each value, its defects apart: value, toAMF, and toAMF0 where it differs. */
const vectors: [value: string, amf: string, amf0?: string][] = [
  ['null', '05'],
  ['undefined', '06'],
  ['true', '01 01'],
  ['false', '01 00'],
  ['0', '11 04 00', '00 0000000000000000'],
  ['127', '11 04 7f', '00 405fc00000000000'],
  ['128', '11 04 81 00', '00 4060000000000000'],
  ['16384', '11 04 81 80 00', '00 40d0000000000000'],
  ['2097152', '11 04 80 c0 80 00', '00 4140000000000000'],
  ['268435455', '11 04 bf ff ff ff', '00 41affffffe000000'],
  ['-1', '11 04 ff ff ff ff', '00 bff0000000000000'],
  ['-268435456', '11 04 c0 80 80 00', '00 c1b0000000000000'],
  ['268435456', '00 41b0000000000000'],
  ['-268435457', '00 c1b0000001000000'],
  ['1.5', '00 3ff8000000000000'],
  ['-0', '00 8000000000000000'],
  ['NaN', '00 7ff8000000000000'],
  ["'hello'", '11 06 0b 68656c6c6f', '02 0005 68656c6c6f'],
  ["''", '11 06 01', '02 0000'],
  ['new Date(905989690435)', '11 08 01 426a5e2632886000', '0b 426a5e2632886000 0000'],
  ['Uint8Array.from([0x72, 0x61, 0x77])', '11 0c 07 726177'],
  ['[1, 2]', '11 09 05 01 04 01 04 02'],
  ['[]', '11 09 01 01'],
  ['{}', '11 0a 0b 01 01', '03 000009'],
  [
    "{ x: 10, y: 'a' }",
    '11 0a 0b 01 03 78 04 0a 03 79 06 03 61 01',
    '03 0001 78 00 4024000000000000 0001 79 02 0001 61 000009',
  ],
  ['Object.assign([100, 100], { x: 10 })', '11 09 05 03 78 04 0a 01 04 64 04 64'],
  ["new Map([[10, 'test'], ['test', 10]])", '11 11 05 00 04 0a 06 09 74657374 06 00 04 0a'],
  ["{ __type: 'Cat' }", '11 0a 0b 07 436174 01', '10 0003 436174 000009'],
  ["{ __type: 'E', __writeExternal(writer) { writer.writeByte(7) } }", '11 0a 07 03 45 07'],
  ["[[], { a: ['a'] }]", '11 09 05 01 09 01 01 0a 0b 01 03 61 09 03 01 06 00 01'],
  ['{ list: [1] }', '11 0a 0b 01 09 6c697374 09 03 01 04 01 01', '03 0004 6c697374 11 09 03 01 04 01 000009'],
  ['(a => [a, a])([])', '11 09 05 01 09 01 01 09 02'],
]

/** Every method of the reader and the writer, in both orders of bytes. */
const everything = `
  const written = Uint8Array.of(1, 2, 3, 4)
  function write(writer) {
    for (const endian of ['bigEndian', 'littleEndian']) {
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
      writer.writeBytes(written, 1, 2)
      writer.writeUTF('käse')
      writer.writeUTFBytes('käse')
      writer.writeMultiByte('käse', 'iso-8859-1')
    }
    writer.writeAMF('a', { b: [1] })
    writer.writeAMF(null)
  }
  function read(reader) {
    const all = []
    for (const endian of ['bigEndian', 'littleEndian']) {
      reader.endian = endian
      all.push([reader.endian, reader.readBoolean(), reader.readByte(), reader.readUnsignedByte(), reader.readShort(),
        reader.readUnsignedShort(), reader.readInt(), reader.readUnsignedInt(), reader.readFloat(), reader.readDouble(),
        [...reader.readBytes(2)], reader.readUTF(), reader.readUTFBytes(5), reader.readMultiByte(4, 'iso-8859-1')])
    }
    all.push(reader.readAMF(2), reader.bytesAvailable, reader.readAMF(1), reader.readAMF())
    return all
  }
  application.registerClass('All', class All {
    __writeExternal(writer) { write(writer) }
    __readExternal(reader) { this.all = read(reader) }
  })`
const numbers = [true, -2, 254, -3, 65533, -4, 4294967292, 0.5, -0.1, [2, 3], 'käse', 'käse', 'käse']

suite('AMF for scripts', () => {
  const lab = new Lab()
  after(() => lab.end())
  const tried = async (code = ''): Promise<TriedApp> => {
    const app = await lab.app(`${runner}\n${code}`)
    app.join()
    return app
  }

  test('toAMF writes what CumulusServer wrote, its defects apart (C23)', async () => {
    const app = await tried()
    for (const [value, amf] of vectors) {
      assert.equal(hex(await app.call(id, 'run', `return server.toAMF(${value})`)), amf.replaceAll(' ', ''), value)
    }
    const all = `return server.toAMF(${vectors.map(([value]) => value).join()})`
    assert.equal(
      hex(await app.call(id, 'run', all)),
      vectors
        .map(([, amf]) => amf)
        .join('')
        .replaceAll(' ', ''),
    )
    assert.equal(hex(await app.call(id, 'run', 'return server.toAMF()')), '')
  })

  test('toAMF0 prefers AMF0, arrays and bytes apart (C24)', async () => {
    const app = await tried()
    for (const [value, amf, amf0 = amf] of vectors) {
      assert.equal(hex(await app.call(id, 'run', `return server.toAMF0(${value})`)), amf0.replaceAll(' ', ''), value)
    }
  })

  test('fromAMF gives all values, in an array (C22)', async () => {
    const app = await tried()
    const shown = await app.call(
      id,
      'run',
      `const date = new Date(5)
      const values = [null, undefined, 1, 'text', date, [1, 2], { a: 1 }, Uint8Array.of(9), new Map([['k', 1]]), Int32Array.of(-1)]
      const same = list => list.map(value => Object.prototype.toString.call(value) + JSON.stringify(value)).join()
      return [server.toAMF(...values), server.toAMF0(...values)].map(bytes => same(server.fromAMF(bytes)) === same(values))
        .concat([server.fromAMF(new Uint8Array()).length, server.fromAMF(server.toAMF('x').buffer)[0]])`,
    )
    assert.deepEqual(shown, [true, true, 0, 'x'])
  })

  test('what is no AMF is an error that says so, not a crash (C22)', async () => {
    const app = await tried()
    const said = (code: string) => app.call(id, 'run', `try { ${code} } catch (e) { return e.message }`)
    assert.equal(
      await said('server.fromAMF(Uint8Array.of(2, 0))'),
      'AMF ends too early: 2 bytes wanted at 1, 1 are there',
    )
    assert.equal(
      await said("server.fromAMF('text')"),
      'fromAMF: data must be a Uint8Array or another buffer, not a string',
    )
    assert.equal(
      await said('server.toAMF(1, [5n])'),
      'toAMF: value 2: AMF has no BigInt; convert it with Number() or String()',
    )
    assert.match(
      String(await said('const a = []; let b = a; for (let i = 0; i < 100; i++) b.push(b = []); server.toAMF(a)')),
      /more than 64 deep/,
    )
    assert.match(String(await said('server.toAMF(new Uint8Array(17e6))')), /more than 16777215 bytes of AMF/)
  })

  test('odd values are written as the contract says: Set, Error, functions, other classes, references and cycles', async () => {
    const app = await tried()
    const shown = await app.call(
      id,
      'run',
      `const read = value => server.fromAMF(server.toAMF(value))[0]
      const cycle = { name: 'c' }
      cycle.self = cycle
      const twice = {}
      const pair = read([twice, twice])
      class Other { a = 1; get b() { return 2 } }
      return {
        set: read(new Set([1, 2])), error: read(new RangeError('m')), fn: read([() => 1, Symbol('s')]), other: read(new Other()),
        date: Object.keys(read(Object.create(Date.prototype))).length, map: read(new Proxy(new Map([[1, 2]]), {})),
        cycle: read(cycle).self.self.name, pair: pair[0] === pair[1], proto: Object.keys(read(JSON.parse('{"__proto__": 1, "constructor": 2}'))),
        names: read(Object.assign([1], { x: 2 })).x, xml: read({ __xml: '<a/>' }),
      }`,
    )
    assert.deepEqual(shown, {
      set: [1, 2],
      error: { name: 'RangeError', message: 'm' },
      fn: [null, null],
      other: { a: 1 },
      date: 0,
      map: {},
      cycle: 'c',
      pair: true,
      proto: ['__proto__', 'constructor'],
      names: 2,
      xml: { __xml: '<a/>' },
    })
    assert.deepEqual(
      app.of('log').map(({ level, text }) => `${level} ${text}`),
      [
        'warn a function cannot be sent, null goes in its place',
        'warn a symbol cannot be sent, null goes in its place',
      ],
    )
  })

  test('registerClass makes instances of what comes under a name, and writes them under it (R29)', async () => {
    const app = await tried(`
      class Point { constructor() { this.made = true } get sum() { return this.x + this.y } }
      class Point3 extends Point {}
      Object.assign(globalThis, { Point, Point3 })
      application.registerClass('geo.Point', Point)
      calls.sum = point => [point instanceof Point, point.sum, point.made]
      calls.send = () => Object.assign(new Point(), { x: 5 })
      calls.sub = () => new Point3()
      calls.forget = () => application.registerClass('geo.Point', null)`)
    assert.deepEqual(await app.call(id, 'sum', { __type: 'geo.Point', x: 1, y: 2 }), [true, 3, true])
    assert.deepEqual(await app.call(id, 'send'), { __type: 'geo.Point', made: true, x: 5 })
    assert.deepEqual(await app.call(id, 'sub'), { made: true })
    await app.call(id, 'forget')
    assert.deepEqual(await app.call(id, 'sum', { __type: 'geo.Point', x: 1, y: 2 }), [false, undefined, undefined])
    assert.deepEqual(await app.call(id, 'send'), { made: true, x: 5 })
  })

  test('registerClass names what is no name and no class, and keeps to a thousand (R29)', async () => {
    const app = await tried()
    const said = (code: string) => app.call(id, 'run', `try { ${code} } catch (e) { return e.name + ' ' + e.message }`)
    assert.match(String(await said("application.registerClass('', class {})")), /^TypeError registerClass: name must/)
    for (const given of ['undefined', '{}', '() => {}', "'Point'"]) {
      assert.match(
        String(await said(`application.registerClass('P', ${given})`)),
        /^TypeError registerClass: Class must/,
      )
    }
    const many = await said("for (let i = 0; ; i++) application.registerClass('P' + i, class {})")
    assert.equal(many, 'RangeError registerClass: 1000 classes are registered, more are not allowed')
  })

  test('onTypedObject hears of each object with a class, and may add methods and fields (C148)', async () => {
    const app = await tried(`
      export function onTypedObject(type, object) {
        object.heard = type + ' ' + Object.keys(object).join()
        if (type === 'Cat') object.meow = () => 'meow'
      }
      calls.pet = (cat, dog, plain) => [cat.meow(), cat.heard, dog.heard, plain.heard]`)
    const shown = await app.call(id, 'pet', { __type: 'Cat', age: 3 }, { __type: 'Dog' }, {})
    assert.deepEqual(shown, ['meow', 'Cat __type,age', 'Dog __type', undefined])
  })

  test('onTypedObject gives an externalizable what it reads and writes itself with, before its content is read (C148, C105)', async () => {
    const app = await tried(`
      export function onTypedObject(type, object) {
        if (type !== 'flex.messaging.io.ArrayCollection') return
        object.source = 'not yet'
        object.__readExternal = function (reader) { this.was = this.source; this.source = reader.readAMF(1) }
        object.__writeExternal = function (writer) { writer.writeAMF(this.source) }
      }
      calls.source = list => [list.was, list.source]
      calls.back = list => list`)
    const list = '11 0a 07 43 666c65782e6d6573736167696e672e696f2e4172726179436f6c6c656374696f6e 09 05 01 04 01 04 02'
    const args = new Uint8Array(bytes(list))
    assert.deepEqual(await result(app, 'source', args), ['not yet', [1, 2]])
    const { value } = await answer(app, 'back', args)
    assert.equal(hex(value), hex(args))
  })

  test('the reader of an externalizable reads whatever IDataInput reads (C101, C102, C105)', async () => {
    const app = await tried(everything)
    const code = `const [all] = server.fromAMF(server.toAMF(server.fromAMF(Uint8Array.from(${JSON.stringify([...bytes('11 0a 0b 07 416c6c 01')])}))[0])); return all.all`
    const expected = [['bigEndian', ...numbers], ['littleEndian', ...numbers], ['a', { b: [1] }], 1, null, []]
    assert.deepEqual(await app.call(id, 'run', code), expected)
  })

  test('the writer of an externalizable writes whatever IDataOutput writes (C103, C104, C105)', async () => {
    const app = await tried(everything)
    const code = `return server.toAMF({ __type: 'W', __writeExternal: writer => {
      writer.writeShort(-2); writer.endian = 'littleEndian'; writer.writeShort(-2); writer.writeUTF('é'); writer.writeAMF(1, 'a')
    } })`
    assert.equal(hex(await app.call(id, 'run', code)), '110a070357fffefeff0200c3a90401060361')
  })

  test('reader and writer name an argument that is none, and are of no use afterwards (C101, C103)', async () => {
    const app = await tried(`
      let kept
      calls.tries = () => {
        const said = []
        const all = [
          w => w.writeInt('5'), w => w.writeByte(5n), w => w.writeUTF(5), w => w.writeBytes([1]), w => w.writeBytes(Uint8Array.of(1), -1),
          w => w.writeMultiByte('a', null), w => { w.endian = 'middle' },
        ]
        server.toAMF({ __type: 'E', __writeExternal(writer) {
          kept = writer
          for (const each of all) try { each(writer) } catch (e) { said.push(e.name + ' ' + e.message) }
        } })
        try { kept.writeByte(1) } catch (e) { said.push(e.message) }
        return said
      }`)
    assert.deepEqual(await app.call(id, 'tries'), [
      'TypeError writeInt wants a number, not a string',
      'TypeError writeByte wants a number, not a bigint',
      'TypeError writeUTF wants a text, not a number',
      'TypeError writeBytes wants a Uint8Array, not an object',
      'TypeError writeBytes: offset wants a whole number from 0, not -1',
      'TypeError writeMultiByte: charset wants a text, not null',
      "TypeError endian is 'bigEndian' or 'littleEndian'",
      'a writer can be used only while __writeExternal runs',
    ])
  })

  test('a class nobody can read fails the call that brought it, and nothing else (C105)', async () => {
    const app = await tried()
    const { how, text } = await answer(app, 'run', new Uint8Array(bytes('11 0a 07 03 45 01')))
    assert.deepEqual([how, text], ['error', 'nobody here can read the externalizable class "E"'])
    const verdict = await app.connect([], { id: 'a'.repeat(64), args: new Uint8Array(bytes('11 0a 07 03 45 01')) })
    assert.equal(verdict.ok, true)
  })

  test('a hook that throws is a fault with its line, and the object stays as it is (C148)', async () => {
    const app = await tried(
      "export function onTypedObject() {\n throw new Error('oh') }\ncalls.keys = object => Object.keys(object)",
    )
    assert.deepEqual(await app.call(id, 'keys', { __type: 'Cat', a: 1 }), ['__type', 'a'])
    const { hook, text, file } = await app.command('fault')
    assert.deepEqual([hook, text, file], ['onTypedObject', 'oh', `${app.path.slice(1)}/main.js`])
  })

  test('reading that never ends is cut, and whoever waits is told: a call, a connect, an answer (C148)', async () => {
    const app = await lab.app(
      `export function onTypedObject() { for (;;); }
      export const onConnection = () => {}
      export const calls = { any() {}, ask() { return this.call('x') } }`,
      { limits: { memory: 128, timeout: 200, verdictTimeout: 2_000, timers: 10, rollback: 0, pendingCalls: 10 } },
    )
    app.join()
    const typed = [{ __type: 'T' }]
    const limit = 'apps.timeout (200 ms)'
    assert.equal((await app.result(id, 'any', typed)).text, `call any ran into ${limit}`)
    const { ok, text } = await app.connect(typed, { id: 'b'.repeat(64) })
    assert.deepEqual([ok, text], [false, `onConnection ran into ${limit}`])
    const asked = app.result(id, 'ask')
    const { ticket } = await app.command('message')
    app.tell({ e: 'answer', ticket, ok: true, value: new Uint8Array(encodeAmf0(typed)) })
    assert.equal((await asked).text, `answer ran into ${limit}`)
  })

  /** A call whose arguments are these very bytes. */
  function answer(app: TriedApp, name: string, args: Uint8Array) {
    return app.result(id, name, [], { args })
  }

  async function result(app: TriedApp, name: string, args: Uint8Array): Promise<unknown> {
    const { value } = await answer(app, name, args)
    return decodeAmf0(value!)[0]
  }
})
