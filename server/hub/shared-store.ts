import type { SharedValue } from './shared-events.ts'

/** A slot on its way to the disk or back: a value of null is a removal. */
export type StoredSlot = readonly [name: string, value: SharedValue | null, version: number]

/** What is to be written of one object. */
export interface SharedSave {
  readonly scope: string
  readonly app: string
  readonly name: string
  readonly version: number
  /** Removals older than that are forgotten. */
  readonly purged: number
  /** All slots that are stored go first. */
  readonly clear: boolean
  readonly slots: readonly StoredSlot[]
  /** The object goes altogether; a later one of that name begins after its version. */
  readonly deleted: boolean
}

/** An object as it is stored. */
export type StoredObject = Pick<SharedSave, 'scope' | 'app' | 'name' | 'version' | 'purged' | 'slots'>

/** Where persistent objects are kept. */
export interface SharedStore {
  /** Writes all of it or nothing, after what it was given before; `done` when it will outlive this process, or with what went wrong. */
  save(saves: readonly SharedSave[], done: (error: string | null) => void): void
}

/** What is stored, read before anybody asks for it. */
export interface SharedStock {
  readonly objects: readonly StoredObject[]
  /** The version after which new objects begin, by scope. */
  readonly floors: ReadonlyMap<string, number>
}

/** For a hub without a disk: what is persistent lasts as long as the process. */
export const noStore: SharedStore = { save: (_saves, done) => done(null) }
