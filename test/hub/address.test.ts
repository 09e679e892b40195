import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { addressIn, isCleanPath, queryValuesMax, readName, readQuery } from '../../server/hub/address.ts'

suite('Addresses', () => {
  test('are one string of room and name, wherever the name is given', () => {
    const cases = [
      ['', 'cam', 'cam', '', 'cam'],
      ['lobby', 'cam', 'lobby/cam', 'lobby', 'cam'],
      ['', 'lobby/cam', 'lobby/cam', 'lobby', 'cam'],
      ['lobby', 'a/cam', 'lobby/a/cam', 'lobby/a', 'cam'],
    ] as const
    for (const [room, given, address, itsRoom, name] of cases) {
      assert.deepEqual(addressIn(room, readName(given)!), { address, room: itsRoom, name, query: {} })
    }
  })

  test('say what kind of file they mean without being another stream', () => {
    assert.deepEqual(readName('mp4:a/cam?x')!, { name: 'a/cam', format: 'mp4', query: { x: '' } })
    assert.deepEqual(readName('flv:cam')!, { name: 'cam', format: 'flv', query: {} })
    assert.deepEqual(readName('mp5:cam')!, { name: 'mp5:cam', format: null, query: {} })
    assert.equal(readName('flv:'), null)
    assert.equal(readName('flv:../cam'), null)
  })

  test('leave the query of a stream key out of its name', () => {
    assert.deepEqual(readName('cam?token=a%20b+c&x')!, { name: 'cam', format: null, query: { token: 'a b c', x: '' } })
  })

  test('never climb, hide or hold control characters (hazard R14)', () => {
    for (const path of ['..', 'a/..', './a', 'a//b', 'a\\b', 'a\u0000', 'a\nb', '\ud800']) {
      assert.equal(isCleanPath(path), false, JSON.stringify(path))
    }
    for (const path of ['', 'a', 'a/b.c', '...', '😀', 'a%2fb']) assert.equal(isCleanPath(path), true, path)
  })
})

suite('Queries', () => {
  test('keep names of the engine as plain keys', () => {
    const values = readQuery('__proto__=1&constructor=2')
    assert.deepEqual(Object.entries(values), [
      ['__proto__', '1'],
      ['constructor', '2'],
    ])
    assert.equal(Object.getPrototypeOf(values), Object.prototype)
  })

  test('read broken escapes as they stand, and no more values than allowed', () => {
    assert.deepEqual(readQuery('a=%zz'), { a: '%zz' })
    const many = Array.from({ length: queryValuesMax + 10 }, (_, nth) => `k${nth}=v`).join('&')
    assert.equal(Object.keys(readQuery(many)).length, queryValuesMax)
  })
})
