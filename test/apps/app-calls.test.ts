import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Capability } from '../../server/base/capability.ts'
import { World } from './pretend.ts'

const apps = { '': [], '/chat': ['main.js'], '/score': ['main.js'], '/bare': [] }
const args = Uint8Array.of(1)

function world(...allow: Capability[]): World {
  const made = new World({ apps, app: { allow } })
  made.house.roster.at('/chat').reach()
  made.host('/chat').started('/chat')
  return made
}

suite('calls between applications', () => {
  test('start the one that is called, and bring its answer', () => {
    const w = world({ kind: 'apps', path: '/score' })
    const chat = w.host('/chat')
    chat.command('/chat', { c: 'callApp', ticket: 7, app: '/score', name: 'add', args })
    const score = w.host('/score')
    score.started('/score')
    const { ticket, ...call } = score.last('/score', 'appCall')
    assert.deepEqual(call, { e: 'appCall', name: 'add', args })
    score.command('/score', { c: 'result', ticket, how: 'value', value: Uint8Array.of(9) })
    assert.deepEqual(chat.last('/chat', 'answer'), { e: 'answer', ticket: 7, ok: true, value: Uint8Array.of(9) })
  })

  test('bring the words of an error, and of what is not there', () => {
    const w = world({ kind: 'apps', path: null })
    const heard = (app: string, answer?: { how: 'pass' } | { how: 'error'; text: string }): unknown => {
      w.host('/chat').command('/chat', { c: 'callApp', ticket: 1, app, name: 'add', args })
      if (answer) {
        if (w.house.roster.at('/score').standing === 'starting') w.host('/score').started('/score')
        const { ticket } = w.host('/score').last('/score', 'appCall')
        w.host('/score').command('/score', { c: 'result', ticket, ...answer })
      }
      const { ok, text } = w.host('/chat').last('/chat', 'answer')
      return [ok, text]
    }
    assert.deepEqual(heard('/score', { how: 'error', text: 'ouch' }), [false, 'ouch'])
    assert.deepEqual(heard('/score', { how: 'pass' }), [false, "Application /score exports no function 'add'"])
    assert.deepEqual(heard('/none'), [false, 'Application /none does not exist'])
    assert.deepEqual(heard('/bare'), [false, 'Application /bare does not exist'])
  })

  test('are denied until allowed, whatever the isolate says', () => {
    const w = world({ kind: 'apps', path: '/other' })
    w.host('/chat').command('/chat', { c: 'callApp', ticket: 1, app: '/score', name: 'add', args })
    assert.match(String(w.host('/chat').last('/chat', 'answer').text), /apps:\/score.*\[app:\/chat\]/)
    assert.throws(() => w.host('/score'))
  })

  test('the list of applications follows the folders', () => {
    const w = world()
    const told = (): unknown => w.host('/chat').last('/chat', 'applications').paths
    assert.deepEqual(w.host('/chat').start('/chat').mirror[0], { e: 'applications', paths: ['/chat', '/score'] })
    w.house.catalog.addMain('/bare', 'main.js')
    w.house.saved([{ path: '/bare', what: 'appeared' }])
    assert.deepEqual(told(), ['/bare', '/chat', '/score'])
    w.house.catalog.removeMain('/score', 'main.js')
    w.house.saved([{ path: '/score', what: 'deleted' }])
    assert.deepEqual(told(), ['/bare', '/chat'])
  })
})

suite('unload', () => {
  test('closes the clients, asks onStop, and the next connect starts it again (R21, R32)', () => {
    const w = new World({ apps })
    const first = w.connect('/chat')
    const host = w.host('/chat')
    host.started('/chat', 'onStop', 'onDisconnection', 'onStart')
    host.answer('/chat', 'onStart')
    assert.equal(first.verdict, 'yes')
    host.command('/chat', { c: 'unload' })
    assert.equal(first.farewell?.code, 'Connect.AppShutdown')
    const second = w.connect('/chat')
    const { ticket: _, ...stop } = host.last('/chat', 'onStop')
    assert.deepEqual(stop, { e: 'onStop', path: '/chat', reason: 'unload' })
    const kinds = host.events('/chat').map(({ e }) => e)
    assert.ok(kinds.indexOf('onDisconnection') < kinds.indexOf('onStop'))
    assert.equal(second.verdict, 'waiting')
    host.answer('/chat', 'onStop')
    assert.ok(host.isEnded)
    assert.equal(w.host('/chat').start('/chat').reason, 'start')
    w.host('/chat').started('/chat')
    assert.equal(second.verdict, 'yes')
  })
})
