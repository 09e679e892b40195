import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import * as glass from '../../sandbox-api/limits.ts'
import type { AppCommand, SharedFacts } from '../../server/apps/wire.ts'
import { sharedLimits } from '../../server/hub/shared-limits.ts'
import { encodeAmf0 } from '../../server/media/amf0.ts'
import { clientFacts } from '../apps/host/child.ts'
import { Lab, runner, type TriedApp } from '../apps/host/lab.ts'
import { amf } from '../hub/shared-scene.ts'

type Shared = AppCommand & { c: 'shared' }

const { id } = clientFacts()
const ops = (app: TriedApp) => app.of('shared').map(({ op, object, name }) => [op, object, name].join(' ').trim())
const last = (app: TriedApp): Shared => app.of('shared').at(-1)!

/** What somebody else made of an object. */
function facts(
  name: string,
  slots: Record<string, unknown>,
  change: Partial<SharedFacts> = {},
): { e: 'shared'; facts: SharedFacts } {
  const told = Object.entries(slots).map(([slot, value]) => ({ name: slot, value: value === null ? null : amf(value) }))
  const base = {
    name,
    persistent: false,
    version: 5,
    seen: 0,
    dirty: false,
    cleared: 'no',
    slots: told,
    dropped: false,
  } as const
  return { e: 'shared', facts: { ...base, ...change } }
}

suite('SharedObject in a script', () => {
  const lab = new Lab()
  after(() => lab.end())

  async function start(code = ''): Promise<{ app: TriedApp; run: (code: string) => Promise<unknown> }> {
    const app = await lab.app(`${runner}\n${code}`)
    app.join()
    return { app, run: text => app.call(id, 'run', text) }
  }

  test('shows at once what it was told, and what it has set itself (R7, R68, R74)', async () => {
    const { app, run } = await start()
    app.tell(facts('board', { a: 1, __proto__x: 'y' }))
    const shown = await run(`
      const so = SharedObject.get('board')
      so.setProperty('b', { deep: [1] })
      so.getProperty('b').deep.push(2)
      so.setDirty('b')
      so.setProperty('gone', 1)
      so.setProperty('gone', null)
      return [so === SharedObject.get('board'), so.name, so.getProperty('a'), so.getProperty('b').deep, so.getProperty('none'),
        so.getPropertyNames(), so.size(), so.version, so.isDirty, so.getProperty('toString')]`)
    assert.deepEqual(shown, [true, 'board', 1, [1, 2], null, ['a', '__proto__x', 'b'], 3, 9, false, null])
    assert.deepEqual(ops(app), ['open board', 'set board b', 'set board b', 'set board gone', 'remove board gone'])
  })

  test('its own changes are not undone by facts that are older (R68)', async () => {
    const { app, run } = await start(`
      const so = SharedObject.get('board')
      so.onSync = changes => NOTE(changes.map(({ code, name }) => code + ' ' + name).join())`)
    await run(`so.setProperty('a', 'mine')`.replace('so', `SharedObject.get('board')`))
    const { seq } = last(app)
    const value = `return SharedObject.get('board').getProperty('a')`
    app.tell(facts('board', { a: 'older', b: 1 }, { seen: seq - 1 }))
    await app.log('change b')
    assert.equal(await run(value), 'mine')
    app.tell({ e: 'shared', facts: { ...facts('board', {}, { seen: seq }).facts, slots: [{ name: 'a' }] } })
    assert.equal(await run(value), 'mine')
    app.tell(facts('board', { a: 'newer' }, { seen: seq }))
    await app.log('change a')
    assert.equal(await run(value), 'newer')
    app.tell(facts('board', { a: null }, { seen: seq }))
    await app.log('delete a')
    await run(`SharedObject.get('board').clear()`)
    app.tell(facts('board', { c: 1 }, { seen: seq }))
    assert.deepEqual(await run(`return SharedObject.get('board').getPropertyNames()`), [], 'it was cleared since')
    app.tell(facts('board', { d: 1 }, { seen: last(app).seq, cleared: 'other' }))
    await app.log('clear undefined,change d')
    assert.deepEqual(app.logs.length, 4)
  })

  test('is told of messages by its own functions, of statuses, and answers that it has heard (R68)', async () => {
    const { app, run } = await start(`
      const so = SharedObject.get('board')
      so.move = function (x) { NOTE('moved ', x, ' ', this === so) }
      so.onStatus = ({ level, code }) => { NOTE(level, ' ', code) }`)
    const message = (name: string) => ({ e: 'sharedMessage', object: 'board', name, args: encodeAmf0([7]) }) as const
    app.tell(...['toString', 'send', 'onSync', 'onStatus', 'move'].map(message), {
      e: 'sharedStatus',
      object: 'board',
      code: 'SharedObject.QuotaExceeded',
      description: '',
    })
    await app.log('error SharedObject.QuotaExceeded')
    assert.ok(app.logs.includes('moved 7 (true)'))
    assert.deepEqual(app.of('fault'), [])
    assert.equal((await app.ask(ticket => ({ e: 'sharedHeard', ticket }))).ok, true)
    app.tell({ e: 'sharedStatus', object: 'board', code: 'SharedObject.BadPersistence', description: '' })
    await assert.rejects(
      run(`const held = SharedObject.get('board'); held.close(); held.setProperty('a', 1)`),
      /board is closed/,
    )
  })

  test('locks, marks, sends, purges and closes (R68, R70, R71)', async () => {
    const { app, run } = await start()
    const shown = await run(`
      const so = SharedObject.get('board')
      const counts = [so.unlock(), so.lock(), so.lock(), so.unlock()]
      so.mark('done', 1)
      counts.push(so.unlock())
      so.purge(3)
      so.autoCommit = false
      so.resyncDepth = 10
      counts.push(so.clear(), so.send('hi', 'x'), so.autoCommit, so.resyncDepth)
      so.close()
      so.close()
      return counts`)
    assert.deepEqual(shown, [-1, 1, 2, 1, 0, true, true, false, 10])
    const done = [
      'lock',
      'lock',
      'unlock',
      'send',
      'unlock',
      'purge',
      'autoCommit',
      'resyncDepth',
      'clear',
      'send',
      'close',
    ]
    assert.deepEqual(
      app.of('shared').map(({ op }) => op),
      ['open', ...done],
    )
  })

  test('flush, commit and delete are promises of what is on the disk (R6, R8, R72, R73)', async () => {
    const { app, run } = await start()
    const flushed = run(`return (async () => {
      const so = SharedObject.get('book', true)
      so.setProperty('a', 1)
      return [so.isDirty, await so.flush(), so.isDirty, await SharedObject.commit(), await SharedObject.commit('book'),
        await SharedObject.delete('b*')]
    })()`)
    const seen = new Set<number>()
    for (const ok of [true, true, false, true]) {
      const { ticket } = await app.command('shared', each => each.ticket !== 0 && !seen.has(each.ticket))
      seen.add(ticket)
      app.tell({ e: 'answer', ticket, ok })
    }
    assert.deepEqual(
      app.of('shared').flatMap(({ op, object, ticket }) => (ticket ? [`${op} ${object}`] : [])),
      ['flush book', 'commit ', 'flush book', 'delete b*'],
    )
    assert.deepEqual(await flushed, [true, true, false, true, false, true])
  })

  test('refuses at the glass what cannot be, and names it (R68, R74)', async () => {
    const { app, run } = await start()
    app.tell(facts('board', {}))
    const refusals: [code: string, words: RegExp][] = [
      [`SharedObject.get('')`, /SharedObject.get: a name has 1 to 1024 characters/],
      [`SharedObject.get({})`, /SharedObject.get: the name must be a text/],
      [`SharedObject.get('board', true)`, /board is not persistent already/],
      [`SharedObject.get('x', false, {})`, /third argument must be a NetConnection/],
      [`SharedObject.get('board').setProperty({}, 1)`, /setProperty: the name must be a text/],
      [`SharedObject.get('board').setProperty('n'.repeat(2000), 1)`, /more than 1024 bytes/],
      [`SharedObject.get('board').setProperty('big', 'z'.repeat(300000))`, /big has more than 262144 bytes/],
      [`SharedObject.get('board').send('hi', 'z'.repeat(300000))`, /more than 262144 bytes/],
      [`SharedObject.get('board').purge('x')`, /purge: the version must be a number/],
    ]
    for (const [code, words] of refusals) await assert.rejects(run(code), words, code)
    const { SHARED_NAME, SHARED_SLOTS, SHARED_VALUE } = glass
    const { nameBytes, slots, valueBytes } = sharedLimits
    assert.deepEqual([SHARED_NAME, SHARED_SLOTS, SHARED_VALUE], [nameBytes, slots, valueBytes])
  })

  test('leaves its mirrors, its locks and what is on its way to the next version (R68)', async () => {
    const { app, run } = await start()
    app.tell(facts('board', { a: 1 }))
    await run(`const so = SharedObject.get('board'); so.setProperty('b', 2); so.lock()`)
    const { seq } = last(app)
    assert.equal((await app.reload({})).report, 'reloaded')
    app.tell(facts('board', { b: 'older' }, { seen: seq - 2 }))
    const shown = await run(
      `const so = SharedObject.get('board'); return [so.getProperty('a'), so.getProperty('b'), so.unlock()]`,
    )
    assert.deepEqual(shown, [1, 2, 0])
    assert.equal(app.of('shared').filter(({ op }) => op === 'open').length, 1)
    assert.ok(last(app).seq > seq)
  })
})
