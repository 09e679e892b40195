import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { App, type Client, ConfigError, CumulusServer, type CumulusServerOptions } from '../../server/library/index.ts'
import { audioHeader, audioTag } from '../support/media-samples.ts'
import { RtmpRefusal } from '../support/rtmp-refusal.ts'
import { Scene } from './scene.ts'

suite('CumulusServer', () => {
  test('starts several servers in one process, each with its own applications and end (K2, K16, M20, M21)', async () => {
    class One extends App {
      override onConnect = () => ({ from: 'one' })
    }
    class Two extends App {
      override onConnect = () => ({ from: 'two' })
    }
    const signals = process.listenerCount('SIGTERM')
    await using one = await Scene.of({ live: One })
    await using two = await Scene.of({ live: Two })
    assert.notEqual(one.addresses.rtmp, two.addresses.rtmp)
    assert.equal(process.listenerCount('SIGTERM'), signals)
    await using a = await one.connect('live')
    await using b = await two.connect('live')
    assert.deepEqual([a.info.from, b.info.from], ['one', 'two'])
    await one.server.stop()
    await a.closed
    assert.deepEqual(
      a.statuses.map(({ code, description }) => [code, description]),
      [['NetConnection.Connect.AppShutdown', 'the server stops']],
    )
    assert.equal(await b.call('nothing').catch(error => error instanceof RtmpRefusal), true)
    assert.equal(two.server.app('live')!.clients.size, 1)
  })

  test('maps names to classes: several to one class, longest first, and "*" for all others (K4, K23)', async () => {
    class MyApp extends App {
      override onConnect = () => ({ served: `MyApp ${this.name}` })
    }
    class Other extends App {
      override onConnect = (client: Client) => ({ served: `Other ${this.name} in '${client.room}'` })
    }
    await using scene = await Scene.of({ myapp: MyApp, someapp: MyApp, 'myapp/inner': Other, '*': Other })
    const served = async (path: string): Promise<unknown> => {
      await using client = await scene.connect(path)
      return client.info.served
    }
    assert.equal(await served('myapp'), 'MyApp myapp')
    assert.equal(await served('someapp/room'), 'MyApp someapp')
    assert.equal(await served('myapp/inner/x'), "Other myapp/inner in 'x'")
    assert.equal(await served('any/room/more'), "Other any in 'room/more'")
    assert.equal(await served(''), "Other  in ''")
    assert.notEqual(scene.server.app('myapp'), scene.server.app('someapp'))
    assert.ok(scene.server.app('myapp') instanceof MyApp)
  })

  test('refuses a name that nobody installed, and one that cannot be one (K23)', async () => {
    await using scene = await Scene.of({ live: App })
    for (const path of ['other', 'live2', '', 'a%00b', 'x'.repeat(2000)]) {
      await assert.rejects(scene.connect(path), /Connect.InvalidApp: Application .* does not exist/)
    }
    const unnamed = new CumulusServer().apps({ live: App })
    assert.throws(() => unnamed.apps({ 'a//b': App }), /cannot be the name of an application/)
    assert.throws(() => unnamed.apps({ 'li*ve': App }), /cannot be the name/)
    assert.throws(() => unnamed.apps({ live: class {} as never }), /needs a class that extends App/)
  })

  test('lets everybody in everywhere when no class was named: the default App (K18, K23)', async () => {
    await using scene = new Scene()
    scene.addresses = await scene.server.start()
    await using publisher = await scene.connect('anything')
    await publisher.publish('cam')
    await using player = await scene.connect('anything')
    await player.play('cam')
    assert.equal(scene.server.app('anything')!.clients.size, 2)
    assert.equal(scene.server.app('anything')!.publications.get('cam')!.listeners, 1)
  })

  test('starts an application of "*" with its first client and stops it after the last (K23)', async () => {
    const life: string[] = []
    class Passing extends App {
      override async onStart() {
        life.push(`start ${this.name}`)
        if (this.name === 'bad') throw new Error('no such thing')
      }
      override onStop() {
        life.push(`stop ${this.name}`)
      }
      override onDisconnect(_client: Client, failure: string | null) {
        life.push(`left ${this.name}: ${failure}`)
      }
    }
    await using scene = await Scene.of({ '*': Passing })
    assert.deepEqual(life, [])
    const client = await scene.connect('foo')
    assert.ok(scene.server.app('foo'))
    const left = new Promise(resolve => scene.server.on('disconnect', resolve))
    await client.close()
    await left
    assert.equal(scene.server.app('foo'), undefined)
    await assert.rejects(scene.connect('bad'), /no such thing/)
    assert.equal(scene.server.app('bad'), undefined)
    assert.deepEqual(life, ['start foo', 'left foo: null', 'stop foo', 'start bad', 'stop bad'])
  })

  test('starts applications before it listens, and stops them after the last client (K16)', async () => {
    const life: string[] = []
    class Lived extends App {
      override async onStart() {
        life.push('start')
        assert.throws(() => this.publish('x/../y'), /not a name to publish/)
      }
      override onDisconnect() {
        life.push('left')
      }
      override async onStop() {
        life.push(`stop ${this.clients.size}`)
      }
    }
    const scene = await Scene.of({ live: Lived })
    assert.deepEqual(life, ['start'])
    const client = await scene.connect('live')
    await Promise.all([scene.server.stop(), scene.server.stop()])
    await client.closed
    assert.deepEqual(life, ['start', 'left', 'stop 0'])
    await assert.rejects(scene.server.start(), /started once/)
  })

  test('says why it does not start, and leaves nothing behind (K16)', async () => {
    class Bad extends App {
      override onStart() {
        throw new Error('no database')
      }
    }
    await assert.rejects(Scene.of({ live: Bad }), { code: 'APP_START', message: 'Application /live: no database' })
    await using one = await Scene.of({ live: App })
    const port = Number(one.addresses.rtmp!.split(':')[1])
    const taken = new CumulusServer({ port, interface: '127.0.0.1' })
    await assert.rejects(taken.start(), { code: 'EADDRINUSE' })
    await taken.stop()
    await new CumulusServer().stop()
  })

  test('takes the keys of CumulusServer.ini as options, and is as strict about them', () => {
    const fails = (options: object, message: RegExp) =>
      assert.throws(
        () => new CumulusServer(options as CumulusServerOptions),
        error => error instanceof ConfigError && message.test(error.message),
      )
    fails({ port: 70_000 }, /^option port: \[rtmp\] port: expected a whole number from 0 to 65535, got '70000'$/)
    fails({ rtmp: { prot: 1 } }, /^option rtmp\.prot: \[rtmp\] has no key 'prot'$/)
    fails({ rtpm: { port: 1 } }, /^option rtpm: there is no such option or section$/)
    fails({ Port: 1935 }, /^option Port: there is no such option/)
    fails({ listener: { queueMs: {} } }, /^option listener\.queueMs: expected a text, a number, true, false/)
    fails({ rtmp: { pingInterval: '40 s' } }, /keepAliveTimeout|pingInterval/)
    fails({ 'app:/live': { memory: 'much' } }, /\[app:\/live\] memory: expected/)
    fails({ www: 'no/such/folder' }, /^option www: there is no folder/)
    new CumulusServer({ listener: { queueBytes: '8 MiB' }, apps: { allow: ['mail', 'config'] }, server: undefined })
  })

  test('keeps what it keeps in `data`, by default beside the working folder, and makes it with the first need (K16, K17)', async t => {
    const folder = await mkdtemp(join(tmpdir(), 'cumulus-library-'))
    const before = process.cwd()
    process.chdir(folder)
    t.after(async () => {
      process.chdir(before)
      await rm(folder, { recursive: true, force: true })
    })
    for (const data of [undefined, 'kept']) {
      await using scene = await Scene.of({ live: App }, { ...(data && { data }), apps: { record: 'flv' } })
      await using publisher = await scene.connect('live')
      const stream = await publisher.publish('cam')
      stream.sendAudio(0, audioHeader)
      stream.sendAudio(20, audioTag)
      stream.closeStream()
      await stream.status('NetStream.Unpublish.Success')
      await scene.server.stop()
      assert.deepEqual(await readdir(join(folder, data ?? 'data', 'streams/live')), ['cam.flv'])
    }
    assert.deepEqual((await readdir(folder)).sort(), ['data', 'kept'])
  })

  test('tells of clients as they come, and survives listeners that throw, now or later (K5, M20)', async () => {
    await using scene = await Scene.of({ live: App })
    const came: string[] = []
    const fail = async (client: Client): Promise<void> => {
      came.push(client.id)
      throw new Error('mine')
    }
    scene.server.on('connect', fail)
    scene.server.on('connect', client => {
      came.push(client.id)
      throw new Error('mine')
    })
    for (let nth = 0; nth < 2; nth++) {
      await using client = await scene.connect('live')
      assert.equal(client.info.code, 'NetConnection.Connect.Success')
      await client.call('nothing').catch(() => {})
    }
    assert.equal(came.length, 4)
    assert.equal(new Set(came).size, 2)
    assert.deepEqual(scene.log.complaints, Array(4).fill('a listener of the server threw'))
    scene.server.off('connect', fail)
    assert.throws(() => scene.server.on('constructor' as never, fail as never), /there is no event "constructor"/)
  })
})
