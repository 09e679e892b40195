import { appendFile, rename, rm, stat } from 'node:fs/promises'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { auditBytesMax, auditFilesKept, auditWaitingMax } from './limits.ts'

export interface AuditLine {
  /** When, as ISO 8601. */
  readonly at: string
  /** Of the user whom the socket belongs to: nobody else but root can open it. */
  readonly uid: number
  /** Who it is in the client's own words. */
  readonly by: string
  readonly session: number
  readonly app: string
  /** As it was typed. */
  readonly line: string
}

/** Every line an operator sent, before it is carried out: one JSON object each, readable by the owner alone. */
export class AuditLog {
  readonly #file: string
  readonly #log: Log
  #bytes: number | undefined
  #waiting = 0
  /** Lines that had no room among those that wait. */
  #lost = 0
  #isFailing = false
  #work: Promise<void> = Promise.resolve()

  constructor(file: string, log: Log) {
    this.#file = file
    this.#log = log
  }

  /** Resolves once it is written; a disk that does not take it is told to the log, and keeps no operator from working. */
  write(line: AuditLine): Promise<void> {
    if (this.#waiting >= auditWaitingMax) {
      this.#lost++
      return this.#work
    }
    this.#waiting++
    this.#work = this.#work.then(() => this.#append(`${JSON.stringify(line)}\n`))
    return this.#work
  }

  async #append(text: string): Promise<void> {
    try {
      this.#bytes ??= (await stat(this.#file).catch(() => null))?.size ?? 0
      if (this.#bytes > 0 && this.#bytes + text.length > auditBytesMax) await this.#turn()
      await appendFile(this.#file, text, { mode: 0o600 })
      this.#bytes += Buffer.byteLength(text)
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing)
        this.#log.error({ file: this.#file }, `the audit log cannot be written: ${messageOf(error)}`)
      this.#isFailing = true
    }
    this.#waiting--
    if (this.#waiting > 0 || this.#lost === 0) return
    const missing = `${this.#lost} lines are missing in the audit log: more than ${auditWaitingMax} waited for the disk`
    this.#log.error({ file: this.#file }, missing)
    this.#lost = 0
  }

  /** audit.log becomes audit.log.1, that one audit.log.2, and the last is gone. */
  async #turn(): Promise<void> {
    await rm(`${this.#file}.${auditFilesKept}`, { force: true })
    for (let at = auditFilesKept - 1; at >= 0; at--) {
      const from = at === 0 ? this.#file : `${this.#file}.${at}`
      await rename(from, `${this.#file}.${at + 1}`).catch(() => {})
    }
    this.#bytes = 0
  }
}
