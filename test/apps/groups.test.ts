import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { World } from './pretend.ts'

const id = 'ab'.repeat(32)

function up(...hooks: string[]): World {
  const world = new World({ apps: { '': ['main.js'], '/chat': ['main.js'], '/other': ['main.js'] } })
  for (const path of ['', '/chat', '/other']) {
    world.house.roster.at(path).reach()
    world.host(path || '/').started(path, ...(path === '/chat' ? hooks : []))
  }
  return world
}

suite('groups by script', () => {
  test('hooks follow each join and each leaving, also that of a client that goes (C134, C135)', () => {
    const world = up('onJoinGroup', 'onUnjoinGroup', 'onDisconnection')
    const client = world.connect('/chat')
    const host = world.host('/chat')
    const change = { app: '/chat', id, client: client.id }
    host.command('/chat', { c: 'groupAdd', ...change }, { c: 'groupAdd', ...change })
    host.command('/chat', { c: 'groupRemove', ...change }, { c: 'groupRemove', ...change })
    host.command('/chat', { c: 'groupAdd', ...change })
    client.leave()
    assert.deepEqual(
      host
        .events('/chat')
        .map(({ e }) => e)
        .slice(3),
      [
        ...['groupJoined', 'onJoinGroup', 'groupLeft', 'onUnjoinGroup', 'groupJoined', 'onJoinGroup'],
        ...['groupLeft', 'onUnjoinGroup', 'left', 'onDisconnection', 'unroom', 'forget'],
      ],
    )
    assert.equal(world.host('/').told('', 'groupJoined').length, 2, 'the root sees them')
  })

  test('are told to a host that comes back', () => {
    const world = up()
    const client = world.connect('/chat')
    world.host('/chat').command('/chat', { c: 'groupAdd', app: '/chat', id, client: client.id })
    world.host('/chat').crash()
    world.pass(100)
    assert.deepEqual(world.host('/chat').mirror('/chat').at(-1), {
      e: 'groupJoined',
      app: '/chat',
      id,
      client: client.id,
    })
  })

  test('are not for the clients of others, nor with ids that are none', () => {
    const world = up()
    const [ours, theirs] = [world.connect('/chat'), world.connect('/other')]
    const host = world.host('/chat')
    host.command('/chat', { c: 'groupAdd', app: '/chat', id, client: theirs.id })
    host.command('/chat', { c: 'groupAdd', app: '/other', id, client: theirs.id })
    host.command('/chat', { c: 'groupAdd', app: '/chat', id: 'team', client: ours.id })
    assert.equal(world.lines.filter(({ text }) => /what another application owns/.test(text)).length, 3)
    assert.deepEqual(world.host('/').told('', 'groupJoined'), [])
  })
})
