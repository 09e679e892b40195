import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, suite, test } from 'node:test'
import { clientFacts } from '../apps/host/child.ts'
import { Lab, runner, type TriedApp } from '../apps/host/lab.ts'

suite('groups', () => {
  const lab = new Lab()
  after(() => lab.end())
  const { id } = clientFacts()
  const other = 'b2'.repeat(32)
  const idOf = (name: string): string => createHash('sha256').update(name).digest('hex')

  async function tried(source = runner): Promise<{ app: TriedApp; run: (code: string) => Promise<unknown> }> {
    const app = await lab.app(source)
    app.join()
    app.join({ id: other })
    return { app, run: code => app.call(id, 'run', code) }
  }

  test('have the SHA-256 of their name as id, and are found by it and by its bytes (C63, C65, C66)', async () => {
    const { run } = await tried()
    assert.deepEqual(
      await run(`globalThis.team = groups.create('team')
        return [team.id, team.rawId.length, groups.get(team.id) === team, groups.get(team.rawId) === team,
          groups.has(team.id), groups.create('team') === team, groups.get('none') === undefined, server.groups === groups]`),
      [idOf('team'), 32, true, true, true, true, true, true],
    )
  })

  test('are counted and iterate, as their members do in the order of joining (C61, C62, C67, C68)', async () => {
    const { app, run } = await tried()
    assert.deepEqual(
      await run(`globalThis.team = groups.create('team')
        const before = [groups.count, team.size]
        team.add(clients.get('${other}')); team.add(client); team.add(client)
        return [before, groups.count, team.size, [...team].map(([id]) => id), [...team.ipairs()].map(([, c]) => c.id),
          [...groups].map(([id]) => id), [...groups.pairs()][0][1] === team]`),
      [[1, 0], 1, 2, [other, id], [other, id], [idOf('team')], true],
    )
    await run('team.remove(client); team.remove(client)')
    assert.equal(await run('return team.size'), 1)
    assert.deepEqual(
      app.commands.filter(({ c }) => c.startsWith('group')),
      [
        { c: 'groupAdd', app: app.path, id: idOf('team'), client: other },
        { c: 'groupAdd', app: app.path, id: idOf('team'), client: id },
        { c: 'groupRemove', app: app.path, id: idOf('team'), client: id },
      ],
    )
  })

  test('of applications below go by path and id, and members come and go as the server says', async () => {
    const { app, run } = await tried(`${runner}
      export function onJoinGroup(client, group) { console.log('join', client.id.slice(0, 2), group.size) }
      export function onUnjoinGroup(client, group) { console.log('unjoin', client.id.slice(0, 2), group.size) }`)
    const facts = clientFacts({ id: 'c3'.repeat(32), path: `${app.path}/kid` })
    const kid = { app: `${app.path}/kid`, id: idOf('team'), client: facts.id }
    app.tell({ e: 'client', facts }, { e: 'groupJoined', ...kid }, { e: 'onJoinGroup', ...kid })
    assert.deepEqual(await run('return [...groups].map(([key, group]) => [key, group.size])'), [
      [`${app.path}/kid/${idOf('team')}`, 1],
    ])
    app.tell({ e: 'groupLeft', ...kid }, { e: 'onUnjoinGroup', ...kid })
    await app.log('unjoin c3 0')
    assert.deepEqual(app.logs, ['join c3 1', 'unjoin c3 0'])
  })

  test('survive a reload with their members', async () => {
    const { app, run } = await tried()
    await run("groups.create('team').add(client)")
    await app.reload(runner)
    assert.deepEqual(await run("return [groups.count, groups.create('team').size]"), [1, 1])
  })

  test('without members are there as long as the script holds them', async () => {
    const { run } = await tried()
    const made = await run("for (let i = 0; i < 5_000; i++) groups.create('g' + i); return groups.count")
    assert.ok((made as number) <= 5_000)
    await run("globalThis.held = groups.create('held')")
    assert.equal(await run('return groups.get(held.id) === held'), true)
  })

  test('take clients of their application and nothing else', async () => {
    const { app, run } = await tried()
    await assert.rejects(run("groups.create('x').add({})"), /a group takes a client/)
    const facts = clientFacts({ id: 'c3'.repeat(32), path: '/elsewhere' })
    app.tell({ e: 'client', facts }, { e: 'joined', client: facts.id })
    await assert.rejects(run(`groups.create('x').add(clients.get('${facts.id}'))`), /not in the group's application/)
  })
})
