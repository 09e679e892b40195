import type { Clock } from '../base/clock.ts'
import type { Log, Subject } from '../base/log.ts'
import { logChars, logLinesPerSecond, sameFaultPerSecond } from './limits.ts'
import { shownOf, subjectOf, wordsOf } from './script-fault.ts'
import type { AppCommand, LogLevel } from './wire.ts'

/** The log has no level of its own for a note: it is something to know, and nothing to worry about. */
const methods = { error: 'error', warn: 'warn', note: 'info', info: 'info', debug: 'debug', trace: 'trace' } as const

const secondMs = 1000

/**
 * What the script of one application writes to the log, with file and line. A second holds so many lines, and so many
 * of the same fault; the rest is counted, and told when the second is over.
 */
export class ScriptLog {
  readonly #app: string
  readonly #log: Log
  readonly #clock: Clock
  #lines = 0
  #leftOut = 0
  readonly #faults = new Map<string, number>()
  #isCounting = false

  constructor(app: string, log: Log, clock: Clock) {
    this.#app = app
    this.#log = log
    this.#clock = clock
  }

  line({ level, text, ...place }: { level: LogLevel; text: string; file: string; line: number }): void {
    if (!this.#counts()) return
    const shown = text.length > logChars ? `${text.slice(0, logChars)}…` : text
    this.#log[methods[level]](subjectOf(this.#app, place), shown)
  }

  /** What the server has to say about the script. */
  warn(subject: Subject, text: string): void {
    if (this.#counts()) this.#log.warn({ app: this.#app, ...subject }, text)
  }

  fault(fault: AppCommand & { c: 'fault' }): void {
    const words = wordsOf(fault)
    const times = (this.#faults.get(words) ?? 0) + 1
    if (times > sameFaultPerSecond) {
      this.#faults.set(words, times)
      return
    }
    if (!this.#counts()) return
    this.#faults.set(words, times)
    const { hook, stack } = fault
    this.#log.error(
      { ...subjectOf(this.#app, fault), hook, stack: stack.slice(0, logChars) },
      shownOf(`${hook}: ${words}`, fault),
    )
  }

  #counts(): boolean {
    if (!this.#isCounting) {
      this.#isCounting = true
      this.#clock.after(secondMs, () => this.#turn())
    }
    this.#lines++
    if (this.#lines > logLinesPerSecond) this.#leftOut++
    return this.#lines <= logLinesPerSecond
  }

  #turn(): void {
    this.#isCounting = false
    const subject = { app: this.#app }
    if (this.#leftOut > 0) {
      this.#log.warn(subject, `${this.#leftOut} more lines within a second were left out`)
    }
    for (const [words, times] of this.#faults) {
      const more = times - sameFaultPerSecond
      if (more > 0) this.#log.error({ ...subject, repeated: more }, `${more} times more within a second: ${words}`)
    }
    this.#lines = this.#leftOut = 0
    this.#faults.clear()
  }
}
