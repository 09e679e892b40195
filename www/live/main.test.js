import { assert, test } from 'cumulus:test'

test('without a word set, whoever comes publishes', async app => {
  const camera = await app.connect({ address: '10.0.0.7:50000' })
  assert.equal((await app.publish(camera, 'cam')).refused, undefined)
  assert.ok(app.logs.includes('10.0.0.7:50000 publishes cam'))
})

test('whoever comes watches, also what nobody publishes yet', async app => {
  const viewer = await app.connect({ address: '10.0.0.8:50000' })
  assert.equal((await app.play(viewer, 'cam')).refused, undefined)
  assert.ok(app.logs.includes('10.0.0.8:50000 watches cam'))
})
