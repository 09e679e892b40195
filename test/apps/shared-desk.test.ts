import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { sharedMessages, sharedToldBytes } from '../../server/apps/limits.ts'
import type { AppCommand, AppEvent, SharedFacts, SharedOp } from '../../server/apps/wire.ts'
import type { SharedEvent, SharedMessage } from '../../server/hub/shared-events.ts'
import { sharedLimits } from '../../server/hub/shared-limits.ts'
import { decodeAmf0 } from '../../server/media/amf0.ts'
import { amf, inWords } from '../hub/shared-scene.ts'
import { World } from './pretend.ts'

type Shared = AppCommand & { c: 'shared' }

/** An application that is up, a client that uses one of its objects, and what each is told. */
class Scene {
  readonly world = new World({ apps: { '': [], '/chat': ['main.js'] } })
  readonly client = this.world.connect('/chat')
  readonly #heard: string[] = []
  #seq = 0
  #read = 0

  constructor() {
    this.host.started('/chat')
    this.world.turn()
  }

  get host() {
    return this.world.host('/chat')
  }

  /** The script's command; gives its number. */
  do(op: SharedOp, object: string, details: Partial<Shared> = {}): number {
    const seq = ++this.#seq
    this.host.command('/chat', { c: 'shared', op, object, seq, name: '', number: 0, ticket: 0, ...details })
    this.world.turn()
    return seq
  }

  say(object: string, ...events: SharedEvent[]): void {
    const sink = { shared: ({ events }: SharedMessage) => void this.#heard.push(...events.map(inWords)) }
    const message = { object, version: 0, persistent: false, events }
    this.world.hub.shared.receive(this.client.client!, sink, message)
  }

  set(object: string, name: string, value: unknown): void {
    this.say(object, { kind: 'requestChange', name, value: amf(value) })
  }

  /** What the client heard since the last time. */
  heard(): string[] {
    return this.#heard.splice(0)
  }

  /** What the script was told of shared objects since the last time; it has heard it then, unless it is deaf. */
  told({ deaf = false } = {}): string[] {
    const events = this.host.events('/chat').slice(this.#read)
    this.#read += events.length
    const words = events.flatMap(event => wordsOf(event))
    for (const event of events) {
      if (event.e === 'sharedHeard' && !deaf)
        this.host.command('/chat', { c: 'verdict', ticket: event.ticket, ok: true })
    }
    return words
  }
}

function wordsOf(event: AppEvent): string[] {
  if (event.e === 'shared') return [factsInWords(event.facts)]
  if (event.e === 'sharedMessage') return [`message ${event.name}(${decodeAmf0(event.args).join()})`]
  if (event.e === 'sharedStatus') return [`status ${event.object} ${event.code}`]
  return event.e === 'answer' ? [`answer ${event.ok}`] : []
}

function factsInWords({ name, version, seen, cleared, slots, dropped }: SharedFacts): string {
  if (dropped) return `${name} dropped`
  const each = slots.map(({ name: slot, value }) => {
    return value === undefined ? `${slot} as said` : `${slot}=${value ? JSON.stringify(decodeAmf0(value)[0]) : 'none'}`
  })
  const clear = cleared === 'no' ? [] : [`cleared by ${cleared}`]
  return `${name} v${version} seen ${seen}: ${[...clear, ...each].join(', ')}`
}

suite('an application and its shared objects', () => {
  test('opens, changes, sends and closes, and its users are told (R7, R68, R71, R74)', () => {
    const scene = new Scene()
    scene.do('open', 'board')
    scene.say('board', { kind: 'use' })
    scene.do('set', 'board', { name: 'a', value: amf(1) })
    scene.do('remove', 'board', { name: 'a' })
    scene.do('remove', 'board', { name: 'a' })
    scene.do('send', 'board', { name: 'hi', value: amf('x') })
    scene.do('clear', 'board')
    assert.deepEqual(scene.heard(), ['useSuccess', 'clear', 'change a=1', 'remove a', 'message hi(x)', 'clear'])
    scene.say('board', { kind: 'release' })
    assert.ok(scene.world.hub.shared.find('/chat', 'board'), 'the script holds it')
    scene.do('close', 'board')
    assert.equal(scene.world.hub.shared.find('/chat', 'board'), undefined)
    scene.do('set', 'board', { name: 'a', value: amf(1) })
    assert.equal(scene.world.hub.shared.find('/chat', 'board'), undefined)
  })

  test('is told the latest state, and not what it said itself (R68)', () => {
    const scene = new Scene()
    scene.do('open', 'board')
    scene.say('board', { kind: 'use' })
    scene.told()
    scene.do('set', 'board', { name: 'mine', value: amf('script') })
    assert.deepEqual(scene.told(), ['board v2 seen 2: mine as said'])
    for (let i = 0; i < 10; i++) scene.set('board', 'theirs', i)
    scene.say('board', { kind: 'message', name: 'hi', args: amf('y') })
    assert.deepEqual(scene.told(), ['board v12 seen 2: theirs=9', 'message hi(y)'])
    scene.say('board', { kind: 'requestClear' })
    scene.do('set', 'board', { name: 'after', value: amf(1) })
    assert.deepEqual(scene.told(), ['board v14 seen 3: cleared by other, after=1'])
    scene.set('board', 'gone', 1)
    scene.say('board', { kind: 'requestRemove', name: 'gone' })
    assert.deepEqual(scene.told(), ['board v16 seen 3: gone=none'])
  })

  test('that does not keep up is told the latest value of each slot, and messages up to a bound (R68)', () => {
    const scene = new Scene()
    scene.do('open', 'board')
    scene.say('board', { kind: 'use' })
    scene.told()
    scene.set('board', 'x', 0)
    assert.deepEqual(scene.told({ deaf: true }), ['board v2 seen 1: x=0'])
    const { ticket } = scene.host.last('/chat', 'sharedHeard')
    for (let i = 1; i <= 1000; i++) scene.set('board', 'x', i)
    const message: SharedEvent = { kind: 'message', name: 'hi', args: amf(1) }
    for (let i = 0; i < sharedMessages.count + 5; i++) scene.say('board', message)
    assert.deepEqual(scene.told(), [])
    scene.host.command('/chat', { c: 'verdict', ticket, ok: true })
    const told = scene.told()
    assert.equal(told[0], 'board v1002 seen 1: x=1000')
    assert.equal(told.length, 1 + sharedMessages.count)
    assert.ok(scene.world.lines.some(({ text }) => text.includes('messages to its shared objects are dropped')))
    const big = 'z'.repeat(sharedLimits.valueBytes - 100)
    for (let i = 0; i < 12; i++) {
      scene.say(`o${i}`, { kind: 'use' })
      scene.set(`o${i}`, 'big', big)
    }
    const first = scene.told({ deaf: true }).join().length
    assert.ok(first > sharedToldBytes && first < 2 * sharedToldBytes, `${first}`)
  })

  test('waits for nobody but locks others out, until it unlocks or ends (R68)', () => {
    const scene = new Scene()
    scene.do('open', 'board')
    scene.say('board', { kind: 'use' })
    scene.do('lock', 'board')
    scene.set('board', 'a', 'client')
    scene.do('set', 'board', { name: 'a', value: amf('script') })
    scene.heard()
    scene.do('unlock', 'board')
    assert.deepEqual(scene.heard(), ['change a="script"', 'success a'])
    scene.do('lock', 'board')
    scene.set('board', 'b', 1)
    assert.deepEqual(scene.heard(), [])
    scene.host.crash()
    assert.deepEqual(scene.heard(), ['success b'])
    assert.ok(scene.world.hub.shared.find('/chat', 'board')!.scripted, 'it comes back')
  })

  test('that comes back is told everything with its start, and numbers its commands anew (R68)', () => {
    const scene = new Scene()
    scene.do('open', 'board')
    scene.say('board', { kind: 'use' })
    scene.do('set', 'board', { name: 'a', value: amf(1) })
    scene.host.crash()
    scene.set('board', 'b', 2)
    scene.world.pass(1000)
    const shared = scene.host.mirror('/chat').flatMap(event => wordsOf(event))
    assert.deepEqual(shared, ['board v3 seen 0: a=1, b=2'])
  })

  test('is told why something could not be, and what is true instead (R73, R74)', () => {
    const scene = new Scene()
    scene.do('open', '../up')
    scene.do('open', 'board')
    scene.do('open', 'board', { number: 1 })
    scene.told()
    scene.do('set', 'board', { name: 'a', value: amf('z'.repeat(sharedLimits.valueBytes)) })
    assert.deepEqual(scene.told(), ['status board SharedObject.QuotaExceeded', 'board v1 seen 4: a=none'])
  })

  test('is answered when it is stored, one object or all of them, and deletes by patterns (R8, R9, R72, R73)', () => {
    const scene = new Scene()
    scene.do('open', 'book', { number: 1 })
    scene.do('open', 'other', { number: 1 })
    scene.do('open', 'board')
    for (const object of ['book', 'other', 'board']) scene.do('set', object, { name: 'a', value: amf(1) })
    const of = (name: string) => scene.world.hub.shared.find('/chat', name)
    scene.told()
    scene.do('flush', 'book', { ticket: 1 })
    assert.deepEqual([of('book')!.isDirty, of('other')!.isDirty], [false, true])
    assert.ok(scene.told().includes('answer true'))
    scene.do('commit', '', { ticket: 2 })
    assert.equal(of('other')!.isDirty, false)
    for (const op of ['autoCommit', 'resyncDepth', 'purge'] as const) scene.do(op, 'book', { number: 0 })
    assert.deepEqual([of('book')!.autoCommit, of('book')!.slots.resyncDepth], [false, 0])
    scene.do('close', 'book')
    scene.do('delete', 'b?o*', { ticket: 3 })
    assert.deepEqual([of('book'), of('other')?.slots.slots.size, of('board')?.slots.slots.size], [undefined, 1, 1])
    scene.do('delete', '*', { ticket: 4 })
    assert.deepEqual([of('other')?.slots.slots.size, of('board')?.slots.slots.size], [0, 0])
  })
})
