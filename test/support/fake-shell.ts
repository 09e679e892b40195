import type { Shell } from '../../server/cli/shell.ts'

/** A process that only remembers: what was written, with which code it ended, and the handlers to ring by hand. */
export class FakeShell implements Shell {
  readonly isTerminal: boolean
  output = ''
  complaints = ''
  readonly exits: number[] = []
  readonly exited: Promise<number>
  signal: (name: string) => void = () => assertNever()
  uncaught: (error: unknown) => void = () => assertNever()
  #ended: (code: number) => void = () => assertNever()

  constructor(isTerminal = false) {
    this.isTerminal = isTerminal
    this.exited = new Promise(resolve => {
      this.#ended = resolve
    })
  }

  write(text: string): void {
    this.output += text
  }

  complain(text: string): void {
    this.complaints += text
  }

  onSignal(handler: (signal: string) => void): void {
    this.signal = handler
  }

  onUncaught(handler: (error: unknown) => void): void {
    this.uncaught = handler
  }

  exit(code: number): void {
    this.exits.push(code)
    this.#ended(code)
  }

  /** The log's lines so far, read back. */
  logged(): Record<string, unknown>[] {
    return this.output
      .split('\n')
      .filter(line => line.startsWith('{'))
      .map(line => JSON.parse(line))
  }
}

function assertNever(): never {
  throw new Error('nobody listens yet')
}
