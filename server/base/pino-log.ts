import { type DestinationStream, type Logger, destination as openDestination, pino, stdTimeFunctions } from 'pino'
import { prettyFactory } from 'pino-pretty'
import type { Log, Subject } from './log.ts'

/** As in [log] of the configuration. */
export interface LogOptions {
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  readonly format: 'pretty' | 'json'
}

/** Where finished lines go. */
export interface LogSink {
  write(line: string): void
}

/** Lines waiting for a reader that does not read, in bytes: past it lines are lost, never frames. */
const waitingBytesMax = 1024 * 1024

/** How long the last lines may take to be read before they are given up, in milliseconds. */
const closeMs = 500

/** Writes to standard output without ever waiting for its reader; `close` sees the last lines off. */
export function openStandardOutput(): LogSink & { close(): Promise<void> } {
  const output = openDestination({ dest: 1, sync: false, maxLength: waitingBytesMax })
  return {
    write(line) {
      output.write(line)
    },
    close() {
      return new Promise(resolve => {
        output.once('close', resolve)
        setTimeout(resolve, closeMs)
        output.end()
      })
    },
  }
}

/** The house's log, by way of pino: lines of JSON for programs, or one readable line each. */
export function createLog(options: LogOptions, sink: LogSink): Log {
  const stream: DestinationStream = options.format === 'json' ? sink : prettified(sink)
  return new PinoLog(
    pino(
      {
        level: options.level,
        base: null,
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: label => ({ level: label }) },
      },
      stream,
    ),
  )
}

/**
 * Children are a subject and nothing more: every connection has one, few of them ever write a line, and a child of
 * pino's own is made by writing its subject out.
 */
class PinoLog implements Log {
  readonly #pino: Logger
  readonly #subject: Subject

  constructor(logger: Logger, subject: Subject = {}) {
    this.#pino = logger
    this.#subject = subject
  }

  error(subject: Subject, text: string): void {
    this.#pino.error({ ...this.#subject, ...subject }, text)
  }

  warn(subject: Subject, text: string): void {
    this.#pino.warn({ ...this.#subject, ...subject }, text)
  }

  info(subject: Subject, text: string): void {
    this.#pino.info({ ...this.#subject, ...subject }, text)
  }

  debug(subject: Subject, text: string): void {
    this.#pino.debug({ ...this.#subject, ...subject }, text)
  }

  trace(subject: Subject, text: string): void {
    this.#pino.trace({ ...this.#subject, ...subject }, text)
  }

  child(subject: Subject): Log {
    return new PinoLog(this.#pino, { ...this.#subject, ...subject })
  }
}

const bookkeeping = new Set(['level', 'time', 'msg', 'err', 'file', 'line', 'column'])

/** `12:00:00.123 INFO: connected  app /live, client 1a2b`: what happened, then to whom; a place in a script as `main.js:5`. */
function prettified(sink: LogSink): DestinationStream {
  const format = prettyFactory({
    colorize: process.stdout.isTTY && !process.env.NO_COLOR,
    customColors: 'message:reset,fatal:bgRed,error:red,warn:yellow,info:green,debug:blue,trace:gray',
    translateTime: 'SYS:HH:MM:ss.l',
    customPrettifiers: { time: time => `${time}` },
    hideObject: true,
    messageFormat(line, messageKey, _label, { colors }) {
      const { stack = '' } = (line.err ?? {}) as { stack?: string }
      const [first = '', ...rest] = `${line[messageKey] ?? ''}`.split('\n')
      const subject = plain(subjectOf(line).replaceAll('\n', ' '))
      const head = subject === '' ? plain(first) : `${plain(first)}  ${colors.dim(subject)}`
      return [head, ...[...rest, ...(stack ? [stack] : [])].map(text => `    ${plain(text)}`)].join('\n')
    },
  })
  return { write: line => sink.write(format(line)) }
}

function subjectOf(line: Record<string, unknown>): string {
  const { file, line: number, column } = line
  const named = Object.entries(line)
    .filter(([name]) => !bookkeeping.has(name))
    .map(([name, value]) => `${name} ${typeof value === 'string' ? short(value) : JSON.stringify(value)}`)
  const place = [file, number, column].filter(part => part !== undefined).join(':')
  if (file !== undefined) named.push(number === undefined ? `file ${place}` : place)
  return named.join(', ')
}

/** Of a client's id so much as `cumulus repl` shows and takes. */
function short(value: string): string {
  return /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) : value
}

/** What came from the network must not steer the terminal, nor pass for a line of its own. */
function plain(text: string): string {
  return text
    .replace(/(?![\n\t])\p{Cc}/gu, control => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replaceAll('\n', '\n    ')
}
