import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { decodeAmf0, encodeAmf0 } from '../../server/media/amf0.ts'
import { clientFacts, limits, listenerFacts, publicationFacts } from '../apps/host/child.ts'
import { Lab } from '../apps/host/lab.ts'

suite('hooks', () => {
  const lab = new Lab()
  after(() => lab.end())
  const { id } = clientFacts()
  const short = { limits: { ...limits, verdictTimeout: 150 } }

  test('refuse a connection with the words of the script, in whatever way it says no (R4, R31, C130, C131, F15, M5, M13)', async () => {
    const table: [string, string][] = [
      ['return false', ''],
      ['throw undefined', ''],
      ["throw ''", ''],
      ["throw 'not you'", 'not you'],
      ["throw new Error('you are not Tom!')", 'you are not Tom!'],
      ["throw new Error('')", ''],
      ["throw { message: 'an object' }", 'an object'],
      ["throw { description: 'not today', code: 5 }", 'not today'],
      ["throw { reason: 'no place' }", 'no place'],
      ['throw { code: 5, wanted: ["a"] }', '{"code":5,"wanted":["a"]}'],
      ["throw { code: 'x'.repeat(10_000) }", `{"code":"${'x'.repeat(4_087)}`],
      ["throw { toString: () => 'its own words' }", 'its own words'],
      ["throw new Error('x'.repeat(10_000))", 'x'.repeat(4_096)],
      ['throw { get message() { throw 1 }, toString() { throw 2 } }', 'something that has no text was thrown'],
      ['return Promise.reject(new Error("later"))', 'later'],
      ['return (async () => false)()', ''],
    ]
    for (const [body, text] of table) {
      const app = await lab.app(`export function onConnection() { ${body} }`)
      const verdict = await app.connect()
      assert.deepEqual([verdict.ok, verdict.text], [false, text], body)
      assert.deepEqual(app.of('fault'), [])
      lab.child.send({ order: 'dispose', path: app.path })
    }
  })

  test('accept a connection otherwise, with an object merged into the Success info (R3, C129)', async () => {
    const table: [string, unknown][] = [
      ['', undefined],
      ['return true', undefined],
      ["return 'text'", undefined],
      ['return [1]', undefined],
      ['return null', undefined],
      ["return { message: 'hi', n: 1 }", { message: 'hi', n: 1 }],
      ["return { code: 'x', level: 'y', objectEncoding: 5, own: true }", { own: true }],
      ['return Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } })', { own: 2 }],
      ['return (async () => ({ late: true }))()', { late: true }],
    ]
    for (const [body, info] of table) {
      const app = await lab.app(`export function onConnection() { ${body} }`)
      const verdict = await app.connect()
      assert.equal(verdict.ok, true, body)
      assert.deepEqual(verdict.info && decodeAmf0(verdict.info)[0], info, body)
      lab.child.send({ order: 'dispose', path: app.path })
    }
  })

  test('get what followed the command object of connect() (C128)', async () => {
    const app = await lab.app('export function onConnection(client, ...args) { console.log(args) }')
    await app.connect(['tom', 5, { a: [1] }, null])
    assert.deepEqual(app.logs, ["[ 'tom', 5, { a: [ 1 ] }, null ]"])
    const broken = await app.connect([], { id: 'b2'.repeat(32), args: new Uint8Array([2, 255, 255]) })
    assert.equal(broken.ok, true)
    assert.equal(app.logs.at(-1), '[]')
  })

  test('allow and refuse to publish and to subscribe (C136–C138, C144, M6)', async () => {
    const app = await lab.app(`
      export function onPublish(client, publication) {
        if (publication.name === 'no') return false
        if (publication.name === 'bad') throw new Error('no rights to publish ' + publication.name)
      }
      export async function onSubscribe(client, listener) {
        await null
        if (listener.publication.name === 'no') return false
      }`)
    app.join()
    const verdicts = []
    for (const address of ['yes', 'no', 'bad']) {
      const publication = app.publication({ address })
      const { ok, text } = await app.ask(ticket => ({ e: 'onPublish', ticket, client: id, publication }))
      verdicts.push([ok, text])
    }
    assert.deepEqual(verdicts, [
      [true, undefined],
      [false, ''],
      [false, 'no rights to publish bad'],
    ])
    app.tell({ e: 'listener', facts: listenerFacts({ publication: `${app.path}\nno` }) })
    const { ok, text } = await app.ask(ticket => ({ e: 'onSubscribe', ticket, client: id, listener: 1 }))
    assert.deepEqual([ok, text], [false, ''])
  })

  test('decide who keeps a name that is taken', async () => {
    for (const [answer, ok] of [
      ["'replace'", true],
      ["'refuse'", false],
    ] as const) {
      const app = await lab.app(`export function onPublishConflict(client, publication, current) {
        console.log(client.id === publication.publisherId, current.publisherId, publication.name)
        return ${answer}
      }`)
      app.join()
      const current = app.publication({ publisherId: 'c3' })
      const verdict = await app.ask(ticket => {
        return { e: 'onPublishConflict', ticket, client: id, publication: current, current }
      })
      assert.equal(verdict.ok, ok)
      assert.deepEqual(app.logs, ['false c3 cam'])
    }
  })

  test('leave a conflict to the next, and to the hub’s own rule, when they say nothing of it', async () => {
    const app = await lab.app('export function onPublishConflict() {}')
    app.join()
    const current = app.publication({ publisherId: 'c3' })
    const verdict = await app.ask(ticket => {
      return { e: 'onPublishConflict', ticket, client: id, publication: current, current }
    })
    assert.deepEqual([verdict.ok, verdict.pass], [true, true])
  })

  test('allow nothing to somebody who is not known', async () => {
    const app = await lab.app(
      'export function onPublish() {}\nexport function onConnection() {}\nexport function onSubscribe() {}',
    )
    for (const event of [
      (ticket: number) => ({ e: 'onConnection', ticket, client: 'who' }) as const,
      (ticket: number) => ({ e: 'onPublish', ticket, client: 'who', publication: 'what' }) as const,
      (ticket: number) => ({ e: 'onSubscribe', ticket, client: 'who', listener: 9 }) as const,
    ]) {
      assert.equal((await app.ask(event)).ok, false)
    }
  })

  test('answer late when they promise, and in time when the promise never settles', async () => {
    const app = await lab.app(
      `export async function onConnection(client, ms) {
        await new Promise(go => setTimeout(go, ms))
        return { waited: ms }
      }`,
      short,
    )
    const soon = await app.connect([30])
    assert.deepEqual(decodeAmf0(soon.info!), [{ waited: 30 }])
    const never = await app.connect([5_000], { id: 'b2'.repeat(32) })
    assert.deepEqual([never.ok, never.text], [false, 'onConnection gave no answer within apps.verdictTimeout (150 ms)'])
    assert.equal(app.of('fault').length, 1)
  })

  test('run side by side while they wait, up to apps.pendingCalls', async () => {
    const app = await lab.app(
      'export const calls = { async wait() { await new Promise(go => setTimeout(go, 60)); return 1 } }',
      { limits: { ...limits, pendingCalls: 3 } },
    )
    app.join()
    const results = await Promise.all(Array.from({ length: 5 }, () => app.result(id, 'wait')))
    assert.deepEqual(
      results.map(({ how }) => how),
      ['value', 'value', 'value', 'error', 'error'],
    )
    assert.match(results[4]!.text!, /apps\.pendingCalls \(3\)/)
  })

  test('hear of everything else that happens to clients (R23, R24, R27, C132, C133, C140, C149)', async () => {
    const app = await lab.app(`
      const say = (...words) => console.log(...words)
      export function onConnectionAccepted(client) { say('accepted', clients.count) }
      export function onConnectionRejected(client, text) { say('rejected', text) }
      export function onFailed(client, error) { say('failed', error) }
      export function onDisconnection(client) { say('disconnected', client.id === '${id}') }
      export function onUnpublish(client, publication) { say('unpublished', publication.name) }
      export function onManage() { say('manage') }
      export function onStop(path, reason) { say('stop', path, reason) }`)
    app.join()
    const publication = app.publication()
    app.tell(
      { e: 'onConnectionAccepted', client: id },
      { e: 'onConnectionRejected', client: id, text: 'no' },
      { e: 'onManage' },
      { e: 'onUnpublish', client: id, publication, generation: 1 },
      { e: 'left', client: id },
      { e: 'onFailed', client: id, error: 'reset' },
      { e: 'onDisconnection', client: id },
    )
    const stopped = await app.ask(ticket => ({ e: 'onStop', ticket, path: '/app/kid', reason: 'shutdown' }))
    assert.equal(stopped.ok, true)
    assert.deepEqual(app.logs, [
      'accepted 1',
      'rejected no',
      'manage',
      'unpublished cam',
      'failed reset',
      'disconnected true',
      'stop /app/kid shutdown',
    ])
  })

  test('hear of an end of every publisher whom onPublish let in, also when it left before the answer (C140)', async () => {
    const app = await lab.app(`
      let answer
      export const onPublish = (client, publication) => {
        console.log('asked', publication.name)
        return publication.name === 'quick' || new Promise(resolve => { answer = resolve })
      }
      export function onUnpublish(client, publication) { console.log('unpublished', publication.name) }
      export function onDisconnection() { console.log('left') }
      export const calls = { answer(yes) { answer(yes); console.log('said', yes) } }`)
    app.join()
    const other = app.join({ id: 'b2'.repeat(32) }).id
    const facts = (name: string, publisherId: string, generation: number) =>
      publicationFacts({ app: app.path, address: name, publisherId, generation })
    const idle = (name: string) => app.tell({ e: 'publication', facts: facts(name, '', 0) })
    const leave = () =>
      app.tell({ e: 'left', client: id }, { e: 'onDisconnection', client: id }, { e: 'forget', client: id })
    const begin = (name: string) => {
      const publication = app.publication(facts(name, id, 1))
      return app.ask(ticket => ({ e: 'onPublish', ticket, client: id, publication }))
    }
    // The yes and the end pass each other on the way.
    await begin('quick')
    idle('quick')
    await app.log('unpublished quick')
    idle('quick')
    // Told in order: heard once.
    const key = app.publication(facts('quick', id, 1))
    await app.ask(ticket => ({ e: 'onPublish', ticket, client: id, publication: key }))
    app.tell({ e: 'onUnpublish', client: id, publication: key, generation: 1 })
    idle('quick')
    // It leaves first.
    for (const [name, yes] of [
      ['no', false],
      ['yes', true],
    ] as const) {
      const asked = begin(name)
      await app.log(`asked ${name}`)
      idle(name)
      if (yes) leave()
      await app.result(other, 'answer', [yes])
      await asked
    }
    await app.log('unpublished yes')
    assert.deepEqual(app.logs, [
      ...['asked quick', 'unpublished quick'],
      ...['asked quick', 'unpublished quick'],
      ...['asked no', 'said false'],
      ...['asked yes', 'left', 'said true', 'unpublished yes'],
    ])
  })

  test('see packets, one after another, and answer for the batch (C142, C143, M9)', async () => {
    const app = await lab.app(`
      export function onAudioPacket(client, publication, time, packet) {
        console.log('audio', client.id.length, publication.name, time, packet, packet.buffer.byteLength)
      }
      export function onVideoPacket(client, publication, time, packet) { throw new Error('cannot see') }
      export function onDataPacket(client, publication, name, packet) { console.log('data', name, packet.length) }`)
    app.join()
    const publication = app.publication()
    const packet = { client: id, publication, time: 40, name: '', packet: Buffer.from('pooled').subarray(1, 3) }
    const verdict = await app.ask(ticket => ({
      e: 'packets',
      ticket,
      dropped: 0,
      packets: [
        { ...packet, kind: 'audio' },
        { ...packet, kind: 'video' },
        { ...packet, kind: 'data', name: 'onMetaData', packet: encodeAmf0([{}]) },
      ],
    }))
    assert.equal(verdict.ok, true)
    assert.deepEqual(app.logs, ['audio 64 cam 40 Uint8Array(2) [ 111, 111 ] 2', 'data onMetaData 4'])
    assert.deepEqual(
      app.of('fault').map(({ hook, text }) => [hook, text]),
      [['onVideoPacket', 'cannot see']],
    )
  })

  test('name the file and the line of what they threw, and of slips in what they refused', async () => {
    const app = await lab.app({
      'main.js':
        "import { slip } from './x.js'\nexport function onManage() {\n  slip()\n}\nexport const onPublish = () => slip()\n",
      'x.js': '\n\nexport function slip() {\n  return nothing.at.all\n}\n',
    })
    app.join()
    app.tell({ e: 'onManage' })
    const fault = await app.command('fault')
    assert.deepEqual(
      [fault.hook, fault.text, fault.file, fault.line, fault.column],
      ['onManage', 'ReferenceError: nothing is not defined', `${app.path.slice(1)}/x.js`, 4, 3],
    )
    assert.match(fault.stack, /at onManage \(.*main\.js:3:3\)$/)
    const publication = app.publication()
    const verdict = await app.ask(ticket => ({ e: 'onPublish', ticket, client: id, publication }))
    assert.equal(verdict.text, 'nothing is not defined')
    const line = await app.command('log')
    assert.deepEqual(
      [line.level, line.text, line.line],
      ['warn', 'onPublish threw ReferenceError: nothing is not defined', 4],
    )
  })

  test('have their lost promises named (R26)', async () => {
    const app = await lab.app(
      "export function onManage() {\n  Promise.reject(new Error('lost'))\n  console.log('written all the same')\n}",
    )
    app.tell({ e: 'onManage' })
    const fault = await app.command('fault')
    assert.deepEqual([fault.hook, fault.text, fault.line], ['promise', 'lost', 2])
    await app.log('written all the same')
    app.tell({ e: 'onManage' })
    await app.command('fault', other => other !== fault)
  })
})
