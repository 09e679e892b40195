import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { App, CallError, type Client } from '../../server/library/index.ts'
import { Scene } from './scene.ts'

suite('calls between a class and its clients', () => {
  test('made in onConnect reach the client once it is connected, in order, and bring its answer (K20, K21)', async () => {
    const answers: Promise<unknown>[] = []
    class Greeting extends App {
      override onConnect(client: Client, ...args: unknown[]) {
        const result = super.onConnect(client, ...args)
        answers.push(client.call('connected', 'some-arg', { n: 1 }))
        client.send('hint', 'no answer wanted')
        assert.equal(client.state, 'connecting')
        return result
      }
    }
    await using scene = await Scene.of({ myapp: Greeting })
    const handlers = { connected: (text: unknown, { n }: { n: number }) => `${text} ${n}`, hint: () => {} }
    for (const objectEncoding of [0, 3] as const) {
      await using client = await scene.connect('myapp', { handlers: handlers as never, objectEncoding })
      assert.equal(await answers.at(-1), 'some-arg 1')
      await client.called('hint')
      assert.deepEqual(
        client.calls.map(({ name, transactionId }) => [name, transactionId > 0]),
        [
          ['connected', true],
          ['hint', false],
        ],
      )
      await client.close()
    }
  })

  test('of a function that the client lacks are an Error, also in the log when nobody waits (K24)', async () => {
    const failures: unknown[] = []
    class Asking extends App {
      override onConnect(client: Client) {
        // Nobody looks at this one: it must not end the process.
        void client.call('nowhere')
        client.call('connected', 'some-arg').catch(error => failures.push(error))
        return true
      }
    }
    await using scene = await Scene.of({ myapp: Asking })
    await using client = await scene.connect('myapp', { handlers: { other: () => {} } })
    await client.called('connected')
    // Answered in order: once this has come back, the others have.
    await scene.server.app('myapp')!.clients.values().next().value!.call('other')
    const [error] = failures
    assert.ok(error instanceof CallError)
    assert.deepEqual([error.code, error.message], ['CALL_FAILED', 'connected: connected is not a function'])
    assert.equal((error.info as { code: string }).code, 'NetConnection.Call.Failed')
    assert.deepEqual(scene.log.complaints, [
      'nowhere: nowhere is not a function',
      'connected: connected is not a function',
    ])
  })

  test('fail when the client leaves, was refused, or does not answer in time (K20, K21)', async () => {
    const calls: Promise<unknown>[] = []
    class Asking extends App {
      override onConnect(client: Client, how: string) {
        calls.push(client.call('stay'))
        return how !== 'refuse'
      }
    }
    await using scene = await Scene.of({ live: Asking }, { apps: { verdictTimeout: '100 ms' } })
    const never = { stay: () => new Promise(() => {}) }
    await scene.connect('live', { args: ['refuse'] }).catch(() => {})
    await assert.rejects(calls[0]!, /stay: the client has left/)
    await using slow = await scene.connect('live', { handlers: never })
    await assert.rejects(calls[1]!, /stay: no answer within 100 ms/)
    const [known] = scene.server.app('live')!.clients.values()
    const last = known!.call('stay')
    await slow.close()
    await assert.rejects(last, /the client has left/)
    await assert.rejects(known!.call('stay'), /the client has left/)
    known!.send('stay')
    known!.close()
  })

  test('say at once what cannot be written', async () => {
    await using scene = await Scene.of({ live: App })
    await using _client = await scene.connect('live')
    const [known] = scene.server.app('live')!.clients.values()
    await assert.rejects(known!.call('f', 1n), TypeError)
    assert.throws(() => known!.send('f', 1n), TypeError)
    assert.throws(() => known!.send(''), /the name of the function/)
  })

  test('by clients find the functions in `calls`, and else onCall (K1, M1)', async () => {
    class Desk extends App {
      override calls = {
        add: (_client: Client, a: number, b: number) => a + b,
        whoami: async (client: Client) => client.id,
        slip: () => (undefined as unknown as { x: number }).x,
        big: () => 1n,
      }
    }
    class Echo extends App {
      override onCall(_client: Client, name: string, ...args: unknown[]) {
        return { name, args }
      }
    }
    await using scene = await Scene.of({ desk: Desk, echo: Echo })
    await using client = await scene.connect('desk')
    assert.equal(await client.call('add', 3, 4), 7)
    assert.equal(await client.call('whoami'), [...scene.server.app('desk')!.clients.keys()][0])
    for (const name of ['missing', 'constructor', 'toString', '__proto__', 'onStop']) {
      await assert.rejects(client.call(name), new RegExp(`Method '${name}' not found`))
    }
    await assert.rejects(client.call('slip'), /Call.Failed/)
    await assert.rejects(client.call('big'), /BigInt/)
    assert.equal(await client.call('add', 1, 1), 2)
    await using other = await scene.connect('echo')
    assert.deepEqual(await other.call('say', 'x', null), { name: 'say', args: ['x', null] })
  })

  test('are broadcast to all of an application', async () => {
    await using scene = await Scene.of({ live: App })
    await using one = await scene.connect('live/a')
    await using two = await scene.connect('live/b', { objectEncoding: 3 })
    scene.server.app('live')!.broadcast('news', ['today'])
    assert.deepEqual((await one.called('news')).args, [['today']])
    assert.deepEqual((await two.called('news')).args, [['today']])
  })
})
