import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { raiseMs } from '../../server/apps/limits.ts'
import { World } from './pretend.ts'

const family = { '': ['main.js'], '/chat': ['main.js'], '/chat/kid': ['main.js'], '/live': [] }
const chatOnly = { '': [], '/chat': ['main.js'] }

/** The log's lines of a level, without the rest. */
const texts = (world: World, level: string): string[] =>
  world.lines.filter(line => line.level === level).map(({ text }) => text)

suite('start', () => {
  test('the root application is started with the server, the others when a client reaches them (C122–C124, R20)', () => {
    const world = new World({ apps: family })
    let isUp = false
    world.house.start(() => (isUp = true))
    assert.deepEqual(
      world.hosts.map(({ name }) => name),
      ['/'],
    )
    assert.equal(isUp, false)
    world.host('/').started('')
    assert.equal(isUp, true)
    world.connect('/live')
    assert.equal(world.hosts.length, 1, 'it has no script')
    world.connect('/chat/kid')
    assert.deepEqual(
      world.hosts.map(({ name }) => name),
      ['/', '/chat/kid', '/chat'],
    )
  })

  test('a server without a root script starts at once', () => {
    let isUp = false
    new World({ apps: chatOnly }).house.start(() => (isUp = true))
    assert.equal(isUp, true)
  })

  test('an application is told where it is, what it may spend and who is there', () => {
    const world = new World({ apps: chatOnly, app: { options: { greeting: 'hello', verbose: true }, memory: 64 } })
    const client = world.connect('/chat/lobby')
    const { app, reason } = world.host('/chat').start('/chat')
    assert.equal(reason, 'start')
    assert.deepEqual(
      { path: app.path, folder: app.folder, libFolder: app.libFolder, main: app.main },
      { path: '/chat', folder: '/www/chat', libFolder: '/www/lib', main: 'main.js' },
    )
    assert.deepEqual(app.config, { greeting: 'hello', verbose: true })
    assert.deepEqual(app.limits, {
      memory: 64,
      timeout: 500,
      verdictTimeout: 5000,
      timers: 100,
      pendingCalls: 100,
      rollback: 3,
    })
    assert.equal(app.server.version, '1.2.3')
    assert.deepEqual(world.host('/chat').mirror('/chat'), [])
    world.host('/chat').started('/chat', 'onConnection')
    assert.deepEqual(world.host('/chat').events('/chat').slice(0, 1), [{ e: 'client', facts: client.client!.facts }])
  })

  test('questions wait until it is up, and keep their order', () => {
    const world = new World({ apps: chatOnly })
    const clients = [world.connect('/chat'), world.connect('/chat')]
    const host = world.host('/chat')
    assert.deepEqual(host.told('/chat', 'onConnection'), [])
    host.started('/chat', 'onConnection')
    assert.deepEqual(
      host.told('/chat', 'onConnection').map(({ client }) => client),
      clients.map(({ id }) => id),
    )
    assert.ok(clients.every(({ verdict }) => verdict === 'waiting'))
  })

  test('onStart comes before the first question, and only after the ancestors’ own', () => {
    const world = new World({ apps: family })
    const client = world.connect('/chat/kid')
    world.host('/chat/kid').started('/chat/kid', 'onStart', 'onConnection')
    world.host('/chat').started('/chat')
    assert.deepEqual(world.host('/chat/kid').told('/chat/kid', 'onStart'), [])
    world.host('/').started('', 'onStart')
    const asked = (): string[] =>
      world
        .host('/')
        .told('', 'onStart')
        .map(({ path }) => path)
    assert.deepEqual(asked(), [''])
    world.host('/').answer('', 'onStart')
    assert.deepEqual(asked(), ['', '/chat'], 'inherited, with the path of the child')
    assert.deepEqual(world.host('/chat/kid').told('/chat/kid', 'onStart'), [])
    world.host('/').answer('', 'onStart')
    assert.deepEqual(world.host('/chat/kid').told('/chat/kid', 'onConnection'), [])
    world.host('/chat/kid').answer('/chat/kid', 'onStart')
    world.host('/chat/kid').answer('/chat/kid', 'onConnection')
    assert.equal(client.verdict, 'yes')
  })

  test('a script that does not compile refuses its clients with file and line, until it is saved', () => {
    const world = new World({ apps: chatOnly })
    const first = world.connect('/chat')
    world.host('/chat').failed('/chat', 'start', 'SyntaxError: what is this')
    assert.equal(first.verdict, 'chat/main.js:3: SyntaxError: what is this')
    assert.ok(world.hosts[0]!.isEnded)
    world.pass(60_000)
    assert.equal(world.connect('/chat').verdict, first.verdict)
    assert.equal(world.hosts.length, 1)
    assert.deepEqual(texts(world, 'error'), [`application not started: ${first.verdict}`])
    assert.deepEqual(world.lines.find(({ level }) => level === 'error')?.subject, {
      app: '/chat',
      file: 'chat/main.js',
      line: 3,
      column: 7,
    })
    world.house.saved([{ path: '/chat', what: 'changed' }])
    const later = world.connect('/chat')
    assert.equal(later.verdict, 'waiting')
    world.host('/chat').started('/chat')
    assert.equal(later.verdict, 'yes')
  })

  test('a broken ancestor refuses only what would have been its to decide', () => {
    const world = new World({ apps: family })
    const kid = world.connect('/chat/kid')
    world.host('/').started('')
    world.host('/chat').failed('/chat', 'start', 'broken')
    world.host('/chat/kid').started('/chat/kid', 'onConnection')
    world.host('/chat/kid').answer('/chat/kid', 'onConnection')
    assert.equal(kid.verdict, 'yes')
    assert.equal(kid.publish('cam').verdict, 'chat/main.js:3: broken')
  })

  test('a script whose onStart throws is tried again when somebody comes, after a pause that grows', () => {
    const world = new World({ apps: chatOnly })
    for (const pause of [100, 200, 400]) {
      const client = world.connect('/chat')
      world.host('/chat').started('/chat', 'onStart')
      world.host('/chat').answer('/chat', 'onStart', 'no database')
      assert.equal(client.verdict, 'no database')
      const { length } = world.hosts
      world.pass(pause - 1)
      assert.equal(world.connect('/chat').verdict, 'no database')
      assert.equal(world.hosts.length, length)
      world.pass(1)
    }
    const client = world.connect('/chat')
    world.host('/chat').started('/chat')
    assert.equal(client.verdict, 'yes')
  })

  test('a start that takes too long is refused after the verdict’s time, and replaced after its own', () => {
    const world = new World({ apps: chatOnly })
    const client = world.connect('/chat')
    world.pass(5000)
    const text = 'Application /chat is starting, and was not back within apps.verdictTimeout (5000 ms)'
    assert.equal(client.verdict, text)
    assert.equal(world.hosts[0]!.isKilled, false)
    world.pass(15_000)
    assert.equal(world.hosts[0]!.isKilled, true)
  })
})

suite('reload', () => {
  function up(): World {
    const world = new World({ apps: chatOnly })
    world.connect('/chat')
    world.host('/chat').started('/chat', 'onPublish')
    return world
  }
  const save = (world: World): void => world.house.saved([{ path: '/chat', what: 'changed' }])
  const reloads = (world: World): number => world.host('/chat').orders.filter(({ order }) => order === 'reload').length

  test('a storm of saves is one reload at work and one behind it', () => {
    const world = up()
    for (let i = 0; i < 50; i++) save(world)
    assert.equal(reloads(world), 1)
    world.host('/chat').reloaded('/chat')
    assert.equal(reloads(world), 2)
    world.host('/chat').reloaded('/chat')
    assert.equal(reloads(world), 2)
    save(world)
    assert.equal(reloads(world), 3)
  })

  test('after it the hooks of the new version count', () => {
    const world = up()
    save(world)
    world.host('/chat').reloaded('/chat', 'onSubscribe')
    const client = world.connect('/chat')
    assert.equal(client.publish('cam').verdict, 'yes')
    assert.equal(client.play('cam').verdict, 'waiting')
  })

  test('one that fails changes nothing but the log', () => {
    const world = up()
    save(world)
    world.host('/chat').failed('/chat', 'reload', 'SyntaxError: oops')
    assert.deepEqual(texts(world, 'error'), [
      'application not reloaded, the last good version serves on: chat/main.js:3: SyntaxError: oops',
    ])
    const attempt = world.connect('/chat').publish('cam')
    world.host('/chat').answer('/chat', 'onPublish', 'the old rule')
    assert.equal(attempt.verdict, 'the old rule')
  })

  test('one that finds what runs is over at once, and the next save is another', () => {
    const world = up()
    save(world)
    world.host('/chat').unchanged('/chat')
    assert.deepEqual(texts(world, 'info').slice(-1), ['application saved as it runs: nothing is reloaded'])
    world.pass(raiseMs + 1)
    assert.equal(reloads(world), 1, 'nobody waits for a version any more')
    save(world)
    save(world)
    assert.equal(reloads(world), 2)
  })

  test('events told before the save arrive before the reload', () => {
    const world = up()
    const client = world.connect('/chat')
    save(world)
    const orders = world.host('/chat').orders.map(({ order }) => order)
    assert.deepEqual(orders, ['start', 'events', 'reload'])
    assert.ok(client)
  })

  test('a save while it starts makes it load again', () => {
    const world = new World({ apps: chatOnly })
    world.connect('/chat')
    save(world)
    world.host('/chat').started('/chat')
    assert.equal(reloads(world), 1)
    const broken = new World({ apps: chatOnly })
    const client = broken.connect('/chat')
    save(broken)
    broken.host('/chat').failed('/chat', 'start', 'half written')
    assert.equal(client.verdict, 'waiting')
    broken.host('/chat').started('/chat')
    assert.equal(client.verdict, 'yes')
  })

  test('one that never ends costs the host', () => {
    const world = up()
    save(world)
    world.pass(20_000)
    assert.ok(world.host('/chat').isKilled)
  })
})

suite('crash', () => {
  test('it comes back after its back-off, which doubles until it has been calm', () => {
    const world = new World({ apps: chatOnly })
    world.connect('/chat')
    world.host('/chat').started('/chat')
    const crash = (pause: number): void => {
      const { length } = world.hosts
      world.host('/chat').crash()
      world.pass(pause - 1)
      assert.equal(world.hosts.length, length, `it rests for ${pause} ms`)
      world.pass(1)
      assert.equal(world.hosts.length, length + 1)
      world.host('/chat').started('/chat')
    }
    for (const pause of [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]) crash(pause)
    world.pass(30_000)
    crash(100)
    crash(200)
  })

  test('a save brings it back at once', () => {
    const world = new World({ apps: chatOnly })
    world.connect('/chat')
    world.host('/chat').started('/chat')
    world.host('/chat').crash()
    world.house.saved([{ path: '/chat', what: 'changed' }])
    assert.equal(world.hosts.length, 2)
    world.pass(100)
    assert.equal(world.hosts.length, 2)
  })

  test('it is told of what is still there, then started, then adopts the clients it had let in', () => {
    const world = new World({ apps: family })
    const lost = world.connect('/chat/kid')
    world.host('/').started('', 'onConnection')
    world.host('/chat').started('/chat', 'onStart', 'onConnection')
    world.host('/chat').answer('/chat', 'onStart')
    world.host('/chat/kid').started('/chat/kid')
    world.host('/chat').answer('/chat', 'onStart')
    const kid = world.connect('/chat/kid/room')
    world.host('/chat').answer('/chat', 'onConnection')
    const live = world.connect('/')
    world.host('/').answer('', 'onConnection')
    kid.publish('cam')
    kid.play('cam')
    world.host('/chat').crash()
    world.host('/').crash()
    world.pass(100)
    const { reason } = world.host('/chat').start('/chat')
    const mirror = world.host('/chat').mirror('/chat')
    assert.equal(reason, 'crash')
    assert.equal(lost.verdict, 'Application /chat was restarted: its process ended by SIGKILL')
    const kinds = ['room', 'client', 'joined', 'publication', 'listener', 'listening']
    assert.deepEqual(
      mirror.map(({ e }) => e),
      kinds,
      'the first client is still waiting for its verdict',
    )
    assert.deepEqual(
      mirror.map(event => 'present' in event),
      [false, true, false, false, false, false],
    )
    world.host('/').started('', 'onConnection')
    world.host('/chat').started('/chat', 'onStart', 'onConnection')
    assert.equal(world.host('/chat').last('/chat', 'onStart').reason, 'crash')
    assert.deepEqual(world.host('/chat').told('/chat', 'adopt'), [])
    world.host('/chat').answer('/chat', 'onStart')
    assert.deepEqual(
      world
        .host('/chat')
        .told('/chat', 'adopt')
        .map(({ client }) => client),
      [kid.id],
    )
    assert.deepEqual(
      world
        .host('/')
        .told('', 'adopt')
        .map(({ client }) => client),
      [live.id],
    )
    assert.equal(world.publication('/chat/kid\nroom/cam').state, 'live', 'streams run on')
  })

  test('what it was asked is lost and says why; what it was not asked yet waits for it', () => {
    const world = new World({ apps: chatOnly })
    const client = world.connect('/chat')
    world.host('/chat').started('/chat', 'onPublish', 'onConnection')
    world.host('/chat').answer('/chat', 'onConnection')
    const lost = client.publish('cam')
    client.ask('add')
    world.host('/chat').spent('/chat', 'apps.memory (128 MB)')
    assert.ok(world.host('/chat').isKilled)
    world.host('/chat').crash()
    const why = 'Application /chat was restarted: apps.memory (128 MB)'
    assert.equal(lost.verdict, why)
    assert.deepEqual(client.results, [{ how: 'error', text: why }])
    const waiting = client.publish('cam')
    assert.equal(waiting.verdict, 'waiting')
    assert.equal(client.play('cam').verdict, 'yes', 'it never had a hook for that')
    world.pass(100)
    world.host('/chat').started('/chat', 'onPublish')
    world.host('/chat').answer('/chat', 'onPublish')
    assert.equal(waiting.verdict, 'yes')
  })

  test('a question that has waited long enough is refused with the reason', () => {
    const world = new World({ apps: chatOnly })
    world.connect('/chat')
    world.host('/chat').started('/chat', 'onConnection')
    world.host('/chat').crash()
    const client = world.connect('/chat')
    for (let i = 0; i < 20; i++) {
      world.pass(250)
      world.host('/chat').crash()
    }
    const reason = 'Application /chat is restarting: its process ended by SIGKILL'
    assert.equal(client.verdict, `${reason}, and was not back within apps.verdictTimeout (5000 ms)`)
  })

  test('events of the time between are not told: the mirror says it all', () => {
    const world = new World({ apps: chatOnly })
    const [stays, leaves] = [world.connect('/chat'), world.connect('/chat')]
    world.host('/chat').started('/chat', 'onDisconnection')
    world.host('/chat').crash()
    leaves.leave()
    world.pass(100)
    assert.deepEqual(
      world
        .host('/chat')
        .mirror('/chat')
        .map(event => (event.e === 'client' ? event.facts.id : event.e)),
      ['room', stays.id, 'joined'],
    )
    world.host('/chat').started('/chat', 'onDisconnection')
    assert.deepEqual(world.host('/chat').told('/chat', 'onDisconnection'), [])
  })

  test('no hook is called before onStart was answered', () => {
    const world = new World({ apps: chatOnly })
    world.house.start(() => {})
    const client = world.connect('/chat')
    const hooks = ['onStart', 'onManage', 'onDisconnection', 'onVideoPacket']
    world.host('/chat').started('/chat', ...hooks)
    world.host('/chat').answer('/chat', 'onStart')
    world.host('/chat').crash()
    world.pass(100)
    world.host('/chat').started('/chat', ...hooks)
    world.pass(4000)
    client.leave()
    assert.deepEqual(
      world
        .host('/chat')
        .events('/chat')
        .map(({ e }) => e),
      ['onStart', 'left', 'unroom', 'forget'],
    )
  })

  test('answers of the life before find nobody', () => {
    const world = new World({ apps: chatOnly })
    const client = world.connect('/chat')
    const old = world.host('/chat')
    old.started('/chat', 'onPublish')
    client.publish('cam')
    const { ticket } = old.last('/chat', 'onPublish')
    old.crash()
    const attempt = client.publish('cam')
    world.pass(100)
    world.host('/chat').started('/chat', 'onPublish')
    old.command('/chat', { c: 'verdict', ticket, ok: true })
    old.command('/chat', { c: 'verdict', ticket: ticket + 1, ok: true })
    assert.equal(attempt.verdict, 'waiting')
  })

  test('of applications that share a host all are lost and all come back, by themselves', () => {
    const world = new World({ apps: family, isolation: 'shared' })
    const clients = [world.connect('/chat'), world.connect('/')]
    assert.equal(world.hosts.length, 1)
    world.host('shared').started('')
    world.host('shared').started('/chat')
    assert.ok(clients.every(({ verdict }) => verdict === 'yes'))
    world.host('shared').crash()
    world.pass(100)
    assert.equal(world.hosts.length, 2)
    assert.deepEqual(
      [world.host('shared').start('').reason, world.host('shared').start('/chat').reason],
      ['crash', 'crash'],
    )
  })
})

suite('stop', () => {
  test('a deleted script is asked onStop, then its host ends, and its folder lets everybody in (C126)', () => {
    const world = new World({ apps: chatOnly })
    const client = world.connect('/chat')
    world.host('/chat').started('/chat', 'onStop', 'onConnection')
    world.host('/chat').answer('/chat', 'onConnection')
    world.house.catalog.removeMain('/chat', 'main.js')
    world.house.saved([{ path: '/chat', what: 'deleted' }])
    assert.equal(world.host('/chat').last('/chat', 'onStop').reason, 'deleted')
    assert.equal(world.host('/chat').isEnded, false)
    world.host('/chat').answer('/chat', 'onStop')
    assert.equal(world.host('/chat').isEnded, true)
    const later = world.connect('/chat')
    assert.equal(later.verdict, 'yes')
    assert.equal(client.farewell, null, 'those who are there stay')
    world.house.catalog.addMain('/chat', 'main.js')
    world.house.saved([{ path: '/chat', what: 'appeared' }])
    world.host('/chat').started('/chat', 'onConnection')
    assert.equal(world.host('/chat').start('/chat').reason, 'start')
    const adopted = world
      .host('/chat')
      .told('/chat', 'adopt')
      .map(event => event.client)
    assert.deepEqual(adopted, [client.id, later.id])
  })

  test('one rewritten while onStop runs starts again after it', () => {
    const world = new World({ apps: chatOnly })
    world.connect('/chat')
    world.host('/chat').started('/chat', 'onStop')
    world.house.catalog.removeMain('/chat', 'main.js')
    world.house.saved([{ path: '/chat', what: 'deleted' }])
    world.house.catalog.addMain('/chat', 'main.js')
    world.house.saved([{ path: '/chat', what: 'appeared' }])
    assert.equal(world.hosts.length, 1)
    world.host('/chat').answer('/chat', 'onStop')
    assert.equal(world.hosts.length, 2)
    world.host('/chat').started('/chat')
    assert.equal(world.connect('/chat').verdict, 'yes')
  })

  test('a script that appears where clients are adopts those that nobody let in', () => {
    const world = new World({ apps: { '': [], '/chat': [] } })
    const client = world.connect('/chat')
    world.house.catalog.addMain('/chat', 'main.js')
    world.house.saved([{ path: '/chat', what: 'appeared' }])
    world.host('/chat').started('/chat', 'onConnection')
    assert.equal(world.host('/chat').last('/chat', 'adopt').client, client.id)
  })

  test('one that appears where nobody is waits to be reached', () => {
    const world = new World({ apps: { '': [], '/chat': ['main.js'] } })
    world.house.saved([{ path: '/chat', what: 'appeared' }])
    assert.equal(world.hosts.length, 0)
  })

  test('at the end children are asked before their parents, and a slow one does not hold up the rest (C127)', async () => {
    const world = new World({ apps: family })
    world.connect('/chat/kid')
    for (const path of ['', '/chat', '/chat/kid']) world.host(path || '/').started(path, 'onStop')
    const asked = (path: string): number => world.host(path || '/').told(path, 'onStop').length
    const stopping = world.house.stop()
    assert.deepEqual(['/chat/kid', '/chat', ''].map(asked), [1, 0, 0])
    world.host('/chat/kid').answer('/chat/kid', 'onStop')
    await Promise.resolve().then(() => {})
    assert.deepEqual(['/chat/kid', '/chat', ''].map(asked), [1, 1, 0])
    assert.equal(world.host('/chat').last('/chat', 'onStop').reason, 'shutdown')
    world.pass(2000)
    await stopping
    assert.ok(world.hosts.every(({ isEnded }) => isEnded))
    world.pass(60_000)
    assert.equal(world.hosts.length, 3)
  })
})

suite('a debugger', () => {
  test('that has stopped a script keeps a reload waiting, and its host alive', () => {
    const world = new World({ apps: chatOnly })
    world.connect('/chat')
    const host = world.host('/chat')
    host.started('/chat')
    const seconds = (count: number): void => {
      for (let i = 0; i < count; i++) {
        world.pass(1_000)
        host.pong()
      }
    }
    host.paused('/chat', true)
    world.house.saved([{ path: '/chat', what: 'changed' }])
    seconds(30)
    assert.equal(host.isKilled, false)
    host.paused('/chat', false)
    seconds(30)
    assert.equal(host.isKilled, true)
  })
})
