import { homedir } from 'node:os'
import { join } from 'node:path'
import { clearLine, cursorTo } from 'node:readline'
import { type REPLServer, Recoverable, start } from 'node:repl'
import { commands } from '../commands/all.ts'
import type { Tell } from '../wire.ts'
import type { AdminClient, Asked } from './admin-client.ts'
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
  /** Lines are answered in order, also when somebody types or pastes ahead. */
  #work: Promise<void> = Promise.resolve()
  /** Of them those that have no answer yet. */
  #waiting = 0
  /** The beginning of something that more lines are to end. */
  #unfinished = ''
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
      // Answers are written here: a line is over for the prompt when it is sent, or what is typed meanwhile would join it.
      ignoreUndefined: true,
      eval: (code, _context, _file, done) => this.#line(code, done),
      completer: (text: string, done: Completed) => void this.#complete(text, done),
    })
    this.#quietPrompt()
    this.#defineCommands()
    this.#takeInterrupts()
    client.onTell = tell => this.#tell(tell)
    this.left = new Promise(resolve => {
      this.#repl.once('exit', () => {
        this.#isClosed = true
        // What is wrong with it the server says.
        if (this.#unfinished !== '') this.#evaluate(this.#unfinished)
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
    this.#unfinished = isUnfinished(code) ? code : ''
    if (this.#unfinished !== '') return done(new Recoverable(new SyntaxError('more is to come')))
    // Empty lines are nothing to ask for.
    if (code.trim() !== '') this.#evaluate(code)
    done(null)
  }

  #evaluate(code: string): void {
    this.#show(() => this.#ask({ do: 'evaluate', app: this.#app, code, as: 'text' }))
  }

  /** What Ctrl+C cuts while it is on its way. */
  async #ask(asked: Asked): Promise<string> {
    const { id, answer } = this.#client.begin(asked)
    this.#pending = id
    const { text } = await answer
    this.#pending = undefined
    return text
  }

  /** What comes back is shown, and the prompt again when nothing else is waited for. */
  #show(work: () => Promise<string>): void {
    this.#waiting++
    this.#work = this.#work.then(async () => {
      const text = await work()
      this.#waiting--
      if (text !== '') this.#write(text)
      if (!this.#isClosed && this.#waiting === 0) this.#repl.displayPrompt(true)
    })
  }

  /** No prompt while an answer is waited for, and none at all in what a program reads. */
  #quietPrompt(): void {
    const usual = this.#repl.displayPrompt
    this.#repl.displayPrompt = keepsCursor => {
      if (!this.#isTerminal) return
      this.#repl.setPrompt(this.#waiting > 0 ? '' : this.#prompt)
      if (this.#waiting === 0 || keepsCursor) usual.call(this.#repl, keepsCursor)
    }
  }

  #defineCommands(): void {
    const { commands: own } = this.#repl
    // There is no context here that could be cleared.
    delete (own as Record<string, unknown>).clear
    const define = (name: string, help: string, action: (text: string) => Promise<string>): void => {
      this.#repl.defineCommand(name, {
        help,
        action: text => {
          this.#repl.clearBufferedCommand()
          this.#show(() => action(text.trim()))
          this.#repl.displayPrompt()
        },
      })
    }
    for (const { name, usage, help } of commands.values()) {
      define(name, usage === '' ? help : `${usage}: ${help}`, async text => {
        const words = text === '' ? [] : text.split(/\s+/)
        return this.#ask({ do: 'command', app: this.#app, name, words })
      })
    }
    define('log', 'LEVEL: show what is logged about the application in use, console.* included; off ends that', level =>
      this.#client.ask({ do: 'log', app: this.#app, level }).then(({ text }) => text),
    )
    define('use', 'APP: talk to another application', async name => {
      if (name === '') return '.use needs the name of an application: .apps shows them'
      const { ok, text } = await this.#client.ask({ do: 'use', app: name })
      if (!ok) return text
      this.#app = text
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
    this.#write(tell.tell === 'log' ? `[${tell.level}] ${tell.text}` : `-- ${tell.text}`)
    if (!this.#isClosed) this.#repl.displayPrompt(true)
  }

  /** In the place of what has been typed so far, which the prompt shows again. */
  #write(text: string): void {
    if (this.#isTerminal) {
      clearLine(this.#output, 0)
      cursorTo(this.#output, 0)
    }
    this.#output.write(`${text}\n`)
  }
}

type Completed = (error: Error | null, completion: [string[], string]) => void
