import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { fromCloneBytes, toCloneBytes } from '../../sandbox-api/clone-bytes.ts'
import { clientFacts } from '../apps/host/child.ts'
import { Lab, runner } from '../apps/host/lab.ts'

suite('applications', () => {
  const lab = new Lab()
  after(() => lab.end())
  const { id } = clientFacts()

  test('are a collection by path, without those there are not', async () => {
    const app = await lab.app(runner)
    app.join()
    app.tell({ e: 'applications', paths: ['', '/chat', '/chat/kid'] })
    assert.deepEqual(
      await app.call(
        id,
        'run',
        `const chat = applications.get('/chat')
        return [applications.count, chat.path, chat.name, applications.get('/chat/') === chat, applications.get('/').path,
          applications.get('/none') === undefined, [...applications].map(([path]) => path), [...applications.pairs()].length]`,
      ),
      [3, '/chat', 'chat', true, '', true, ['', '/chat', '/chat/kid'], 3],
    )
    app.tell({ e: 'applications', paths: ['/chat'] })
    assert.equal(await app.call(id, 'run', 'return applications.count'), 1)
  })

  test('are called with values that are cloned, and answer a promise', async () => {
    const app = await lab.app(
      `export const calls = {
        async ask() { try { return await applications.get('/score').call('add', new Map([['a', 1n]]), 2) } catch (e) { return e.message } },
      }`,
      { allow: [{ kind: 'apps', path: '/score' }] },
    )
    app.join()
    app.tell({ e: 'applications', paths: ['/score'] })
    const first = app.call(id, 'ask')
    const command = await app.command('callApp')
    assert.deepEqual([command.app, command.name], ['/score', 'add'])
    assert.deepEqual(fromCloneBytes(command.args), [new Map([['a', 1n]]), 2])
    app.tell({ e: 'answer', ticket: command.ticket, ok: true, value: toCloneBytes({ total: 3 }) })
    assert.deepEqual(await first, { total: 3 })
    const second = app.call(id, 'ask')
    const { ticket } = await app.command('callApp', ({ ticket }) => ticket !== command.ticket)
    app.tell({ e: 'answer', ticket, ok: false, text: 'ouch' })
    assert.equal(await second, 'ouch')
  })

  test('need leave, and say which line gives it', async () => {
    const app = await lab.app(`export const calls = {
      ask() { return applications.get('/score').call('add').catch(e => [e instanceof CapabilityError, e.message]) },
    }`)
    app.join()
    app.tell({ e: 'applications', paths: ['/score'] })
    const [isRefusal, message] = (await app.call(id, 'ask')) as [boolean, string]
    assert.equal(isRefusal, true)
    assert.match(message, /apps:\/score.*\[app:\/app\d+\]/)
    assert.deepEqual(app.of('callApp'), [])
  })

  test('may be asked for what they export, but for hooks', async () => {
    const app = await lab.app(`
      export function add(a, b) { return { sum: a + b, tags: new Set([a]) } }
      export async function late() { throw new Error('too late') }
      export function onManage() { return 'never' }
      export const onCall = () => 'never'
      export const value = 5
      export const odd = () => () => {}
      function hidden() {}`)
    const ask = async (name: string, ...values: unknown[]): Promise<unknown> => {
      const ticket = 1000 + app.of('result').length
      app.tell({ e: 'appCall', ticket, name, args: toCloneBytes(values) })
      const { how, value, text } = await app.command('result', result => result.ticket === ticket)
      return how === 'value' ? fromCloneBytes(value!) : (text ?? how)
    }
    assert.deepEqual(await ask('add', 1, 2), { sum: 3, tags: new Set([1]) })
    assert.equal(await ask('late'), 'too late')
    assert.match(String(await ask('odd')), /a function cannot be cloned/)
    for (const name of ['onManage', 'onCall', 'value', 'hidden', 'toString', '__proto__'])
      assert.equal(await ask(name), 'pass')
  })

  test('one may take itself down (R32)', async () => {
    const app = await lab.app(runner)
    app.join()
    await app.call(id, 'run', 'server.unload()')
    assert.equal(app.of('unload').length, 1)
  })
})
