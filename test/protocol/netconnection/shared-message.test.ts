import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ProtocolError } from '../../../server/base/errors.ts'
import type { SharedEvent } from '../../../server/hub/shared-events.ts'
import { encodeAmf0 } from '../../../server/media/amf0.ts'
import { sharedEventsMax, sharedNameBytes } from '../../../server/protocol/netconnection/limits.ts'
import { decodeShared, encodeShared } from '../../../server/protocol/netconnection/shared-message.ts'
import { type Message, MessageType } from '../../../server/protocol/rtmp/message.ts'
import { own } from '../../support/cuts.ts'
import { fuzzPlan, mutations } from '../../support/mutate.ts'

const { SharedObjectAmf0, SharedObjectAmf3 } = MessageType

function message(text: string, type: number = SharedObjectAmf0): Message {
  return { type, streamId: 0, timestamp: 0, payload: own(Buffer.from(text.replaceAll(' ', ''), 'hex')) }
}

const hex = ({ payload }: Message) => payload.toString('hex')
const bar = Buffer.from(encodeAmf0(['bar']))

/** As the event was published: its bytes, and what they say. */
const published: readonly [title: string, bytes: string, event: SharedEvent][] = [
  ['Use', '01 00000000', { kind: 'use' }],
  ['Release', '02 00000000', { kind: 'release' }],
  ['Request Change', '03 0000000b 0003666f6f 020003626172', { kind: 'requestChange', name: 'foo', value: bar }],
  ['Change', '04 0000000b 0003666f6f 020003626172', { kind: 'change', name: 'foo', value: bar }],
  ['Success', '05 00000005 0003666f6f', { kind: 'success', name: 'foo' }],
  ['Send Message', '06 0000000c 020003666f6f 020003626172', { kind: 'message', name: 'foo', args: bar }],
  [
    'Status',
    `07 00000022 0019${Buffer.from('SharedObject.NoReadAccess').toString('hex')} 00056572726f72`,
    { kind: 'status', code: 'SharedObject.NoReadAccess', level: 'error' },
  ],
  ['Clear', '08 00000000', { kind: 'clear' }],
  ['Remove', '09 00000005 0003666f6f', { kind: 'remove', name: 'foo' }],
  ['Request Remove', '0a 00000005 0003666f6f', { kind: 'requestRemove', name: 'foo' }],
  ['Use Success', '0b 00000000', { kind: 'useSuccess' }],
  ['Request Clear', '0e 00000000', { kind: 'requestClear' }],
]

/** Name `chat`, version 7, flags and the four bytes after them. */
const head = (flags: number) => `0004 63686174 00000007 0000000${flags} 00000000`

function plain(event: SharedEvent): SharedEvent {
  if ('value' in event) return { ...event, value: Buffer.from(event.value) }
  return 'args' in event ? { ...event, args: Buffer.from(event.args) } : event
}

suite('shared object messages', () => {
  for (const [title, bytes, event] of published) {
    test(`${title} is read and written as published, in type 19 and in type 16 (R68)`, () => {
      const given = message(`${head(2)} ${bytes}`)
      const read = decodeShared(given)
      assert.deepEqual(
        { ...read, events: read.events.map(plain) },
        { object: 'chat', version: 7, persistent: true, events: [event] },
      )
      assert.equal(hex(encodeShared(read, SharedObjectAmf0)), hex(given))
      const enveloped = message(`00 ${head(2)} ${bytes}`, SharedObjectAmf3)
      assert.deepEqual(decodeShared(enveloped).events.map(plain), [event])
      assert.equal(hex(encodeShared(read, SharedObjectAmf3)), hex(enveloped))
    })
  }

  test('an object is persistent by the second bit of its flags, whatever else is set (R6, R7)', () => {
    assert.equal(decodeShared(message(head(0))).persistent, false)
    assert.equal(decodeShared(message(head(2))).persistent, true)
    assert.equal(decodeShared(message('0001 61 00000000 00000010 00000000')).persistent, false)
    assert.equal(decodeShared(message('0001 61 00000000 00000032 00000000')).persistent, true)
  })

  test('events nobody knows are passed over, and several slots in one event are several changes (R68)', () => {
    const { events } = decodeShared(
      message(`${head(0)} 0c 00000002 abcd 03 0000000a 0001 61 0101 0001 62 0100 01 00000000`),
    )
    assert.deepEqual(events.map(plain), [
      { kind: 'requestChange', name: 'a', value: Buffer.from([1, 1]) },
      { kind: 'requestChange', name: 'b', value: Buffer.from([1, 0]) },
      { kind: 'use' },
    ])
  })

  test('values hold memory of their own (R68)', () => {
    const given = message(`${head(0)} 03 00000009 0001 61 020003 626172`)
    const [event] = decodeShared(given).events
    assert.ok(event?.kind === 'requestChange')
    assert.notEqual(event.value.buffer, given.payload.buffer)
    assert.equal(event.value.buffer.byteLength, event.value.length)
  })

  test('an AMF3 value stands behind its marker, an externalizable one takes the rest of its event (R68)', () => {
    const value = Buffer.from(encodeAmf0([{ n: [1, 2] }], { encoding: 3 }))
    const sent = {
      object: 'o',
      version: 1,
      persistent: false,
      events: [{ kind: 'requestChange', name: 'v', value }],
    } as const
    assert.deepEqual(decodeShared(encodeShared(sent, SharedObjectAmf3)).events.map(plain), sent.events)
    const external = Buffer.from('110a0703657874beef', 'hex')
    const event = { kind: 'requestChange', name: 'v', value: external } as const
    const { events } = decodeShared(encodeShared({ ...sent, events: [event] }, SharedObjectAmf3))
    assert.deepEqual(events.map(plain), [event])
  })

  test('cut at every byte it is a message of fewer events or a ProtocolError (R68)', () => {
    const whole = Buffer.from(`${head(2)}${published.map(([, bytes]) => bytes).join('')}`.replaceAll(' ', ''), 'hex')
    const ends = new Set<number>([18])
    let end = 18
    for (const [, bytes] of published) {
      end += bytes.replaceAll(' ', '').length / 2
      ends.add(end)
    }
    for (let at = 0; at < whole.length; at++) {
      const part = { ...message(''), payload: own(whole.subarray(0, at)) }
      if (ends.has(at)) assert.equal(decodeShared(part).events.length, [...ends].indexOf(at))
      else assert.throws(() => decodeShared(part), ProtocolError, `at byte ${at}`)
    }
  })

  test('names and numbers of events are bounded (R68)', () => {
    const long = Buffer.alloc(sharedNameBytes + 1, 'a')
    const named = Buffer.concat([Buffer.from([long.length >> 8, long.length & 255]), long, Buffer.alloc(12)])
    assert.throws(() => decodeShared({ ...message(''), payload: named }), /name of 1025 bytes/)
    const many = `${head(0)}${'0100000000'.repeat(sharedEventsMax + 1)}`
    assert.throws(() => decodeShared(message(many)), new RegExp(`more than ${sharedEventsMax} events`))
    assert.throws(() => decodeShared(message(`${head(0)} 06 00000001 05`)), /begins with no name/)
    assert.throws(() => decodeShared(message(`${head(0)} 03 ffffffff 0001`)), ProtocolError)
  })

  test('noise is a message or a ProtocolError, and never more memory than it came with (R68)', () => {
    const { seed, count } = fuzzPlan(3000)
    const samples = published.map(([, bytes]) => message(`${head(2)} ${bytes}`).payload)
    let index = 0
    for (const input of mutations(seed, samples, count)) {
      const payload = own(input)
      const type = index++ % 2 === 0 ? SharedObjectAmf0 : SharedObjectAmf3
      try {
        const read = decodeShared({ ...message('', type), payload })
        let bytes = 0
        for (const event of read.events)
          bytes += 'value' in event ? event.value.length : 'args' in event ? event.args.length : 0
        assert.ok(bytes <= payload.length)
        // What was read can be written, and reads the same.
        const again = decodeShared(encodeShared(read, SharedObjectAmf0))
        assert.deepEqual(again, read)
      } catch (thrown) {
        if (thrown instanceof ProtocolError) continue
        throw new Error(`seed ${seed}, input ${payload.toString('hex')}`, { cause: thrown })
      }
    }
  })
})
