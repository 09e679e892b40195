import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { deserialize, serialize } from 'node:v8'
import type { Ask } from '../../../../sandbox-api/outside/words.ts'
import { STORAGE_BUSY_MS, STORAGE_ENTRY_BYTES, STORAGE_LIST } from './limits.ts'
import { Refusal } from './refusal.ts'

type StorageAsk = Ask & { noun: 'storage' }

interface Waiting {
  readonly ask: StorageAsk
  readonly quota: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Outcome = { ok: true; value: unknown } | { ok: false; error: unknown }

/**
 * An application's durable values, in a file of its own. What one turn of the loop asks for is one transaction, and
 * nobody hears of it before the disk has it (SQLite with synchronous = FULL): it survives `kill -9` and a loss of power.
 */
export class Storage {
  readonly #file: string
  #opened: Opened | undefined
  #waiting: Waiting[] = []

  /** Nothing is opened, and no folder made, before the first question. */
  constructor(file: string) {
    this.#file = file
  }

  /** `quota`: bytes of all keys and values. Rejects with a QuotaError, or with what the disk says. */
  ask(ask: StorageAsk, quota: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ ask, quota, resolve, reject }) === 1) setImmediate(() => this.#work())
    })
  }

  close(): void {
    this.#work()
    this.#opened?.database.close()
    this.#opened = undefined
  }

  #work(): void {
    const waiting = this.#waiting
    if (waiting.length === 0) return
    this.#waiting = []
    try {
      this.#opened ??= open(this.#file)
      const outcomes = transact(this.#opened, waiting)
      for (const [at, outcome] of outcomes.entries()) {
        if (outcome.ok) waiting[at]!.resolve(outcome.value)
        else waiting[at]!.reject(outcome.error)
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }
}

interface Opened {
  readonly database: DatabaseSync
  readonly get: StatementSync
  readonly set: StatementSync
  readonly drop: StatementSync
  readonly from: StatementSync
  readonly weigh: StatementSync
  /** Bytes of all entries within this transaction. */
  weight: number | undefined
}

function open(file: string): Opened {
  mkdirSync(dirname(file), { recursive: true })
  const database = new DatabaseSync(file, { timeout: STORAGE_BUSY_MS })
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec('CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT')
  return {
    database,
    get: database.prepare('SELECT value FROM entries WHERE key = ?'),
    set: database.prepare('INSERT INTO entries VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value'),
    drop: database.prepare('DELETE FROM entries WHERE key = ?'),
    from: database.prepare('SELECT key FROM entries WHERE key >= ? ORDER BY key'),
    weigh: database.prepare(
      `SELECT coalesce(sum(length(value) + octet_length(key) + ${STORAGE_ENTRY_BYTES}), 0) AS weight FROM entries`,
    ),
    weight: undefined,
  }
}

function transact(opened: Opened, waiting: readonly Waiting[]): Outcome[] {
  const { database } = opened
  const writes = waiting.some(({ ask }) => ask.what === 'set' || ask.what === 'delete')
  if (!writes) return waiting.map(each => answer(opened, each))
  database.exec('BEGIN IMMEDIATE')
  try {
    // Another process of this application may have written while this one was being raised.
    opened.weight = undefined
    const outcomes = waiting.map(each => answer(opened, each))
    database.exec('COMMIT')
    return outcomes
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** Only what is wrong with this one question is caught here: trouble with the disk undoes them all. */
function answer(opened: Opened, { ask, quota }: Waiting): Outcome {
  switch (ask.what) {
    case 'get': {
      const found = opened.get.get(ask.key)
      return { ok: true, value: found && deserialize(found.value as Uint8Array) }
    }
    case 'list':
      return list(opened, ask.key)
    case 'delete':
      opened.weight = undefined
      return { ok: true, value: Number(opened.drop.run(ask.key).changes) > 0 }
    case 'set':
      return set(opened, ask.key, serialize(ask.value), quota)
  }
}

function set(opened: Opened, key: string, value: Uint8Array, quota: number): Outcome {
  const old = opened.get.get(key)
  opened.weight ??= (opened.weigh.get() as { weight: number }).weight
  const bytes = Buffer.byteLength(key) + STORAGE_ENTRY_BYTES
  const before = old === undefined ? 0 : (old.value as Uint8Array).length + bytes
  const after = opened.weight - before + value.length + bytes
  if (after > quota && value.length + bytes > before) {
    return {
      ok: false,
      error: new Refusal(
        'QuotaError',
        `${key.slice(0, 100)} would make it ${after} bytes, apps.storage allows ${quota}`,
      ),
    }
  }
  opened.set.run(key, value)
  opened.weight = after
  return { ok: true, value: undefined }
}

function list(opened: Opened, prefix: string): Outcome {
  const keys: string[] = []
  for (const row of opened.from.iterate(prefix)) {
    const key = row.key as string
    if (!key.startsWith(prefix)) break
    if (keys.push(key) > STORAGE_LIST) {
      return {
        ok: false,
        error: new Refusal('QuotaError', `more than ${STORAGE_LIST} keys begin so: ask for a longer prefix`),
      }
    }
  }
  return { ok: true, value: keys }
}
