import type { LogLevel } from '../server/apps/wire.ts'
import { inspect } from './inspect.ts'
import type { Outbox } from './outbox.ts'
import { callerPlace } from './stack.ts'

/** Log lines of the application, each with the file and line that wrote it. */
export class Logger {
  readonly #outbox: Outbox

  constructor(outbox: Outbox) {
    this.#outbox = outbox
  }

  write(level: LogLevel, text: string): void {
    this.#outbox.log(level, text, callerPlace())
  }

  /** CumulusServer's functions: everything joined, without anything in between. */
  functions() {
    const at =
      (level: LogLevel) =>
      (...values: unknown[]): void => {
        let text = ''
        for (let i = 0; i < values.length; i++) text += joined(values[i])
        this.write(level, text)
      }
    return {
      ERROR: at('error'),
      WARN: at('warn'),
      NOTE: at('note'),
      INFO: at('info'),
      DEBUG: at('debug'),
      TRACE: at('trace'),
      print: at('info'),
      trace: at('info'),
    }
  }
}

function joined(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return `${value}`
  if (value === null || value === undefined || typeof value === 'boolean') return `(${value})`
  return inspect(value)
}
