import { assert, test } from 'cumulus:test'

test('whoever comes may publish and watch', async app => {
  const [camera, viewer] = [await app.connect(), await app.connect()]
  assert.equal((await app.publish(camera, 'cam')).refused, undefined)
  assert.equal((await app.play(viewer, 'cam')).refused, undefined)
})

test('the eleventh publisher is told why not', async app => {
  const camera = await app.connect()
  for (let i = 0; i < 10; i++) await app.publish(camera, `cam${i}`)
  assert.equal((await app.publish(camera, 'one more')).refused, 'all places are taken')
})
