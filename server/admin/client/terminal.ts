import { homedir } from 'node:os'
import { join } from 'node:path'
import { clearLine, cursorTo } from 'node:readline'
import { type REPLServer, Recoverable, start } from 'node:repl'
import { commands } from '../commands/all.ts'
import type { Tell } from '../wire.ts'
import type { AdminClient } from './admin-client.ts'
import { isUnfinished } from './unfinished.ts'

export interface TerminalOptions {
  readonly client: AdminClient
  /** As people write it. */
  readonly app: string
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
  /** Where typed lines are kept; none without a terminal. */
  readonly historyFile?: string
}

/** Lines that are kept. */
export const historyFile = (): string => join(homedir(), '.cumulus_history')

/** The prompt: lines, their answers, and what the server says in between. What is typed is evaluated by the server only. */
export class Terminal {
  readonly #client: AdminClient
  readonly #output: NodeJS.WriteStream
  readonly #repl: REPLServer
  readonly #isTerminal: boolean
  #app: string
  #isClosed = false
  /** Lines are answered in order, also when somebody types ahead. */
  #work: Promise<void> = Promise.resolve()
  /** What is being waited for. */
  #pending: number | undefined
  /** Resolves when the operator has left. */
  readonly left: Promise<void>

  constructor({ client, app, input, output, historyFile }: TerminalOptions) {
    this.#client = client
    this.#output = output
    this.#app = app
    this.#isTerminal = output.isTTY === true && input.isTTY === true
    this.#repl = start({
      input,
      output,
      terminal: this.#isTerminal,
      prompt: this.#prompt,
      preview: false,
      // The answer is a text already.
      writer: text => text,
      eval: (code, _context, _file, done) => this.#line(code, done),
      completer: (text: string, done: Completed) => void this.#complete(text, done),
    })
    this.#defineCommands()
    this.#takeInterrupts()
    client.onTell = tell => this.#tell(tell)
    this.left = new Promise(resolve => {
      this.#repl.once('exit', () => {
        this.#isClosed = true
        void this.#work.then(resolve)
      })
    })
    if (this.#isTerminal && historyFile !== undefined) this.#repl.setupHistory(historyFile, () => {})
  }

  /** The server has gone. */
  end(): void {
    this.#repl.close()
  }

  get #prompt(): string {
    return this.#isTerminal ? `${this.#app}> ` : ''
  }

  #line(code: string, done: (error: Error | null, text?: string) => void): void {
    if (isUnfinished(code)) return done(new Recoverable(new SyntaxError('more is to come')))
    // Comments and empty lines are nothing to ask for.
    if (code.trim() === '') return done(null, undefined)
    this.#do(async () => {
      const { id, answer } = this.#client.begin({ do: 'evaluate', app: this.#app, code, as: 'text' })
      this.#pending = id
      const { text } = await answer
      this.#pending = undefined
      // Of a script on standard input the last lines are answered when all of it has been read.
      if (this.#isClosed) this.#output.write(`${text}\n`)
      else done(null, text)
    })
  }

  #do(work: () => Promise<void>): void {
    this.#work = this.#work.then(work)
  }

  /** For a command: what comes back is shown, and the prompt again. */
  #show(work: () => Promise<string>): void {
    this.#repl.clearBufferedCommand()
    this.#do(async () => {
      const text = await work()
      this.#output.write(text === '' ? '' : `${text}\n`)
      if (!this.#isClosed) this.#repl.displayPrompt()
    })
  }

  #defineCommands(): void {
    const { commands: own } = this.#repl
    // There is no context here that could be cleared.
    delete (own as Record<string, unknown>).clear
    const define = (name: string, help: string, action: (text: string) => Promise<string>): void => {
      this.#repl.defineCommand(name, { help, action: text => this.#show(() => action(text.trim())) })
    }
    for (const { name, usage, help } of commands.values()) {
      define(name, usage === '' ? help : `${usage}: ${help}`, async text => {
        const words = text === '' ? [] : text.split(/\s+/)
        const { answer, id } = this.#client.begin({ do: 'command', app: this.#app, name, words })
        this.#pending = id
        const { text: said } = await answer
        this.#pending = undefined
        return said
      })
    }
    define('log', 'LEVEL: show what is logged about the application in use, console.* included; off ends that', level =>
      this.#client.ask({ do: 'log', app: this.#app, level }).then(({ text }) => text),
    )
    define('use', 'APP: talk to another application', async name => {
      const { ok, text } = await this.#client.ask({ do: 'use', app: name })
      if (!ok) return text
      this.#app = text
      this.#repl.setPrompt(this.#prompt)
      return ''
    })
  }

  /** Ctrl+C cuts what is being waited for; at rest it is the prompt's own. */
  #takeInterrupts(): void {
    const usual = this.#repl.listeners('SIGINT') as (() => void)[]
    this.#repl.removeAllListeners('SIGINT')
    this.#repl.on('SIGINT', () => {
      if (this.#pending === undefined) for (const listener of usual) listener.call(this.#repl)
      else void this.#client.ask({ do: 'cut', of: this.#pending })
    })
  }

  async #complete(text: string, done: Completed): Promise<void> {
    const { ok, text: found } = await this.#client.ask({ do: 'complete', app: this.#app, text })
    const { names, length } = ok ? (JSON.parse(found) as { names: string[]; length: number }) : { names: [], length: 0 }
    done(null, [names, text.slice(text.length - length)])
  }

  /** Above the line that is being typed. */
  #tell(tell: Tell): void {
    if (tell.tell === 'end') return
    const text = tell.tell === 'log' ? `[${tell.level}] ${tell.text}` : `-- ${tell.text}`
    if (!this.#isTerminal) {
      this.#output.write(`${text}\n`)
      return
    }
    clearLine(this.#output, 0)
    cursorTo(this.#output, 0)
    this.#output.write(`${text}\n`)
    if (this.#pending === undefined && !this.#isClosed) this.#repl.prompt(true)
  }
}

type Completed = (error: Error | null, completion: [string[], string]) => void
