import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { SharedEvent } from '../../server/hub/shared-events.ts'
import { sharedLimits } from '../../server/hub/shared-limits.ts'
import { amf, PretendStore, SharedScene, slotsOf } from './shared-scene.ts'

suite('a shared object', () => {
  test('appears with its first user, is told to newcomers whole, and goes with its last (R7, R9, R71)', () => {
    const scene = new SharedScene()
    const tom = scene.user().use('ball')
    assert.deepEqual(tom.take(), ['1: useSuccess, clear'])
    tom.set('ball', 'x', 10)
    assert.deepEqual(tom.take(), ['2: success x'])
    const ann = scene.user().use('ball', { version: 1 })
    assert.deepEqual(ann.take(), ['2: useSuccess, clear, change x=10'])
    tom.say('ball', [{ kind: 'release' }])
    assert.ok(scene.objects.find('/chat', 'ball'))
    ann.leave()
    assert.equal(scene.objects.find('/chat', 'ball'), undefined)
    assert.deepEqual(scene.user().use('ball').take(), ['1: useSuccess, clear'])
  })

  test('acknowledges a change to its author and tells it to the others (R68)', () => {
    const scene = new SharedScene()
    const [tom, ann, eve] = [scene.user().use('o'), scene.user().use('o'), scene.user()]
    for (const user of [tom, ann]) user.take()
    tom.say('o', [
      { kind: 'requestChange', name: 'a', value: amf(1) },
      { kind: 'requestChange', name: 'b', value: amf('two') },
      { kind: 'requestRemove', name: 'a' },
      { kind: 'requestRemove', name: 'never' },
    ])
    assert.deepEqual(tom.take(), ['4: success a, success b, remove a, remove never'])
    assert.deepEqual(ann.take(), ['4: change a=1, change b="two", remove a'])
    ann.say('o', [{ kind: 'message', name: 'hi', args: amf('x') }])
    assert.deepEqual([tom.take(), ann.take()], [['4: message hi(x)'], ['4: message hi(x)']])
    ann.say('o', [{ kind: 'requestClear' }])
    assert.deepEqual([tom.take(), ann.take()], [['5: clear'], ['5: clear']])
    eve.set('o', 'a', 1)
    assert.deepEqual([tom.take(), eve.take()], [[], []], 'who does not use it has no say')
  })

  test('of two who change the same slot, the one who had not seen the other’s change is told the truth (R68)', () => {
    const scene = new SharedScene()
    const [tom, ann] = [scene.user().use('o'), scene.user().use('o')]
    for (const user of [tom, ann]) user.take()
    tom.set('o', 'x', 'tom', 1)
    ann.set('o', 'x', 'ann', 1)
    assert.deepEqual(tom.take(), ['2: success x'])
    assert.deepEqual(ann.take(), ['2: change x="tom"', '2: change x="tom"'])
    ann.set('o', 'x', 'ann', 2)
    tom.say('o', [{ kind: 'requestRemove', name: 'x' }], { version: 2 })
    assert.deepEqual(tom.take(), ['3: change x="ann"', '3: change x="ann"'])
    // A slot of one's own may be changed again before the answer came, and other slots are no conflict.
    ann.take()
    ann.set('o', 'x', 'again', 1)
    tom.set('o', 'y', 'free', 1)
    assert.deepEqual(ann.take(), ['4: success x', '5: change y="free"'])
    tom.say('o', [{ kind: 'requestClear' }], { version: 5 })
    ann.take()
    ann.set('o', 'new', 1, 4)
    assert.deepEqual(ann.take(), ['6: remove new'], 'cleared meanwhile')
    // Without a version there is no claim: the last word counts.
    ann.set('o', 'new', 1, 0)
    assert.deepEqual(ann.take(), ['7: success new'])
  })

  test('waits with what clients want while a script has it locked, and tells its changes as one (R68)', () => {
    const scene = new SharedScene()
    const object = scene.open('o')
    const [tom, ann] = [scene.user().use('o'), scene.user().use('o')]
    for (const user of [tom, ann]) user.take()
    assert.deepEqual([object.lock(), object.lock()], [1, 2])
    scene.set(object, 'a', 1)
    tom.set('o', 'a', 'tom')
    ann.set('o', 'b', 'ann')
    const eve = scene.user().use('o')
    scene.set(object, 'b', 2)
    assert.equal(object.unlock(), 1)
    assert.deepEqual([tom.take(), ann.take(), eve.take()], [[], [], []])
    ann.leave()
    assert.equal(object.unlock(), 0)
    assert.deepEqual(tom.take(), ['3: change a=1, change b=2', '4: success a'])
    assert.deepEqual(eve.take(), ['4: useSuccess, clear, change a="tom", change b=2'])
    assert.deepEqual(slotsOf(object), { a: 'tom', b: 2 })
    assert.equal(object.unlock(), 0, 'one too many is harmless')
  })

  test('keeps no more for a script’s lock to open than there is room for (hazard R12)', () => {
    const scene = new SharedScene()
    const object = scene.open('o')
    const tom = scene.user().use('o')
    tom.take()
    object.lock()
    const half = amf('x'.repeat(sharedLimits.waitingBytes / 2))
    tom.say('o', [{ kind: 'message', name: 'm', args: half }])
    assert.deepEqual([object.waiting.length, tom.take()], [1, []])
    tom.say('o', [{ kind: 'requestChange', name: 'a', value: half }])
    assert.deepEqual([object.waiting.length, tom.take()], [1, ['1: status SharedObject.QuotaExceeded, remove a']])
    tom.leave()
    assert.deepEqual([object.waiting.length, object.waitingBytes], [0, 0])
  })

  test('tells a slot once to who asks for it in vain many times over (hazard R12)', () => {
    const scene = new SharedScene()
    const [tom, ann] = [scene.user().use('o'), scene.user().use('o')]
    tom.set('o', 'a', 'long')
    for (const user of [tom, ann]) user.take()
    const request: SharedEvent = { kind: 'requestChange', name: 'a', value: amf(1) }
    ann.say('o', Array<SharedEvent>(4000).fill(request), { version: 1 })
    assert.deepEqual(ann.take(), ['2: change a="long"'])
  })

  test('remembers removals within bounds: who comes back after that is told all anew (R68)', () => {
    const scene = new SharedScene()
    const object = scene.open('o', true)
    const tom = scene.user().use('o', { persistent: true })
    const name = (i: number) => `${i}`.padEnd(sharedLimits.nameBytes, '.')
    const removals = 100
    for (let i = 0; i < removals; i++) {
      tom.set('o', name(i), i)
      tom.say('o', [{ kind: 'requestRemove', name: name(i) }])
    }
    const kept = Array.from({ length: removals }, (_, i) => object.slots.removal(name(i))).filter(Boolean)
    assert.equal(kept.length, sharedLimits.removedBytes / (2 * sharedLimits.nameBytes))
    assert.ok(object.slots.purged > 1)
  })

  test('refuses who may not read or write, by the access lists (R46, R47)', () => {
    const scene = new SharedScene()
    const blind = scene.user({ read: '/open' })
    assert.deepEqual(blind.use('opener').take(), ['0: status SharedObject.NoReadAccess'])
    assert.deepEqual(blind.use('open/board').take(), ['1: useSuccess, clear'])
    const mute = scene.user({ write: '' }).use('open/board')
    blind.set('open/board', 'a', 1)
    mute.take()
    blind.take()
    mute.say('open/board', [
      { kind: 'requestChange', name: 'a', value: amf(2) },
      { kind: 'requestRemove', name: 'b' },
      { kind: 'message', name: 'shout', args: amf(1) },
      { kind: 'requestClear' },
    ])
    assert.deepEqual(mute.take(), ['2: status SharedObject.NoWriteAccess, change a=1, remove b'])
    assert.deepEqual(blind.take(), [])
  })

  test('is persistent or not for everybody, and belongs to one application (R74)', () => {
    const scene = new SharedScene()
    scene.user().use('o', { persistent: true })
    const tom = scene.user()
    assert.deepEqual(tom.use('o').take(), ['0: status SharedObject.BadPersistence'])
    for (const name of ['', '../up', 'a//b', 'a\\b', 'kid/board', 'x'.repeat(2000)]) {
      assert.deepEqual(tom.use(name).take(), ['0: status SharedObject.UriMismatch'], name.slice(0, 20))
    }
    const other = scene.user({ app: '/elsewhere', room: 'lobby' })
    assert.deepEqual(other.use('o').take(), ['1: useSuccess, clear'])
    // Rooms of one application share its objects.
    const lobby = scene.user({ room: 'lobby' })
    lobby.use('o', { persistent: true }).set('o', 'a', 1)
    assert.deepEqual(slotsOf(scene.objects.find('/chat', 'o')!), { a: 1 })
    assert.deepEqual(slotsOf(scene.objects.find('/elsewhere', 'o')!), {})
  })

  test('has named bounds, and who reaches one is told (R68)', () => {
    const scene = new SharedScene({ appBytes: 1900, bytes: 2900 })
    const tom = scene.user().use('o')
    tom.take()
    const big = 'x'.repeat(900)
    for (const name of ['a', 'b']) tom.set('o', name, big)
    assert.deepEqual(tom.take(), ['2: success a', '2: status SharedObject.QuotaExceeded, remove b'])
    tom.set('o', 'a', 'small')
    tom.set('o', 'b', big)
    assert.deepEqual(tom.take(), ['3: success a', '4: success b'])
    const other = scene.user({ app: '/elsewhere' }).use('o')
    for (const name of ['a', 'b']) other.set('o', name, big)
    assert.match(other.take().at(-1)!, /QuotaExceeded, remove b/)
    tom.set('o', 'long', 'y'.repeat(sharedLimits.valueBytes))
    assert.match(tom.take()[0]!, /QuotaExceeded/)
    const object = scene.open('locked')
    const ann = scene.user().use('locked')
    object.lock()
    for (let i = 0; i < sharedLimits.waiting; i++) ann.set('locked', 'n', i)
    ann.take()
    ann.set('locked', 'n', -1)
    assert.deepEqual(ann.take(), ['1: status SharedObject.QuotaExceeded, remove n'])
    for (let i = 0; i < sharedLimits.used; i++) tom.use(`many${i}`)
    assert.deepEqual(tom.take().at(-1), '0: status SharedObject.ObjectCreationFailed')
  })

  test('of a thousand large slots is told in messages that leave room for others (R68)', () => {
    const scene = new SharedScene()
    const object = scene.open('o')
    for (let i = 0; i < 30; i++) scene.set(object, `s${i}`, 'z'.repeat(100_000))
    const tom = scene.user().use('o')
    assert.equal(tom.messages.length, 3)
    assert.equal(tom.messages.flatMap(({ events }) => events).filter(({ kind }) => kind === 'change').length, 30)
  })
})

suite('a persistent object', () => {
  test('is stored when a script says so, and from time to time, and is there after a restart (R6, R69, R72, R73)', () => {
    const scene = new SharedScene({ storeInterval: 5000 })
    const tom = scene.user().use('book', { persistent: true })
    tom.say('book', [{ kind: 'requestChange', name: 'a', value: amf(1) }], { persistent: true })
    const book = scene.objects.find('/chat', 'book')!
    assert.deepEqual([book.isDirty, scene.store.saves.length], [true, 0])
    scene.clock.advance(5000)
    assert.deepEqual([book.isDirty, scene.store.saves.length], [false, 1])
    scene.clock.advance(5000)
    assert.equal(scene.store.saves.length, 1, 'nothing changed')
    tom.say('book', [{ kind: 'requestChange', name: 'b', value: amf(2) }], { persistent: true })
    const answers: unknown[] = []
    scene.objects.save([book], error => answers.push(error))
    assert.deepEqual(answers, [null])
    assert.deepEqual(
      scene.store.saves[1]!.map(({ slots }) => slots.map(([name]) => name)),
      [['b']],
      'only what changed',
    )
    const again = new SharedScene({}, scene.store)
    const late = again.user().use('book', { persistent: true, version: 2 })
    assert.deepEqual(late.take(), ['3: useSuccess, change b=2'])
  })

  test('whose autoCommit is off is stored only when a script says so (R69)', () => {
    const scene = new SharedScene({ storeInterval: 1000 })
    const book = scene.open('book', true)
    book.autoCommit = false
    scene.set(book, 'a', 1)
    scene.clock.advance(10_000)
    scene.objects.close()
    assert.equal(scene.store.saves.length, 0)
    scene.objects.save([book], () => {})
    assert.equal(scene.store.saves.length, 1)
  })

  test('is never stored by itself with an interval of 0, but at the end (R69)', () => {
    const scene = new SharedScene({ storeInterval: 0 })
    scene.set(scene.open('book', true), 'a', 1)
    scene.clock.advance(1e6)
    assert.equal(scene.store.saves.length, 0)
    scene.objects.close()
    assert.equal(scene.store.saves.length, 1)
  })

  test('that the disk refuses stays dirty, and is tried again (R73)', () => {
    const scene = new SharedScene({ storeInterval: 1000 })
    const book = scene.open('book', true)
    scene.set(book, 'a', 1)
    scene.objects.clear(book, null)
    scene.set(book, 'b', 2)
    scene.store.error = 'the disk is full'
    const answers: unknown[] = []
    scene.objects.save([book], error => answers.push(error))
    assert.deepEqual([answers, book.isDirty], [['the disk is full'], true])
    scene.store.error = null
    scene.clock.advance(1000)
    assert.equal(book.isDirty, false)
    assert.deepEqual(
      scene.store.stock().objects.map(({ slots }) => slots.map(([name]) => name)),
      [['b']],
    )
  })

  test('tells who comes back what was removed, unless that was purged (R68)', () => {
    const scene = new SharedScene()
    const book = scene.open('book', true)
    for (const name of ['a', 'b', 'c']) scene.set(book, name, 1)
    scene.set(book, 'a', null)
    const back = (version: number) => scene.user().use('book', { persistent: true, version }).take()
    assert.deepEqual(back(4), ['5: useSuccess, remove a'])
    assert.deepEqual(back(5), ['5: useSuccess'])
    book.slots.purge(5)
    scene.set(book, 'b', null)
    assert.deepEqual(back(5), ['6: useSuccess, remove b'])
    assert.deepEqual(back(4), ['6: useSuccess, clear, change c=1'])
    book.slots.resyncDepth = 0
    scene.set(book, 'c', null)
    scene.set(book, 'd', 1)
    scene.set(book, 'd', null)
    assert.deepEqual(back(7), ['9: useSuccess, remove d'])
    assert.deepEqual(back(6), ['9: useSuccess, clear'])
    assert.deepEqual(back(99), ['9: useSuccess, clear'], 'a version from elsewhere')
  })

  test('that is cleared is empty for all and on the disk, and deleted it is gone for good (R8, R9, R70)', () => {
    const scene = new SharedScene()
    const book = scene.open('book', true)
    const tom = scene.user().use('book', { persistent: true })
    scene.set(book, 'a', 1)
    scene.objects.save([book], () => {})
    tom.take()
    scene.objects.clear(book, null)
    book.tell([{ kind: 'clear' }])
    scene.objects.save([book], () => {})
    assert.deepEqual(tom.take(), ['3: clear'])
    assert.deepEqual(
      scene.store.stock().objects.map(({ slots }) => slots.length),
      [0],
    )
    scene.set(book, 'b', 1)
    tom.take()
    scene.objects.delete(book)
    assert.deepEqual(tom.take(), ['5: clear'])
    assert.ok(scene.objects.find('/chat', 'book'), 'somebody uses it still')
    tom.leave()
    book.scripted = false
    scene.objects.delete(book)
    assert.equal(scene.objects.find('/chat', 'book'), undefined)
    assert.deepEqual(scene.store.stock().objects, [])
    const again = new SharedScene({}, scene.store)
    assert.deepEqual(again.user().use('book', { persistent: true, version: 2 }).take(), ['6: useSuccess, clear'])
  })

  test('removed slots and the versions of all outlive a restart (R6)', () => {
    const store = new PretendStore()
    const scene = new SharedScene({}, store)
    const book = scene.open('book', true)
    for (const name of ['a', 'b']) scene.set(book, name, name)
    scene.set(book, 'a', null)
    scene.objects.close()
    const again = new SharedScene({}, store)
    const back = again.user().use('book', { persistent: true, version: 3 })
    assert.deepEqual(back.take(), ['4: useSuccess, remove a'])
    const late: SharedEvent = { kind: 'requestChange', name: 'a', value: amf('late') }
    back.say('book', [late], { version: 2 })
    assert.deepEqual(back.take(), ['4: remove a'], 'its removal is a change as well')
  })
})
