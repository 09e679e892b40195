import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { AdminSocket, socketPath } from '../../server/admin/admin-socket.ts'
import { AdminClient } from '../../server/admin/client/admin-client.ts'
import { codeCharsMax, questionsMax, sessionsMax } from '../../server/admin/limits.ts'
import { LogTap } from '../../server/admin/log-tap.ts'
import { ConfigError } from '../../server/base/errors.ts'
import { type Log, silentLog } from '../../server/base/log.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { PretendWorld } from './pretend-world.ts'

let data: string
let sockets: AdminSocket[]
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'cumulus-admin-'))
  sockets = []
})
afterEach(async () => {
  for (const socket of sockets) await socket.close()
  rmSync(data, { recursive: true, force: true })
})

async function open(log: Log = silentLog, folder = data) {
  const admin = new AdminSocket(folder, log)
  sockets.push(admin)
  await admin.open()
  const world = new PretendWorld(new ManualClock())
  const tap = new LogTap(silentLog)
  admin.serve(world, tap)
  return { admin, world, tap }
}

suite('the admin socket', () => {
  test('is readable and writable by its owner alone, in a folder that it makes if need be', async () => {
    const folder = join(data, 'new')
    await open(silentLog, folder)
    assert.equal(statSync(socketPath(folder)).mode & 0o777, 0o600)
  })

  test('takes the place of one that a dead server left, and leaves none behind', async () => {
    const dead = createServer().listen(socketPath(data))
    await once(dead, 'listening')
    // As a crash leaves it: the file is there, and nobody listens.
    renameSync(socketPath(data), join(data, 'kept'))
    await new Promise(resolve => dead.close(resolve))
    renameSync(join(data, 'kept'), socketPath(data))
    const { admin } = await open()
    const client = await AdminClient.connect(data, 'ada')
    client.close()
    await admin.close()
    assert.equal(existsSync(socketPath(data)), false)
  })

  test('keeps a second server out of the folder of one that lives', async () => {
    await open()
    const second = new AdminSocket(data, silentLog)
    await assert.rejects(
      second.open(),
      (error: ConfigError) => error instanceof ConfigError && error.code === 'DATA_IN_USE',
    )
    const client = await AdminClient.connect(data, 'ada')
    assert.equal((await client.ask({ do: 'use', app: 'live' })).ok, true)
    client.close()
  })

  test('does without where none can be, which the log says, and removes nothing that is not its own', async () => {
    const warnings: string[] = []
    const log = { ...silentLog, warn: (_subject: object, text: string) => void warnings.push(text) }
    writeFileSync(socketPath(data), 'precious')
    await open(log)
    assert.equal(readFileSync(socketPath(data), 'utf8'), 'precious')
    await open(log, join(data, 'x'.repeat(200)))
    assert.match(warnings[0]!, /^no admin socket, so no cumulus repl: something else has its place/)
    assert.match(warnings[1]!, /longer than 103 bytes/)
  })

  test('tells the client what to do when no server is there, or a dead one', async () => {
    const refused = (code: string) => (error: ConfigError) => error.code === code && error.remedy !== ''
    await assert.rejects(AdminClient.connect(data, 'ada'), refused('NO_SERVER'))
    writeFileSync(socketPath(data), '')
    await assert.rejects(AdminClient.connect(data, 'ada'), refused('NO_SERVER'))
  })

  test('tells operators why it ends, and keeps waiting for none', async () => {
    const { admin } = await open()
    const client = await AdminClient.connect(data, 'ada')
    const waiting = client.ask({ do: 'evaluate', app: 'live', code: 'forever', as: 'text' })
    await client.ask({ do: 'use', app: 'live' })
    admin.dismiss('the server stops')
    assert.equal(await client.ended, 'the server stops')
    assert.deepEqual(await waiting.then(({ ok, text }) => [ok, text]), [false, 'the server stops'])
    assert.equal((await client.ask({ do: 'use', app: 'live' })).text, 'the server stops')
    const stalled = createConnection(socketPath(data))
    await once(stalled, 'connect')
    await admin.close()
    stalled.destroy()
  })

  test('has room for so many operators', async () => {
    await open()
    const clients: AdminClient[] = []
    for (let each = 0; each < sessionsMax; each++) clients.push(await AdminClient.connect(data, 'ada'))
    await assert.rejects(AdminClient.connect(data, 'ada'), /too many operators/)
    for (const client of clients) client.close()
  })
})

suite('a session', () => {
  test('asks the application that is named, and answers with what it gives', async () => {
    const { world } = await open()
    const client = await AdminClient.connect(data, 'ada')
    const line = client.ask({ do: 'evaluate', app: '/live/', code: '1 + 1', as: 'json' })
    const { path, question, settle } = await world.asked(0)
    assert.equal(path, '/live')
    assert.deepEqual({ ...question, session: 0 }, { e: 'evaluate', session: 0, code: '1 + 1', as: 'json' })
    settle({ ok: true, text: '2' })
    assert.deepEqual(await line, { id: 2, ok: true, text: '2' })
    client.close()
  })

  test('says which applications there are when none has that name', async () => {
    await open()
    const client = await AdminClient.connect(data, 'ada')
    const { ok, text } = await client.ask({ do: 'evaluate', app: 'nowhere', code: '1', as: 'text' })
    assert.deepEqual([ok, text], [false, 'there is no application nowhere with a script: there are /, /live'])
    client.close()
  })

  test('cuts what it is told to, and all that waits when the operator leaves', async () => {
    const { world } = await open()
    const client = await AdminClient.connect(data, 'ada')
    const first = client.begin({ do: 'evaluate', app: 'live', code: '1', as: 'text' })
    const asked = await world.asked(0)
    await client.ask({ do: 'cut', of: first.id })
    assert.equal((await first.answer).text, 'cut')
    assert.equal(asked.isCut, true)
    void client.ask({ do: 'evaluate', app: 'live', code: '2', as: 'text' })
    const second = await world.asked(1)
    client.close()
    await world.left(1)
    assert.equal(second.isCut, true)
  })

  test('writes every line to the audit log before it is carried out, with who and where', async () => {
    const { world } = await open()
    const client = await AdminClient.connect(data, 'ada')
    void client.ask({ do: 'evaluate', app: 'live', code: 'steal()', as: 'text' })
    await world.asked(0)
    const [line] = readFileSync(join(data, 'audit.log'), 'utf8').split('\n')
    const { at, ...rest } = JSON.parse(line!)
    assert.equal(at, new Date(world.clock.epoch()).toISOString())
    assert.deepEqual(rest, { uid: process.getuid!(), by: 'ada', session: 1, app: '/live', line: 'steal()' })
    await client.ask({ do: 'command', app: 'live', name: 'kick', words: ['ab', 'be', 'gone'] })
    await client.ask({ do: 'log', app: 'live', level: 'info' })
    const lines = readFileSync(join(data, 'audit.log'), 'utf8').trim().split('\n')
    assert.deepEqual(
      lines.map(each => JSON.parse(each).line),
      ['steal()', '.kick ab be gone', '.log info'],
    )
    client.close()
  })

  test('tells what becomes of the applications it has used, and of no others', async () => {
    const { world, tap } = await open()
    const client = await AdminClient.connect(data, 'ada')
    const told: string[] = []
    client.onTell = tell => void told.push(tell.text)
    await client.ask({ do: 'use', app: 'live' })
    world.happens({ app: '', what: 'reloaded', text: 'in 3 ms' })
    world.happens({ app: '/live', what: 'lost', text: 'apps.memory (128 MB)' })
    world.happens({ app: '/live', what: 'restarted', text: 'in 90 ms' })
    tap.info({ app: '/live' }, 'unheard')
    await client.ask({ do: 'log', app: 'live', level: 'info' })
    tap.info({ app: '/live' }, 'heard')
    assert.equal((await client.ask({ do: 'log', app: 'live', level: 'loud' })).ok, false)
    assert.deepEqual(told, [
      'application /live ended and is being restarted: apps.memory (128 MB)',
      'application /live is back in 90 ms',
      'heard',
    ])
    client.close()
  })

  test('refuses more than it can hold, and ends what speaks another language', async () => {
    const { world } = await open()
    const client = await AdminClient.connect(data, 'ada')
    const code = 'x'.repeat(codeCharsMax + 1)
    assert.match(
      (await client.ask({ do: 'evaluate', app: 'live', code, as: 'text' })).text,
      /may have 65536 characters/,
    )
    for (let each = 0; each < questionsMax; each++)
      void client.ask({ do: 'evaluate', app: 'live', code: '1', as: 'text' })
    assert.match((await client.ask({ do: 'use', app: 'live' })).text, /64 requests wait/)
    await world.asked(questionsMax - 1)
    client.close()
    for (const line of [
      'hello',
      '{}',
      '{"id":1,"do":"sing"}',
      '{"id":1,"do":"cut"}',
      '{"id":1,"do":"__proto__"}',
      '[]',
      'null',
    ]) {
      const socket = createConnection(socketPath(data))
      socket.write(`${line}\n`)
      const [answer] = await once(socket.setEncoding('utf8'), 'data')
      assert.equal(answer, '{"tell":"end","text":"that was no request of this protocol"}\n', line)
      await once(socket, 'close')
    }
  })
})
