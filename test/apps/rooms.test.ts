import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type PretendClient, World } from './pretend.ts'

const roomHooks = ['onRoomCreate', 'onRoomEnter', 'onRoomLeave', 'onRoomDestroy']
const lifeHooks = ['onConnection', 'onConnectionAccepted', 'onConnectionRejected', 'onDisconnection']

/** /chat and the root are up with these hooks. */
function chat(hooks = [...lifeHooks, ...roomHooks], rootHooks: string[] = []): World {
  const world = new World({ apps: { '': ['main.js'], '/chat': ['main.js'], '/chat/kid': [] } })
  for (const path of ['', '/chat']) world.house.roster.at(path).reach()
  world.host('/').started('', ...rootHooks)
  world.host('/chat').started('/chat', ...hooks)
  return world
}

/** Says yes to all that is asked about a client that connects. */
function enter(world: World, path: string): PretendClient {
  const client = world.connect(path)
  const host = world.host('/chat')
  host.answer('/chat', 'onConnection')
  if (host.events('/chat').at(-1)?.e === 'onRoomCreate') host.answer('/chat', 'onRoomCreate')
  host.answer('/chat', 'onRoomEnter')
  return client
}

const kinds = (world: World, path = '/chat'): string[] =>
  world
    .host(path || '/')
    .events(path)
    .map(({ e }) => e)

suite('rooms', () => {
  test('come and go in the order of the contract (F15, F16, F17, F18, F19)', () => {
    const world = chat()
    const client = world.connect('/chat/lobby')
    const host = world.host('/chat')
    host.answer('/chat', 'onConnection')
    assert.equal(host.last('/chat', 'onRoomCreate').room, '/chat\nlobby')
    assert.deepEqual(host.told('/chat', 'onRoomEnter'), [], 'whoever enters waits for onRoomCreate')
    host.answer('/chat', 'onRoomCreate')
    assert.equal(client.verdict, 'waiting')
    host.answer('/chat', 'onRoomEnter')
    assert.equal(client.verdict, 'yes')
    client.leave()
    assert.deepEqual(kinds(world), [
      ...['client', 'onConnection', 'room', 'onRoomCreate', 'onRoomEnter', 'joined', 'onConnectionAccepted'],
      ...['left', 'onRoomLeave', 'onDisconnection', 'onRoomDestroy', 'unroom', 'forget'],
    ])
  })

  test('the default room is a room like the others (F20)', () => {
    const world = chat()
    enter(world, '/chat').leave()
    const { told } = world.host('/chat')
    for (const hook of roomHooks) assert.equal(told.call(world.host('/chat'), '/chat', hook as never).length, 1, hook)
    assert.equal(world.host('/chat').last('/chat', 'onRoomEnter').room, '/chat\n')
  })

  test('one stays as long as it has a client or a publication (F21)', () => {
    const world = chat()
    const [first, second] = [enter(world, '/chat/lobby'), enter(world, '/chat/lobby')]
    const rooms = (): string[] => kinds(world).filter(kind => /^(un)?room$/.test(kind))
    assert.deepEqual(rooms(), ['room'])
    first.leave()
    const outside = enter(world, '/chat')
    outside.publish('lobby/cam')
    second.leave()
    assert.deepEqual(rooms(), ['room', 'room'], 'lobby has a publication')
    outside.leave()
    world.pass(5_000)
    assert.deepEqual(rooms(), ['room', 'room', 'unroom', 'unroom'])
    assert.deepEqual(
      world
        .host('/chat')
        .told('/chat', 'unroom')
        .map(({ room }) => room),
      ['/chat\n', '/chat\nlobby'],
    )
  })

  test('a name published from elsewhere makes its room, with nobody in it (F17, F21)', () => {
    const world = chat()
    enter(world, '/chat').publish('hall/deep/cam')
    const host = world.host('/chat')
    assert.equal(host.last('/chat', 'onRoomCreate').room, '/chat\nhall/deep')
    assert.deepEqual(world.publication('/chat\nhall/deep/cam').address.room, 'hall/deep')
  })

  test('a refusal by onRoomEnter is the client’s refusal, and empties the room it had made (F18)', () => {
    const world = chat()
    const client = world.connect('/chat/vip')
    const host = world.host('/chat')
    host.answer('/chat', 'onConnection')
    host.answer('/chat', 'onRoomCreate')
    const { ticket } = host.last('/chat', 'onRoomEnter')
    host.command('/chat', { c: 'verdict', ticket, ok: false, text: 'members only' })
    assert.equal(client.verdict, 'members only')
    assert.deepEqual(kinds(world).slice(-5), [
      ...['onRoomEnter', 'onConnectionRejected', 'onRoomDestroy', 'unroom', 'forget'],
    ])
  })

  test('one that leaves while it is being let in is forgotten, and its room with it', () => {
    const world = chat()
    const client = world.connect('/chat/lobby')
    world.host('/chat').answer('/chat', 'onConnection')
    client.leave()
    world.host('/chat').answer('/chat', 'onRoomCreate')
    assert.deepEqual(kinds(world).slice(-4), ['onConnectionRejected', 'onRoomDestroy', 'unroom', 'forget'])
    assert.deepEqual(world.host('/chat').told('/chat', 'onRoomEnter'), [])
  })

  test('all that came while a room was made enter it in order', () => {
    const world = chat(['onRoomCreate'])
    const clients = [1, 2, 3].map(() => world.connect('/chat/lobby'))
    assert.deepEqual(
      clients.map(({ verdict }) => verdict),
      ['waiting', 'waiting', 'waiting'],
    )
    world.host('/chat').answer('/chat', 'onRoomCreate', 'even when it fails')
    assert.deepEqual(
      clients.map(({ verdict }) => verdict),
      ['yes', 'yes', 'yes'],
    )
    assert.equal(world.host('/chat').told('/chat', 'onRoomCreate').length, 1)
  })

  test('hooks of rooms are asked of the nearest that defines them', () => {
    const world = chat(['onRoomLeave'], roomHooks)
    const client = world.connect('/chat/lobby')
    world.host('/').answer('', 'onRoomCreate')
    world.host('/').answer('', 'onRoomEnter')
    client.leave()
    assert.equal(world.host('/chat').told('/chat', 'onRoomLeave').length, 1)
    assert.deepEqual(
      kinds(world, '').filter(kind => kind.startsWith('on')),
      ['onRoomCreate', 'onRoomEnter', 'onRoomDestroy'],
    )
  })

  test('a broken ancestor keeps nobody out of a room', () => {
    const world = new World({ apps: { '': ['main.js'], '/chat': ['main.js'] } })
    const client = world.connect('/chat')
    world.host('/').failed('', 'start', 'this is not JavaScript')
    world.host('/chat').started('/chat', 'onConnection')
    world.host('/chat').answer('/chat', 'onConnection')
    assert.equal(client.verdict, 'yes')
  })

  test('another application’s rooms hear no broadcast of ours', () => {
    const world = chat([])
    const client = world.connect('/')
    world.host('/').started('')
    const bytes = Uint8Array.of(0)
    world.host('/chat').command('/chat', { c: 'broadcast', room: '\n', name: 'x', args0: bytes, args3: bytes })
    assert.deepEqual(client.calls, [])
    assert.match(world.lines.at(-1)!.text, /what another application owns/)
    world.host('/').command('', { c: 'broadcast', room: '\n', name: 'x', args0: bytes, args3: bytes })
    assert.equal(client.calls.length, 1)
  })
})
