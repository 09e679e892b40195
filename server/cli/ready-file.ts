import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { ConfigError, messageOf } from '../base/errors.ts'

/** Tells other programs where the server listens: whole when it is there, and gone while the server is not ready. */
export class ReadyFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
    this.remove()
  }

  write(addresses: Readonly<Record<string, string>>): void {
    const unfinished = `${this.#path}.${process.pid}`
    this.#try(() => {
      writeFileSync(unfinished, `${JSON.stringify(addresses)}\n`)
      renameSync(unfinished, this.#path)
    })
  }

  remove(): void {
    this.#try(() => rmSync(this.#path, { force: true }))
  }

  #try(step: () => void): void {
    try {
      step()
    } catch (error) {
      throw new ConfigError(
        'READY_FILE',
        `--ready-file ${this.#path} cannot be used: ${messageOf(error)}`,
        'Name a file in a folder that the server may write to.',
      )
    }
  }
}
