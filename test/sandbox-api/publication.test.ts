import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { decodeAmf0, encodeAmf0 } from '../../server/media/amf0.ts'
import { clientFacts, listenerFacts, publicationFacts } from '../apps/host/child.ts'
import { Lab, runner } from '../apps/host/lab.ts'

const qos = { byteRate: 1000, lostRate: 0.5, congestionRate: -0.5, latency: 20, droppedFrames: 3 }

suite('publication', () => {
  const lab = new Lab()
  after(() => lab.end())
  const { id } = clientFacts()

  test('shows what is known of it (C11, C72–C76, C79–C84)', async () => {
    const app = await lab.app(runner)
    app.join()
    const publication = app.publication({ address: 'lobby/cam', generation: 3, query: { key: 'k' } })
    app.tell(
      { e: 'metadata', publication, metadata: encodeAmf0([{ width: 640, title: 'x' }]) },
      { e: 'codecs', publication, audio: 'mp4a', video: 'avc1', tracks: [] },
      {
        e: 'stats',
        clients: [],
        publications: [{ publication, audio: qos, video: { ...qos, latency: 5 } }],
        listeners: [],
      },
    )
    const shown = await app.call(
      id,
      'run',
      `const p = publications.get('lobby/cam')
      return { name: p.name, room: p.room, path: p.path, publisherId: p.publisherId, generation: p.generation,
        startedAt: p.startedAt, metadata: p.metadata, codecs: p.codecs, query: p.query, audio: p.audioQOS,
        latency: p.videoQOS.latency, listeners: p.listeners.count, same: server.publications === publications }`,
    )
    assert.deepEqual(shown, {
      name: 'cam',
      room: 'lobby',
      path: app.path,
      publisherId: id,
      generation: 3,
      startedAt: publicationFacts().startedAt,
      metadata: { width: 640, title: 'x' },
      codecs: { audio: 'mp4a', video: 'avc1' },
      query: { key: 'k' },
      audio: qos,
      latency: 5,
      listeners: 0,
      same: true,
    })
  })

  test('has its address as key in its own application, and its absolute one above (C78)', async () => {
    const keys = 'return [...publications].map(([key]) => key).join()'
    const app = await lab.app(runner, { path: '/chat' })
    app.join()
    for (const [path, address] of [
      ['/chat', 'cam'],
      ['/chat', 'lobby/cam'],
      ['/chat/kid', 'cam'],
    ] as const) {
      app.publication({ app: path, address })
    }
    assert.equal(await app.call(id, 'run', keys), 'cam,lobby/cam,/chat/kid/cam')
    const root = await lab.app(runner, { path: '', folder: lab.www.setup('/chat').folder })
    root.join()
    root.publication({ app: '', address: 'cam' })
    root.publication({ app: '/chat', address: 'lobby/cam' })
    assert.equal(await root.call(id, 'run', keys), 'cam,/chat/lobby/cam')
  })

  test('is counted, and found by its name (C77, C79)', async () => {
    const app = await lab.app(runner)
    app.join()
    const publication = app.publication()
    app.publication({ address: 'lobby/cam' })
    const count = "return [publications.count, publications.get('lobby/cam')?.room, publications.has('nobody')]"
    assert.deepEqual(await app.call(id, 'run', count), [2, 'lobby', false])
    app.tell({ e: 'unpublication', publication })
    assert.equal(await app.call(id, 'run', 'return publications.count'), 1)
  })

  test('is one object through changes of its publisher, with the fields a script gave it', async () => {
    const app = await lab.app(runner)
    app.join()
    const publication = app.publication()
    await app.call(id, 'run', "globalThis.kept = publications.get('cam'); kept.title = 'News'")
    app.publication({ publisherId: '', startedAt: 0 })
    assert.deepEqual(
      await app.call(id, 'run', "const p = publications.get('cam'); return [p === kept, p.publisherId]"),
      [true, ''],
    )
    app.publication({ generation: 2 })
    app.tell({ e: 'unpublication', publication })
    assert.deepEqual(await app.call(id, 'run', "return [kept.title, kept.publisherId, publications.has('cam')]"), [
      'News',
      '',
      false,
    ])
    app.publication({ generation: 1 })
    assert.equal(await app.call(id, 'run', "return publications.get('cam') !== kept"), true)
  })

  test('sends data to its listeners in plain AMF0, and closes (C90)', async () => {
    const app = await lab.app(runner)
    app.join({ objectEncoding: 3 })
    const publication = app.publication()
    await app.call(
      id,
      'run',
      `const p = publications.get('cam')
      p.send('onText', { text: 'hello' }, [1])
      p.close()
      p.close('Publish.Error', 'enough')`,
    )
    const send = await app.command('send')
    assert.deepEqual(
      [send.publication, send.name, decodeAmf0(send.values)],
      [publication, 'onText', [{ text: 'hello' }, [1]]],
    )
    assert(!send.values.includes(0x11))
    assert.deepEqual(app.of('closePublication'), [
      { c: 'closePublication', publication, generation: 1, code: '', description: '' },
      { c: 'closePublication', publication, generation: 1, code: 'Publish.Error', description: 'enough' },
    ])
  })

  test('takes packets only when a script publishes it (C85)', async () => {
    const app = await lab.app(runner)
    app.join()
    app.publication()
    const text = "try { publications.get('cam').pushAudioPacket(0, new Uint8Array(1)) } catch (e) { return e.message }"
    assert.match(String(await app.call(id, 'run', text)), /only publications of server\.publish\(\)/)
  })
})

suite('a publication of the script', () => {
  const lab = new Lab()
  after(() => lab.end())
  const { id } = clientFacts()

  test('is there at once, and its packets leave in one piece when the turn ends (C21)', async () => {
    const app = await lab.app(runner)
    app.join()
    const shown = await app.call(
      id,
      'run',
      `globalThis.p = server.publish('lobby/tv')
      p.pushVideoPacket(40, new Uint8Array([1, 2, 3]))
      p.pushAudioPacket(41, new Uint8Array([9, 9, 4, 5]), 2, 1)
      p.pushDataPacket('onCue', new Uint8Array([6]))
      return [p.name, p.room, p.publisherId, p.generation, p === publications.get('lobby/tv')]`,
    )
    assert.deepEqual(shown, ['tv', 'lobby', 'script', 1, true])
    const publish = await app.command('publish')
    assert.equal(publish.address, 'lobby/tv')
    assert.deepEqual(app.of('push'), [
      {
        c: 'push',
        publication: `${app.path}\nlobby/tv`,
        frames: [
          { kind: 'video', time: 40, name: '', packet: new Uint8Array([1, 2, 3]), lost: 0 },
          { kind: 'audio', time: 41, name: '', packet: new Uint8Array([4, 5]), lost: 1 },
          { kind: 'data', time: 41, name: 'onCue', packet: new Uint8Array([6]), lost: 0 },
        ],
      },
    ])
  })

  test('sends what was pushed at flush(), and keeps no hold on the bytes it was given (C88)', async () => {
    const app = await lab.app(runner)
    app.join()
    await app.call(
      id,
      'run',
      `const p = server.publish('tv')
      const bytes = new Uint8Array(new ArrayBuffer(1000), 10, 2)
      p.pushAudioPacket(0, bytes)
      bytes[0] = 7
      p.flush()
      p.pushAudioPacket(1, bytes)`,
    )
    const frames = app.of('push').map(push => push.frames.map(({ packet }) => [...packet]))
    assert.deepEqual(frames, [[[0, 0]], [[7, 0]]])
  })

  test('is refused at once when the name is taken, and later when the source knows better (C21)', async () => {
    const app = await lab.app(runner)
    app.join()
    app.publication()
    assert.equal(await app.call(id, 'run', "return server.publish('cam')"), null)
    assert.match(app.logs.at(-1)!, /cam is already published/)

    await app.call(id, 'run', "globalThis.p = server.publish('tv')")
    const { ticket } = await app.command('publish')
    app.tell({ e: 'answer', ticket, ok: false, text: 'no room left' })
    assert.deepEqual(await app.call(id, 'run', "return [publications.has('tv'), p.publisherId]"), [false, ''])
    assert.match(app.logs.at(-1)!, /tv was not published: no room left/)
  })

  test('may take a name that is idle, and gives it back when refused', async () => {
    const app = await lab.app(runner)
    app.join()
    app.publication({ publisherId: '', startedAt: 0 })
    await app.call(id, 'run', "globalThis.p = server.publish('cam'); p.pushAudioPacket(0, new Uint8Array(1))")
    const { ticket } = await app.command('publish')
    app.tell({ e: 'answer', ticket, ok: false, text: 'taken' })
    assert.deepEqual(await app.call(id, 'run', "return [publications.has('cam'), p.publisherId]"), [true, ''])
  })

  test('cannot be used once it is closed, nor with what is no packet (C89)', async () => {
    const app = await lab.app(runner)
    app.join()
    const tries = (code: string) => app.call(id, 'run', `try { ${code} } catch (e) { return e.message }`)
    await app.call(id, 'run', "globalThis.p = server.publish('tv')")
    assert.match(String(await tries('p.pushAudioPacket(0, [1])')), /a packet is a Uint8Array/)
    for (const time of ['-1', 'NaN', 'Infinity', '"soon"']) {
      assert.match(String(await tries(`p.pushAudioPacket(${time}, new Uint8Array(1))`)), /time of a packet/, time)
    }
    for (const offset of ['-1', '3', '0.5', 'NaN', '{}']) {
      assert.match(
        String(await tries(`p.pushVideoPacket(0, new Uint8Array(2), ${offset})`)),
        /offset of a packet/,
        offset,
      )
    }
    for (const lost of ['-1', '0.5', '1e9', 'NaN']) {
      assert.match(
        String(await tries(`p.pushVideoPacket(0, new Uint8Array(2), 0, ${lost})`)),
        /^pushVideoPacket: lost is /,
        lost,
      )
    }
    assert.match(String(await tries("p.pushDataPacket('', new Uint8Array(1))")), /name of a data packet/)
    assert.match(String(await tries('p.onFrame(0, () => {})')), /^onFrame: fps is /)
    assert.match(String(await tries('p.onFrame(25)')), /a function that renders/)
    assert.match(String(await tries('p.close(); p.pushAudioPacket(0, new Uint8Array(1))')), /publication tv is closed/)
    assert.match(String(await tries('p.flush()')), /publication tv is closed/)
    assert.match(String(await tries("p.send('x')")), /publication tv is closed/)
    assert.match(String(await tries('p.onFrame(25, () => {})')), /publication tv is closed/)
    assert.equal(await tries('p.close()'), undefined, 'closing twice is as once')
    for (const name of ['', '/other/cam', '../cam', 'a//b', 'lobby/', 'cam?key=1', 'a\\\\b'])
      assert.match(String(await tries(`server.publish('${name}')`)), /a name to publish/, name)
  })

  test('may be published again after it was closed, whatever is still on its way from before (C89)', async () => {
    const app = await lab.app(runner)
    app.join()
    await app.call(
      id,
      'run',
      "globalThis.p = server.publish('tv'); p.close(); p = server.publish('tv'); p.pushAudioPacket(1, new Uint8Array(1))",
    )
    const [first, second] = app.of('publish').map(({ ticket }) => ticket)
    const close = await app.command('closePublication')
    assert.equal(close.generation, 0, 'its own, whichever that is')
    const push = () => app.call(id, 'run', 'p.pushAudioPacket(2, new Uint8Array(1)); return p.publisherId')
    app.publication({ address: 'tv', publisherId: 'script' })
    app.tell({ e: 'answer', ticket: first!, ok: true })
    app.publication({ address: 'tv', publisherId: '', startedAt: 0 })
    await push()
    app.publication({ address: 'tv', publisherId: 'script', generation: 2 })
    app.tell({ e: 'answer', ticket: second!, ok: true })
    assert.equal(await push(), 'script')
    assert.equal(await app.call(id, 'run', "return server.publish('tv')"), null)
  })

  test('a name that a client has taken since is the client’s', async () => {
    const app = await lab.app(runner)
    app.join()
    await app.call(id, 'run', "globalThis.p = server.publish('tv')")
    const { ticket } = await app.command('publish')
    app.tell({ e: 'answer', ticket, ok: true })
    await app.call(id, 'run', 'p.close()')
    app.publication({ address: 'tv', generation: 7 })
    await app.call(id, 'run', "p.send('x'); p.close('Publish.Error', 'mine')")
    const closed = await app.command('closePublication', ({ code }) => code === 'Publish.Error')
    assert.equal(closed.generation, 7, 'and no later one')
  })

  test('has whole milliseconds, so that no roundings add up', async () => {
    const app = await lab.app(runner)
    app.join()
    await app.call(
      id,
      'run',
      "const p = server.publish('tv'); for (let i = 0; i < 4; i++) p.pushVideoPacket((i * 1000) / 30, new Uint8Array(1))",
    )
    assert.deepEqual(
      (await app.command('push')).frames.map(({ time }) => time),
      [0, 33, 66, 100],
    )
  })

  test('is given to the next version that publishes it again', async () => {
    const app = await lab.app(runner)
    app.join()
    await app.call(id, 'run', "server.publish('tv')")
    app.publication({ address: 'tv', publisherId: 'script' })
    await app.reload(runner)
    const again = "const p = server.publish('tv'); p.pushAudioPacket(5, new Uint8Array([1])); return p.publisherId"
    assert.equal(await app.call(id, 'run', again), 'script')
    assert.equal(await app.call(id, 'run', "return server.publish('tv')"), null)
  })

  test('survives a reload, for the new version to go on with', async () => {
    const app = await lab.app(runner)
    app.join()
    await app.call(id, 'run', "server.publish('tv')")
    app.publication({ address: 'tv', publisherId: 'script' })
    await app.reload(runner)
    await app.call(id, 'run', "publications.get('tv').pushAudioPacket(5, new Uint8Array([1]))")
    assert.equal((await app.command('push')).frames[0]!.time, 5)
  })
})

suite('listener', () => {
  const lab = new Lab()
  after(() => lab.end())
  const { id } = clientFacts()

  test('is counted from its acceptance to its end, and known a little longer on both sides (C91, C146, C147)', async () => {
    const app = await lab.app(`${runner}
      const count = listener => listener.publication.listeners.count
      export function onSubscribe(client, listener) { console.log('subscribe', listener.id, count(listener)) }
      export function onUnsubscribe(client, listener) { console.log('unsubscribe', count(listener)) }`)
    app.join()
    const publication = app.publication()
    app.tell({ e: 'listener', facts: listenerFacts({ publication }) })
    await app.ask(ticket => ({ e: 'onSubscribe', ticket, client: id, listener: 1 }))
    app.tell({ e: 'listening', listener: 1 })
    const counts =
      "const l = publications.get('cam').listeners; return [l.count, l.get(1)?.client === client, [...l].length]"
    assert.deepEqual(await app.call(id, 'run', counts), [1, true, 1])
    app.tell({ e: 'onUnsubscribe', client: id, listener: 1 }, { e: 'unlistener', listener: 1 })
    assert.deepEqual(await app.call(id, 'run', counts), [0, false, 0])
    assert.deepEqual(app.logs, ['subscribe 1 0', 'unsubscribe 1'])
  })

  test('is one of many, in the order of their coming, by their ids (C91, C92, C93, C96)', async () => {
    const app = await lab.app(runner)
    app.join()
    const [publication, other] = [app.publication(), app.publication({ address: 'other' })]
    for (const listener of [7, 3, 12]) {
      app.tell({ e: 'listener', facts: listenerFacts({ id: listener, publication }) }, { e: 'listening', listener })
    }
    app.tell({ e: 'listener', facts: listenerFacts({ id: 8, publication: other }) }, { e: 'listening', listener: 8 })
    const seen = await app.call(
      id,
      'run',
      `const p = publications.get('cam')
      const ids = [...p.listeners.ipairs()].map(([key, listener]) => key === listener.id && listener.publication === p && key)
      return [p.listeners.count, ids, p.listeners.get(3).id, p.listeners.has(8)]`,
    )
    assert.deepEqual(seen, [3, [7, 3, 12], 3, false])
  })

  test('mutes, opens its samples and closes (C94, C95, C97, C98, C99, C100)', async () => {
    const app = await lab.app(runner)
    app.join()
    const publication = app.publication()
    app.tell(
      { e: 'listener', facts: listenerFacts({ publication, query: { q: '1' } }) },
      { e: 'listening', listener: 1 },
      { e: 'stats', clients: [], publications: [], listeners: [{ listener: 1, audio: qos, video: qos }] },
    )
    const shown = await app.call(
      id,
      'run',
      `const l = publications.get('cam').listeners.get(1)
      l.receiveAudio = false
      l.videoSampleAccess = 1
      l.close()
      l.close('Play.Failed', 'enough')
      return [l.receiveAudio, l.receiveVideo, l.audioSampleAccess, l.videoSampleAccess, l.audioQOS, l.query, l.id]`,
    )
    assert.deepEqual(shown, [false, true, false, true, qos, { q: '1' }, 1])
    assert.deepEqual(
      app.commands.filter(({ c }) => c !== 'result'),
      [
        { c: 'listener', listener: 1, receiveAudio: false, receiveVideo: true },
        { c: 'sampleAccess', listener: 1, audio: false, video: true },
        { c: 'closeListener', listener: 1, code: '', description: '' },
        { c: 'closeListener', listener: 1, code: 'Play.Failed', description: 'enough' },
      ],
    )
  })
})
