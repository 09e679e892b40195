import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { decodeAmf0 } from '../../server/media/amf0.ts'
import { limits } from '../apps/host/child.ts'
import { Lab } from '../apps/host/lab.ts'

suite('connectHandlers', () => {
  const lab = new Lab()
  after(() => lab.end())

  test('are asked in order with the values of connect(); the first true or object claims (M13, M16, M17, M18)', async () => {
    const app = await lab.app(`
      const asked = []
      export const connectHandlers = [
        (client, kind) => { asked.push('first'); return kind === 'one' },
        async (client, kind) => { asked.push('second'); return kind === 'two' && { by: 'second' } },
        (client, kind) => { asked.push('third'); return kind === 'three' || undefined },
      ]
      export function onConnection() { asked.push('onConnection') }
      export function onConnectionAccepted(client) { console.log(client.room, asked.splice(0).join()) }
    `)
    assert.ok(app.hooks.includes('onConnection'))
    const table: [string, object | undefined, string][] = [
      ['one', undefined, 'first'],
      ['two', { by: 'second' }, 'first,second'],
      ['three', undefined, 'first,second,third'],
    ]
    for (const [index, [kind, info, asked]] of table.entries()) {
      const id = `${index}`.repeat(64)
      const verdict = await app.connect([kind], { id, room: kind })
      assert.deepEqual([verdict.ok, verdict.info && decodeAmf0(verdict.info)[0]], [true, info], kind)
      app.tell({ e: 'onConnectionAccepted', client: id })
      await app.log(`${kind} ${asked}`)
    }
  })

  test('refuse when none claims, or in the words of one that throws (M19)', async () => {
    const app = await lab.app(`export const connectHandlers = [
      (client, what) => { if (what === 'throw') throw new Error('not you') },
      async (client, what) => { if (what === 'later') throw new Error('not you either') },
      (client, what) => 'text is no claim',
    ]`)
    const verdicts = []
    for (const what of ['none', 'throw', 'later']) verdicts.push(await app.connect([what], { id: what.repeat(16) }))
    assert.deepEqual(
      verdicts.map(({ ok, text }) => [ok, text]),
      [
        [false, 'no handler claimed the connection'],
        [false, 'not you'],
        [false, 'not you either'],
      ],
    )
    const empty = await lab.app('export const connectHandlers = []')
    assert.equal((await empty.connect()).text, 'no handler claimed the connection')
  })

  test('are functions in an array, or the application does not start', async () => {
    for (const [code, text] of [
      ['export const connectHandlers = () => true', /TypeError: connectHandlers is an array of functions/],
      [
        'export const connectHandlers = [() => true, 5]',
        /connectHandlers is an array of functions: the one at 1 is none/,
      ],
    ] as const) {
      await assert.rejects(lab.app(code), text)
    }
  })

  test('are bounded like onConnection, together (K22)', async () => {
    const app = await lab.app('export const connectHandlers = [async () => false, () => new Promise(() => {})]', {
      limits: { ...limits, verdictTimeout: 150 },
    })
    assert.match((await app.connect()).text!, /^connectHandlers gave no answer within apps\.verdictTimeout \(150 ms\)$/)
  })

  test('are not asked again when the script is saved: onAdopt is', async () => {
    const code = (more: string) => `
      export const connectHandlers = [() => { console.log('claimed'); return true }]
      export function onConnection() { console.log('onConnection') }
      ${more}`
    const app = await lab.app(code(''))
    await app.connect()
    const { id } = app.join()
    assert.equal((await app.reload(code(''))).report, 'reloaded')
    assert.equal((await app.reload(code('export const onAdopt = () => console.log("adopted")'))).report, 'reloaded')
    await app.log('adopted')
    assert.deepEqual(app.logs, ['claimed', 'adopted'], id)
  })
})

suite('onStatus', () => {
  const lab = new Lab()
  after(() => lab.end())

  const listening = `
    export function onStatus(info) {
      const { client, ...rest } = info
      console.log(JSON.stringify({ ...rest, client: client && client.id.slice(0, 2) }))
    }`
  const shown = (hook: string, description: string, client: string | null) =>
    JSON.stringify({ level: 'error', code: 'Application.Script.Error', description, hook, client })

  test('hears of errors in packet hooks, timers, onManage and promises, with whom they were about (R26)', async () => {
    const app = await lab.app(`${listening}
      export function onVideoPacket() { throw new Error('no picture') }
      export async function onDisconnection() { throw 'bye' }
      export const calls = {
        timer() { setTimeout(() => { throw new TypeError('late') }, 1) },
        promise() { Promise.reject(new Error('nobody caught it')) },
        slow() { setTimeout(() => { for (;;); }, 1) },
      }`)
    const { id } = app.join()
    const publication = app.publication()
    const packet = { kind: 'video', client: id, publication, time: 0, name: '', packet: new Uint8Array(2) } as const
    app.tell({ e: 'packets', ticket: 5, packets: [packet], dropped: 0 })
    await app.log(shown('onVideoPacket', 'no picture', 'a1'))
    await app.call(id, 'timer')
    await app.log(shown('timer', 'late', null))
    await app.call(id, 'promise')
    await app.log(shown('promise', 'nobody caught it', null))
    await app.call(id, 'slow')
    await app.log(shown('timer', 'timer ran into apps.timeout (500 ms)', null))
    app.tell({ e: 'left', client: id }, { e: 'onDisconnection', client: id })
    await app.log(shown('onDisconnection', 'bye', 'a1'))
    assert.deepEqual(
      app.of('fault').map(({ hook }) => hook),
      ['onVideoPacket', 'timer', 'promise', 'timer', 'onDisconnection'],
      'the log has them all the same',
    )
  })

  test('hears of no refusals, of nothing a call threw, and not of itself (R26)', async () => {
    const app = await lab.app(`
      let heard = 0
      export function onStatus(info) { heard++; throw new Error('again') }
      export function onPublish() { throw new Error('no') }
      export const calls = {
        fail() { throw new Error('told to the caller') },
        timer() { setTimeout(() => { throw 1 }, 1) },
        heard: () => heard,
      }`)
    const { id } = app.join()
    const publication = app.publication()
    await app.ask(ticket => ({ e: 'onPublish', ticket, client: id, publication }))
    assert.equal((await app.result(id, 'fail')).how, 'error')
    assert.equal(await app.call(id, 'heard'), 0)
    await app.call(id, 'timer')
    await app.command('fault', ({ hook }) => hook === 'onStatus')
    assert.equal(await app.call(id, 'heard'), 1)
    assert.deepEqual(
      app.of('fault').map(({ hook }) => hook),
      ['timer', 'onStatus'],
    )
  })
})
