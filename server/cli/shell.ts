import { openStandardOutput } from '../base/pino-log.ts'

/** What a command needs of the process it runs in. */
export interface Shell {
  /** Somebody reads along. */
  readonly isTerminal: boolean
  /** Standard output. */
  write(text: string): void
  /** Standard error. */
  complain(text: string): void
  /** SIGINT, SIGTERM and SIGHUP: somebody wants an end. */
  onSignal(handler: (signal: string) => void): void
  /** An error that nobody caught. */
  onUncaught(handler: (error: unknown) => void): void
  /** Sees the last lines off, then ends the process. */
  exit(code: number): void
}

/** The process itself. */
export function openShell(): Shell {
  const output = openStandardOutput()
  return {
    isTerminal: process.stdout.isTTY === true,
    write: text => output.write(text),
    complain: text => process.stderr.write(text),
    onSignal(handler) {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => handler(signal))
    },
    onUncaught(handler) {
      process.on('uncaughtException', handler)
    },
    exit(code) {
      output.close().finally(() => process.exit(code))
    },
  }
}
