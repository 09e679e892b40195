import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, connect as openSocket, type Socket } from 'node:net'
import { after, before, suite, test } from 'node:test'
import { RtmpClient, type RtmpClientOptions } from '../support/rtmp-client.ts'
import { RtmpRefusal } from '../support/rtmp-refusal.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { SmtpServer } from '../support/smtp-server.ts'

/**
 * The samples of CumulusServer's pages (its server application, and the API of one), put into JavaScript by the obvious
 * substitution: `cumulus` is `server`, a colon a dot, `..` a plus, `error` a throw, a table result an object.
 */
const www = {
  'started/main.js': `
    export function onStart(path) {
      print("Server application '" + path + "' started")
      NOTE("Application " + path + " started")
    }
    print(server.configs.myGroup.myConfig)
  `,
  'collections/main.js': `
    export const calls = {
      list() {
        const lines = []
        for (const [id, client] of server.clients.pairs()) lines.push([id === client.id, client.name])
        for (const [index, listener] of server.publications.get('cam')?.listeners.ipairs() ?? []) lines.push([index === listener.id, listener.client.name])
        return lines
      },
      name(name) { this.name = name },
    }
  `,
  'query/main.js': `
    export function onConnection(client) {
      NOTE("client arg1 = " + client.arg1)
      NOTE("client arg2 = " + client.arg2)
    }
  `,
  'reliable/main.js': `
    export function onConnection(client) {
      client.writer.reliable = false
      client.writer.writeAMFMessage("method", "hello") // may be lost
      client.writer.reliable = true
    }
  `,
  'info/main.js': `
    export function onConnection(client) {
      return { message: "welcome", id: 1 }
    }
  `,
  'tom/main.js': `
    export function onConnection(client, login) {
      if (login !== "Tom") throw new Error("you are not Tom!")
    }
  `,
  'nobody/main.js': `
    export function onConnection(client) {
      throw new Error("")
    }
  `,
  'rights/main.js': `
    export function onPublish(client, publication) {
      if (!client.right) throw new Error("no rights to publish it")
    }
    export function onSubscribe(client, listener) {
      if (!client.right) throw new Error("no rights to play it")
    }
  `,
  'rpc/main.js': `
    export function onConnection(client) {
      client.test = function (name, firstname) {
        if (!firstname) throw new Error("test function takes two arguments")
        return "Hello " + firstname + " " + name
      }
      client.written = function (name, firstname) {
        client.writer.writeAMFResult("Hello " + firstname + " " + name)
      }
    }
  `,
  'push/main.js': `
    export function onConnection(client) {
      client.writer.writeAMFMessage("onPushData", "Rambo", "John")
    }
  `,
  'writers/main.js': `
    const writers = new Map()
    export function onConnection(client) {
      writers.set(client, client.writer.newFlowWriter())
    }
    export function onDisconnection(client) {
      writers.delete(client)
      NOTE("writers left: " + writers.size)
    }
    export function onManage() {
      for (const [client, writer] of writers) writer.writeAMFMessage("refresh")
    }
  `,
  'managed/main.js': `
    export function onConnection(client) {
      const writer = client.writer.newFlowWriter()
      writer.onManage = function () {
        this.writeAMFMessage("refresh")
      }
    }
  `,
  'types/main.js': `
    export function onTypedObject(type, object) {
      if (type === "Cat") {
        object.meow = function () {
          print("meow")
        }
      }
      if (type === "flex.messaging.io.ArrayCollection") {
        object.__readExternal = function (reader) {
          this.source = reader.readAMF(1)
        }
        object.__writeExternal = function (writer) {
          writer.writeAMF(this.source)
        }
      }
    }
    export const calls = {
      stroke(cat) { cat.meow() },
      cat() { return { __type: "Cat" } },
      values() {
        return [
          { x: 10, y: 10, width: 100, height: 100 },
          [10, 10, 100, 100],
          Object.assign([100, 100], { x: 10, y: 10 }),
          new Map([[10, "test"], ["test", 10]]),
          new TextEncoder().encode("rawdata"),
          new Date(905989690435),
        ]
      },
      first(collection) { return collection.source[0] },
    }
  `,
  'parts/main.js': `
    import { greeting } from './start.js'
    export function onConnection() { return { greeting } }
  `,
  'parts/start.js': "export const greeting = 'from start.js'",
  'games/main.js': `
    export function onConnection(client) { return { asked: 'games', path: client.path } }
  `,
  'games/mygame/main.js': `
    export function onStart() {}
    export function load() { return 'loaded' }
  `,
  'friends/main.js': `
    export const calls = {
      async load() {
        return await applications.get('/games/mygame')?.call('load') ?? 'it does not exist'
      },
      async missing() {
        return await applications.get('/games/none')?.call('load') ?? 'it does not exist'
      },
    }
  `,
  'tcp-client/main.js': `
    export const calls = {
      async open(port) {
        const socket = server.createTCPClient()
        socket.onReception = function (data) {
          NOTE("Reception from " + this.peerAddress + " to " + this.address)
          this.send(data) // echo sample
          return 0 // return rest (all has been consumed here)
        }
        socket.onDisconnection = function () {
          if (this.error) ERROR(this.error)
          NOTE("TCP disconnection")
        }
        const err = await socket.connect("127.0.0.1", port)
        if (err) ERROR(err)
        return socket.connected
      },
    }
  `,
  'tcp-server/main.js': `
    const tcpServer = server.createTCPServer()
    tcpServer.clientHandler = function (client) {
      client.onReception = function (data) {
        NOTE("Reception from " + this.peerAddress + " to " + this.address)
        this.send(data) // echo sample
        return 0
      }
      client.onDisconnection = function () {
        NOTE("TCP client disconnection")
      }
    }
    export const calls = {
      async start() {
        await tcpServer.start(0)
        return tcpServer.port
      },
    }
  `,
  'udp/main.js': `
    const socket = server.createUDPSocket()
    socket.onReception = function (data, address) {
      NOTE("Reception from " + address)
      this.send(data, address) // echo sample
    }
    const other = server.createUDPSocket()
    other.onReception = function (data, address) {
      NOTE("Reception from " + address + ": " + new TextDecoder().decode(data))
    }
    export const calls = {
      async talk() {
        const err = await socket.bind("127.0.0.1:0")
        if (err) ERROR(err)
        await other.connect(socket.address)
        other.send("salut")
        return socket.address
      },
    }
  `,
  'mail/main.js': `
    export const calls = {
      send() {
        const mail = server.sendMail("test@domain.example", "Hello", "Mail sent from script code", "to@domain.example")
        mail.onSent = function (err) {
          if (err) ERROR(err)
          else NOTE("Sent")
        }
      },
    }
  `,
  'lacking/main.js': `
    export const calls = {
      async ask() {
        try {
          return await this.call('missing', 1)
        } catch (error) {
          NOTE('call failed: ' + error.message)
          return { name: error.name, message: error.message, code: error.info.code }
        }
      },
    }
  `,
}

suite("the samples of CumulusServer's pages, in JavaScript", { timeout: 240_000 }, () => {
  let server: TestServer
  const smtp = new SmtpServer()

  before(async () => {
    const set = [
      'myGroup.myConfig=test',
      // The samples are many and small: one process starts them all in a fraction of the time.
      'apps.isolation=shared',
      'app:/friends.allow=apps:/games/mygame',
      'app:/tcp-client.allow=tcp:127.0.0.1:*',
      'app:/tcp-server.allow=listen:tcp:*',
      'app:/udp.allow=listen:udp:*, udp:127.0.0.1:*',
      'app:/mail.allow=mail',
      'smtp.host=127.0.0.1',
      `smtp.port=${await smtp.start()}`,
    ]
    server = await startTestServer({ www, set })
  })
  after(async () => {
    await server?.stop()
    smtp.end()
  })

  const connect = (path: string, options: Partial<RtmpClientOptions> = {}) =>
    RtmpClient.connect({ url: server.url(path), objectEncoding: 3, ...options })
  const said = (text: string) => server.logged(({ msg }) => msg === text)

  async function refusal(asking: Promise<unknown>): Promise<string> {
    const error = await asking.then(
      () => assert.fail('it was allowed'),
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof RtmpRefusal, String(error))
    return `${error.info.code}: ${error.info.description}`
  }

  test('an application says that it starts, and reads a value of its own from the configuration (C8, C122, C157)', async () => {
    await using _client = await connect('started')
    await said("Server application '/started' started")
    await said('Application /started started')
    await said('test')
  })

  test('pairs and ipairs walk clients and listeners (C4, C5)', async () => {
    await using first = await connect('collections')
    await first.call('name', 'first')
    await first.play('cam')
    assert.deepEqual(await first.call('list'), [
      [true, 'first'],
      [true, 'first'],
    ])
  })

  test('arguments of the URL are properties of the client (C43)', async () => {
    await using _client = await connect('query?arg1=value1&arg2=value2')
    await said('client arg1 = value1')
    await said('client arg2 = value2')
  })

  test('a writer may be unreliable for one message (C48)', async () => {
    await using client = await connect('reliable')
    assert.deepEqual((await client.called('method')).args, ['hello'])
  })

  test('what onConnection returns is displayed by the client (C129)', async () => {
    await using client = await connect('info')
    assert.deepEqual([client.info.message, client.info.id], ['welcome', 1])
  })

  test('who is not Tom is told so, and without words "client rejected" (C130, C131)', async () => {
    assert.equal(await refusal(connect('tom', { args: ['Ben'] })), 'NetConnection.Connect.Rejected: you are not Tom!')
    assert.equal(await refusal(connect('nobody')), 'NetConnection.Connect.Rejected: client rejected')
    await using tom = await connect('tom', { args: ['Tom'] })
    assert.equal(tom.info.code, 'NetConnection.Connect.Success')
  })

  test('who has no right may neither publish nor play (C138, C145)', async () => {
    await using client = await connect('rights')
    assert.equal(await refusal(client.publish('cam')), 'NetStream.Publish.Failed: no rights to publish it')
    assert.equal(await refusal(client.play('cam')), 'NetStream.Play.Failed: no rights to play it')
    await using entitled = await connect('rights?right=yes')
    await entitled.publish('cam')
  })

  test('a function of the client is called, by its result or by the writer; what fails says why (C44, C52)', async () => {
    await using client = await connect('rpc')
    assert.equal(await client.call('test', 'Arouet', 'François-Marie'), 'Hello François-Marie Arouet')
    assert.equal(await client.call('written', 'Arouet', 'François-Marie'), 'Hello François-Marie Arouet')
    const failed = 'NetConnection.Call.Failed'
    assert.equal(await refusal(client.call('test', 'Arouet')), `${failed}: test function takes two arguments`)
    assert.equal(await refusal(client.call('untest')), `${failed}: Method 'untest' not found`)
  })

  test('data is pushed to a client (C53)', async () => {
    await using client = await connect('push')
    assert.deepEqual((await client.called('onPushData')).args, ['Rambo', 'John'])
  })

  test('writers are written to every two seconds, by the application or by themselves (C57, C60, C132)', async () => {
    const clients = await Promise.all([connect('writers'), connect('managed')])
    await Promise.all(clients.map(client => client.called('refresh')))
    await Promise.all(clients.map(client => client.close()))
    await said('writers left: 0')
  })

  test('typed objects get functions, and are sent by their type (C148)', async () => {
    await using client = await connect('types')
    await client.call('stroke', { __type: 'Cat' })
    await said('meow')
    assert.deepEqual(await client.call('cat'), { __type: 'Cat' })
  })

  test('an ArrayCollection reads and writes itself (C105, C148)', async () => {
    await using client = await connect('types')
    const collection = {
      __type: 'flex.messaging.io.ArrayCollection',
      __writeExternal(writer: { writeAMF(value: unknown): void }) {
        writer.writeAMF(['one', 'two'])
      },
    }
    assert.equal(await client.call('first', collection), 'one')
  })

  test('values arrive as the page lists them', async () => {
    await using client = await connect('types')
    assert.deepEqual(await client.call('values'), [
      { x: 10, y: 10, width: 100, height: 100 },
      [10, 10, 100, 100],
      Object.assign([100, 100], { x: 10, y: 10 }),
      new Map<unknown, unknown>([
        [10, 'test'],
        ['test', 10],
      ]),
      new Uint8Array(Buffer.from('rawdata')),
      new Date(905989690435),
    ])
  })

  test('an application of several files includes them, and a child without a hook leaves it to its parent (C15)', async () => {
    await using parts = await connect('parts')
    assert.equal(parts.info.greeting, 'from start.js')
    await using child = await connect('games/mygame')
    assert.deepEqual([child.info.asked, child.info.path], ['games', '/games/mygame'])
  })

  test('an application calls a function of another, if there is such', async () => {
    await using client = await connect('friends')
    assert.equal(await client.call('load'), 'loaded')
    assert.equal(await client.call('missing'), 'it does not exist')
  })

  test('a TCP client echoes what it hears, and notes the end (C18)', async () => {
    await using client = await connect('tcp-client')
    const listening = createServer().listen(0, '127.0.0.1')
    await once(listening, 'listening')
    const accepted = once(listening, 'connection') as Promise<[Socket]>
    assert.equal(await client.call('open', (listening.address() as { port: number }).port), true)
    const [peer] = await accepted
    peer.write('hello')
    assert.equal(String((await once(peer, 'data'))[0]), 'hello')
    await server.logged(({ msg }) => /^Reception from 127\.0\.0\.1:\d+ to 127\.0\.0\.1:\d+$/.test(msg))
    peer.destroy()
    listening.close()
    await said('TCP disconnection')
  })

  test('a TCP server echoes what its clients send (C19)', async () => {
    await using client = await connect('tcp-server')
    const peer = openSocket(Number(await client.call('start')), '127.0.0.1')
    peer.write('hello')
    assert.equal(String((await once(peer, 'data'))[0]), 'hello')
    peer.destroy()
    await said('TCP client disconnection')
  })

  test('a UDP socket echoes, and one in connected mode hears it (C20)', async () => {
    await using client = await connect('udp')
    const address = await client.call('talk')
    await said(`Reception from ${address}: salut`)
  })

  test('a mail is sent, and the script hears of it (C27, C28)', async () => {
    await using client = await connect('mail')
    await client.call('send')
    await said('Sent')
    assert.deepEqual(smtp.mails[0]?.to, ['<to@domain.example>'])
  })

  test('calling what the client lacks is an error with its message in the script (K24)', async () => {
    await using client = await connect('lacking')
    const { name, message, code } = (await client.call('ask')) as Record<string, string>
    assert.equal(name, 'Error')
    assert.match(message!, /missing/)
    assert.equal(code, 'NetConnection.Call.Failed')
    await server.logged(({ msg }) => msg === `call failed: ${message}`)
  })
})
