import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { encodeAmf0 } from '../../server/media/amf0.ts'
import { MessageType } from '../../server/protocol/rtmp/message.ts'
import { HazardScene } from '../support/hazard-scene.ts'
import { dataTag, keyTag } from '../support/media-samples.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { chunked, hex } from '../support/wire.ts'

const www = {
  'rpc/main.js': `
    export const calls = { see: (...values) => values.length, echo: value => value }
    export function onDataPacket(client, publication, name, packet) { last = name + packet.length }
    let last = ''
  `,
}

/** `count` times the beginning of a value that holds the next one. */
const nested = (begin: string, count: number): Buffer => Buffer.alloc((count * begin.length) / 2, hex(begin))

/** Values that nobody can read, or nobody should; each with the code it is refused by. */
const bad: [what: string, code: string, value: Uint8Array][] = [
  ['arrays nested 10,000 deep', 'AMF_DEPTH', nested('0a00000001', 10_000)],
  ['arrays nested 1,000,000 deep', 'AMF_DEPTH', nested('0a00000001', 1_000_000)],
  ['objects nested 100,000 deep', 'AMF_DEPTH', nested('03000161', 100_000)],
  ['ECMA arrays nested 100,000 deep', 'AMF_DEPTH', nested('08000000010001 61'.replace(' ', ''), 100_000)],
  ['an array of 2^32 - 1 values', 'AMF_TRUNCATED', hex('0a ffffffff 05')],
  ['an array of a million values', 'AMF_ELEMENTS', Buffer.concat([hex('0a 000f4240'), Buffer.alloc(1_000_000, 5)])],
  ['a string of 4 GB', 'AMF_STRING', hex('0c ffffffff 61')],
  ['a string that ends early', 'AMF_TRUNCATED', hex('02 0010 61')],
  ['an object without an end', 'AMF_TRUNCATED', hex('03 0001 61 05')],
  ['a reference to nothing', 'AMF_REFERENCE', hex('07 0007')],
  ['a movie clip', 'AMF_MARKER', hex('04')],
  ['a record set', 'AMF_MARKER', hex('0e')],
  ['a value that nobody has defined', 'AMF_MARKER', hex('12')],
  // AMF3, behind its marker
  ['arrays of AMF3 nested 100,000 deep', 'AMF_DEPTH', Buffer.concat([hex('11'), nested('090301', 100_000)])],
  ['an object reference out of range', 'AMF_REFERENCE', hex('11 0a 02')],
  ['a string reference out of range', 'AMF_REFERENCE', hex('11 06 04')],
  ['a traits reference out of range', 'AMF_REFERENCE', hex('11 0a 05')],
  ['2^24 traits', 'AMF_TRUNCATED', hex('11 0a bf ff ff fb 01')],
  ['a byte array of 256 MB', 'AMF_TRUNCATED', hex('11 0c bf ff ff ff 00')],
  ['a vector of 2^28 numbers', 'AMF_TRUNCATED', hex('11 0f bf ff ff ff 00 00')],
  ['a dictionary of 2^28 entries', 'AMF_TRUNCATED', hex('11 11 bf ff ff ff 00 04 01')],
  ['an array of 2^28 values', 'AMF_TRUNCATED', hex('11 09 bf ff ff ff 01 04 01')],
  ['a marker that nobody has defined', 'AMF_MARKER', hex('11 12')],
  ['a number that ends early', 'AMF_TRUNCATED', hex('11 04 ff')],
]

/** Odd values that are values all the same. */
const odd: [what: string, value: Uint8Array][] = [
  ['not a number', hex('00 7ff8000000000000')],
  ['infinity', hex('00 7ff0000000000000')],
  ['names of a prototype', encodeAmf0([JSON.parse('{"__proto__":{"a":1},"constructor":2,"toString":3}')])],
  ['100,000 names', encodeAmf0([Object.fromEntries(Array.from({ length: 100_000 }, (_, nth) => [`k${nth}`, nth]))])],
  ['a loop of references', hex('03 0004 73656c66 07 0000 000009')],
  ['invalid UTF-8', hex('02 0004 ff fe c0 80')],
  ['lone surrogates', hex('02 0006 eda080 edbfbf')],
  ['a date that is none', hex('0b 7ff8000000000000 0000')],
  ['a fourth byte of eight bits', hex('11 04 ff ff ff ff')],
  ['XML with a DOCTYPE', hex('11 0b 29 3c21444f43545950452061205b3c21454e544954')],
  ['recursion through references', hex('11 09 03 01 09 00')],
  ['an externalizable of an unknown class', hex('11 0a 07 07 782e79 01 02 03')],
]

suite('AMF', { timeout: 240_000 }, () => {
  let scene: HazardScene

  before(async () => {
    scene = await HazardScene.open([], www)
    await using client = await RtmpClient.connect({ url: scene.server.url('rpc') })
    assert.equal(await client.call('see', 1), 1)
  })

  after(() => scene?.close())

  const connect = (): Promise<RtmpClient> => RtmpClient.connect({ url: scene.server.url('rpc') })

  const call = (...parts: Uint8Array[]): Buffer => {
    const payload = Buffer.concat([encodeAmf0(['see', 0, null]), ...parts])
    return chunked({ message: MessageType.CommandAmf0, payload })
  }

  for (const [what, code, value] of bad) {
    test(`as an argument ends the connection when it is ${what} (hazard R12, R13)`, async () => {
      await scene.blames(code, async () => {
        const client = await connect()
        client.writeRaw(call(value))
        await client.closed
      })
    })
  }

  test('as a command object ends the connection when it is bad (hazard R12)', async () => {
    for (const [, code, value] of bad.slice(0, 3)) {
      await scene.blames(code, async () => {
        const client = await connect()
        const payload = Buffer.concat([encodeAmf0(['see', 0]), value])
        client.writeRaw(chunked({ message: MessageType.CommandAmf0, payload }))
        await client.closed
      })
    }
  })

  test('as data is not relayed when it is bad, and its publisher goes on (hazard R12, R13, R18)', async () => {
    await using encoder = await connect()
    await using viewer = await connect()
    for (const [nth, [what, , value]] of bad.entries()) {
      const from = await encoder.publish(`cam ${nth}`)
      const to = await viewer.play(`cam ${nth}`)
      // Once, whichever of its bounds it met first: those of data are narrower.
      await scene.blames(/^AMF_/, async () => {
        from.sendData(0, Buffer.concat([encodeAmf0(['onEvil']), value]))
        from.sendData(
          0,
          Buffer.concat([encodeAmf0(['@setDataFrame', 'onMetaData']), hex('03 0001 78'), value, hex('000009')]),
        )
        from.sendVideo(0, keyTag())
        await to.frame(({ kind }) => kind === 'video')
      })
      const data = to.frames.filter(({ values }) => values[0] !== '|RtmpSampleAccess' && values.length > 0)
      assert.deepEqual(data, [], what)
      from.delete()
      to.delete()
    }
  })

  test('as odd values reaches the script and comes back (hazard R12, R13)', async () => {
    await scene.bears(async () => {
      await using client = await connect()
      for (const [, value] of odd) client.writeRaw(call(value))
      assert.equal(await client.call('see', 1, 2), 2)
    })
  })

  test('as odd data is relayed, or not, and everybody goes on', async () => {
    const said = scene.server.log.length
    await using encoder = await connect()
    await using viewer = await connect()
    const from = await encoder.publish('odd')
    const to = await viewer.play('odd')
    for (const [, value] of odd) from.sendData(0, Buffer.concat([encodeAmf0(['onOdd']), value]))
    from.sendVideo(0, keyTag())
    await to.frame(({ kind }) => kind === 'video')
    await scene.unharmed()
    assert.equal(await encoder.call('see'), 0)
    // One of them is refused; who looks at the log next is not to take that for its own.
    await scene.server.logged(({ code }) => code === 'AMF_SIZE', said)
  })

  test('as metadata of 16 MB, twice, or none at all keeps the first that was good (hazard R18)', async () => {
    await scene.blames('METADATA_SIZE', async () => {
      await using encoder = await connect()
      await using viewer = await connect()
      const from = await encoder.publish('meta')
      from.sendData(0, dataTag('@setDataFrame', 'onMetaData', { width: 1 }))
      from.sendData(0, dataTag('@setDataFrame', 'onMetaData', { width: 2 }))
      from.sendData(0, dataTag('@setDataFrame', 'onMetaData', { text: 'x'.repeat(1_000_000) }))
      from.sendData(0, dataTag('@setDataFrame', 'onMetaData', 'no object'))
      from.sendData(0, dataTag('@setDataFrame', 'onMetaData'))
      from.sendData(0, dataTag('@setDataFrame'))
      await encoder.call('see')
      const to = await viewer.play('meta')
      const frame = await to.frame(({ values }) => values[0] === 'onMetaData')
      assert.deepEqual(frame.values, ['onMetaData', { width: 2 }])
    })
  })
})
