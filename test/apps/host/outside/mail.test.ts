import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import type { SmtpSetup } from '../../../../server/apps/wire.ts'
import { SmtpServer } from '../../../support/smtp-server.ts'
import { Lab } from '../lab.ts'
import { outcome, Script } from './script.ts'

const sending = (values: string) => `
  const { promise, resolve } = Promise.withResolvers()
  server.sendMail(${values}).onSent = function (error) { resolve([this[Symbol.toStringTag], error]) }
  return promise
`
const hello = sending(`'Tom <tom@example.com>', 'Hello', 'a line\\n.\\nanother', 'ann@example.com', 'bob@example.com'`)

suite('mail', () => {
  const lab = new Lab()
  const servers: SmtpServer[] = []
  after(async () => {
    for (const server of servers) server.end()
    await lab.end()
  })

  async function raise(server: SmtpServer, change: Partial<SmtpSetup> = {}, allow = ['mail']): Promise<Script> {
    servers.push(server)
    const port = await server.start()
    const smtp = {
      host: '127.0.0.1',
      port,
      timeout: 20_000,
      user: '',
      password: '',
      secure: 'none',
      ...change,
    } as const
    return Script.raise(lab, allow, { smtp })
  }

  test('reaches every recipient, and onSent hears that it did (C27, C28)', async () => {
    const server = new SmtpServer()
    const script = await raise(server)
    assert.deepEqual(await script.run(hello), ['Mail', undefined])
    const [mail] = server.mails
    assert.equal(mail?.from.trim(), '<tom@example.com>')
    assert.deepEqual(mail.to, ['<ann@example.com>', '<bob@example.com>'])
    assert.match(mail.data, /^From: Tom <tom@example\.com>$/m)
    assert.match(mail.data, /^Subject: Hello$/m)
    assert.match(mail.data, /\n\na line\n\.\.\nanother/)
  })

  test('is told as not sent when a recipient is refused, with the words of the server (C28)', async () => {
    const script = await raise(
      new SmtpServer(line => (line.startsWith('RCPT') ? '550 nobody of that name' : undefined)),
    )
    const [, error] = (await script.run(hello)) as [string, string]
    assert.match(error, /nobody of that name/)
  })

  test('is told as not sent when one of several recipients is refused (C28)', async () => {
    const script = await raise(new SmtpServer(line => (line.includes('bob') ? '550 no' : undefined)))
    const [, error] = (await script.run(hello)) as [string, string]
    assert.match(error, /refused bob@example\.com/)
  })

  test('to a server that says nothing, or a word now and then, is given up after smtp.timeout (C28)', async () => {
    for (const silent of [() => null, (line: string) => (line.startsWith('EHLO') ? '250-and' : undefined)]) {
      const script = await raise(new SmtpServer(silent), { timeout: 200 })
      const [, error] = (await script.run(hello)) as [string, string]
      assert.match(error, /did not take the mail within smtp\.timeout \(200 ms\)/)
    }
  })

  test('goes with a name and a password where they are set, and neither is a script’s to see (C27)', async () => {
    const server = new SmtpServer(line =>
      line.startsWith('EHLO') ? '250-here\r\n250 AUTH PLAIN' : line.startsWith('AUTH') ? '235 welcome' : undefined,
    )
    const script = await raise(server, { user: 'tom', password: 'tulip' })
    assert.deepEqual(await script.run(hello), ['Mail', undefined])
    const auth = server.lines.find(line => line.startsWith('AUTH PLAIN '))
    assert.equal(Buffer.from(auth?.slice(11) ?? '', 'base64').toString(), '\0tom\0tulip')
    assert.equal(
      String(await script.run('return JSON.stringify([application, server.configs])')).includes('tulip'),
      false,
    )
  })

  test('does not go out unencrypted where that is required (C27)', async () => {
    const server = new SmtpServer(line => (line === 'STARTTLS' ? '454 not now' : undefined))
    const script = await raise(server, { secure: 'required' })
    const [, error] = (await script.run(hello)) as [string, string | undefined]
    assert.ok(error)
    assert.deepEqual(server.mails, [])
  })

  test('without a server set says what to set (C28)', async () => {
    const script = await Script.raise(lab, ['mail'], { smtp: null })
    const [, error] = (await script.run(hello)) as [string, string]
    assert.match(error, /host in section \[smtp\]/)
  })

  test('needs its capability, at the call (C27)', async () => {
    const script = await raise(new SmtpServer(), {}, ['config'])
    const call = `(() => { try { server.sendMail('a@b.c', 's', 't', 'd@e.f') } catch (error) { throw error } })()`
    assert.match(String(await script.run(outcome(call))), /^CapabilityError: .* may not use mail: add it/)
  })

  test('that is none is a TypeError, or told to onSent, and no header is smuggled in (C27, C28)', async () => {
    const server = new SmtpServer()
    const script = await raise(server)
    assert.match(String(await script.run(outcome(`server.sendMail('a@b.c', 's', 't')`))), /^TypeError: sendMail wants/)
    assert.match(
      String(await script.run(outcome(`server.sendMail('a@b.c', 5, 't', 'd@e.f')`))),
      /^TypeError: sendMail: subject is a text/,
    )
    const [, error] = (await script.run(sending(`'a@b.c', 'x\\r\\nBcc: e@f.g', 't', 'd@e.f'`))) as [string, string]
    assert.match(error, /one line each/)
    assert.deepEqual(server.mails, [])
  })
})
