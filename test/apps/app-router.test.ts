import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { FrameKind, FrameRole } from '../../server/media/frame.ts'
import { World } from './pretend.ts'

const family = { '': ['main.js'], '/chat': ['main.js'], '/chat/kid': ['main.js'], '/live': [] }

/** Applications that are up, with these hooks. */
function upWith(apps: Record<string, string[]>, hooks: Record<string, string[]>): World {
  const world = new World({ apps })
  for (const path of Object.keys(hooks).sort()) {
    world.house.roster.at(path).reach()
    world.host(path || '/').started(path, ...hooks[path]!)
  }
  return world
}

suite('questions', () => {
  test('without any script everybody may', () => {
    const world = new World({ apps: { '': [], '/live': [] } })
    const client = world.connect('/live/room')
    assert.equal(client.verdict, 'yes')
    assert.equal(client.publish('cam').verdict, 'yes')
    assert.equal(client.play('cam').verdict, 'yes')
    client.ask('add')
    assert.deepEqual(client.results, [{ how: 'error', text: "Method 'add' not found" }])
    assert.equal(world.hosts.length, 0)
  })

  test('a hook is asked of the nearest application that defines it (M22, M23)', () => {
    const world = upWith(family, { '': ['onConnection', 'onPublish'], '/chat': ['onConnection'], '/chat/kid': [] })
    const client = world.connect('/chat/kid/lobby')
    assert.deepEqual(world.host('/chat/kid').told('/chat/kid', 'onConnection'), [])
    assert.deepEqual(world.host('/').told('', 'onConnection'), [])
    world.host('/chat').answer('/chat', 'onConnection')
    assert.equal(client.verdict, 'yes')
    const attempt = client.publish('cam')
    assert.equal(attempt.verdict, 'waiting')
    world.host('/').answer('', 'onPublish', '')
    assert.equal(attempt.verdict, 'Not allowed to publish cam')
    assert.equal(client.play('cam').verdict, 'yes', 'nobody defines onSubscribe')
  })

  test('a folder without a script accepts and asks nobody, but its children inherit from above it', () => {
    const world = upWith(
      { ...family, '/live/kid': ['main.js'] },
      { '': ['onConnection', 'onPublish'], '/live/kid': [] },
    )
    const client = world.connect('/live')
    assert.equal(client.verdict, 'yes')
    assert.equal(client.publish('cam').verdict, 'yes')
    client.ask('add')
    assert.deepEqual(client.results, [{ how: 'error', text: "Method 'add' not found" }])
    assert.deepEqual(world.host('/').told('', 'onConnection'), [])
    assert.equal(world.host('/').told('', 'joined').length, 1, 'the root sees it all the same')
    const kid = world.connect('/live/kid')
    world.host('/').answer('', 'onConnection', 'not today')
    assert.equal(kid.verdict, 'not today')
  })

  test('a refusal keeps its text, an acceptance its info', () => {
    const world = upWith(family, { '': [], '/chat': ['onConnection'] })
    const host = world.host('/chat')
    const refused = world.connect('/chat')
    host.answer('/chat', 'onConnection', '')
    assert.equal(refused.verdict, 'client rejected')
    const long = world.connect('/chat')
    host.answer('/chat', 'onConnection', 'x'.repeat(10_000))
    assert.equal(long.verdict.length, 4096)
    const accepted = world.connect('/chat')
    const { ticket } = host.last('/chat', 'onConnection')
    host.command('/chat', { c: 'verdict', ticket, ok: true, info: Uint8Array.of(3, 0, 0, 9) })
    assert.deepEqual(accepted.outcome?.ok && accepted.outcome.info, Uint8Array.of(3, 0, 0, 9))
  })

  test('each is answered once: a second verdict and one after its time are ignored', () => {
    const world = upWith(family, { '': [], '/chat': ['onPublish'] })
    const host = world.host('/chat')
    const client = world.connect('/chat')
    const attempt = client.publish('cam')
    const { ticket } = host.last('/chat', 'onPublish')
    world.pass(5000)
    assert.equal(attempt.verdict, 'waiting', 'the application may still say itself that its time is over')
    world.pass(500)
    assert.equal(attempt.verdict, 'onPublish gave no answer within apps.verdictTimeout (5000 ms)')
    for (const ok of [true, false]) host.command('/chat', { c: 'verdict', ticket, ok })
    assert.equal(world.publication('/chat\ncam'), undefined)
    const second = client.publish('cam')
    host.answer('/chat', 'onPublish')
    host.answer('/chat', 'onPublish', 'no')
    assert.equal(second.verdict, 'yes')
    assert.equal(world.publication('/chat\ncam').state, 'live')
  })

  test('another application cannot answer for the one that was asked', () => {
    const world = upWith(family, { '': ['onConnection'], '/chat': ['onConnection'] })
    const client = world.connect('/chat')
    const { ticket } = world.host('/chat').last('/chat', 'onConnection')
    for (let other = 0; other < 10; other++) world.host('/').command('', { c: 'verdict', ticket: other, ok: true })
    assert.equal(client.verdict, 'waiting')
    world.host('/chat').command('/chat', { c: 'verdict', ticket, ok: true })
    assert.equal(client.verdict, 'yes')
  })

  test('an application that has lost the hook passes the question on', () => {
    const world = upWith(family, { '': ['onPublish'], '/chat': ['onPublish'] })
    const attempt = world.connect('/chat').publish('cam')
    const { ticket } = world.host('/chat').last('/chat', 'onPublish')
    world.host('/chat').command('/chat', { c: 'verdict', ticket, ok: true, pass: true })
    assert.equal(attempt.verdict, 'waiting')
    world.host('/').answer('', 'onPublish', 'the root says no')
    assert.equal(attempt.verdict, 'the root says no')
  })

  test('of a name two want, the script decides, else the hub', () => {
    const world = upWith(family, { '': [], '/chat': ['onPublishConflict'] })
    const host = world.host('/chat')
    const [first, second] = [world.connect('/chat'), world.connect('/chat')]
    first.publish('cam')
    const refused = second.publish('cam')
    const ticket = () => host.last('/chat', 'onPublishConflict').ticket
    host.command('/chat', { c: 'verdict', ticket: ticket(), ok: false })
    assert.equal(refused.verdict, 'cam is already published')
    const taken = second.publish('cam')
    host.command('/chat', { c: 'verdict', ticket: ticket(), ok: true })
    assert.equal(taken.verdict, 'yes')
    assert.deepEqual(first.statuses, ['Unpublish.Success'])
    const alive = first.publish('cam')
    world.pass(5550)
    assert.equal(alive.verdict, 'cam is already published', 'without an answer a living publisher stays')
    second.silence = 6000
    const silent = first.publish('cam')
    world.pass(5500)
    assert.equal(silent.verdict, 'yes', 'and a silent one is replaced')
  })

  test('more questions than an application may have open are refused at once', () => {
    const world = upWith({ '': ['main.js'] }, { '': ['onConnection'] })
    const clients = Array.from({ length: 10_001 }, () => world.connect('/'))
    const [first, last] = [clients[0]!, clients.at(-1)!]
    assert.equal(last.verdict, 'Application / is too busy: 10000 questions wait')
    world.host('/').answer('', 'onConnection', 'no')
    assert.equal(first.verdict, 'waiting')
    assert.equal(clients.at(-2)!.verdict, 'no')
  })

  test('of calls no more wait than apps.pendingCalls says', () => {
    const world = upWith({ '': ['main.js'] }, { '': [] })
    const client = world.connect('/')
    for (let i = 0; i < 101; i++) client.ask('slow')
    assert.deepEqual(client.results, [{ how: 'error', text: 'Application / is too busy: apps.pendingCalls (100)' }])
    const { ticket } = world.host('/').last('', 'call')
    world.host('/').command('', { c: 'result', ticket, how: 'nothing' })
    client.ask('slow')
    assert.equal(client.results.length, 2)
  })

  test('and so are more bytes of them, but for a large one that comes alone', () => {
    const world = upWith({ '': ['main.js'] }, { '': [] })
    const client = world.connect('/')
    const host = world.host('/')
    const heard = (): unknown[] => client.results.splice(0)
    client.ask('large', false, new Uint8Array(16_000_000))
    assert.equal(host.last('', 'call').name, 'large')
    client.ask('small', false, new Uint8Array(1))
    assert.deepEqual(heard(), [{ how: 'error', text: 'Application / is too busy: 8388608 bytes wait' }])
    host.command('', { c: 'result', ticket: host.last('', 'call').ticket, how: 'nothing' })
    for (let i = 0; i < 8; i++) client.ask('small', false, new Uint8Array(1024 * 1024))
    assert.deepEqual(heard(), [{ how: 'nothing' }])
    client.ask('small', false, new Uint8Array(1))
    assert.equal(heard().length, 1)
  })
})

suite('calls', () => {
  test('are asked of functions first, nearest first, then of onCall', () => {
    const world = upWith(family, { '': ['onCall'], '/chat': [], '/chat/kid': ['onCall'] })
    const client = world.connect('/chat/kid')
    client.ask('add')
    const order: string[] = []
    for (const [path, scope] of [
      ['/chat/kid', 'functions'],
      ['/chat', 'functions'],
      ['', 'functions'],
      ['/chat/kid', 'onCall'],
      ['', 'onCall'],
    ] as const) {
      const host = world.host(path || '/')
      const event = host.last(path, 'call')
      order.push(`${path} ${event.scope}`)
      assert.equal(event.scope, scope)
      host.command(path, { c: 'result', ticket: event.ticket, how: 'pass' })
    }
    assert.equal(order.length, 5)
    assert.deepEqual(client.results, [{ how: 'error', text: "Method 'add' not found" }])
  })

  test('one application alone is asked once for all, and its answer is the client’s', () => {
    const world = upWith({ '': [], '/chat': ['main.js'] }, { '/chat': [] })
    const host = world.host('/chat')
    const client = world.connect('/chat')
    client.ask('add', true)
    const { scope, silent, ticket } = host.last('/chat', 'call')
    assert.deepEqual({ scope, silent }, { scope: 'all', silent: true })
    const value = Uint8Array.of(5)
    host.command('/chat', { c: 'result', ticket, how: 'value', value })
    for (const how of ['nothing', 'error'] as const) {
      client.ask(how)
      host.command('/chat', { c: 'result', ticket: host.last('/chat', 'call').ticket, how, text: 'ouch' })
    }
    assert.deepEqual(client.results, [{ how: 'value', value }, { how: 'nothing' }, { how: 'error', text: 'ouch' }])
  })

  test('an early answer is the answer', () => {
    const world = upWith({ '/chat': ['main.js'], '': [] }, { '/chat': [] })
    const host = world.host('/chat')
    const client = world.connect('/chat')
    client.ask('add')
    const { ticket } = host.last('/chat', 'call')
    host.command('/chat', { c: 'early', ticket, value: Uint8Array.of(5) })
    assert.deepEqual(client.results, [{ how: 'value', value: Uint8Array.of(5) }])
    host.command('/chat', { c: 'result', ticket, how: 'error', text: 'too late' })
    assert.equal(client.results.length, 1)
  })

  test('a client that has left is not asked about any more', () => {
    const world = upWith(family, { '': ['onCall'], '/chat': [] })
    const client = world.connect('/chat')
    client.ask('add')
    const { ticket } = world.host('/chat').last('/chat', 'call')
    client.leave()
    world.host('/chat').command('/chat', { c: 'result', ticket, how: 'pass' })
    assert.deepEqual(world.host('/').told('', 'call'), [])
  })
})

suite('facts', () => {
  test('reach the application and all its ancestors, in the order in which they became true', () => {
    const world = upWith(family, { '': [], '/chat': ['onDisconnection', 'onFailed', 'onUnpublish', 'onUnsubscribe'] })
    const client = world.connect('/chat/lobby')
    const { publisher } = client.publish('cam')
    client.play('cam')
    assert.ok(publisher)
    client.leave('reset by peer')
    const mirror = [
      ...['client', 'room', 'joined', 'publication', 'listener', 'listening'],
      ...['unlistener', 'publication', 'left', 'forget'],
    ]
    assert.deepEqual(
      world
        .host('/')
        .events('')
        .map(({ e }) => e),
      mirror,
    )
    assert.deepEqual(
      world
        .host('/chat')
        .events('/chat')
        .map(({ e }) => e),
      [
        ...['client', 'room', 'joined', 'publication', 'listener', 'listening'],
        ...[
          'onFailed',
          'onUnsubscribe',
          'unlistener',
          'onUnpublish',
          'publication',
          'left',
          'onDisconnection',
          'forget',
        ],
      ],
    )
    assert.deepEqual(world.host('/chat').last('/chat', 'onFailed').error, 'reset by peer')
  })

  test('say what a publication carries, also to those that come up later', () => {
    const world = upWith({ ...family, '/chat': [] }, { '': [] })
    world.connect('/chat').publish('cam')
    const publication = world.publication('/chat\ncam')
    const values = Uint8Array.of(5)
    const payload = Buffer.concat([Buffer.from([2, 0, 10]), Buffer.from('onMetaData'), values])
    publication.receive(FrameKind.Data, { role: FrameRole.Metadata, codec: '', track: 0 }, 0, payload)
    publication.receive(FrameKind.Video, { role: FrameRole.Key, codec: 'avc1', track: 0 }, 0, Buffer.of(0x17, 1))
    const host = world.host('/')
    assert.deepEqual(Buffer.from(host.last('', 'metadata').metadata), Buffer.from(values))
    assert.deepEqual(host.last('', 'codecs'), {
      ...{ e: 'codecs', publication: publication.key, audio: '', video: 'avc1' },
      tracks: [{ kind: 'video', track: 0, codec: 'avc1' }],
    })
    host.crash()
    world.pass(100)
    const told = world.host('/').mirror('')
    assert.deepEqual(
      told.map(({ e }) => e),
      ['room', 'client', 'joined', 'publication', 'codecs', 'metadata'],
    )
  })

  test('other applications hear nothing', () => {
    const apps = { ...family, '/chatter': ['main.js'] }
    const world = upWith(apps, { '/chatter': ['onConnection'], '/chat': [] })
    world.host('/').started('')
    world.connect('/chat').publish('cam')
    assert.deepEqual(world.host('/chatter').events('/chatter'), [])
  })

  test('a rejected client is forgotten, and was never in clients', () => {
    const world = upWith(family, { '': [], '/chat': ['onConnection', 'onConnectionRejected', 'onConnectionAccepted'] })
    const host = world.host('/chat')
    const client = world.connect('/chat')
    host.answer('/chat', 'onConnection', 'no')
    assert.deepEqual(
      host.events('/chat').map(({ e }) => e),
      ['client', 'onConnection', 'onConnectionRejected', 'forget'],
    )
    assert.equal(host.last('/chat', 'onConnectionRejected').text, 'no')
    assert.equal(host.last('/chat', 'forget').client, client.id)
    world.connect('/chat')
    host.answer('/chat', 'onConnection')
    assert.deepEqual(
      host
        .events('/chat')
        .slice(-2)
        .map(({ e }) => e),
      ['joined', 'onConnectionAccepted'],
    )
  })

  test('of one turn of the loop are one message', () => {
    const world = upWith(family, { '': [] })
    const host = world.host('/')
    const before = host.orders.length
    const [first, second] = [world.connect('/'), world.connect('/')]
    first.leave()
    second.leave()
    world.turn()
    assert.equal(host.orders.length, before + 1)
    assert.equal(host.events('').length, 10)
  })

  test('figures come every two seconds, and with them onManage to those that define it (C149)', () => {
    const world = upWith(family, { '': ['onManage'], '/chat': [] })
    world.house.start(() => {})
    const client = world.connect('/chat')
    client.publish('cam')
    client.play('cam')
    world.pass(2000)
    const { clients, publications, listeners } = world.host('/chat').last('/chat', 'stats')
    assert.deepEqual(clients, [[client.id, 5, 10, 20, 30, 1, 2]])
    assert.deepEqual(
      publications.map(({ publication }) => publication),
      ['/chat\ncam'],
    )
    assert.equal(listeners.length, 1)
    assert.equal(world.host('/chat').told('/chat', 'onManage').length, 0)
    assert.deepEqual(
      world
        .host('/')
        .events('')
        .slice(-2)
        .map(({ e }) => e),
      ['stats', 'onManage'],
    )
    world.pass(2000)
    assert.equal(world.host('/').told('', 'onManage').length, 2)
  })

  test('figures of very many come in slices', () => {
    const world = upWith(family, { '': [], '/chat': [] })
    world.house.start(() => {})
    for (let i = 0; i < 1200; i++) world.connect('/chat')
    world.pass(2000)
    const slices = world
      .host('/chat')
      .told('/chat', 'stats')
      .map(({ clients }) => clients.length)
    assert.deepEqual(slices, [500, 500, 200])
  })
})
