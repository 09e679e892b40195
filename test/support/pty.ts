import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'

/** How long a text may be waited for, in milliseconds: only met by failures. */
const textMs = 60_000

/** A program at a terminal of its own, made by `script` (bsdutils): what it shows is read, and keys are pressed. */
export class Pty implements AsyncDisposable {
  /** All that was shown so far, without what steers the terminal. */
  shown = ''
  readonly #child: ChildProcess
  readonly #exited: Promise<number>
  readonly #waiting = new Set<() => void>()
  #ended = false
  #seen = 0

  constructor(script: string, command: readonly string[], env: NodeJS.ProcessEnv) {
    const line = command.map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
    this.#child = spawn(script, ['-qefc', `stty cols 200 rows 50; exec ${line}`, '/dev/null'], {
      env: { ...env, TERM: 'xterm', SHELL: '/bin/sh' },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let raw = ''
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      raw += text
      this.shown = stripVTControlCharacters(raw).replaceAll('\r', '')
      for (const look of [...this.#waiting]) look()
    })
    this.#exited = once(this.#child, 'close').then(([code]) => {
      this.#ended = true
      for (const look of [...this.#waiting]) look()
      return code ?? 128
    })
  }

  /** Resolves with the exit code. */
  get exited(): Promise<number> {
    return this.#exited
  }

  press(keys: string): void {
    this.#child.stdin!.write(keys)
  }

  /** The text that fits, of what has been shown since the last one that did. */
  sees(fits: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(limit)
        this.#waiting.delete(look)
        settle()
      }
      const fail = (why: string) => end(() => reject(new Error(`${why} before ${fits}:\n${this.shown.slice(-3_000)}`)))
      const look = () => {
        const match = fits.exec(this.shown.slice(this.#seen))
        if (match) {
          this.#seen += match.index + match[0].length
          end(() => resolve(match[0]))
        } else if (this.#ended) fail('it ended')
      }
      const limit = setTimeout(() => fail(`${textMs} ms passed`), textMs)
      this.#waiting.add(look)
      look()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill()
    await this.#exited
  }
}
