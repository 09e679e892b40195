import { assert, test } from 'cumulus:test'

test('what is said is heard in the room, and nowhere else', async app => {
  const tom = await app.connect({ room: 'lobby' }, 'Tom')
  const ann = await app.connect({ room: 'lobby' }, 'Ann')
  const eve = await app.connect({ room: 'cellar' }, 'Eve')
  await tom.call('say', 'hello')
  assert.deepEqual(ann.calls, [['said', 'Tom', 'hello']])
  assert.deepEqual(eve.calls, [])
})

test('whoever has no name is asked for one', async app => {
  assert.equal((await app.connect()).refused, 'connect with your name')
})
