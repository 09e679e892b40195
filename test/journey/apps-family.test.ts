import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer } from '../support/server.ts'

suite('applications, their parents and their rooms', { timeout: 240_000 }, () => {
  test('start when they are reached, the root with the server; children inherit from it (C122, C123, C124, K18, K19, R20, R22)', async () => {
    await using server = await startTestServer({
      www: {
        'main.js': `
          export function onStart(path) { console.log('root starts', path || '/') }
          export function onConnection(client, name) { client.name = name; return { by: 'root' } }`,
        'lib/base.js': `
          export function onConnection(client, name) {
            if (name !== 'tom') throw new Error('only Tom')
            client.name = name
          }`,
        'chat/main.js': '',
        'own/main.js': `
          import { onConnection as base } from '/lib/base.js'
          export function onConnection(client, name) { base(client, name); return { by: 'own' } }`,
        'bare/readme.txt': 'no script',
      },
    })
    const started = (): string[] => server.log.map(({ msg }) => msg).filter(msg => msg.startsWith('root starts'))
    await server.logged(({ msg }) => msg === 'root starts /')
    assert.deepEqual(started(), ['root starts /'])
    await using chat = await RtmpClient.connect({ url: server.url('chat'), args: ['ben'] })
    assert.equal(chat.info.by, 'root', 'the base decides what the child leaves open')
    await server.logged(({ msg }) => msg === 'root starts /chat')
    assert.deepEqual(started(), ['root starts /', 'root starts /chat'])
    await assert.rejects(RtmpClient.connect({ url: server.url('own'), args: ['ben'] }), /only Tom/)
    await using own = await RtmpClient.connect({ url: server.url('own'), args: ['tom'] })
    assert.equal(own.info.by, 'own')
    await using bare = await RtmpClient.connect({ url: server.url('bare') })
    assert.equal(bare.info.by, undefined, 'a folder without a script asks nobody')
  })

  test('the root sends clients of an empty script elsewhere, and is not asked for a folder without one (C153)', async () => {
    await using server = await startTestServer({
      www: {
        'main.js': "export const onHandshake = () => 'rtmp://host/app'",
        'empty/main.js': '',
        'bare/readme.txt': 'no script',
      },
    })
    await using bare = await RtmpClient.connect({ url: server.url('bare') })
    assert.equal(bare.info.code, 'NetConnection.Connect.Success')
    await assert.rejects(RtmpClient.connect({ url: server.url('empty') }), /redirected to rtmp:\/\/host\/app/)
  })

  test('one script serves many names, and the root takes those without a folder (K23)', async () => {
    const same = "export { calls } from '/lib/shared.js'"
    await using server = await startTestServer({
      www: {
        'main.js':
          "export const acceptUnknownApps = true\nexport const calls = { who() { return 'root ' + this.room } }",
        'lib/shared.js': 'export const calls = { who() { return application.name } }',
        'one/main.js': same,
        'two/main.js': same,
      },
    })
    for (const [path, who] of [
      ['one', 'one'],
      ['two', 'two'],
      ['any/thing', 'root any/thing'],
    ] as const) {
      await using client = await RtmpClient.connect({ url: server.url(path) })
      assert.equal(await client.call('who'), who)
    }
  })

  test('what is called during onConnection arrives after Success, and rooms hear their own (K21, F18, F22, F36)', async () => {
    await using server = await startTestServer({
      www: {
        'chat/main.js': `
          export function onConnection(client, name) { client.name = name; client.writer.writeAMFMessage('welcome', name) }
          export function onRoomCreate(room) { room.lines = [] }
          export function onRoomEnter(client, room) { if (room.name === 'closed') throw new Error('closed today') }
          export const calls = {
            say(text) {
              const room = rooms.get(this.room)
              room.lines.push(text)
              room.broadcast('said', this.name, text, room.lines.length)
              return [...room.clients].map(([, client]) => client.name).sort()
            },
          }`,
      },
    })
    const connect = (room: string, name: string): Promise<RtmpClient> =>
      RtmpClient.connect({ url: server.url(`chat${room}`), args: [name] })
    await using tom = await connect('/lobby', 'tom')
    await using ann = await connect('/lobby', 'ann')
    await using eve = await connect('', 'eve')
    await assert.rejects(connect('/closed', 'ben'), /closed today/)
    assert.deepEqual((await tom.called('welcome')).args, ['tom'])
    assert.deepEqual(await tom.call('say', 'hello'), ['ann', 'tom'])
    assert.deepEqual((await ann.called('said')).args, ['tom', 'hello', 1])
    assert.deepEqual(await eve.call('say', 'alone'), ['eve'])
    assert.deepEqual(
      eve.calls.filter(({ name }) => name === 'said').map(({ args }) => args),
      [['eve', 'alone', 1]],
    )
    await ann.call('say', 'bye')
    assert.deepEqual((await tom.called('said', tom.calls.length - 1)).args, ['ann', 'bye', 2])
  })

  test('fields cross from child to root and back, and outlive the processes of both; one calls the other', async () => {
    const script = (path: string): string => `
      export function ${path === '/' ? 'inRoot' : 'inChat'}(name) { return '${path} greets ' + name }
      export const calls = {
        ${path === '/' ? 'rootWrites' : 'chatWrites'}(value) { this.field = value; rooms.get('${path === '/' ? '/chat' : ''}').topic = [value] },
        ${path === '/' ? 'rootReads' : 'chatReads'}() { return [this.field, rooms.get('${path === '/' ? '/chat' : ''}').topic] },
        ${path === '/' ? 'rootDies' : 'chatDies'}() { for (;;); },
        ${path === '/' ? 'rootAsks' : 'chatAsks'}() { return applications.get('/').call('inRoot', application.path) },
      }`
    await using server = await startTestServer({
      www: { 'main.js': script('/'), 'chat/main.js': script('/chat') },
      set: ['apps.timeout=200ms', 'apps.allow=apps:/'],
    })
    await using client = await RtmpClient.connect({ url: server.url('chat') })
    const reads = async (name: string, value: unknown): Promise<void> => {
      let read: unknown
      do read = await client.call(name)
      while (JSON.stringify(read) !== JSON.stringify([value, [value]]))
    }
    await client.call('chatWrites', 'from chat')
    await reads('rootReads', 'from chat')
    await client.call('rootWrites', 'from root')
    await reads('chatReads', 'from root')
    assert.equal(await client.call('chatAsks'), '/ greets /chat')
    for (const dies of ['chatDies', 'rootDies']) {
      const from = server.log.length
      for (let cut = 0; cut < 3; cut++) await client.call(dies).catch(() => {})
      await server.logged(({ msg }) => msg === 'application restarted', from)
    }
    await reads('chatReads', 'from root')
    await reads('rootReads', 'from root')
  })
})
