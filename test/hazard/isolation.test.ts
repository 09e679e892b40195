import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { harmless, Neighbour } from '../support/neighbour.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

/** A neighbour is answered once in so many ms while a bomb takes its half second; who waited for it would be once, after. */
const patienceMs = 150

const bombs: Readonly<Record<string, string>> = {
  loop: 'for (;;);',
  regex: '/(a+)+b/.test("a".repeat(60))',
  microtasks: 'return (async () => { for (;;) await null })()',
  text: "for (let text = 'x'; ; ) hoard.push((text += text))",
}

/** These end the process they are in. */
const fatal: Readonly<Record<string, string>> = {
  fill: 'Array(1e9).fill(0)',
  bigint: 'let x = 3n; for (;;) x *= x',
  resizable: `for (;;) {
    const buffer = new ArrayBuffer(1, { maxByteLength: 1e9 })
    buffer.resize(1e8)
    new Uint8Array(buffer).fill(1)
    hoard.push(buffer)
  }`,
}

const script = (body: string) => `
const hoard = []
export const calls = {
  bomb() { ${body} },
  alive() { hoard.length = 0; return true },
}`

async function served(isolation: string, bodies: Readonly<Record<string, string>>, set: string[] = []) {
  const apps = Object.entries(bodies).map(([name, body]) => [`${name}/main.js`, script(body)])
  return await startTestServer({
    www: { 'other/main.js': harmless, ...Object.fromEntries(apps) },
    set: [`apps.isolation=${isolation}`, 'apps.timeout=500 ms', ...set],
  })
}

const connected = (server: TestServer, app: string) => RtmpClient.connect({ url: server.url(app) })
const ends = (server: TestServer) => server.log.filter(({ msg }) => msg.startsWith('application host ended'))

for (const isolation of ['own', 'shared']) {
  suite(`applications that go wrong, isolation = ${isolation}`, { timeout: 240_000 }, () => {
    test('are cut and answer again, and their neighbour never waits for them', async () => {
      // A promise that never settles is given up by this limit.
      await using server = await served(isolation, bombs, ['app:/microtasks.verdictTimeout=5'])
      await using other = await connected(server, 'other')
      const neighbour = new Neighbour(other)
      for (const name of Object.keys(bombs)) {
        await using client = await connected(server, name)
        const began = performance.now()
        const before = neighbour.answers
        await assert.rejects(client.call('bomb'), name)
        const due = Math.min((performance.now() - began) / patienceMs, 3)
        const answers = neighbour.answers - before
        assert.ok(answers >= Math.floor(due), `${name}: its neighbour was answered ${answers} times meanwhile`)
        assert.equal(await client.call('alive'), true, name)
      }
      await neighbour.stop()
      assert.deepEqual(neighbour.failures, [])
      assert.deepEqual(ends(server), [])
    })

    test('past all limits cost the process they live in, and whoever is in it comes back', async () => {
      await using server = await served(isolation, fatal)
      await using other = await connected(server, 'other')
      for (const name of Object.keys(fatal)) {
        const from = server.log.length
        const neighbour = new Neighbour(other)
        await using client = await connected(server, name)
        const said = /was restarted: apps\.(memory \(128 MB\)|timeout \(500 ms\))/
        await assert.rejects(client.call('bomb'), said, name)
        await server.logged(({ msg, app }) => msg === 'application restarted' && app === `/${name}`, from)
        assert.equal(await client.call('alive'), true, name)
        await neighbour.stop()
        assert.equal(await other.call('alive'), true)
        if (isolation === 'own') assert.deepEqual(neighbour.failures, [])
        else {
          assert.ok(neighbour.failures.length <= 1, neighbour.failures.join('\n'))
          for (const failure of neighbour.failures) {
            assert.match(failure, new RegExp(`/other was restarted: apps\\..* of application /${name}`))
          }
        }
      }
      const hosts = ends(server).map(({ host }) => host)
      const own = Object.keys(fatal).map(name => `/${name}`)
      assert.deepEqual(hosts, isolation === 'own' ? own : own.map(() => 'shared'))
    })

    test('called every millisecond by many, for ten each time, refuse what is too much, and nobody else waits', async () => {
      const slow = { slow: 'const end = Date.now() + 10; while (Date.now() < end); return 1' }
      await using server = await served(isolation, slow, ['apps.pendingCalls=50'])
      await using other = await connected(server, 'other')
      const clients = await Promise.all(Array.from({ length: 40 }, () => connected(server, 'slow')))
      const neighbour = new Neighbour(other)
      const answers: Promise<unknown>[] = []
      // Each of the forty calls once in forty milliseconds, by the clock.
      const began = performance.now()
      await new Promise<void>(resolve => {
        const timer = setInterval(() => {
          for (const due = Math.min(performance.now() - began, 1_000); answers.length < due; ) {
            const client = clients[answers.length % clients.length]!
            answers.push(client.call('bomb').catch(error => error))
          }
          if (answers.length < 1_000) return
          clearInterval(timer)
          resolve()
        }, 1)
      })
      const results = await Promise.all(answers)
      const meanwhile = neighbour.answers
      assert.equal(await clients[0]!.call('alive'), true)
      await neighbour.stop()
      for (const client of clients) client.destroy()
      const refused = results.filter(result => result instanceof Error)
      assert.ok(refused.length > 100 && refused.length < 1_000, `${refused.length} of 1000 were refused`)
      for (const error of refused) assert.match(String(error), /apps\.pendingCalls \(50\)/)
      assert.deepEqual(neighbour.failures, [])
      // What waits takes half a second at any time: a neighbour behind it would be answered two or three times.
      assert.ok(meanwhile > 10, `the neighbour was answered ${meanwhile} times`)
      assert.deepEqual(ends(server), [])
    })
  })
}
