import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { clientFacts } from '../apps/host/child.ts'
import { Lab, runner } from '../apps/host/lab.ts'

suite('server.addToBlacklist()', () => {
  const lab = new Lab()
  after(() => lab.end())
  const { id } = clientFacts()

  test('takes addresses and ranges of both kinds, several at once, and gives them back (C16, C17)', async () => {
    const app = await lab.app(runner)
    app.join()
    const entries = ['10.0.0.1', '10.0.0.0/8', '::1', '2001:db8::/32', '::ffff:1.2.3.4', '0.0.0.0/0']
    await app.call(id, 'run', `server.addToBlacklist(...${JSON.stringify(entries)}); server.addToBlacklist()`)
    await app.call(id, 'run', "server.removeFromBlacklist('10.0.0.1', '::1')")
    assert.deepEqual(app.of('ban'), [
      { c: 'ban', on: true, entries },
      { c: 'ban', on: false, entries: ['10.0.0.1', '::1'] },
    ])
  })

  test('names what is no address, and takes none of the rest (C16)', async () => {
    const app = await lab.app(runner)
    app.join()
    const wrong = [
      'localhost',
      '1.2.3',
      '256.1.1.1',
      '1.2.3.4:80',
      '[::1]',
      '10.0.0.0/33',
      '::/129',
      '1.2.3.4/',
      '',
      ':::',
    ]
    for (const entry of wrong) {
      const code = `try { server.addToBlacklist('1.1.1.1', ${JSON.stringify(entry)}) } catch (e) { return e.name + ': ' + e.message }`
      const expected = `TypeError: addToBlacklist: "${entry}" is no IP address and no range like 10.0.0.0/8 or 2001:db8::/32`
      assert.equal(await app.call(id, 'run', code), expected)
    }
    const text = await app.call(id, 'run', 'try { server.removeFromBlacklist(7) } catch (e) { return e.message }')
    assert.match(String(text), /^removeFromBlacklist: number is no IP address/)
    assert.deepEqual(app.of('ban'), [])
  })
})
