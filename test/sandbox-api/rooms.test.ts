import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { decodeAmf0 } from '../../server/media/amf0.ts'
import { clientFacts } from '../apps/host/child.ts'
import { Lab, runner } from '../apps/host/lab.ts'

suite('rooms', () => {
  const lab = new Lab()
  after(() => lab.end())
  const { id } = clientFacts()
  const other = 'b2'.repeat(32)

  test('hold their clients and publications, under the names these have within (F21, F22)', async () => {
    const app = await lab.app(runner)
    app.join({ room: 'lobby' })
    app.join({ id: other })
    app.publication({ address: 'lobby/cam', room: 'lobby', name: 'cam' })
    assert.deepEqual(
      await app.call(
        id,
        'run',
        `const lobby = rooms.get('lobby')
        return {
          rooms: [...rooms].map(([name]) => name), count: rooms.count, same: server.rooms === rooms, has: rooms.has(''),
          name: lobby.name, path: lobby.path, clients: [...lobby.clients].map(([id]) => id),
          byRaw: lobby.clients.get(client.rawId) === client, publications: [...lobby.publications].map(([name]) => name),
          cam: lobby.publications.get('cam') === publications.get('lobby/cam'), camRoom: publications.get('lobby/cam').room,
          empty: rooms.get('').publications.count, none: rooms.get('none') === undefined,
        }`,
      ),
      {
        rooms: ['lobby', ''],
        count: 2,
        same: true,
        has: true,
        name: 'lobby',
        path: app.path,
        clients: [id],
        byRaw: true,
        publications: ['cam'],
        cam: true,
        camRoom: 'lobby',
        empty: 0,
        none: true,
      },
    )
  })

  test('those of applications below go by the path of a URL that leads there', async () => {
    const app = await lab.app(runner)
    app.join()
    app.tell({ e: 'room', app: `${app.path}/kid`, room: '' }, { e: 'room', app: `${app.path}/kid`, room: 'lobby' })
    assert.deepEqual(await app.call(id, 'run', 'return [...rooms.pairs()].map(([name]) => name)'), [
      '',
      `${app.path}/kid`,
      `${app.path}/kid/lobby`,
    ])
  })

  test('hooks get the room, and a client that is not in it yet, or no more (F17, F18, F19)', async () => {
    const app = await lab.app(`
      export function onRoomCreate(room) { room.topic = 'news'; console.log('create', room.name, rooms.has(room.name)) }
      export function onRoomEnter(client, room) {
        console.log('enter', room.clients.has(client.id), room.topic)
        if (client.room === 'closed') throw new Error('closed')
      }
      export function onRoomLeave(client, room) { console.log('leave', room.clients.count, room.topic) }
      export function onRoomDestroy(room) { console.log('destroy', room.topic, rooms.get(room.name) === room) }`)
    const room = `${app.path}\nlobby`
    app.tell({ e: 'client', facts: clientFacts({ path: app.path, room: 'lobby' }) })
    app.tell({ e: 'room', app: app.path, room: 'lobby' })
    assert.equal((await app.ask(ticket => ({ e: 'onRoomCreate', ticket, room }))).ok, true)
    assert.equal((await app.ask(ticket => ({ e: 'onRoomEnter', ticket, client: id, room }))).ok, true)
    app.tell({ e: 'joined', client: id }, { e: 'left', client: id }, { e: 'onRoomLeave', client: id, room })
    app.tell({ e: 'onRoomDestroy', room }, { e: 'unroom', room })
    await app.log('destroy news true')
    assert.deepEqual(app.logs, ['create lobby true', 'enter false news', 'leave 0 news', 'destroy news true'])
    app.tell({ e: 'client', facts: clientFacts({ id: other, path: app.path, room: 'closed' }) })
    app.tell({ e: 'room', app: app.path, room: 'closed' })
    const verdict = await app.ask(ticket => ({ e: 'onRoomEnter', ticket, client: other, room: `${app.path}\nclosed` }))
    assert.deepEqual([verdict.ok, verdict.text], [false, 'closed'])
  })

  test('broadcast() reaches the room, in both encodings, and nobody once it is gone (R5, F22)', async () => {
    const app = await lab.app(`let kept\nexport const calls = {
      say(text) { kept ??= rooms.get('lobby'); kept.broadcast('said', text); return kept.name },
    }`)
    app.join({ room: 'lobby' })
    await app.call(id, 'say', 'hello')
    const { room, name, args0, args3 } = await app.command('broadcast')
    assert.deepEqual([room, name], [`${app.path}\nlobby`, 'said'])
    assert.deepEqual([decodeAmf0(args0), decodeAmf0(args3)], [['hello'], ['hello']])
    app.tell({ e: 'unroom', room: `${app.path}\nlobby` })
    await app.call(id, 'say', 'anybody?')
    assert.equal(app.of('broadcast').length, 1)
  })

  test('one that holds only a publication this script asked for goes when that is refused', async () => {
    const app = await lab.app(`${runner}
      export function onManage() { server.publish('hall/clock') }`)
    app.join()
    app.tell({ e: 'onManage' })
    const { ticket } = await app.command('publish')
    assert.equal(await app.call(id, 'run', "return rooms.has('hall')"), true)
    app.tell({ e: 'answer', ticket, ok: false, text: 'taken' })
    assert.equal(await app.call(id, 'run', "return rooms.has('hall')"), false)
  })

  test('survive a reload with who is in them (F20)', async () => {
    const app = await lab.app(runner)
    app.join({ room: 'lobby' })
    app.publication({ address: 'lobby/cam' })
    await app.reload(runner)
    const look = "const { clients, publications } = rooms.get('lobby'); return [clients.count, publications.count]"
    assert.deepEqual(await app.call(id, 'run', look), [1, 1])
  })
})
