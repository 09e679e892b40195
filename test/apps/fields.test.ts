import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { World } from './pretend.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

/** /chat and the root are up, and so is /other. */
function three(): World {
  const world = new World({ apps: { '': ['main.js'], '/chat': ['main.js'], '/other': ['main.js'] } })
  for (const path of ['', '/chat', '/other']) {
    world.house.roster.at(path).reach()
    world.host(path || '/').started(path)
  }
  return world
}

suite('fields of clients, publications and rooms', () => {
  test('written in one application are told to the others that see the object, in one order for all', () => {
    const world = three()
    const { id } = world.connect('/chat/lobby')
    world.host('/chat').command('/chat', { c: 'fields', of: 'client', id, fields: [['a', bytes(1)]] })
    world.host('/').command('', { c: 'fields', of: 'client', id, fields: [['a', bytes(2)]] })
    const room = '/chat\nlobby'
    world.host('/').command('', { c: 'fields', of: 'room', id: room, fields: [['b', null]] })
    const heard = (path: string): unknown[] =>
      world
        .host(path || '/')
        .events(path)
        .filter(({ e }) => e === 'fields' || e === 'fieldsTaken')
    assert.deepEqual(heard('/chat'), [
      { e: 'fieldsTaken', of: 'client', id, names: ['a'] },
      { e: 'fields', of: 'client', id, fields: [['a', bytes(2)]] },
      { e: 'fields', of: 'room', id: room, fields: [['b', null]] },
    ])
    assert.deepEqual(heard(''), [
      { e: 'fields', of: 'client', id, fields: [['a', bytes(1)]] },
      { e: 'fieldsTaken', of: 'client', id, names: ['a'] },
      { e: 'fieldsTaken', of: 'room', id: room, names: ['b'] },
    ])
    assert.deepEqual(heard('/other'), [])
  })

  test('survive a crash, and end with their object', () => {
    const world = three()
    const client = world.connect('/chat/lobby')
    client.publish('cam')
    const ids = { client: client.id, publication: '/chat\nlobby/cam', room: '/chat\nlobby' } as const
    for (const [of, id] of Object.entries(ids)) {
      world.host('/chat').command('/chat', { c: 'fields', of: of as 'room', id, fields: [['n', bytes(7)]] })
    }
    const kept = (): unknown[] => {
      world.host('/chat').crash()
      world.pass(20_000)
      return world
        .host('/chat')
        .mirror('/chat')
        .flatMap(event => (event.e === 'fields' ? [event.of, ...event.fields.map(([, value]) => value)] : []))
    }
    assert.deepEqual(kept(), ['room', bytes(7), 'client', bytes(7), 'publication', bytes(7)])
    client.leave()
    world.pass(5_000)
    assert.deepEqual(kept(), [])
    world.connect('/chat/lobby').publish('cam')
    assert.deepEqual(kept(), [], 'the same names are other objects')
  })

  test('of what belongs to others cannot be written', () => {
    const world = three()
    const { id } = world.connect('/chat')
    world.host('/other').command('/other', { c: 'fields', of: 'client', id, fields: [['a', bytes(1)]] })
    assert.deepEqual(world.host('/chat').told('/chat', 'fields'), [])
    assert.match(world.lines.at(-1)!.text, /what another application owns/)
    world.host('/chat').command('/chat', { c: 'fields', of: 'client', id: 'nobody', fields: [['a', bytes(1)]] })
    world.host('/chat').command('/chat', { c: 'fields', of: 'client', id, fields: [['a', 5 as never]] })
    assert.ok(world.host('/chat').isKilled, 'a command that is none')
  })

  test('past their limit stay where they were written, and the log says so', () => {
    const world = three()
    const { id } = world.connect('/chat')
    const write = (name: string, value: Uint8Array | null): void =>
      world.host('/chat').command('/chat', { c: 'fields', of: 'client', id, fields: [[name, value]] })
    write('a', new Uint8Array(16 * 1024 * 1024 - 1000))
    write('b', new Uint8Array(1000))
    assert.match(world.lines.at(-1)!.text, /more than 16777216 bytes of fields: what was put on a client stays/)
    write('a', null)
    write('b', new Uint8Array(1000))
    assert.deepEqual(
      world
        .host('/')
        .told('', 'fields')
        .map(({ fields }) => fields[0]![0]),
      ['a', 'a', 'b'],
    )
    assert.equal(world.host('/chat').told('/chat', 'fieldsTaken').length, 4)
  })
})
