import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { AppSetup } from '../../wire.ts'
import { spelledPath } from '../outside/storage-file.ts'
import { FORMAT } from './entry.ts'
import { Journal } from './journal.ts'
import { FILLED, JOURNALS } from './limits.ts'

/** The journals of one application: `journals/chat/2026-11-20T22-13-05.123Z.journal` in the server's folder. */
export class Journals {
  readonly #folder: string
  readonly #path: string
  readonly #warn: (text: string) => void
  #current: Journal | undefined

  constructor(dataFolder: string, path: string, warn: (text: string) => void) {
    this.#folder = join(dataFolder, 'journals', spelledPath(path))
    this.#path = path
    this.#warn = warn
  }

  /** Where a version's journal is written; undefined when the operator wants none. */
  forVersion(setup: AppSetup): Journal | undefined {
    return setup.journal === null ? undefined : this.#journal(setup, setup.journal.bytes)
  }

  async close(): Promise<void> {
    await this.#current?.close()
    this.#current = undefined
  }

  #journal({ home, server }: AppSetup, bytes: number): Journal {
    const current = this.#current
    if (current !== undefined && current.filled < FILLED) return current
    current?.retire()
    this.#sweep()
    const began = Date.now()
    const name = new Date(began).toISOString().replaceAll(':', '-')
    const journal = new Journal(join(this.#folder, `${name}.journal`), bytes, this.#warn)
    const { timeZone: zone, locale: language } = Intl.DateTimeFormat().resolvedOptions()
    const { v8 } = process.versions
    journal.begin({ format: FORMAT, cumulus: server.version, v8, app: this.#path, home, began, zone, language })
    this.#current = journal
    return journal
  }

  /** Names are times: the first in order are the oldest. */
  #sweep(): void {
    try {
      const names = readdirSync(this.#folder).filter(name => name.endsWith('.journal'))
      for (const name of names.sort().slice(0, Math.max(0, names.length - JOURNALS + 1)))
        rmSync(join(this.#folder, name))
    } catch {
      // There is no folder yet; whatever else is wrong with it is told when the journal is written.
    }
  }
}
