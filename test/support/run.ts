import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** Longest a program may run before the test that started it gives up on it, in milliseconds; only met by failures. */
const runMs = 120_000

export interface Outcome {
  /** The exit code; 128 when a signal ended it. */
  readonly code: number
  /** All it said, on standard output and standard error. */
  readonly output: string
  /** What it said on standard output alone. */
  readonly stdout: string
}

/** A program that a test drives: `await using` ends it with the test. */
export class Run implements AsyncDisposable {
  /** Resolves when it has ended, by itself or not. */
  readonly exited: Promise<Outcome>
  output = ''
  readonly #child: ChildProcess
  readonly #limit: NodeJS.Timeout
  #said: (() => void)[] = []

  constructor(program: string, args: readonly string[]) {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    this.#limit = setTimeout(() => child.kill('SIGKILL'), runMs)
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      this.#say(text)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#say(text))
    this.exited = once(child, 'close').then(([code]) => {
      clearTimeout(this.#limit)
      this.#wake()
      return { code: code ?? 128, output: this.output, stdout }
    })
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Resolves once its output fits; rejects when it ended without having said so. */
  async says(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.output)) {
      if (this.hasExited) throw new Error(`it ended without saying ${pattern}:\n${this.output}`)
      await new Promise<void>(wake => this.#said.push(wake))
    }
  }

  /** Stops it in the midst of what it does, its connections open: SIGCONT would have it go on. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  /** Ends it and waits until it has. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Outcome> {
    if (!this.hasExited) this.#child.kill(signal)
    return this.exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL')
  }

  #say(text: string): void {
    this.output += text
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#said.splice(0)) wake()
  }
}

/** Runs a program to its end. */
export function run(program: string, args: readonly string[]): Promise<Outcome> {
  return new Run(program, args).exited
}
