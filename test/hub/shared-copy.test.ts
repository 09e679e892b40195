import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { SharedCopy, type SharedCopyOwner } from '../../server/hub/shared-copy.ts'
import type { SharedEvent } from '../../server/hub/shared-events.ts'
import { sharedLimits } from '../../server/hub/shared-limits.ts'
import { decodeAmf0 } from '../../server/media/amf0.ts'
import { fuzzPlan, SeededRandom } from '../support/mutate.ts'
import { amf, type PretendUser, SharedScene, slotsOf } from './shared-scene.ts'

/** A copy of /chat's object `o`, at another server; what that says waits until it is read. */
class Elsewhere implements SharedCopyOwner {
  readonly copy: SharedCopy
  readonly user: PretendUser
  /** What the owner was told, in words. */
  readonly told: string[] = []
  bytes = 0
  room = Number.POSITIVE_INFINITY
  #seq = 0

  constructor(scene: SharedScene, access: { read?: string; write?: string } = {}, persistent = false) {
    this.user = scene.user(access)
    this.copy = new SharedCopy('o', persistent, this)
    this.copy.use(++this.#seq)
  }

  set(name: string, value: unknown): number {
    this.copy.change(++this.#seq, name, value === null ? null : amf(value))
    return this.#seq
  }

  clear(): void {
    this.copy.clear(++this.#seq)
  }

  call(name: string): void {
    this.copy.call(++this.#seq, name, amf('x'))
  }

  /** Reads what has come, or so much of it; gives what the owner was told. */
  read(count = Number.POSITIVE_INFINITY): string[] {
    for (const message of this.user.messages.splice(0, Math.min(count, this.user.messages.length))) {
      this.copy.receive(message)
    }
    return this.told.splice(0)
  }

  /** As another server would say it. */
  hear(...events: SharedEvent[]): string[] {
    this.copy.receive({ object: 'o', version: 7, persistent: false, events })
    return this.told.splice(0)
  }

  get values(): Record<string, unknown> {
    return Object.fromEntries([...this.copy.slots.slots].map(([name, { value }]) => [name, decodeAmf0(value)[0]]))
  }

  // ------------------------------------------------------------------------------------------ of the copy

  send: SharedCopyOwner['send'] = ({ object, events, version, persistent }) => {
    this.user.say(object, events, { version, persistent })
  }

  changed(_copy: SharedCopy, name: string, whose: string): void {
    this.told.push(`${whose} ${name}`)
  }

  cleared(_copy: SharedCopy, whose: string): void {
    this.told.push(`${whose} clear`)
  }

  message(_copy: SharedCopy, name: string): void {
    this.told.push(`message ${name}`)
  }

  refused(_copy: SharedCopy, code: string, isLost: boolean): void {
    this.told.push(`${isLost ? 'lost' : 'refused'} ${code}`)
  }

  take(bytes: number): boolean {
    if (bytes > 0 && this.bytes + bytes > this.room) return false
    this.bytes += bytes
    return true
  }
}

suite('a shared object that lives at another server', () => {
  test('is told to its owner whole, and then as it changes, own changes apart from others (R68, R74)', () => {
    const scene = new SharedScene()
    const object = scene.open('o')
    scene.set(object, 'old', 1)
    const one = new Elsewhere(scene)
    const two = new Elsewhere(scene)
    assert.deepEqual(one.read(), ['other clear', 'other old'])
    two.read()
    one.set('a', 'mine')
    assert.deepEqual([one.copy.seen, one.read(), one.copy.seen], [1, ['own a'], 2])
    assert.deepEqual(two.read(), ['other a'])
    two.set('a', null)
    assert.deepEqual([two.read(), one.read()], [['own a'], ['other a']])
    one.call('shout')
    assert.deepEqual([one.read(), two.read()], [['message shout'], ['message shout']])
    two.clear()
    assert.deepEqual([two.read(), one.read()], [['own clear'], ['other clear']])
    assert.deepEqual([one.values, one.bytes], [{}, 0])
    assert.equal(one.copy.slots.version, object.slots.version)
  })

  test('stays as it is there where a change is refused (R68)', () => {
    const scene = new SharedScene()
    scene.set(scene.open('o'), 'a', 1)
    const reader = new Elsewhere(scene, { write: '' })
    reader.read()
    const seq = reader.set('a', 2)
    assert.deepEqual(reader.read(), ['refused SharedObject.NoWriteAccess', 'other a'])
    assert.deepEqual([reader.values, reader.copy.seen], [{ a: 1 }, seq])
    reader.set('a', null)
    assert.deepEqual(reader.read(), ['refused SharedObject.NoWriteAccess', 'other a'])
    assert.deepEqual(reader.values, { a: 1 })
  })

  test('is lost where it must not be seen, or lives in another way (R74)', () => {
    const scene = new SharedScene()
    scene.open('o')
    assert.deepEqual(new Elsewhere(scene, { read: '' }).read(), ['lost SharedObject.NoReadAccess'])
    assert.deepEqual(new Elsewhere(scene, {}, true).read(), ['lost SharedObject.BadPersistence'])
  })

  test('takes no more than there is room for, and gives the room back (R68)', () => {
    const scene = new SharedScene()
    const object = scene.open('o')
    const one = new Elsewhere(scene)
    one.room = 200
    scene.set(object, 'a', 'x'.repeat(50))
    scene.set(object, 'b', 'y'.repeat(50))
    assert.deepEqual(one.read(), ['other clear', 'other a', 'refused SharedObject.QuotaExceeded', 'other b'])
    assert.deepEqual(Object.keys(one.values), ['a'])
    scene.set(object, 'a', 1)
    scene.set(object, 'b', 2)
    assert.deepEqual([one.read(), one.values], [['other a', 'other b'], { a: 1, b: 2 }])
    one.copy.release()
    assert.equal(one.bytes, 0)
    assert.equal(object.users.size, 0)
  })

  test('asks for no more than a server may leave unanswered (R68)', () => {
    const scene = new SharedScene()
    scene.open('o').lock()
    const one = new Elsewhere(scene)
    for (let i = 0; i < sharedLimits.waiting; i++) one.set('a', i)
    one.user.take()
    one.told.splice(0)
    one.set('a', 'too many')
    assert.deepEqual(one.told.splice(0), ['refused SharedObject.QuotaExceeded', 'other a'])
    assert.deepEqual(one.user.messages, [])
  })

  test('follows whatever a server says, also what it never asked for (R68)', () => {
    const one = new Elsewhere(new SharedScene())
    assert.deepEqual(one.hear({ kind: 'success', name: 'a' }, { kind: 'use' }, { kind: 'requestClear' }), [])
    assert.deepEqual(one.hear({ kind: 'remove', name: 'never' }), ['other never'])
    const big = new Uint8Array(sharedLimits.valueBytes + 1)
    assert.deepEqual(one.hear({ kind: 'change', name: 'a', value: big }), [
      'refused SharedObject.QuotaExceeded',
      'other a',
    ])
    assert.deepEqual([one.values, one.bytes, one.copy.slots.version], [{}, 0, 7])
  })

  const { seed, count } = fuzzPlan(1000)
  test(`agrees with the object after ${count} deeds of everybody, seed ${seed} (R68)`, () => {
    const random = new SeededRandom(seed)
    const scene = new SharedScene()
    const object = scene.open('o')
    const copies = [new Elsewhere(scene), new Elsewhere(scene), new Elsewhere(scene)]
    const names = ['a', 'b', 'c']
    for (let step = 0; step < count; step++) {
      const one = random.pick(copies)
      const dice = random.below(100)
      if (dice < 40) one.set(random.pick(names), step)
      else if (dice < 50) one.set(random.pick(names), null)
      else if (dice < 53) one.clear()
      else if (dice < 90) one.read(1 + random.below(3))
      else if (dice < 94) scene.set(object, random.pick(names), `script ${step}`)
      else if (dice < 96) object.lock()
      else if (object.locks > 0) object.unlock()
    }
    while (object.locks > 0) object.unlock()
    for (const one of copies) {
      one.read()
      assert.deepEqual(one.values, slotsOf(object), `seed ${seed}`)
      assert.equal(one.copy.slots.version, object.slots.version)
      assert.equal(one.bytes > 0, object.slots.slots.size > 0)
    }
  })
})
