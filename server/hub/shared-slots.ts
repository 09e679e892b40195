import type { SharedEvent, SharedValue } from './shared-events.ts'
import { sharedLimits, slotOverheadBytes } from './shared-limits.ts'

/** Who changed something: a client, or what stands for a script; null for what was read from the disk. */
export type SharedAuthor = object | null

export interface SharedSlot {
  readonly value: SharedValue
  /** Of the object, when it was set. */
  readonly version: number
  readonly author: SharedAuthor
}

type Removal = Omit<SharedSlot, 'value'>

/**
 * The slots of one shared object and their history: every change makes a new version of the object, and a slot knows the
 * version that it changed in. So a client that names the version it has can be told what it missed, and one that changes
 * a slot which another has changed meanwhile can be told so.
 */
export class SharedSlots {
  version: number
  readonly slots = new Map<string, SharedSlot>()
  readonly #removed = new Map<string, Removal>()
  #removedBytes = 0
  /** The version up to which removals have been forgotten: older copies cannot be brought up to date. */
  purged: number
  #clearedAt: number
  #clearedBy: SharedAuthor = null
  /** Versions after which a removal is forgotten. */
  resyncDepth = Number.POSITIVE_INFINITY
  bytes = 0

  /** @param version that it begins with; older copies are of another object that had its name. */
  constructor(version: number) {
    this.version = this.purged = this.#clearedAt = version
  }

  /** Has another than `author` changed the slot after the version that the author has seen? 0 makes no claim. */
  isStale(name: string, seen: number, author: SharedAuthor): boolean {
    if (seen === 0) return false
    const last = this.slots.get(name) ?? this.#removed.get(name)
    if (last) return last.version > seen && last.author !== author
    return this.#clearedAt > seen && this.#clearedBy !== author
  }

  /** What its bytes would be with this value in this slot. */
  bytesWith(name: string, value: SharedValue): number {
    return this.bytes - this.#cost(name) + slotCost(name, value)
  }

  set(name: string, value: SharedValue, author: SharedAuthor): void {
    this.bytes = this.bytesWith(name, value)
    this.#unremember(name)
    this.slots.set(name, { value, version: ++this.version, author })
  }

  /** False when there is no such slot. */
  remove(name: string, author: SharedAuthor): boolean {
    this.bytes -= this.#cost(name)
    if (!this.slots.delete(name)) return false
    this.#remember(name, { version: ++this.version, author })
    this.#forget()
    return true
  }

  clear(author: SharedAuthor): void {
    this.slots.clear()
    this.#removed.clear()
    this.#removedBytes = 0
    this.bytes = 0
    this.purged = this.#clearedAt = ++this.version
    this.#clearedBy = author
  }

  /** Forgets removals older than a version. */
  purge(version: number): void {
    const limit = Math.min(version, this.version)
    for (const [name, removal] of this.#removed) if (removal.version < limit) this.#unremember(name)
    this.purged = Math.max(this.purged, limit)
  }

  /** From the disk; a value of null is a removal. */
  restore(name: string, value: SharedValue | null, version: number): void {
    if (value === null) this.#remember(name, { version, author: null })
    else {
      this.bytes = this.bytesWith(name, value)
      this.slots.set(name, { value, version, author: null })
    }
  }

  /** Tells whether it was removed, and in which version. */
  removal(name: string): number | undefined {
    return this.#removed.get(name)?.version
  }

  /** What somebody with a copy of that version has to be told; 0: somebody without one. */
  since(version: number): SharedEvent[] {
    const events: SharedEvent[] = []
    const partial = version >= this.purged && version > 0 && version <= this.version
    if (!partial) events.push({ kind: 'clear' })
    else {
      for (const [name, removal] of this.#removed) if (removal.version > version) events.push({ kind: 'remove', name })
    }
    for (const [name, slot] of this.slots) {
      if (!partial || slot.version > version) events.push({ kind: 'change', name, value: slot.value })
    }
    return events
  }

  #cost(name: string): number {
    const slot = this.slots.get(name)
    return slot ? slotCost(name, slot.value) : 0
  }

  #forget(): void {
    for (const [name, { version }] of this.#removed) {
      const isWithin = this.#removed.size <= sharedLimits.removed && this.#removedBytes <= sharedLimits.removedBytes
      if (isWithin && this.version - version <= this.resyncDepth) return
      this.#unremember(name)
      this.purged = Math.max(this.purged, version)
    }
  }

  #remember(name: string, removal: Removal): void {
    this.#unremember(name)
    this.#removed.set(name, removal)
    this.#removedBytes += 2 * name.length
  }

  #unremember(name: string): void {
    if (this.#removed.delete(name)) this.#removedBytes -= 2 * name.length
  }
}

/** Bytes that a slot is counted with. */
export function slotCost(name: string, value: SharedValue): number {
  return 2 * name.length + value.length + slotOverheadBytes
}
