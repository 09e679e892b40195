import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

export interface SmtpMail {
  readonly from: string
  readonly to: string[]
  readonly data: string
}

/** A tiny SMTP server on loopback (RFC 5321, the words of one delivery). `answer` may give other answers, or none. */
export class SmtpServer {
  readonly mails: SmtpMail[] = []
  /** The lines that came, of all connections. */
  readonly lines: string[] = []
  readonly #server = createServer(socket => this.#serve(socket))
  readonly #sockets = new Set<Socket>()
  readonly #answer: (line: string) => string | null | undefined

  constructor(answer: (line: string) => string | null | undefined = () => undefined) {
    this.#answer = answer
  }

  async start(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
    let [from, to, data, rest, reading] = ['', [] as string[], '', '', false]
    const say = (line: string, standard: string) => {
      const answer = this.#answer(line)
      if (answer !== null) socket.write(`${answer ?? standard}\r\n`)
    }
    say('', '220 here')
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\r\n')
      rest = lines.pop()!
      for (const line of lines) {
        if (reading && line !== '.') {
          data += `${line}\n`
          continue
        }
        this.lines.push(line)
        if (reading) this.mails.push({ from, to, data })
        else if (line.startsWith('MAIL FROM:')) from = line.slice(10)
        else if (line.startsWith('RCPT TO:')) to = [...to, line.slice(8)]
        const begins = !reading && line === 'DATA'
        reading = begins
        say(line, begins ? '354 go on' : line === 'QUIT' ? '221 bye' : '250 ok')
      }
    })
  }
}
