import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import type { ScriptFault } from '../../../server/apps/wire.ts'
import { limits } from '../../apps/host/child.ts'
import { AscLab } from './asc-lab.ts'

const short = { limits: { ...limits, timeout: 200 } }

suite('a main.asc within its limits', () => {
  const lab = new AscLab()
  after(() => lab.end())

  test('is cut where it runs too long, and serves on', async () => {
    const app = await lab.app(
      `
      application.onConnect = function (client, what) {
        if (what === 'loop')
          for (;;) ;
        return true
      }`,
      short,
    )
    const cut = await app.connect(['loop'], { id: 'a'.repeat(64) })
    assert.match(cut.text!, /ran into apps\.timeout \(200 ms\)/)
    const fault = await app.command('fault')
    assert.deepEqual([fault.file, fault.line], [`${app.home}/main.asc`, 4])
    assert.equal((await app.connect(['fine'], { id: 'b'.repeat(64) })).ok, true)
  })

  test('does not start when its top level, or a file that it loads, runs too long or throws', async () => {
    for (const files of [
      { 'main.asc': 'for (;;) ;' },
      { 'main.asc': "load('one.asc')", 'one.asc': 'for (;;) ;' },
      { 'main.asc': "load('one.asc')", 'one.asc': "\nthrow new Error('not today')" },
    ]) {
      await assert.rejects(lab.app(files, short), (error: Error & { fault: ScriptFault }) => {
        assert.match(error.message, /apps\.timeout \(200 ms\)|not today/)
        assert.match(error.fault.file, 'one.asc' in files ? /one\.asc$/ : /main\.asc$/)
        return true
      })
    }
  })

  test('shares its process with other instances, and nothing else', async () => {
    const code = `
      if (typeof guests === 'undefined') guests = 0
      Array.prototype.stolen = function () {}
      application.onConnect = function () { guests++; trace(application.name + ' ' + guests); return true }`
    const one = await lab.instance('/shared', code, { instance: 'shared/one' })
    const two = await lab.instance('/shared', code, { instance: 'shared/two' })
    await one.connect([], { id: 'c'.repeat(64) })
    await one.connect([], { id: 'd'.repeat(64) })
    await two.connect([], { id: 'e'.repeat(64) })
    await one.log('shared/one 2')
    await two.log('shared/two 1')
  })

  test('is a classic script: sloppy, with its names in the global object', async () => {
    const app = await lab.app(`
      undeclared = 8
      var declared = 010
      function self() { return this }
      trace([undeclared, declared, this.declared, self() === this, typeof server, typeof clients].join())`)
    await app.log('8,8,8,true,undefined,undefined')
  })
})
