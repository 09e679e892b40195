import { assert, test } from 'cumulus:test'

test('news reach everybody, and whoever comes later', async app => {
  const tom = await app.connect()
  await tom.call('tell', 'it rains')
  const ann = await app.connect()
  assert.deepEqual(tom.calls, [
    ['news', 'nothing yet'],
    ['news', 'it rains'],
  ])
  assert.deepEqual(ann.calls, [['news', 'it rains']])
})

test('the time comes once a second', async app => {
  const tom = await app.connect()
  await app.advance(3_000)
  assert.equal(tom.calls.filter(([name]) => name === 'time').length, 3)
})
