import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { decodeAmf0 } from '../../../server/media/amf0.ts'
import { AscLab } from './asc-lab.ts'

suite('Stream', () => {
  const lab = new AscLab()
  after(() => lab.end())

  test('has the server play, record and say; what becomes of it is told to onStatus (R10, R11, R12)', async () => {
    const app = await lab.app(`
      var stream = Stream.get('out')
      stream.onStatus = function (info) { trace(this.name + ' ' + info.level + ' ' + info.code + ' ' + info.details) }
      stream.record('append')
      stream.play('film', 3, 4, false)
      stream.send('hello', 1)
      stream.play(false)
      trace('same ' + (Stream.get('out') === stream))
      application.clearStreams('/lobby/*'); application.clearStreams('/'); stream.clear()
      try { new Stream('x') } catch (error) { trace(error.message) }
      try { stream.record('twice') } catch (error) { trace(error.message) }`)
    for (const text of ['same true', 'a Stream is found by Stream.get(name)']) await app.log(text)
    await app.log("record: takes 'record', 'append' or false")
    const { c: _, ...play } = await app.command('streamPlay')
    assert.deepEqual(play, { stream: 'out', source: 'film', start: 3, length: 4, reset: false })
    const record = await app.command('record')
    assert.deepEqual([record.publication, record.append], [`${app.path}\nout`, true])
    const { name, values } = await app.command('send')
    assert.deepEqual([name, decodeAmf0(values)], ['hello', [1]])
    assert.equal((await app.command('streamStop')).stream, 'out')
    assert.deepEqual(
      app.of('recordings').map(({ what, name }) => `${what} ${name}`),
      ['clear lobby', 'clear ', 'delete out'],
    )
    const status = { e: 'streamStatus', stream: 'out', name: 'film', description: '' } as const
    app.tell({ ...status, code: 'NetStream.Play.Start' }, { ...status, code: 'NetStream.Play.StreamNotFound' })
    await app.log('out status NetStream.Play.Start film')
    await app.log('out error NetStream.Play.StreamNotFound film')
  })

  test('that onPublish is told of hears what becomes of it once it plays (R25)', async () => {
    const app = await lab.app(`
      application.onPublish = function (client, stream) {
        stream.onStatus = function (info) { trace('heard ' + info.code) }
        stream.play('other', -1)
      }`)
    const id = 'f'.repeat(64)
    app.tell({ e: 'client', facts: app.facts({ id }) })
    const publication = app.publication({ address: 'cam', name: 'cam', publisherId: id })
    await app.ask(ticket => ({ e: 'onPublish', ticket, client: id, publication }))
    assert.equal((await app.command('streamPlay')).start, -1)
    const code = 'NetStream.Play.Start'
    app.tell({ e: 'streamStatus', stream: 'cam', name: 'other', description: '', code })
    await app.log('heard NetStream.Play.Start')
  })
})
