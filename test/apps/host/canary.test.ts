import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { limits } from './child.ts'
import { Lab, type TriedApp } from './lab.ts'

const carefully = { limits: { ...limits, rollback: 3 } }

/** `broken` is what its onPublish does. */
const source = (name: string, broken = '') => `
import { word } from './word.js'
export function onStart(path, { reason }) { console.log('${name} start', reason) }
export function onPublish(client, publication) { ${broken} }
export const calls = {
  version() { return '${name} ' + word },
  figures() { const { rollbacks, rolledBack } = server.stats(); return [rollbacks, rolledBack] },
}
`

async function publish(app: TriedApp, id: string): Promise<boolean> {
  const publication = app.publication()
  return (await app.ask(ticket => ({ e: 'onPublish', ticket, client: id, publication }))).ok
}

suite('a new version on trial', { timeout: 240_000 }, () => {
  const lab = new Lab()
  after(() => lab.end())

  /** One that works, with files of its own. */
  const works = async (change: object = carefully) => {
    const app = await lab.app({ 'main.js': source('good'), 'word.js': "export const word = 'tulip'" }, change)
    return { app, id: app.join().id }
  }

  test('is taken back after so many slips, files and all, and the version before says so', async () => {
    const { app, id } = await works()
    await app.reload({ 'main.js': source('bad', 'publication.name.nope()'), 'word.js': "export const word = 'rose'" })
    assert.equal(await app.call(id, 'version'), 'bad rose')
    for (let times = 0; times < 3; times++) assert.equal(await publish(app, id), false)
    assert.equal(await publish(app, id), true, 'the fourth is answered by the version before')
    assert.equal(await app.call(id, 'version'), 'good tulip')
    assert.deepEqual(app.logs.slice(-1), ['good start rollback'])
    const [rollbacks, why] = (await app.call(id, 'figures')) as [number, string]
    assert.equal(rollbacks, 1)
    assert.match(why, /^onPublish threw TypeError: .*nope/)
    const reports = app.child.reports.filter(({ report }) => report === 'rolledBack')
    assert.equal(reports.length, 1)
    await app.reload({ 'main.js': source('better') })
    assert.equal(await app.call(id, 'version'), 'better rose')
    assert.deepEqual(await app.call(id, 'figures'), [1, ''], 'another save holds')
  })

  test('may refuse as often as it likes', async () => {
    const { app, id } = await works()
    await app.reload({ 'main.js': source('strict', "throw new Error('the stage is closed')") })
    for (let times = 0; times < 6; times++) assert.equal(await publish(app, id), false)
    assert.equal(await app.call(id, 'version'), 'strict tulip')
  })

  test('is taken back for what goes wrong while nobody asks: timers, promises, limits', async () => {
    const { app, id } = await works({ limits: { ...carefully.limits, timeout: 200 } })
    const wrong = `
      setTimeout(() => { undefined.name }, 1)
      setTimeout(() => { Promise.reject(new Error('nobody caught it')) }, 2)
      setTimeout(() => { for (;;); }, 3)
    `
    const from = app.child.reports.length
    await app.reload({ 'main.js': source('bad') + wrong })
    await app.child.report('rolledBack', from)
    assert.equal(await app.call(id, 'version'), 'good tulip')
  })

  test('is taken back for slips in promises and calls, and for answers that never come; not for words that refuse', async () => {
    const { app, id } = await works({ limits: { ...carefully.limits, verdictTimeout: 60 } })
    const calls = `
      calls.refuses = async () => { throw 'no' }
      calls.slips = async () => { await null; return nowhere }
      calls.tries = () => 1n + 1
      calls.hangs = () => new Promise(() => {})
    `
    const from = app.child.reports.length
    await app.reload({ 'main.js': source('bad') + calls })
    for (const name of ['refuses', 'refuses', 'refuses', 'slips', 'tries']) await app.result(id, name)
    assert.equal(await app.call(id, 'version'), 'bad tulip')
    await app.result(id, 'hangs')
    const { text } = await app.child.report('rolledBack', from)
    assert.equal(text, 'call hangs gave no answer within apps.verdictTimeout (60 ms)')
    assert.equal(await app.call(id, 'version'), 'good tulip')
  })

  test('stays whatever it does where apps.rollback is 0', async () => {
    const { app, id } = await works({ limits: { ...limits, rollback: 0 } })
    await app.reload({ 'main.js': source('bad', 'publication.name.nope()') })
    for (let times = 0; times < 6; times++) assert.equal(await publish(app, id), false)
    assert.equal(await app.call(id, 'version'), 'bad tulip')
  })
})
