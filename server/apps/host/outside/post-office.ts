import { connect } from 'node:net'
import { createTransport } from 'nodemailer'
import type { Ask } from '../../../../sandbox-api/outside/words.ts'
import type { SmtpSetup } from '../../wire.ts'
import { MAIL_LINE, MAIL_RECIPIENTS, MAILS_AT_ONCE } from './limits.ts'
import { Refusal } from './refusal.ts'

type Mail = Ask & { noun: 'mail' }

/** Sends an application's mails, a few at a time; what hangs is given up after smtp.timeout. */
export class PostOffice {
  readonly #smtp: SmtpSetup | null
  #sending = 0
  readonly #waiting: (() => void)[] = []

  constructor(smtp: SmtpSetup | null) {
    this.#smtp = smtp
  }

  /** Fulfilled when the server has taken it for every recipient. */
  async send(mail: Mail): Promise<void> {
    check(mail)
    if (this.#smtp === null || this.#smtp.host === '') {
      throw new Refusal('Error', 'no mail server is set: write host in section [smtp] of the configuration')
    }
    if (this.#sending >= MAILS_AT_ONCE) await new Promise<void>(resolve => this.#waiting.push(resolve))
    this.#sending++
    try {
      await deliver(this.#smtp, mail)
    } finally {
      this.#sending--
      this.#waiting.shift()?.()
    }
  }
}

async function deliver({ host, port, timeout, user, password, secure }: SmtpSetup, mail: Mail): Promise<void> {
  // A connection of our own, so that a server which says a word now and then ends with the time limit all the same.
  const connection = connect({ host, port })
  const { promise: late, reject } = Promise.withResolvers<never>()
  late.catch(() => {})
  const timer = setTimeout(
    () => reject(new Refusal('Error', `${host}:${port} did not take the mail within smtp.timeout (${timeout} ms)`)),
    timeout,
  )
  try {
    await Promise.race([late, connected(connection)])
    const transport = createTransport({
      host,
      port,
      connection,
      secure: secure === 'tls',
      requireTLS: secure === 'required',
      ignoreTLS: secure === 'none',
      ...(user === '' ? {} : { auth: { user, pass: password } }),
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    const { sender: from, recipients: to, subject, content: text } = mail
    const { rejected } = await Promise.race([late, transport.sendMail({ from, to, subject, text })])
    if (rejected.length > 0) throw new Refusal('Error', `the mail server refused ${rejected.map(addressOf).join(', ')}`)
  } finally {
    clearTimeout(timer)
    connection.destroy()
  }
}

function connected(socket: ReturnType<typeof connect>): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    // Later errors are the transport's to tell; one that nobody hears would end the process.
    socket.on('error', reject)
  })
}

function check({ sender, subject, recipients }: Mail): void {
  if (recipients.length === 0) throw new Refusal('TypeError', 'a mail needs a recipient')
  if (recipients.length > MAIL_RECIPIENTS)
    throw new Refusal('TypeError', `a mail goes to at most ${MAIL_RECIPIENTS} recipients`)
  for (const line of [sender, subject, ...recipients]) {
    if (line.length > MAIL_LINE)
      throw new Refusal('TypeError', `sender, subject and recipients have at most ${MAIL_LINE} characters`)
    if (/[\r\n\0]/.test(line)) throw new Refusal('TypeError', 'sender, subject and recipients are one line each')
  }
}

function addressOf(address: string | { address: string }): string {
  return typeof address === 'string' ? address : address.address
}
