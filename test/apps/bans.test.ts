import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Bans } from '../../server/apps/bans.ts'
import { World } from './pretend.ts'

const family = { '': ['main.js'], '/chat': ['main.js'], '/chat/kid': ['main.js'], '/live': [] }

function up(banned: (on: boolean, entries: readonly string[]) => void = () => {}): World {
  const world = new World({ apps: family, banned })
  for (const path of ['', '/chat', '/chat/kid']) {
    world.house.roster.at(path).reach()
    world.host(path || '/').started(path, ...(path === '' ? ['onHandshake'] : []))
  }
  return world
}

suite('the blacklist', () => {
  test('of an application keeps addresses out of it and its folders, and closes what is open (C16)', () => {
    const world = up()
    const at = (path: string, address: string) => {
      const client = world.connect(path, 0, { address })
      if (world.host('/').told('', 'onHandshake').length > asked) world.host('/').answer('', 'onHandshake')
      asked = world.host('/').told('', 'onHandshake').length
      return client
    }
    let asked = 0
    const [chat, kid, other, elsewhere] = [
      at('/chat', '10.0.0.1:1'),
      at('/chat/kid', '10.0.0.1:2'),
      at('/chat', '10.0.1.1:1'),
      at('/live', '10.0.0.1:3'),
    ]
    const before = asked
    world.host('/chat').command('/chat', { c: 'ban', on: true, entries: ['10.0.0.0/24', '2001:db8::/32'] })
    const closed = { code: 'Connect.Closed', description: 'address is banned' }
    assert.deepEqual([chat.farewell, kid.farewell, other.farewell, elsewhere.farewell], [closed, closed, null, null])
    assert.equal(at('/chat', '10.0.0.9:1').verdict, 'address is banned')
    assert.equal(at('/chat/kid', '[2001:db8::5]:1').verdict, 'address is banned')
    assert.equal(asked, before, 'nobody is asked about them')
    assert.equal(at('/live', '10.0.0.9:1').verdict, 'yes')
    world.host('/chat').command('/chat', { c: 'ban', on: false, entries: ['10.0.0.0/24'] })
    assert.equal(at('/chat', '10.0.0.9:1').verdict, 'yes')
  })

  test('catches whom it meets before the verdict (C16)', () => {
    const world = up()
    const knocking = world.connect('/chat', 0, { address: '10.0.0.1:1' })
    world.host('/chat').command('/chat', { c: 'ban', on: true, entries: ['10.0.0.1'] })
    world.host('/').answer('', 'onHandshake')
    assert.equal(knocking.verdict, 'address is banned')
  })

  test('of the root application is told to those who hold the sockets, that of others is not (C16, C17)', () => {
    const told: [boolean, readonly string[]][] = []
    const world = up((on, entries) => told.push([on, entries]))
    world.host('/chat').command('/chat', { c: 'ban', on: true, entries: ['10.0.0.1'] })
    world
      .host('/')
      .command('', { c: 'ban', on: true, entries: ['10.0.0.2'] }, { c: 'ban', on: false, entries: ['10.0.0.2'] })
    assert.deepEqual(told, [
      [true, ['10.0.0.2']],
      [false, ['10.0.0.2']],
    ])
    assert.deepEqual(world.house.serverBans, [])
  })

  test('holds only so much, and says what it did not take', () => {
    const bans = new Bans()
    const many = Array.from({ length: 10_001 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
    assert.deepEqual(bans.add('/chat', many), [many[10_000]])
    const world = up()
    world.host('/chat').command('/chat', { c: 'ban', on: true, entries: many })
    const [warning] = world.lines.filter(({ level }) => level === 'warn')
    assert.equal(warning?.text, `the blacklist is full (10000): ${many[10_000]} and the rest were not taken`)
  })
})
