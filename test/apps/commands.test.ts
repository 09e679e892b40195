import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { AppCommand } from '../../server/apps/wire.ts'
import { usualAccess } from '../../server/hub/facts.ts'
import { decodeAmf0 } from '../../server/media/amf0.ts'
import { World } from './pretend.ts'

const family = { '': ['main.js'], '/chat': ['main.js'], '/chat/kid': [], '/live': ['main.js'] }
const none = new Uint8Array()

/** `/chat` is up, with these hooks. */
function chat(...hooks: string[]): World {
  return raised(new World({ apps: family }), hooks)
}

function raised(world: World, hooks: string[] = []): World {
  for (const path of ['', '/chat', '/live']) {
    world.house.roster.at(path).reach()
    world.host(path || '/').started(path, ...(path === '/chat' ? hooks : []))
  }
  return world
}

const message = (client: string, name: string, ticket = 0): AppCommand => {
  return { c: 'message', client, name, args: none, ticket, droppable: false }
}

suite('commands', () => {
  test('an option goes into its own section, for whom that is allowed, and the answer says what became of it (R14)', async () => {
    const configure = (ticket: number, key: string): AppCommand => ({ c: 'configure', ticket, key, value: 'x' })
    const world = raised(new World({ apps: family, app: { allow: [{ kind: 'config' }] } }))
    const host = world.host('/chat')
    for (const [ticket, key] of ['motto', 'given'].entries()) {
      host.command('/chat', configure(ticket, key))
      await new Promise(setImmediate)
      world.turn()
      const text = key === 'given' ? { text: 'given stays' } : {}
      assert.deepEqual(host.last('/chat', 'answer'), { e: 'answer', ticket, ok: true, ...text })
    }
    assert.deepEqual(world.options, [
      ['/chat', 'motto', 'x'],
      ['/chat', 'given', 'x'],
    ])
    const denied = chat()
    denied.host('/chat').command('/chat', configure(3, 'motto'))
    await new Promise(setImmediate)
    denied.turn()
    const { ok, text } = denied.host('/chat').last('/chat', 'answer')!
    assert.deepEqual([ok, text], [false, '/chat may not use config'])
    assert.deepEqual(denied.options, [])
  })

  test('a message reaches its client, and with a ticket its answer comes back', () => {
    const world = chat()
    const host = world.host('/chat')
    const client = world.connect('/chat/kid')
    host.command('/chat', message(client.id, 'hello'), message(client.id, 'ask', 7))
    assert.deepEqual(
      client.calls.map(({ name }) => name),
      ['hello', 'ask'],
    )
    client.calls[1]!.options.answered!({ ok: true, value: Uint8Array.of(5) })
    assert.deepEqual(host.last('/chat', 'answer'), { e: 'answer', ticket: 7, ok: true, value: Uint8Array.of(5) })
    client.calls[1]!.options.answered!({ ok: false, text: 'gone' })
    assert.deepEqual(host.last('/chat', 'answer'), { e: 'answer', ticket: 7, ok: false, text: 'gone' })
    assert.equal(client.calls[0]!.options.answered, undefined)
  })

  test('what onConnection writes arrives after its client was accepted, in order', () => {
    const world = chat('onConnection')
    const host = world.host('/chat')
    const client = world.connect('/chat')
    const { id } = client
    host.command('/chat', message(id, 'one'), {
      c: 'status',
      client: id,
      code: 'Note',
      description: 'two',
      droppable: false,
    })
    host.command(
      '/chat',
      { c: 'access', client: id, ...usualAccess, readAccess: 'open', writeAccess: '' },
      message(id, 'three'),
    )
    host.command('/chat', { c: 'closeClient', client: id, reason: 'that was all', failed: false })
    assert.deepEqual([client.calls.length, client.statuses.length, client.farewell], [0, 0, null])
    host.answer('/chat', 'onConnection')
    assert.equal(client.early, 0, 'nothing comes before Success')
    assert.deepEqual(
      client.calls.map(({ name }) => name),
      ['one', 'three'],
    )
    assert.deepEqual(client.statuses, ['Note two'])
    assert.deepEqual(client.farewell, { code: 'Connect.Closed', description: 'that was all' })
    assert.equal(client.client!.facts.readAccess, 'open')
  })

  test('what was written to a client that is then refused is dropped, and so is too much of it', () => {
    const world = chat('onConnection')
    const host = world.host('/chat')
    const refused = world.connect('/chat')
    host.command('/chat', message(refused.id, 'hello'))
    host.answer('/chat', 'onConnection', 'no')
    assert.equal(refused.calls.length, 0)
    const greedy = world.connect('/chat')
    host.command('/chat', ...Array.from({ length: 1500 }, (_, i) => message(greedy.id, `${i}`)))
    host.answer('/chat', 'onConnection')
    assert.equal(greedy.calls.length, 1001)
    assert.equal(world.lines.filter(({ text }) => text.startsWith('more than 1000 commands for a client')).length, 1)
  })

  test('an application reaches itself and its descendants, and nobody else', () => {
    const world = chat()
    const [own, kid, foreign] = [world.connect('/chat'), world.connect('/chat/kid'), world.connect('/live')]
    foreign.publish('cam')
    foreign.play('cam')
    const [listener] = world.hub.listeners.keys()
    const before = world.lines.length
    world
      .host('/chat')
      .command(
        '/chat',
        ...[own, kid, foreign].map(({ id }) => message(id, 'hello')),
        { c: 'closeClient', client: foreign.id, reason: 'get out', failed: false },
        { c: 'closePublication', publication: '/live\ncam', generation: 1, code: '', description: '' },
        { c: 'send', publication: '/live\ncam', name: 'x', values: none },
        { c: 'closeListener', listener: listener!, code: '', description: '' },
        { c: 'listener', listener: listener!, receiveAudio: false, receiveVideo: false },
      )
    assert.deepEqual(
      [own, kid, foreign].map(({ calls }) => calls.length),
      [1, 1, 0],
    )
    assert.deepEqual(foreign.farewell, null)
    assert.equal(world.publication('/live\ncam').state, 'live')
    assert.equal(world.hub.listeners.get(listener!)?.receiveAudio, true)
    const warnings = world.lines.slice(before).map(({ level, text }) => `${level} ${text}`)
    assert.deepEqual(warnings, Array(6).fill('warn a command about what another application owns was ignored'))
    world.host('/').command('', message(foreign.id, 'the root sees all'))
    assert.equal(foreign.calls.length, 1)
  })

  test('a broadcast goes to the application’s own clients, each in its encoding, or to one room (R5)', () => {
    const world = chat()
    const [old, young] = [world.connect('/chat/a', 0), world.connect('/chat/b', 3)]
    const [kid, other] = [world.connect('/chat/kid'), world.connect('/live')]
    const args0 = Uint8Array.of(0)
    const args3 = Uint8Array.of(3)
    world.host('/chat').command('/chat', { c: 'broadcast', name: 'all', args0, args3 })
    world.host('/chat').command('/chat', { c: 'broadcast', room: '/chat\nb', name: 'room', args0, args3 })
    assert.deepEqual(
      old.calls.map(({ name, args }) => [name, args]),
      [['all', args0]],
    )
    assert.deepEqual(
      young.calls.map(({ name, args }) => [name, args]),
      [
        ['all', args3],
        ['room', args3],
      ],
    )
    assert.equal(kid.calls.length + other.calls.length, 0)
  })

  test('publications and listeners are closed with the words of the protocol, or the script’s (C90)', () => {
    const world = chat()
    const client = world.connect('/chat')
    client.publish('cam')
    client.play('cam')
    const [listener] = world.hub.listeners.keys()
    const host = world.host('/chat')
    host.command('/chat', { c: 'closeListener', listener: listener!, code: '', description: 'bye' })
    const publication = '/chat\ncam'
    host.command('/chat', { c: 'closePublication', publication, generation: 1, code: 'Publish.Idle', description: '' })
    assert.deepEqual(client.statuses, ['Play.Stop bye', 'Publish.Idle'])
    assert.equal(world.hub.listeners.size, 0)
  })

  test('a listener is muted, and told what it may sample (R34, R35, C97–C100)', () => {
    const world = chat()
    const client = world.connect('/chat')
    const attempt = client.play('cam')
    const [listener] = world.hub.listeners.values()
    const host = world.host('/chat')
    host.command('/chat', { c: 'listener', listener: listener!.id, receiveAudio: false, receiveVideo: true })
    assert.deepEqual([listener!.receiveAudio, listener!.receiveVideo], [false, true])
    const before = attempt.bytes.length
    host.command('/chat', { c: 'sampleAccess', listener: listener!.id, audio: true, video: false })
    assert.equal(attempt.bytes.length, before + 1)
    host.command('/chat', { c: 'sampleAccess', listener: listener!.id, audio: true, video: false })
    assert.equal(attempt.bytes.length, before + 1, 'it knows')
  })

  test('what a client may is known to every application that sees it, and its players hear of samples (R34, R35)', () => {
    const world = chat()
    const [root, host] = [world.host('/'), world.host('/chat')]
    const client = world.connect('/chat')
    const attempt = client.play('open/cam')
    const [listener] = world.hub.listeners.values()
    const before = attempt.bytes.length
    const access = { ...usualAccess, readAccess: '/open', audioSampleAccess: '/open' }
    host.command('/chat', { c: 'access', client: client.id, ...access })
    assert.deepEqual(root.told('', 'access'), [{ e: 'access', client: client.id, ...access }])
    assert.deepEqual(host.told('/chat', 'access'), [], 'it said so itself')
    const told = { e: 'sampleAccess', listener: listener!.id, audio: true, video: false }
    assert.deepEqual([...root.told('', 'sampleAccess'), ...host.told('/chat', 'sampleAccess')], [told, told])
    assert.equal(attempt.bytes.length, before + 1)
    client.play('open/other')
    client.play('opener')
    assert.deepEqual(
      [...world.hub.listeners.values()].map(each => each.facts().audioSampleAccess),
      [true, true],
      'to what it may not read it does not listen',
    )
  })

  test('a line is measured, and the answer comes back (R38)', () => {
    const world = chat()
    const client = world.connect('/chat')
    world.host('/chat').command('/chat', { c: 'bandwidth', client: client.id, ticket: 9 })
    const { ticket, ok, value } = world.host('/chat').last('/chat', 'answer')
    assert.deepEqual([ticket, ok, decodeAmf0(value!)], [9, true, [{ maximum: 1000, latency: 5, bytes: 10, ms: 10 }]])
  })

  test('a main writer that was closed ends the connection as a failure (C59, C133)', () => {
    const world = chat()
    const client = world.connect('/chat')
    const reason = 'Main flow writer closed, session is closing'
    world.host('/chat').command('/chat', { c: 'closeClient', client: client.id, reason, failed: true })
    assert.deepEqual(client.farewell, { code: 'Connect.Closed', description: reason, failure: reason })
  })

  test('a script publishes, pushes, and takes its own name over after a reload; with its isolate it ends (C21, C85–C87)', () => {
    const world = chat()
    const host = world.host('/chat')
    const player = world.connect('/chat')
    const attempt = player.play('show')
    host.command('/chat', { c: 'publish', ticket: 3, address: 'show' })
    assert.deepEqual(host.last('/chat', 'answer'), { e: 'answer', ticket: 3, ok: true })
    const publication = world.publication('/chat\nshow')
    assert.equal(publication.facts().publisherId, 'script')
    const before = attempt.bytes.length
    const frames = [{ kind: 'audio' as const, time: 0, name: '', packet: Uint8Array.of(0xaf, 1, 2, 3), lost: 0 }]
    host.command('/chat', { c: 'push', publication: publication.key, frames })
    host.command('/chat', { c: 'send', publication: publication.key, name: 'text', values: Uint8Array.of(5) })
    world.turn()
    assert.equal(attempt.bytes.length, before + 1, 'both leave in one write')
    assert.equal(publication.audioCodec, 'mp4a')
    host.command('/chat', { c: 'publish', ticket: 4, address: 'show' })
    assert.equal(host.last('/chat', 'answer').ok, true)
    host.crash()
    assert.equal(publication.publisher, null)
    world.pass(100)
    world.host('/chat').started('/chat')
    world.host('/chat').command('/chat', { c: 'publish', ticket: 1, address: 'show' })
    assert.equal(world.host('/chat').last('/chat', 'answer').ok, true)
  })

  test('a script may not publish what is taken, no name, or into another application (C21)', () => {
    const world = chat()
    world.connect('/chat').publish('cam')
    const host = world.host('/chat')
    for (const [address, text] of [
      ['cam', 'cam is already published'],
      ['../x', '"../x" is not a name to publish'],
      ['cam?key=1', '"cam?key=1" is not a name to publish'],
      ['x/', '"x/" is not a name to publish'],
      ['kid/cam', 'kid/cam belongs to another application'],
    ] as const) {
      host.command('/chat', { c: 'publish', ticket: 1, address })
      assert.deepEqual(host.last('/chat', 'answer'), { e: 'answer', ticket: 1, ok: false, text })
    }
    host.command('/chat', { c: 'publish', ticket: 1, address: 'room/cam' })
    assert.equal(host.last('/chat', 'answer').ok, true)
    const frames = [{ kind: 'audio' as const, time: 0, name: '', packet: Uint8Array.of(1), lost: 0 }]
    host.command('/chat', { c: 'push', publication: '/chat\ncam', frames })
    assert.equal(world.publication('/chat\ncam').audioCodec, '', 'a client’s publication takes no pushes')
  })

  test('a host that speaks another language is replaced', () => {
    for (const command of [
      null,
      { c: '__proto__' },
      { c: 'message', client: 5 },
      { c: 'verdict', ticket: '1', ok: true },
      { c: 'push', publication: 'x', frames: [{ kind: 'audio', time: Number.NaN, name: '', packet: none }] },
    ]) {
      const world = chat()
      world.host('/chat').command('/chat', command as unknown as AppCommand)
      assert.ok(world.host('/chat').isKilled, JSON.stringify(command))
    }
  })

  test('writing to a client that has gone has no effect (C132)', () => {
    const world = chat()
    const client = world.connect('/chat')
    client.leave()
    const before = world.lines.length
    world.host('/chat').command('/chat', message(client.id, 'hello'), message('nobody', 'hello'))
    assert.equal(client.calls.length, 0)
    assert.equal(world.lines.length, before)
  })

  test('log lines name application, file and line; a fault its hook (C157, R26)', () => {
    const world = chat()
    const before = world.lines.length
    world
      .host('/chat')
      .command(
        '/chat',
        { c: 'log', level: 'note', text: 'hello', file: 'chat/main.js', line: 3 },
        { c: 'fault', hook: 'onManage', text: 'boom', file: 'chat/main.js', line: 4, column: 2, stack: 'at …' },
      )
    assert.deepEqual(world.lines.slice(before), [
      { level: 'info', subject: { app: '/chat', file: 'chat/main.js', line: 3 }, text: 'hello' },
      {
        level: 'error',
        subject: { app: '/chat', file: 'chat/main.js', line: 4, column: 2, hook: 'onManage', stack: 'at …' },
        text: 'onManage: chat/main.js:4: boom',
      },
    ])
  })

  test('the same fault is logged a few times a second, then counted', () => {
    const world = chat()
    const before = world.lines.length
    const fault = (text: string): AppCommand => {
      return { c: 'fault', hook: 'timer', text, file: 'chat/main.js', line: 4, column: 2, stack: '' }
    }
    world.host('/chat').command('/chat', ...Array(500).fill(fault('boom')), fault('other'))
    assert.equal(world.lines.length - before, 6)
    world.pass(1000)
    assert.equal(world.lines.at(-1)?.text, '495 times more within a second: chat/main.js:4: boom')
    world.host('/chat').command('/chat', fault('boom'))
    assert.equal(world.lines.length - before, 8)
  })

  test('a flood of lines is cut at a thousand a second', () => {
    const world = chat()
    const before = world.lines.length
    const lines = Array.from(
      { length: 3000 },
      (_, line): AppCommand => ({ c: 'log', level: 'info', text: '', file: '', line }),
    )
    world.host('/chat').command('/chat', ...lines)
    world.turn()
    assert.equal(world.lines.length - before, 1000)
    world.pass(1000)
    assert.equal(world.lines.at(-1)?.text, '2000 more lines within a second were left out')
  })
})
