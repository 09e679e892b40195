import { assert, test } from 'cumulus:test'

test('only a key publishes', async app => {
  const camera = await app.connect()
  assert.equal((await app.publish(camera, 'studio')).refused, 'studio needs its key')
  assert.equal((await app.publish(camera, 'studio', { key: 'rose' })).refused, 'studio needs its key')
  assert.equal((await app.publish(camera, 'studio', { key: 'tulip' })).refused, undefined)
})

test('a ticket lets one watch, for a minute', async app => {
  const owner = await app.connect()
  const ticket = await owner.call('ticket', 'tulip')
  const viewer = await app.connect({}, ticket)
  assert.equal((await app.play(viewer, 'studio')).refused, undefined)
  assert.equal((await app.play(owner, 'studio')).refused, 'connect with a ticket')
  await app.advance(61_000)
  assert.equal((await app.connect({}, ticket)).refused, 'this ticket is not good, or no more')
})
