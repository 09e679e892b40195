import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { World } from './pretend.ts'

const adobes = { '': [], '/chat': ['main.asc'], '/chat/kid': ['main.js'] }
const withRoot = { ...adobes, '': ['main.js'] }

function connected(world: World, path: string, instance: string) {
  const client = world.connect(path)
  const host = world.host('/chat')
  if (host.orders.some(order => order.order === 'start' && order.app.path === instance))
    host.started(instance, 'onConnection')
  world.turn()
  return client
}

function joined(world: World, path: string, instance: string) {
  const client = connected(world, path, instance)
  world.host('/chat').answer(instance, 'onConnection')
  world.turn()
  return client
}

suite('instances of a main.asc', () => {
  test('each room is one, with a script of its own in the one host of the application', () => {
    const world = new World({ apps: adobes })
    world.connect('/chat/lobby')
    world.connect('/chat')
    world.connect('/chat/a/b')
    assert.deepEqual(
      world.hosts.map(({ name }) => name),
      ['/chat'],
      'one process for all of them',
    )
    const { app } = world.host('/chat').start('/chat/lobby')
    assert.deepEqual(
      [app.path, app.home, app.folder, app.main, app.instance],
      ['/chat/lobby', '/chat', '/www/chat', 'main.asc', 'chat/lobby'],
    )
    assert.equal(world.host('/chat').start('/chat/_definst_').app.instance, 'chat/_definst_')
  })

  test('know nothing of each other, whatever their names are', () => {
    const world = new World({ apps: adobes })
    const one = connected(world, '/chat/lobby', '/chat/lobby')
    const two = connected(world, '/chat/lobby/left', '/chat/lobby%2Fleft')
    const host = world.host('/chat')
    assert.equal(host.start('/chat/lobby%2Fleft').app.instance, 'chat/lobby/left')
    assert.deepEqual(
      host.told('/chat/lobby', 'client').map(({ facts }) => facts.id),
      [one.id],
    )
    assert.deepEqual(
      host.told('/chat/lobby%2Fleft', 'client').map(({ facts }) => facts.id),
      [two.id],
    )
  })

  test('folders below them are applications of their own', () => {
    const world = new World({ apps: adobes })
    world.connect('/chat/kid/room')
    assert.deepEqual(
      world.hosts.map(({ name }) => name),
      ['/chat/kid'],
    )
  })

  test('the names of an instance stay within it', () => {
    const world = new World({ apps: adobes })
    const client = joined(world, '/chat/lobby', '/chat/lobby')
    client.publish('kid/cam')
    client.publish('other/cam')
    assert.deepEqual([...world.hub.publications.keys()], ['/chat/lobby\nkid/cam', '/chat/lobby\nother/cam'])
  })

  test('one without clients ends after apps.instanceIdle, and comes up again (R21)', () => {
    const world = new World({ apps: adobes, app: { instanceIdle: 60_000 } })
    const client = joined(world, '/chat/lobby', '/chat/lobby')
    client.leave()
    world.pass(59_000)
    assert.equal(world.house.roster.known('/chat/lobby')!.standing, 'up')
    world.pass(1_000)
    world.host('/chat').answer('/chat/lobby', 'onStop')
    assert.equal(world.house.roster.known('/chat/lobby'), undefined)
    assert.ok(world.host('/chat').isEnded, 'with its last instance the process ends')
    world.connect('/chat/lobby')
    assert.equal(world.host('/chat').start('/chat/lobby').reason, 'start')
  })

  test('one that is used again in time stays', () => {
    const world = new World({ apps: adobes, app: { instanceIdle: 60_000 } })
    joined(world, '/chat/lobby', '/chat/lobby').leave()
    world.pass(30_000)
    joined(world, '/chat/lobby', '/chat/lobby')
    world.pass(120_000)
    assert.equal(world.house.roster.known('/chat/lobby')!.standing, 'up')
  })

  test('no more run than apps.instances, and one that nobody uses makes room', () => {
    const world = new World({ apps: adobes, app: { instances: 2 } })
    const first = connected(world, '/chat/one', '/chat/one')
    connected(world, '/chat/two', '/chat/two')
    const text = 'Application /chat has 2 instances, more are not allowed: apps.instances (2)'
    assert.equal(world.connect('/chat/three').verdict, text)
    first.leave()
    assert.equal(connected(world, '/chat/three', '/chat/three').verdict, 'waiting')
    world.host('/chat').answer('/chat/one', 'onStop')
    assert.equal(world.house.roster.known('/chat/one'), undefined)
    assert.equal(world.connect('/chat/four').verdict, text)
  })

  test('a saved file reaches all of them; a deleted main.asc ends them', () => {
    const world = new World({ apps: adobes })
    joined(world, '/chat/one', '/chat/one')
    joined(world, '/chat/two', '/chat/two')
    world.house.saved([{ path: '/chat', what: 'changed' }])
    const reloads = world.host('/chat').orders.flatMap(order => (order.order === 'reload' ? [order.app.path] : []))
    assert.deepEqual(reloads, ['/chat/one', '/chat/two'])
    for (const path of reloads) world.host('/chat').reloaded(path)
    world.house.catalog.removeMain('/chat', 'main.asc')
    world.house.saved([{ path: '/chat', what: 'deleted' }])
    world.turn()
    assert.equal(world.house.roster.known('/chat/one')!.standing, 'off')
    world.house.catalog.addMain('/chat', 'main.asc')
    world.house.saved([{ path: '/chat', what: 'appeared' }])
    assert.equal(world.house.roster.known('/chat/two')!.standing, 'starting')
  })

  test('what has no handler in them is asked of the applications above, and never of other instances', () => {
    const world = new World({ apps: withRoot })
    world.house.start(() => {})
    world.host('/').started('', 'onConnection')
    const client = connected(world, '/chat/lobby', '/chat/lobby')
    const { ticket } = world.host('/chat').last('/chat/lobby', 'onConnection')
    world.host('/chat').command('/chat/lobby', { c: 'verdict', ticket, ok: true, pass: true })
    world.turn()
    world.host('/').answer('', 'onConnection', 'the root says no')
    world.turn()
    assert.equal(client.verdict, 'the root says no')
  })

  test('a refusal carries what the script adds, and where else to go', () => {
    const world = new World({ apps: adobes })
    const client = connected(world, '/chat/lobby', '/chat/lobby')
    const { ticket } = world.host('/chat').last('/chat/lobby', 'onConnection')
    const info = new Uint8Array([3, 0, 0, 9])
    const redirect = ['rtmp://other/chat']
    world.host('/chat').command('/chat/lobby', { c: 'verdict', ticket, ok: false, text: 'full', info, redirect })
    world.turn()
    assert.deepEqual(client.outcome, {
      ok: false,
      code: 'Connect.Rejected',
      text: 'full',
      info,
      redirect: 'rtmp://other/chat',
    })
  })
})
