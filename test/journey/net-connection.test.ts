import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite, test } from 'node:test'
import { decodeAmf0, encodeAmf0 } from '../../server/media/amf0.ts'
import { freePort } from '../support/free-port.ts'
import { PacedPublisher } from '../support/paced-publisher.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer } from '../support/server.ts'

const peerApp = `
  export function onConnection(client, word) {
    if (word === 'wrong') throw new Error('the word is wrong')
    client.word = word
    client.greet = async name => client.call('hello', name)
    return { motto: 'be kind' }
  }
  export const calls = {
    add(a, b) { return a + b },
    fail() { throw new Error('no such luck') },
    who() { return this.word },
    askBack() { return this.writer && this.call('hello', 'you') },
    askMissing() { return this.call('toString') },
  }
  export function onDisconnection(client) { INFO('left ', client.word) }
`

const callerApp = `
  const heard = []
  let nc, ns
  export const calls = {
    open(uri, encoding, ...args) {
      nc = new NetConnection()
      nc.objectEncoding = encoding
      nc.onStatus = info => { heard.push(info.code) ; INFO('heard ', info.code, ' ', info.description) }
      nc.hello = name => 'hello ' + name
      return nc.connect(uri, ...args)
    },
    state() { return { isConnected: nc.isConnected, uri: nc.uri, objectEncoding: nc.objectEncoding, heard } },
    ask(name, ...args) { return nc.call(name, ...args) },
    proxy(name) { application.registerProxy(name, nc) },
    unproxy(name) { application.registerProxy(name, null) },
    hangUp() { nc.close() },
    sendOut(name, local) {
      ns = new NetStream(nc)
      ns.onStatus = info => INFO('stream ', info.code, ' ', info.description)
      ns.attach(local === 'object' ? publications.get('cam') : local)
      ns.setBufferTime(2)
      ns.publish(name, 'live')
      return [ns.bufferTime, ns.time]
    },
    bringIn(name, local) {
      ns = new NetStream(nc)
      ns.onStatus = info => INFO('stream ', info.code, ' ', info.description)
      ns.attach(local)
      ns.play(name)
    },
    say(...values) { ns.send('onSaid', ...values) },
    time() { return ns.time },
    stop() { ns.close() },
  }
`

async function stage(port: number, allow = `rtmp:127.0.0.1:${port}`) {
  const server = await startTestServer({
    www: { 'caller/main.js': callerApp, 'caller2/main.js': callerApp },
    set: [`app:/caller.allow=${allow}`],
  })
  const client = await RtmpClient.connect({ url: server.url('caller') })
  return {
    server,
    client,
    async [Symbol.asyncDispose]() {
      await client.close()
      await server.stop()
    },
  }
}

suite('NetConnection', () => {
  test('connects to another server, calls it and is called, in both versions of AMF (R36, R51, R53–R59, F13)', async () => {
    await using peer = await startTestServer({ www: { 'peer/main.js': peerApp } })
    await using scene = await stage(peer.port)
    const { client, server } = scene
    const uri = peer.url('peer')
    for (const encoding of [0, 3]) {
      const from = server.log.length
      assert.equal(await client.call('open', uri, encoding, 'tulip'), true)
      // Asked before the connection stands.
      assert.equal(await client.call('ask', 'add', 2, 3), 5)
      await server.logged(({ msg }) => /heard NetConnection.Connect.Success/.test(msg), from)
      const { isConnected, uri: shown, objectEncoding } = (await client.call('state')) as Record<string, unknown>
      assert.deepEqual(
        { isConnected, shown, objectEncoding },
        { isConnected: true, shown: uri, objectEncoding: encoding },
      )
      assert.equal(await client.call('ask', 'who'), 'tulip')
      assert.equal(await client.call('ask', 'askBack'), 'hello you')
      await assert.rejects(client.call('ask', 'fail'), /no such luck/)
      await assert.rejects(client.call('ask', 'nothing'), /Method 'nothing' not found/)
      await assert.rejects(client.call('ask', 'askMissing'), /Method 'toString' not found/)
      await client.call('hangUp')
      await server.logged(({ msg }) => /heard NetConnection.Connect.Closed/.test(msg), from)
      const after = (await client.call('state')) as { isConnected: boolean }
      assert.equal(after.isConnected, false)
      await assert.rejects(client.call('ask', 'add', 1, 1), /not connected/)
    }
  })

  test('connects to another application of its own server (R51)', async () => {
    await using server = await startTestServer({
      www: { 'caller/main.js': callerApp, 'peer/main.js': peerApp },
      set: ['app:/caller.allow=rtmp:127.0.0.1:*'],
    })
    await using client = await RtmpClient.connect({ url: server.url('caller') })
    await client.call('open', server.url('peer'), 3, 'x')
    assert.equal(await client.call('ask', 'add', 40, 2), 42)
  })

  test('hears why it was not let in, and why it may not even try (R54, R58)', async () => {
    await using peer = await startTestServer({ www: { 'peer/main.js': peerApp } })
    await using scene = await stage(peer.port)
    const { client, server } = scene
    await client.call('open', peer.url('peer'), 0, 'wrong')
    await server.logged(({ msg }) => /heard NetConnection.Connect.Rejected the word is wrong/.test(msg))
    await client.call('open', peer.url('nowhere'), 0)
    await server.logged(({ msg }) => /heard NetConnection.Connect.InvalidApp/.test(msg))
    await assert.rejects(
      client.call('open', 'rtmp://192.0.2.1/x', 0),
      /may not use rtmp:192.0.2.1:1935: add it to the line allow/,
    )
    await assert.rejects(client.call('open', 'ftp://127.0.0.1/', 0), /uri begins with/)
    const port = await freePort()
    await using other = await stage(port)
    await other.client.call('open', `rtmp://127.0.0.1:${port}/x`, 0)
    await other.server.logged(({ msg }) => /heard NetConnection.Connect.Failed .*ECONNREFUSED/.test(msg))
  })

  test('passes calls on by name, until it is told otherwise (R30)', async () => {
    await using peer = await startTestServer({ www: { 'peer/main.js': peerApp } })
    await using scene = await stage(peer.port)
    const { client } = scene
    await client.call('open', peer.url('peer'), 3, 'x')
    await assert.rejects(client.call('add', 1, 2), /not found/)
    await client.call('proxy', 'add')
    assert.equal(await client.call('add', 20, 22), 42)
    await client.call('proxy', 'fail')
    await assert.rejects(client.call('fail'), /no such luck/)
    await client.call('unproxy', 'add')
    await assert.rejects(client.call('add', 1, 2), /not found/)
  })

  test('ends with the version of the script that made it (R55)', async () => {
    await using peer = await startTestServer({ www: { 'peer/main.js': peerApp } })
    await using scene = await stage(peer.port)
    const { client, server } = scene
    await client.call('open', peer.url('peer'), 3, 'before')
    await client.call('ask', 'add', 1, 1)
    await server.writeApp('caller/main.js', `${callerApp}\n`)
    await server.logged(({ msg }) => msg === 'application reloaded')
    await peer.logged(({ msg }) => /left before/.test(msg))
  })
})

suite('NetConnection in main.asc', () => {
  test('gives answers to responders, and statuses to onStatus (R53, R58)', async () => {
    await using peer = await startTestServer({ www: { 'peer/main.js': peerApp } })
    const app = `
      var nc = new NetConnection();
      nc.onStatus = function (info) {
        trace("heard " + info.code);
        if (info.code != "NetConnection.Connect.Success") return;
        nc.call("add", { onResult: function (sum) { trace("sum " + sum); } }, 40, 2);
        nc.call("fail", { onStatus: function (info) { trace("failed " + info.description); } });
        application.registerProxy("who", nc);
      };
      application.onConnect = function (client) {
        nc.connect("${peer.url('peer')}", "tulip");
        return true;
      };
    `
    const allow = `app:/old.allow=rtmp:127.0.0.1:${peer.port}`
    await using server = await startTestServer({ www: { 'old/main.asc': app }, set: [allow] })
    await using client = await RtmpClient.connect({ url: server.url('old') })
    await server.logged(({ msg }) => /sum 42/.test(msg))
    await server.logged(({ msg }) => /failed .*no such luck/.test(msg))
    assert.equal(await client.call('who'), 'tulip')
  })
})

suite('NetStream', () => {
  test('publishes at another server what is published here, with words of its own between (R60, R61, R63–R67)', async () => {
    await using peer = await startTestServer({ www: { 'peer/main.js': peerApp } })
    await using scene = await stage(peer.port)
    const { client, server } = scene
    await using encoder = await RtmpClient.connect({ url: server.url('caller') })
    using _pace = new PacedPublisher(await encoder.publish('cam')).start()
    await client.call('open', peer.url('peer'), 0, 'x')
    assert.deepEqual(await client.call('sendOut', 'copy', 'object'), [2, 0])
    await server.logged(({ msg }) => /stream NetStream.Publish.Start/.test(msg))
    await using viewer = await RtmpClient.connect({ url: peer.url('peer') })
    const stream = await viewer.play('copy')
    await stream.frame(({ kind, payload }) => kind === 'video' && payload[0] === 0x17 && payload[1] === 1)
    await client.call('say', 'a word', 7)
    const said = await stream.frame(({ values }) => values[0] === 'onSaid')
    assert.deepEqual(said.values, ['onSaid', 'a word', 7])
    assert.ok(((await client.call('time')) as number) > 0)
    await client.call('stop')
    await peer.logged(({ msg }) => msg === 'unpublished')
    assert.equal(await client.call('time'), 0)
  })

  test("brings another server's stream here as a publication (R60, R62, R64)", async () => {
    await using peer = await startTestServer({ www: { 'peer/main.js': peerApp } })
    await using scene = await stage(peer.port)
    const { client, server } = scene
    await using encoder = await RtmpClient.connect({ url: peer.url('peer') })
    using _pace = new PacedPublisher(await encoder.publish('far')).start()
    await client.call('open', peer.url('peer'), 3, 'x')
    await client.call('bringIn', 'far', 'near')
    await using viewer = await RtmpClient.connect({ url: server.url('caller') })
    const stream = await viewer.play('near')
    await stream.frame(({ kind }) => kind === 'video')
    await server.logged(({ msg }) => /stream NetStream.Play.Start/.test(msg))
  })
})

suite('a gateway', () => {
  test('is spoken to over HTTP, with context headers, and answers results and errors (R51, R52, R54, R57)', async () => {
    const seen: { version: number; headers: string[]; target: string; args: unknown }[] = []
    const gateway = createServer(async (request, response) => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part)
      const bytes = Buffer.concat(parts)
      const { version, headers, target, args } = readPacket(bytes)
      seen.push({ version, headers, target, args })
      const isGood = target !== 'Shop.fail'
      const value = isGood ? { got: args } : { code: 'Server.Failed', description: 'sold out' }
      response.setHeader('content-type', 'application/x-amf')
      response.end(writePacket(isGood ? '/1/onResult' : '/1/onStatus', value))
    })
    gateway.listen(0, '127.0.0.1')
    await once(gateway, 'listening')
    const { port } = gateway.address() as AddressInfo
    const app = `export const calls = {
      async shop(encoding, method, ...args) {
        const nc = new NetConnection()
        nc.objectEncoding = encoding
        nc.connect('http://127.0.0.1:${port}/gateway')
        nc.addHeader('Credentials', true, { user: 'tom' })
        nc.addHeader('Gone', false, 1)
        nc.addHeader('Gone')
        try { return [nc.isConnected, await nc.call(method, ...args)] }
        catch (error) { return [error.message, error.info.code] }
      },
    }`
    await using server = await startTestServer({
      www: { 'shop/main.js': app },
      set: [`app:/shop.allow=fetch:127.0.0.1:${port}`],
    })
    await using client = await RtmpClient.connect({ url: server.url('shop') })
    for (const encoding of [0, 3]) {
      const [isConnected, { got }] = (await client.call('shop', encoding, 'Shop.buy', 'tea', { n: 2 })) as [
        boolean,
        { got: unknown },
      ]
      assert.equal(isConnected, true)
      assert.deepEqual(got, ['tea', { n: 2 }])
      const { version, headers, target, args } = seen.at(-1)!
      assert.deepEqual(
        { version, headers, target, args },
        { version: encoding, headers: ['Credentials'], target: 'Shop.buy', args: ['tea', { n: 2 }] },
      )
      assert.deepEqual(await client.call('shop', encoding, 'Shop.fail'), ['sold out', 'Server.Failed'])
    }
    gateway.close()
    gateway.closeAllConnections()
  })
})

suite('a front of another kind of server', () => {
  test("turns calls into JSON-RPC over HTTP, as the author's book has it (F3)", async () => {
    const book = readFileSync(new URL('../../sandbox-api/README.md', import.meta.url), 'utf8')
    const [, app = ''] = /^```js\n(\/\/ www\/front\/main\.js\n[\s\S]*?)^```$/m.exec(book) ?? []
    const backend = createServer(async (request, response) => {
      let body = ''
      for await (const part of request) body += part
      const { jsonrpc, id, method, params } = JSON.parse(body)
      const outcome =
        method === 'sum' ? { result: params[0] + params[1] } : { error: { code: -32601, message: `no ${method}` } }
      response.end(JSON.stringify({ jsonrpc, id, ...outcome }))
    })
    backend.listen(0, '127.0.0.1')
    await once(backend, 'listening')
    const { port } = backend.address() as AddressInfo
    await using server = await startTestServer({
      www: { 'front/main.js': app },
      set: [`app:/front.allow=fetch:127.0.0.1:${port}`, `app:/front.backend=http://127.0.0.1:${port}/rpc`],
    })
    await using client = await RtmpClient.connect({ url: server.url('front') })
    assert.equal(await client.call('sum', 2, 40), 42)
    await assert.rejects(client.call('guess'), /no guess/)
    backend.close()
    backend.closeAllConnections()
  })
})

/** An AMF packet with one message (AMF 0 §4). */
function readPacket(bytes: Buffer) {
  let at = 0
  const take = (length: number) => {
    at += length
    return bytes.subarray(at - length, at)
  }
  const uint16 = () => take(2).readUInt16BE()
  const uint32 = () => take(4).readUInt32BE()
  const version = uint16()
  const headers = Array.from({ length: uint16() }, () => {
    const name = take(uint16()).toString()
    assert.equal(take(1)[0], 1)
    assert.deepEqual(decodeAmf0(take(uint32())), [{ user: 'tom' }])
    return name
  })
  assert.equal(uint16(), 1)
  const target = take(uint16()).toString()
  assert.equal(take(uint16()).toString(), '/1')
  const [args] = decodeAmf0(take(uint32()))
  return { version, headers, target, args }
}

function writePacket(target: string, value: unknown): Buffer {
  const body = encodeAmf0([value])
  const head = Buffer.alloc(8 + target.length + 2 + 4)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(target.length, 6)
  head.write(target, 8)
  head.writeUInt32BE(body.length, 8 + target.length + 2)
  return Buffer.concat([head, body])
}
