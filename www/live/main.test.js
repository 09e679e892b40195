import { assert, test } from 'cumulus:test'

test('without a word set, whoever comes publishes', async app => {
  const camera = await app.connect({ address: '10.0.0.7:50000' })
  assert.equal((await app.publish(camera, 'cam')).refused, undefined)
  assert.ok(app.logs.includes('10.0.0.7:50000 publishes cam'))
})

test('a word in the URL is no part of the name', async app => {
  const camera = await app.connect({ address: '10.0.0.9:50000', query: { word: 'rose' } })
  assert.equal((await app.publish(camera, 'cam', { word: 'tulip' })).refused, undefined)
  assert.ok(app.logs.includes('10.0.0.9:50000 publishes cam'))
})

test('whoever comes watches, also what nobody publishes yet', async app => {
  const viewer = await app.connect({ address: '10.0.0.8:50000' })
  assert.equal((await app.play(viewer, 'cam')).refused, undefined)
  assert.ok(app.logs.includes('10.0.0.8:50000 watches cam'))
})
