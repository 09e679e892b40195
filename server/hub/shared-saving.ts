import type { Clock, Timer } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { SharedObject } from './shared-object.ts'
import type { SharedSave, SharedStore, StoredSlot } from './shared-store.ts'

export interface SavingOptions {
  readonly store: SharedStore
  readonly clock: Clock
  readonly log: Log
  /** Milliseconds between two rounds; 0 for none. */
  readonly interval: number
  /** What was unsaved of an object is stored, or is not after all. */
  saved(object: SharedObject): void
}

/** Brings what changed in persistent objects to the store: from time to time, and when somebody asks for it. */
export class SharedSaving {
  readonly #options: SavingOptions
  readonly #dirty = new Set<SharedObject>()
  readonly #rounds: Timer | null

  constructor(options: SavingOptions) {
    this.#options = options
    const { clock, interval } = options
    this.#rounds = interval > 0 ? clock.every(interval, () => this.saveAll()) : null
  }

  /** Something of a persistent object differs from what is stored. */
  changed(object: SharedObject): void {
    if (object.persistent) this.#dirty.add(object)
  }

  /** Those that are stored by themselves, as far as they changed. */
  saveAll(done: (error: string | null) => void = () => {}): void {
    this.save(
      [...this.#dirty].filter(object => object.autoCommit),
      done,
    )
  }

  /** Those that changed, in one piece; `done` at once when none did. */
  save(objects: readonly SharedObject[], done: (error: string | null) => void): void {
    const { store, log } = this.#options
    const changed = objects.filter(object => object.isDirty)
    if (changed.length === 0) return done(null)
    const saves = changed.map(object => this.#take(object))
    store.save(saves, error => {
      for (const [index, object] of changed.entries()) {
        if (error !== null) this.#again(object, saves[index]!)
        this.#options.saved(object)
      }
      if (error !== null) log.error({ objects: changed.length }, `shared objects were not stored: ${error}`)
      done(error)
    })
  }

  /** The object is no more, on the disk either. */
  delete(object: SharedObject): void {
    this.#dirty.delete(object)
    const { store, log } = this.#options
    const deleted = { ...saveOf(object, []), clear: true, deleted: true }
    store.save([deleted], error => {
      if (error !== null) log.error({ object: object.name }, `a shared object was not deleted: ${error}`)
    })
  }

  /** What is stored by itself is stored a last time. */
  close(): void {
    this.#rounds?.cancel()
    this.saveAll()
  }

  #take(object: SharedObject): SharedSave {
    const slots: StoredSlot[] = []
    for (const name of object.unsaved) {
      const slot = object.slots.slots.get(name)
      if (slot) slots.push([name, slot.value, slot.version])
      else slots.push([name, null, object.slots.removal(name) ?? object.slots.version])
    }
    const save = { ...saveOf(object, slots), clear: object.isCleared }
    object.unsaved.clear()
    object.isCleared = false
    this.#dirty.delete(object)
    return save
  }

  #again(object: SharedObject, save: SharedSave): void {
    for (const [name] of save.slots) object.unsaved.add(name)
    object.isCleared ||= save.clear
    this.#dirty.add(object)
  }
}

function saveOf({ scope, app, name, slots }: SharedObject, stored: StoredSlot[]): SharedSave {
  const { version, purged } = slots
  return { scope, app, name, version, purged, clear: false, slots: stored, deleted: false }
}
