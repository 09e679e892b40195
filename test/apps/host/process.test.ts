import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { clientFacts } from './child.ts'
import { Lab } from './lab.ts'

const { id } = clientFacts()

suite('the process of an app host', () => {
  test('ends in order with its channel', async () => {
    const lab = new Lab()
    await lab.app("setInterval(() => console.log('tick'), 60_000)")
    lab.child.process.disconnect()
    assert.deepEqual(await lab.child.ended, { code: 0, signal: null })
    lab.www.remove()
  })

  test('leaves signals to its parent', async () => {
    const lab = new Lab()
    const app = await lab.app('export const calls = { alive() { return 1 } }')
    app.join()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) lab.child.process.kill(signal)
    assert.equal(await app.call(id, 'alive'), 1)
    await lab.end()
  })

  test('holds several applications that know nothing of each other', async () => {
    const lab = new Lab()
    const source = (name: string) => `
      globalThis.name = (globalThis.name ?? '') + '${name}'
      export const calls = { name() { return name + clients.count }, loop() { for (;;); } }`
    const [a, b] = [await lab.app(source('a')), await lab.app(source('b'))]
    a.join()
    b.join()
    b.join({ id: 'b2'.repeat(32) })
    const loop = a.result(id, 'loop')
    // One that loops does not hold up the other.
    assert.equal(await b.call(id, 'name'), 'b2')
    assert.deepEqual(a.of('result'), [])
    assert.equal((await loop).how, 'error')
    assert.equal(await a.call(id, 'name'), 'a1')
    await lab.end()
  })

  test('costs nothing while nothing happens', { skip: process.platform !== 'linux' && 'reads /proc' }, async () => {
    const lab = new Lab()
    const app = await lab.app('export const calls = { alive() { return 1 } }')
    app.join()
    await app.call(id, 'alive')
    const spent = () => {
      const fields = readFileSync(`/proc/${lab.child.process.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
      return Number(fields[11]) + Number(fields[12])
    }
    // The engine tidies up after its start; from some second on there is nothing left to do.
    let used = Number.POSITIVE_INFINITY
    for (let second = 0; second < 5 && used > 0; second++) {
      const before = spent()
      await setTimeout(1_000)
      used = spent() - before
    }
    assert.equal(used, 0)
    await lab.end()
  })
})
