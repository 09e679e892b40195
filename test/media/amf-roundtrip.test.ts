import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { Amf0Reader, decodeAmf0, encodeAmf0 } from '../../server/media/amf0.ts'

/** Texts without lone surrogates, which do not survive. */
const text = fc.string({ unit: 'binary', maxLength: 12 }).map(drawn => drawn.toWellFormed())
const nastyName = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '0',
  '7',
  '320',
  '4294967295',
  'a.b',
)
const name = fc.oneof(text, nastyName).filter(drawn => drawn !== '' && drawn !== '__type' && drawn !== '__xml')

const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(268435455, 268435456, -268435456, -268435457, -0))

const leaf = fc.oneof(
  { weight: 3, arbitrary: number },
  { weight: 3, arbitrary: text },
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array({ maxLength: 8 }),
  fc.int32Array({ maxLength: 4 }),
  fc.uint32Array({ maxLength: 4 }),
  fc.float64Array({ maxLength: 4 }),
  fc.record({ __xml: text }, { noNullPrototype: true }),
)

function own(entries: [string, unknown][], target: object): object {
  for (const [key, value] of entries) {
    Object.defineProperty(target, key, { value, configurable: true, enumerable: true, writable: true })
  }
  return target
}

const { value } = fc.letrec<{ value: unknown }>(tie => {
  const entries = fc.array(fc.tuple(name, tie('value')), { maxLength: 4 })
  return {
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      entries.map(drawn => own(drawn, {})),
      fc.tuple(name, entries).map(([type, drawn]) => own(drawn, { __type: type })),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.tuple(fc.array(tie('value'), { maxLength: 3 }), entries).map(([list, drawn]) =>
        own(
          drawn.filter(([key]) => key !== 'length'),
          list,
        ),
      ),
      fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map(drawn => new Map(drawn)),
    ),
  }
})

suite('AMF round trips', () => {
  for (const encoding of [0, 3] as const) {
    test(`any values survive encoding ${encoding}, and are skipped as far as they are read`, () => {
      fc.assert(
        fc.property(fc.array(value, { maxLength: 4 }), values => {
          const bytes = encodeAmf0(values, { encoding })
          assert.deepStrictEqual(decodeAmf0(bytes), values)
          const reading = new Amf0Reader(bytes)
          const skipping = new Amf0Reader(bytes)
          while (!reading.done) {
            reading.read()
            skipping.skip()
            assert.equal(skipping.position, reading.position)
            assert.equal(skipping.references, reading.references)
          }
        }),
        { numRuns: 500 },
      )
    })

    test(`what was read is written again as it was, encoding ${encoding}`, () => {
      fc.assert(
        fc.property(fc.array(value, { maxLength: 3 }), values => {
          const bytes = encodeAmf0(values, { encoding })
          assert.deepEqual(encodeAmf0(decodeAmf0(bytes), { encoding }), bytes)
        }),
        { numRuns: 200 },
      )
    })
  }

  test('any graph keeps its shape: who refers to whom', () => {
    const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 20 })
    const kinds = fc.array(fc.constantFrom('object', 'array', 'map'), { minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(kinds, edges, (kinds, edges) => {
        const nodes = kinds.map(kind => (kind === 'object' ? {} : kind === 'array' ? [] : new Map()))
        for (const [from, to] of edges) link(nodes[from]!, nodes[to]!)
        // AMF3 keeps it whatever the kinds; within AMF0 each Map stands for itself.
        const [read] = decodeAmf0(encodeAmf0([nodes], { encoding: 3 }))
        assert.equal(shape(read), shape(nodes))
        if (kinds.every(kind => kind !== 'map')) assert.equal(shape(decodeAmf0(encodeAmf0([nodes]))[0]), shape(nodes))
      }),
    )
  })
})

function link(from: object, to: object): void {
  if (from instanceof Map) from.set(from.size, to)
  else if (Array.isArray(from)) from.push(to)
  else Object.assign(from, { [`e${Object.keys(from).length}`]: to })
}

/** Every object by the number of its first visit. */
function shape(root: unknown): string {
  const seen = new Map<unknown, number>()
  const visit = (thing: unknown): string => {
    const number = seen.get(thing)
    if (number !== undefined) return `#${number}`
    seen.set(thing, seen.size)
    const children = thing instanceof Map ? [...thing.values()] : Object.values(thing as object)
    return `${thing instanceof Map ? 'm' : Array.isArray(thing) ? 'a' : 'o'}(${children.map(visit).join()})`
  }
  return visit(root)
}
