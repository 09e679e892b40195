import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { SharedSave, SharedStock, StoredObject, StoredSlot } from '../hub/shared-store.ts'

/** Grows when the tables change; a file of a later server is not touched. */
const formatVersion = 1

const tables = `
  CREATE TABLE IF NOT EXISTS objects (
    id INTEGER PRIMARY KEY,
    scope TEXT NOT NULL, app TEXT NOT NULL, name TEXT NOT NULL,
    version INTEGER NOT NULL, purged INTEGER NOT NULL,
    UNIQUE (scope, name)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS slots (
    object INTEGER NOT NULL, name TEXT NOT NULL, value BLOB, version INTEGER NOT NULL,
    PRIMARY KEY (object, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS floors (scope TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`

/**
 * Persistent shared objects on the disk. What save() has returned from is there after a crash of the process or of the
 * machine: each call is one transaction, written through to the disk. Names are values in it and never paths.
 */
export class SharedDatabase {
  readonly #database: DatabaseSync
  readonly #put: StatementSync
  readonly #putSlot: StatementSync
  readonly #clear: StatementSync
  readonly #forget: StatementSync
  readonly #delete: StatementSync
  readonly #floor: StatementSync

  /** Opens the file, and makes it and its folder when they are not there. Throws what is wrong with it. */
  constructor(file: string) {
    mkdirSync(dirname(file), { recursive: true })
    this.#database = new DatabaseSync(file)
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000')
    const { user_version: found } = this.#database.prepare('PRAGMA user_version').get() as { user_version: number }
    if (found > formatVersion) throw new Error(`${file} was written by a later version of the server`)
    this.#database.exec(`${tables} PRAGMA user_version = ${formatVersion}`)
    this.#put = this.#database.prepare(
      `INSERT INTO objects (scope, app, name, version, purged) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (scope, name) DO UPDATE SET version = excluded.version, purged = excluded.purged RETURNING id`,
    )
    this.#putSlot = this.#database.prepare(
      'INSERT OR REPLACE INTO slots (object, name, value, version) VALUES (?, ?, ?, ?)',
    )
    this.#clear = this.#database.prepare('DELETE FROM slots WHERE object = ?')
    this.#forget = this.#database.prepare('DELETE FROM slots WHERE object = ? AND value IS NULL AND version < ?')
    this.#delete = this.#database.prepare('DELETE FROM objects WHERE id = ?')
    this.#floor = this.#database.prepare(
      `INSERT INTO floors (scope, version) VALUES (?, ?)
       ON CONFLICT (scope) DO UPDATE SET version = max(version, excluded.version)`,
    )
  }

  load(): SharedStock {
    const objects: StoredObject[] = []
    const slotsOf = this.#database.prepare('SELECT name, value, version FROM slots WHERE object = ? ORDER BY version')
    for (const row of this.#database.prepare('SELECT * FROM objects').iterate()) {
      const { id, scope, app, name, version, purged } = row as unknown as ObjectRow
      const slots = (slotsOf.all(id) as unknown as SlotRow[]).map(({ name, value, version }): StoredSlot => {
        return [name, value, version]
      })
      objects.push({ scope, app, name, version, purged, slots })
    }
    const floors = new Map<string, number>()
    for (const row of this.#database.prepare('SELECT * FROM floors').iterate()) {
      const { scope, version } = row as { scope: string; version: number }
      floors.set(scope, version)
    }
    return { objects, floors }
  }

  /** All of it or nothing. Throws what keeps it from being written. */
  save(saves: readonly SharedSave[]): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      for (const save of saves) this.#save(save)
      this.#database.exec('COMMIT')
    } catch (error) {
      // SQLite may have rolled back by itself, as it does when the disk is full.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  close(): void {
    this.#database.close()
  }

  #save({ scope, app, name, version, purged, clear, slots, deleted }: SharedSave): void {
    const { id } = this.#put.get(scope, app, name, version, purged) as { id: number }
    if (clear || deleted) this.#clear.run(id)
    if (deleted) {
      this.#delete.run(id)
      this.#floor.run(scope, version)
      return
    }
    for (const [slot, value, at] of slots) this.#putSlot.run(id, slot, value, at)
    this.#forget.run(id, purged)
  }
}

interface ObjectRow {
  id: number
  scope: string
  app: string
  name: string
  version: number
  purged: number
}

interface SlotRow {
  name: string
  value: Uint8Array | null
  version: number
}
