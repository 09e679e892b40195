import { assert, test } from 'cumulus:test'

test('who comes and goes is told to the room', async app => {
  const tom = await app.connect({ room: 'lobby' }, ' Tom ')
  const ann = await app.connect({ room: 'lobby' }, 'Ann')
  await ann.leave()
  assert.deepEqual(tom.calls, [
    ['came', 'Ann'],
    ['left', 'Ann'],
  ])
})

test('what is said is heard in the room, and nowhere else', async app => {
  const tom = await app.connect({ room: 'lobby' }, 'Tom')
  const eve = await app.connect({ room: 'cellar' }, 'Eve')
  await tom.call('say', 'hello')
  assert.deepEqual(tom.calls, [['said', 'Tom', 'hello']])
  assert.deepEqual(eve.calls, [])
})

test('long texts and names are cut', async app => {
  const tom = await app.connect({}, 'T'.repeat(50))
  await tom.call('say', 'x'.repeat(600))
  assert.deepEqual(tom.calls, [['said', 'T'.repeat(40), 'x'.repeat(500)]])
})

test('who() names those in the room', async app => {
  const tom = await app.connect({ room: 'lobby' }, 'Tom')
  await app.connect({ room: 'lobby' }, 'Ann')
  await app.connect({ room: 'cellar' }, 'Eve')
  assert.deepEqual(await tom.call('who'), ['Tom', 'Ann'])
})

test('whoever has no name is asked for one', async app => {
  assert.equal((await app.connect({ room: 'lobby' })).refused, 'connect with your name')
})
