import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { App, type Client } from '../../server/library/index.ts'
import { RtmpRefusal } from '../support/rtmp-refusal.ts'
import { Scene } from './scene.ts'

/** What a client that connects is told in place of its success. */
async function refusal(scene: Scene, path = 'live', ...args: unknown[]): Promise<string> {
  const client = await scene.connect(path, { args }).catch(refused)
  if (client instanceof RtmpRefusal) return client.message
  client.destroy()
  return 'accepted'
}

function refused(error: unknown): RtmpRefusal {
  assert.ok(error instanceof RtmpRefusal)
  return error
}

suite('onConnect of a class', () => {
  test('accepts everybody as it is, and knows who is there (K1, K18, K22, M1)', async () => {
    await using scene = await Scene.of({ live: App })
    await using client = await scene.connect('live/lobby?stage=yes', { args: ['Tom'] })
    const [[id, known] = []] = [...scene.server.app('live')!.clients]
    assert.equal(known?.id, id)
    assert.deepEqual(
      { room: known?.room, query: known?.query, state: known?.state, protocol: known?.protocol },
      { room: 'lobby', query: { stage: 'yes' }, state: 'connected', protocol: 'rtmp' },
    )
    await client.close()
  })

  test('is given the values of connect(), and may call the one it overrides first (K18, K19)', async () => {
    const seen: unknown[] = []
    class Careful extends App {
      override onConnect(client: Client, name: string, seat: { row: number }) {
        const result = super.onConnect(client, name, seat)
        seen.push(result, name, seat, this.name)
        return result
      }
    }
    await using scene = await Scene.of({ live: Careful })
    await using _client = await scene.connect('live', { args: ['Tom', { row: 7 }] })
    assert.deepEqual(seen, [true, 'Tom', { row: 7 }, 'live'])
  })

  test('rejects by false, by a throw with its text, and adds an object to the success (K22)', async () => {
    class Door extends App {
      override async onConnect(_client: Client, word: string) {
        if (word === 'no') return false
        if (word === 'throw') throw new Error('not on the list')
        return { message: `welcome, ${word}`, code: 'mine' }
      }
    }
    await using scene = await Scene.of({ live: Door })
    assert.match(await refusal(scene, 'live', 'no'), /client rejected/)
    assert.match(await refusal(scene, 'live', 'throw'), /not on the list/)
    await using client = await scene.connect('live', { args: ['Tom'] })
    assert.equal(client.info.code, 'NetConnection.Connect.Success')
    assert.equal((client.info as { message?: string }).message, 'welcome, Tom')
  })

  test('postpones when it returns nothing: accept() and reject() decide later (K22)', async () => {
    const waiting = new Map<unknown, Client>()
    let come = (): void => {}
    class Slow extends App {
      override onConnect(client: Client, name: string) {
        waiting.set(name, client)
        come()
      }
    }
    await using scene = await Scene.of({ live: Slow })
    const here = Promise.withResolvers<void>()
    come = () => waiting.size === 2 && here.resolve()
    const tom = scene.connect('live', { args: ['Tom'] })
    const eve = scene.connect('live', { args: ['Eve'] }).catch(refused)
    await here.promise
    assert.equal(waiting.get('Tom')!.state, 'connecting')
    assert.equal(scene.server.app('live')!.clients.size, 0)
    waiting.get('Tom')!.accept({ message: 'at last' })
    waiting.get('Eve')!.reject('not today')
    await using client = await tom
    assert.equal((client.info as { message?: string }).message, 'at last')
    assert.match(String(await eve), /not today/)
    waiting.get('Eve')!.accept()
    assert.equal(waiting.get('Eve')!.state, 'gone')
    assert.equal(scene.server.app('live')!.clients.size, 1)
  })

  test('that waits holds nobody else up: one thread serves all (K3)', async () => {
    const gate = Promise.withResolvers<boolean>()
    const here = Promise.withResolvers<void>()
    class Waiting extends App {
      override onConnect(_client: Client, how: string) {
        if (how !== 'wait') return true
        here.resolve()
        return gate.promise
      }
    }
    await using scene = await Scene.of({ live: Waiting })
    const waiting = scene.connect('live', { args: ['wait'] })
    await here.promise
    await using publisher = await scene.connect('live')
    await publisher.publish('cam')
    await using player = await scene.connect('live')
    await player.play('cam')
    gate.resolve(true)
    await using _client = await waiting
    assert.equal(scene.server.app('live')!.clients.size, 3)
  })

  test('that never decides is a refusal once its time is over, whether it postponed or waits (K22)', async () => {
    class Never extends App {
      override onConnect(_client: Client, how: string): undefined | Promise<true> {
        return how === 'waits' ? new Promise(() => {}) : undefined
      }
    }
    await using scene = await Scene.of({ live: Never }, { apps: { verdictTimeout: '100 ms' } })
    assert.match(await refusal(scene, 'live', 'postpones'), /onConnect did not decide within 100 ms/)
    assert.match(await refusal(scene, 'live', 'waits'), /onConnect (gave no answer|did not decide) within 100 ms/)
  })

  test('that slips costs one client its connection, with a line in the log, and nothing else (M1)', async () => {
    class Broken extends App {
      override onConnect(_client: Client, how: string): true {
        if (how === 'slip') (undefined as unknown as { x(): void }).x()
        if (how === 'bigint') return { n: 1n } as unknown as true
        return true
      }
      override onDisconnect() {
        return Promise.reject(new Error('nobody waits for this'))
      }
    }
    await using scene = await Scene.of({ live: Broken })
    const faults: string[] = []
    const both = Promise.withResolvers<void>()
    scene.server.on('fault', ({ hook }) => faults.push(hook) === 2 && both.resolve())
    assert.match(await refusal(scene, 'live', 'slip'), /undefined/)
    assert.match(await refusal(scene, 'live', 'bigint'), /BigInt/)
    assert.equal(await refusal(scene, 'live', 'fine'), 'accepted')
    await both.promise
    assert.deepEqual(faults, ['onConnect', 'onDisconnect'])
    assert.deepEqual(scene.log.complaints.filter(text => text === 'the application threw').length, 2)
  })

  test('may send a client elsewhere', async () => {
    class Moved extends App {
      override onConnect(client: Client) {
        client.redirect('rtmp://127.0.0.1:1/live')
      }
    }
    await using scene = await Scene.of({ live: Moved })
    const client = await scene.connect('live').catch(refused)
    assert.ok(client instanceof RtmpRefusal)
    assert.deepEqual(client.info.ex, { code: 302, redirect: 'rtmp://127.0.0.1:1/live' })
  })
})
