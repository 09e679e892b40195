import { createConnection, type Socket } from 'node:net'
import { ConfigError } from '../../base/errors.ts'
import { typed } from '../../base/typed.ts'
import { socketPath } from '../admin-socket.ts'
import { LineReader } from '../line-reader.ts'
import { type Answer, type Request, readAnswer, type Tell } from '../wire.ts'

/** A request without its id. */
export type Asked = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never

/** The operator's end of the admin socket. */
export class AdminClient {
  /** Told what the server says of its own accord. */
  onTell: (tell: Tell) => void = () => {}
  /** Resolves with the reason once the connection is no more. */
  readonly ended: Promise<string>
  readonly #socket: Socket
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #lastId = 0
  #reason = 'the server is gone'

  private constructor(socket: Socket) {
    const reader = new LineReader()
    this.#socket = socket
    socket.on('data', bytes => {
      for (const line of reader.read(bytes) ?? []) this.#take(line)
    })
    socket.on('error', () => {})
    this.ended = new Promise(resolve => {
      socket.once('close', () => {
        for (const [id, answered] of this.#waiting) answered({ id, ok: false, text: this.#reason })
        this.#waiting.clear()
        resolve(this.#reason)
      })
    })
  }

  /** Connects to the server with that data folder. Rejects with a ConfigError that says what to do. */
  static async connect(data: string, by: string): Promise<AdminClient> {
    const path = socketPath(data)
    const socket = createConnection(path)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', error => reject(reasonOf(error, path, data)))
    })
    const client = new AdminClient(socket)
    const { ok, text } = await client.ask({ do: 'hello', by })
    if (!ok)
      throw new ConfigError('NO_SERVER', `the server at ${path} does not answer: ${text}`, 'Try again in a moment.')
    return client
  }

  ask(asked: Asked): Promise<Answer> {
    return this.begin(asked).answer
  }

  /** As ask(), with the number by which it can be cut. */
  begin(asked: Asked): { id: number; answer: Promise<Answer> } {
    const id = ++this.#lastId
    if (this.#socket.destroyed) return { id, answer: Promise.resolve({ id, ok: false, text: this.#reason }) }
    this.#socket.write(`${JSON.stringify({ id, ...asked })}\n`)
    return { id, answer: new Promise(resolve => this.#waiting.set(id, resolve)) }
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(line: string): void {
    const message = readAnswer(line)
    if (message === undefined) return
    if ('tell' in message) {
      if (message.tell === 'end') this.#reason = message.text
      return this.onTell(message)
    }
    this.#waiting.get(message.id)?.(message)
    this.#waiting.delete(message.id)
  }
}

function reasonOf(error: Error & { code?: string }, path: string, data: string): ConfigError {
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    return new ConfigError(
      'ADMIN_DENIED',
      `the socket ${path} belongs to another user`,
      `Run this as the user who started the server: sudo -u USER ${typed('repl …')}`,
    )
  }
  const remedy = `Start one with ${typed('serve')}, or name the data folder of the one that runs: --data DIR.`
  if (error.code === 'ENOENT') {
    return new ConfigError('NO_SERVER', `no server runs with the data folder ${data}`, remedy)
  }
  if (error.code === 'ECONNREFUSED') {
    return new ConfigError('NO_SERVER', `the server that had the data folder ${data} is dead`, remedy)
  }
  return new ConfigError('NO_SERVER', `${path} cannot be reached (${error.code ?? error.message})`, remedy)
}
