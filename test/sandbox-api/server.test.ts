import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { clientFacts, listenerFacts } from '../apps/host/child.ts'
import { Lab, runner } from '../apps/host/lab.ts'

suite('server', () => {
  const lab = new Lab()
  after(() => lab.end())
  const { id } = clientFacts()

  test('is there in every file of the application, with its collections and facts (C6, C7, C9, C10, C11, C12, C13)', async () => {
    const app = await lab.app({
      'main.js': `import { seen } from './seen.js'\n${runner}`,
      'seen.js': 'export const seen = server.version\nglobalThis.seen = [typeof server, server.version]',
    })
    app.join()
    const facts = (await app.call(
      id,
      'run',
      `return {
        seen, clients: server.clients === clients, groups: server.groups === groups, servers: server.servers === servers,
        publications: server.publications === publications, count: servers.count, none: servers.get('x') === undefined,
        clock: Math.abs(server.epochTime - Date.now()) < 60_000, address: server.publicAddress,
      }`,
    )) as object
    assert.deepEqual(facts, {
      seen: ['object', '0.0.0'],
      clients: true,
      groups: true,
      servers: true,
      publications: true,
      count: 0,
      none: true,
      clock: true,
      address: 'here:1935',
    })
  })

  test('says where the folder of an application is (C2, C14)', async () => {
    const app = await lab.app(runner)
    app.join()
    const { folder } = lab.www
    assert.deepEqual(
      await app.call(id, 'run', "return ['/chat', 'chat/kid', '', '/'].map(path => server.absolutePath(path))"),
      [`${folder}/chat/`, `${folder}/chat/kid/`, `${folder}/`, `${folder}/`],
    )
  })

  test('has clients counted, by id and raw id, as pairs (C30, C31, C32, C34)', async () => {
    const app = await lab.app(runner)
    app.join()
    app.join({ id: 'b2'.repeat(32) })
    assert.deepEqual(
      await app.call(
        id,
        'run',
        `return [clients.count, [...clients.pairs()].map(([id, c]) => id === c.id), clients.get(client.id) === client,
          clients.get(client.rawId) === client, client.rawId.length, clients.has('none'), clients.get(client.rawId.slice(1)) === undefined]`,
      ),
      [2, [true, true], true, true, 32, false, true],
    )
  })

  test('has publications and their listeners counted, by name and as pairs (C77, C79, C92)', async () => {
    const app = await lab.app(runner)
    app.join()
    const publication = app.publication({ address: 'lobby/cam' })
    app.tell({ e: 'listener', facts: listenerFacts({ id: 7, publication }) }, { e: 'listening', listener: 7 })
    assert.deepEqual(
      await app.call(
        id,
        'run',
        `const cam = publications.get('lobby/cam')
        return [publications.count, cam.name, [...publications.pairs()].map(([name]) => name), cam.listeners.count,
          [...cam.listeners.ipairs()].map(([key, listener]) => key === listener.id && listener.client === client),
          publications.get('cam') === undefined]`,
      ),
      [1, 'cam', ['lobby/cam'], 1, [true], true],
    )
  })
})
