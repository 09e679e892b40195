import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { suite, test } from 'node:test'
import { withComputed } from '../../server/apps/computed-configs.ts'

suite('computed parameters of the configuration', () => {
  test('tell of the program and the machine, under what the operator wrote (C8)', () => {
    const written = { title: 'x', application: { name: 'mine', own: true }, system: 'a text' }
    const { application, system, title } = withComputed(written, '/opt/cumulus/cumulus.js')
    assert.deepEqual(application, {
      path: '/opt/cumulus/cumulus.js',
      dir: '/opt/cumulus/',
      name: 'mine',
      baseName: 'cumulus',
      own: true,
    })
    assert.deepEqual([system, title], ['a text', 'x'])
    const machine = withComputed({}, '/x').system as Record<string, string>
    assert.equal(machine.nodeName, hostname())
    assert.deepEqual(
      Object.values(machine).map(value => typeof value),
      ['string', 'string', 'string', 'string'],
    )
  })
})
