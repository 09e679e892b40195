import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { after, suite, test } from 'node:test'
import { outside } from '../apps/host/child.ts'
import { Lab } from '../apps/host/lab.ts'
import { allowed } from '../apps/host/outside/script.ts'
import { SmtpServer } from '../support/smtp-server.ts'

const readme = readFileSync(new URL('../../sandbox-api/README.md', import.meta.url), 'utf8')

/** The script below a heading of the book. */
function example(heading: string): string {
  const section = readme.slice(readme.indexOf(`\n## ${heading}\n`))
  return /^```js\n([\s\S]*?)^```$/m.exec(section)![1]!
}

suite("what the author's book shows of the outside", () => {
  const lab = new Lab()
  after(() => lab.end())

  test('a backend decides who connects', async () => {
    const backend = createServer(async (request, response) => {
      let body = ''
      for await (const part of request) body += part
      response.writeHead(JSON.parse(body).password === 'tulip' ? 204 : 403).end()
    }).listen(0, '127.0.0.1')
    await once(backend, 'listening')
    const config = { backend: `http://127.0.0.1:${(backend.address() as AddressInfo).port}/check` }
    const app = await lab.app(example('Asking the outside'), { allow: allowed('fetch:127.0.0.1:*'), config })
    assert.equal((await app.connect(['tom', 'tulip'])).ok, true)
    const { ok, text } = await app.connect(['tom', 'rose'], { id: 'c3'.repeat(32) })
    assert.deepEqual([ok, text], [false, 'you are not tom'])
    backend.closeAllConnections()
    backend.close()
  })

  test('a server of lines tells its clients (C19)', async () => {
    const show = '\nexport function onCall() { return lines.port }'
    const app = await lab.app(example('Sockets') + show, { allow: allowed('listen:tcp:*'), config: { port: '0' } })
    await app.ask(ticket => ({ e: 'onStart', ticket, path: app.path, reason: 'start' }))
    const { id } = app.join()
    const socket = connect(Number(await app.call(id, 'port')), '127.0.0.1')
    socket.write('hello\nwor')
    const [data] = await once(socket, 'data')
    assert.equal(String(data), '1 are listening\n')
    assert.ok(Buffer.from((await app.command('broadcast')).args0).includes('hello'))
    socket.write('ld\n')
    await app.command('broadcast', ({ args0 }) => Buffer.from(args0).includes('world'))
    socket.destroy()
  })

  test('a mail goes out when a publication ends (C27, C28)', async () => {
    const post = new SmtpServer()
    const smtp = {
      host: '127.0.0.1',
      port: await post.start(),
      timeout: 2_000,
      user: '',
      password: '',
      secure: 'none',
    } as const
    const data = `${lab.www.folder}/.data`
    const app = await lab.app(example('Mail'), { allow: allowed('mail'), outside: { ...outside, data, smtp } })
    await app.ask(ticket => ({ e: 'onStart', ticket, path: app.path, reason: 'start' }))
    const { id } = app.join()
    app.tell({ e: 'onUnpublish', client: id, publication: app.publication(), generation: 1 })
    await app.log('mail: sent')
    assert.deepEqual(post.mails[0]?.to, ['<ann@example.com>'])
    post.end()
  })

  test('visits are counted across versions, and the motto goes into the file (R14)', async () => {
    const app = await lab.app(example('Keeping things'), { allow: allowed('config') })
    const { id } = app.join()
    assert.deepEqual(await app.call(id, 'visit', 'ann'), { visits: 1, everybody: 1 })
    await app.reload(`${example('Keeping things')}\n`)
    assert.deepEqual(await app.call(id, 'visit', 'ann'), { visits: 2, everybody: 1 })
    const setting = app.call(id, 'motto', 'louder')
    const { ticket, key, value } = await app.command('configure')
    assert.deepEqual([key, value], ['motto', 'louder'])
    app.tell({ e: 'answer', ticket, ok: true })
    await setting
  })
})
