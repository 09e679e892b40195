import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { World } from './pretend.ts'

const apps = { '': ['main.js'], '/live': ['main.ts'], '/plain': [], '/chat': ['main.asc'] }
/** Without a parent whose start would be waited for. */
const alone = { '': [], '/live': ['main.ts'] }

interface Told {
  ok: boolean
  text: string
}

/** Types into an application; `answers` gets what comes back. */
function type(world: World, path: string, code = '1') {
  const answers: Told[] = []
  const line = world.house.operator.ask(path, { e: 'evaluate', session: 1, code, as: 'text' }, answer =>
    answers.push(answer),
  )
  world.turn()
  return { answers, line }
}

suite('the operator', () => {
  test('finds applications as people write them, folders without a script left out', () => {
    const { operator } = new World({ apps }).house
    const found = ['/', '', 'live', '/live/', 'plain', 'nowhere', 'live/cam'].map(name => operator.find(name))
    assert.deepEqual(found, ['', '', '/live', '/live', undefined, undefined, undefined])
  })

  test('means by the folder of a main.asc its default instance, and makes no instance by naming it', () => {
    const world = new World({ apps })
    const { operator } = world.house
    assert.equal(operator.find('chat'), '/chat/_definst_')
    assert.equal(operator.find('chat/_definst_'), '/chat/_definst_')
    assert.equal(operator.find('chat/lobby'), undefined)
    world.connect('/chat/lobby')
    assert.equal(operator.find('chat/lobby'), '/chat/lobby')
    assert.ok(operator.list().some(({ app, main }) => app === '/chat/lobby' && main === 'main.asc'))
  })

  test('has an application started that does not run, and asks it once it is up', () => {
    const world = new World({ apps: alone })
    const { answers } = type(world, '/live', 'a + b')
    const host = world.host('/live')
    assert.deepEqual(answers, [])
    host.started('/live')
    world.turn()
    const { ticket, code } = host.last('/live', 'evaluate')
    assert.equal(code, 'a + b')
    host.command('/live', { c: 'result', ticket, how: 'value', text: '3' })
    world.turn()
    assert.deepEqual(answers, [{ ok: true, text: '3' }])
  })

  test('hears why there is no answer: a script that is broken, a host that ended, an error', () => {
    const world = new World({ apps: alone })
    const broken = type(world, '/live')
    world.host('/live').failed('/live', 'start', 'SyntaxError: no')
    world.turn()
    assert.deepEqual(broken.answers, [{ ok: false, text: 'live/main.js:3: SyntaxError: no' }])
    world.house.saved([{ path: '/live', what: 'changed' }])
    const host = world.host('/live')
    host.started('/live')
    world.turn()
    const wrong = type(world, '/live')
    const { ticket } = host.last('/live', 'evaluate')
    host.command('/live', { c: 'result', ticket, how: 'error', text: 'TypeError: no' })
    world.turn()
    assert.deepEqual(wrong.answers, [{ ok: false, text: 'TypeError: no' }])
    const lost = type(world, '/live')
    host.crash('its process ended by SIGKILL')
    assert.deepEqual(lost.answers, [
      { ok: false, text: 'Application /live was restarted: its process ended by SIGKILL' },
    ])
  })

  test('cuts a line past everything that waits, and hears no answer then', () => {
    const world = new World({ apps: alone })
    type(world, '/live')
    const host = world.host('/live')
    host.started('/live')
    world.turn()
    const { answers, line } = type(world, '/live', 'for(;;);')
    const { ticket } = host.last('/live', 'evaluate')
    line.cut()
    line.cut()
    const interrupts = host.orders.filter(({ order }) => order === 'interrupt')
    assert.deepEqual(interrupts, [{ order: 'interrupt', path: '/live', ticket }])
    host.command('/live', { c: 'result', ticket, how: 'error', text: 'cut' })
    world.turn()
    assert.deepEqual(answers, [])
  })

  test('cuts a line whose application is starting before it is asked', () => {
    const world = new World({ apps: alone })
    const { line } = type(world, '/live')
    line.cut()
    const host = world.host('/live')
    host.started('/live')
    world.turn()
    assert.deepEqual(host.told('/live', 'evaluate'), [])
  })

  test('reloads an application, and is told what became of it', () => {
    const world = new World({ apps: alone })
    type(world, '/live')
    const host = world.host('/live')
    host.started('/live')
    world.turn()
    const told: string[] = []
    const { operator } = world.house
    const end = operator.watch(({ app, what, text }) => told.push(`${app} ${what} ${text}`))
    operator.reload('/live', ({ what }) => told.push(`first: ${what}`))
    host.reloaded('/live')
    operator.reload('/live', ({ what }) => told.push(`second: ${what}`))
    host.failed('/live', 'reload', 'SyntaxError: no')
    host.crash('why not')
    end()
    world.pass(100)
    assert.deepEqual(told, [
      '/live reloaded in 1 ms',
      'first: reloaded',
      '/live kept live/main.js:3: SyntaxError: no',
      'second: kept',
      '/live lost why not',
    ])
  })

  test('hears that a save was taken back, and the list says why until another holds', () => {
    const world = new World({ apps: alone })
    type(world, '/live')
    const host = world.host('/live')
    host.started('/live')
    const told: string[] = []
    const { operator } = world.house
    operator.watch(({ what, text }) => told.push(`${what} ${text}`))
    const trouble = () => operator.list().find(({ app }) => app === '/live')!.trouble
    operator.reload('/live', () => {})
    host.reloaded('/live')
    assert.equal(trouble(), '')
    host.rolledBack('/live', 'onPublish threw TypeError: no')
    assert.deepEqual(told.slice(1), ['rolledBack onPublish threw TypeError: no'])
    assert.equal(trouble(), 'onPublish threw TypeError: no')
    operator.reload('/live', () => {})
    host.failed('/live', 'reload', 'SyntaxError: no')
    assert.equal(trouble(), 'live/main.js:3: SyntaxError: no')
    operator.reload('/live', () => {})
    host.reloaded('/live')
    assert.equal(trouble(), '')
  })

  test('that leaves is forgotten by the applications that run', () => {
    const world = new World({ apps: alone })
    type(world, '/live')
    const host = world.host('/live')
    host.started('/live')
    world.turn()
    world.house.operator.leave(1)
    assert.equal(host.last('/live', 'sessionEnded').session, 1)
  })
})
