import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Attempts } from '../../server/apps/attempts.ts'
import { redirectUrl } from '../../server/apps/redirect.ts'
import { type PretendHost, World } from './pretend.ts'

const family = { '': ['main.js'], '/chat': ['main.js'], '/chat/kid': ['main.js'] }

/** All are up; `hooks` are the root's. */
function upWith(hooks: string[], chatHooks: string[] = []): { world: World; root: PretendHost } {
  const world = new World({ apps: family })
  for (const path of Object.keys(family)) {
    world.house.roster.at(path).reach()
    world.host(path || '/').started(path, ...(path === '' ? hooks : path === '/chat' ? chatHooks : []))
  }
  return { world, root: world.host('/') }
}

function sendTo(host: PretendHost, path: string, ...redirect: string[]): void {
  const { ticket } = host.last(path, 'onHandshake')
  host.command(path, { c: 'verdict', ticket, ok: true, redirect })
}

suite('onHandshake', () => {
  test('is asked of the application, then of its ancestors, before anybody hears of a client (C153)', () => {
    const { world, root } = upWith(['onHandshake', 'onConnection'])
    const client = world.connect('/chat/kid/lobby', 0, { address: '[2001:db8::1]:7', query: { a: '1' } })
    const [asked] = root.told('', 'onHandshake')
    assert.deepEqual(
      { ...asked, ticket: 0 },
      {
        e: 'onHandshake',
        ticket: 0,
        address: '[2001:db8::1]:7',
        path: '/chat/kid/lobby',
        properties: { a: '1' },
        attempts: 1,
      },
    )
    assert.deepEqual(root.told('', 'client'), [])
    root.answer('', 'onHandshake')
    assert.equal(root.told('', 'client').length, 1)
    root.answer('', 'onConnection')
    assert.equal(client.verdict, 'yes')
  })

  test('is not asked of an ancestor when the application answers', () => {
    const { world, root } = upWith(['onHandshake'], ['onHandshake'])
    const client = world.connect('/chat')
    assert.deepEqual(root.told('', 'onHandshake'), [])
    world.host('/chat').answer('/chat', 'onHandshake', 'go away')
    assert.equal(client.verdict, 'go away')
  })

  test('sends the client to the first address, with its own path and query (R28, C153)', () => {
    const { world, root } = upWith(['onHandshake', 'onConnectionRejected'])
    const query = { name: 'Tom & Jerry', x: '' }
    const client = world.connect('/chat/lobby', 0, { query })
    sendTo(root, '', 'other:1936', 'third')
    const redirect = 'rtmp://other:1936/chat/lobby?name=Tom+%26+Jerry&x='
    assert.deepEqual(client.outcome, {
      ok: false,
      code: 'Connect.Rejected',
      text: `redirected to ${redirect}`,
      redirect,
    })
    assert.deepEqual(root.told('', 'onConnectionRejected'), [], 'there never was a client')
  })

  test('of the root sends nobody away from a folder without a script, and an empty script there is enough (C153)', () => {
    const world = new World({ apps: { '': ['main.js'], '/bare': [], '/empty': ['main.js'] } })
    for (const [path, ...hooks] of [['', 'onHandshake'], ['/empty']] as [string, ...string[]][]) {
      world.house.roster.at(path).reach()
      world.host(path || '/').started(path, ...hooks)
    }
    const root = world.host('/')
    assert.equal(world.connect('/bare').verdict, 'yes')
    assert.deepEqual(root.told('', 'onHandshake'), [])
    const sent = world.connect('/empty')
    sendTo(root, '', 'rtmp://host/app')
    assert.equal(sent.outcome?.ok === false && sent.outcome.redirect, 'rtmp://host/app')
  })

  test("goes on here at 'again' when that comes first, and refuses in the script's words (C154)", () => {
    const { world, root } = upWith(['onHandshake'])
    const again = world.connect('/chat')
    sendTo(root, '', 'again', 'other')
    assert.equal(again.verdict, 'yes')
    const refused = world.connect('/chat')
    root.answer('', 'onHandshake', '')
    assert.equal(refused.verdict, 'client rejected')
  })

  test('counts the attempts of an address at a path within ten seconds, from 1 (C153)', () => {
    const { world, root } = upWith(['onHandshake'])
    const attempts = (path: string, address: string): number => {
      world.connect(path, 0, { address })
      root.answer('', 'onHandshake')
      return root.last('', 'onHandshake').attempts
    }
    assert.deepEqual(
      [attempts('/chat', '10.0.0.1:1'), attempts('/chat', '10.0.0.1:2'), attempts('/chat/lobby', '10.0.0.1:3')],
      [1, 2, 1],
    )
    assert.equal(attempts('/chat', '10.0.0.2:1'), 1)
    world.pass(9_999)
    assert.equal(attempts('/chat', '10.0.0.1:4'), 3)
    world.pass(1)
    assert.equal(attempts('/chat', '10.0.0.1:5'), 1)
  })

  test('keeps only so many counts', () => {
    const attempts = new Attempts()
    for (let i = 0; i < 10_001; i++) attempts.count(`${i}`, '/', 0)
    assert.equal(attempts.count('10000', '/', 1), 2)
    assert.equal(attempts.count('0', '/', 1), 1, 'the oldest was forgotten')
  })

  test('of a client that leaves meanwhile is answered to nobody', () => {
    const { world, root } = upWith(['onHandshake', 'onConnection', 'onConnectionRejected', 'onDisconnection'])
    const client = world.connect('/chat')
    client.leave()
    root.answer('', 'onHandshake')
    assert.equal(client.verdict, 'waiting')
    const heard = root.events('').map(({ e }) => e)
    assert.deepEqual(heard, ['onHandshake'])
  })

  test('of an ancestor that does not compile keeps nobody out', () => {
    const world = new World({ apps: family })
    const client = world.connect('/chat')
    world.host('/').failed('', 'start', 'broken')
    world.host('/chat').started('/chat', 'onConnection')
    world.host('/chat').answer('/chat', 'onConnection')
    assert.equal(client.verdict, 'yes')
  })
})

suite('redirects', () => {
  const way = { secure: false, path: '/a b', room: '', query: {} }

  test('a URL stands as it is, an address gets the path, an IPv6 address its brackets', () => {
    assert.equal(redirectUrl('rtmps://other/app?x#y', way), 'rtmps://other/app?x#y')
    assert.equal(redirectUrl('::1', way), 'rtmp://[::1]/a%20b')
    assert.equal(redirectUrl('[::1]:1936', way), 'rtmp://[::1]:1936/a%20b')
    assert.equal(redirectUrl('h', { ...way, path: '' }), 'rtmp://h/')
    assert.equal(redirectUrl('h', { ...way, secure: true, room: 'r' }), 'rtmps://h/a%20b/r')
  })

  test('by client.redirect() refuse at once during onConnection, and end the connection later (R28)', () => {
    const { world, root } = upWith([], ['onConnection', 'onConnectionRejected', 'onDisconnection'])
    const host = world.host('/chat')
    const early = world.connect('/chat')
    host.command('/chat', { c: 'redirect', client: early.id, to: 'other' })
    const redirect = 'rtmp://other/chat'
    assert.deepEqual(early.outcome?.ok === false && early.outcome.redirect, redirect)
    assert.deepEqual(host.last('/chat', 'onConnectionRejected').text, `redirected to ${redirect}`)
    host.answer('/chat', 'onConnection')
    assert.equal(early.verdict, `redirected to ${redirect}`)

    const late = world.connect('/chat')
    host.answer('/chat', 'onConnection')
    root.command('', { c: 'redirect', client: late.id, to: 'other' })
    assert.deepEqual(late.farewell, { code: 'Connect.Rejected', description: `redirected to ${redirect}`, redirect })
  })
})

suite('streams', () => {
  test('are asked for, paused and sought with leave of the nearest that has the hook (M3, M7)', () => {
    const { world, root } = upWith(['onSeek'], ['onCreateStream', 'onPause'])
    const host = world.host('/chat')
    const client = world.connect('/chat')
    client.play('cam')
    const [listener] = world.hub.listeners.values()
    const verdicts: string[] = []
    const ask = (request: Parameters<typeof world.hub.permit>[1]): void => {
      world.hub.permit(client.client!, request, verdict => verdicts.push(verdict.ok ? 'yes' : verdict.text))
    }
    ask({ what: 'createStream', streamId: 3 })
    assert.equal(host.last('/chat', 'onCreateStream').streamId, 3)
    host.answer('/chat', 'onCreateStream', 'enough')
    ask({ what: 'pause', listener: listener!, paused: true })
    assert.deepEqual([host.last('/chat', 'onPause').listener, host.last('/chat', 'onPause').paused], [1, true])
    host.answer('/chat', 'onPause', '')
    ask({ what: 'seek', listener: listener!, ms: 1500 })
    assert.equal(root.last('', 'onSeek').ms, 1500)
    root.answer('', 'onSeek')
    assert.deepEqual(verdicts, ['enough', '', 'yes'])
  })
})
