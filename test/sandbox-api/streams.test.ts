import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { Lab } from '../apps/host/lab.ts'

suite('Stream of a main.js', () => {
  const lab = new Lab()
  after(() => lab.end())

  test('has the server play and record; what becomes of it is told to onStatus (R10, R40)', async () => {
    const app = await lab.app(`
      const day = Stream.get('lobby/day')
      day.onStatus = function ({ code, details }) { print(this.name, ' ', code, ' ', details) }
      day.record()
      day.play('morning', 0, 60)
      day.play('studio', -1, -1, false)
      print('same ', Stream.get('lobby/day') === day)
      for (const make of [() => new Stream('x'), () => new day.constructor({}), () => Stream.get(''), () => day.play(5, 'x')]) {
        try { make() } catch (error) { print(error.message) }
      }`)
    await app.command('streamPlay', ({ source }) => source === 'studio')
    assert.deepEqual(
      app.of('streamPlay').map(({ c: _, ...play }) => play),
      [
        { stream: 'lobby/day', source: 'morning', start: 0, length: 60, reset: true },
        { stream: 'lobby/day', source: 'studio', start: -1, length: -1, reset: false },
      ],
    )
    assert.equal((await app.command('record')).publication, `${app.path}\nlobby/day`)
    assert.deepEqual(app.logs, [
      'same (true)',
      'a Stream is found by Stream.get(name)',
      'a Stream is found by Stream.get(name)',
      'Stream.get: the name is a text of 1 to 1024 characters',
      'play: start must be a number, not a string',
    ])
    const [description, code] = ['', 'NetStream.Play.Start']
    app.tell({ e: 'streamStatus', stream: 'lobby/day', name: 'morning', description, code })
    await app.log('lobby/day NetStream.Play.Start morning')
  })
})
