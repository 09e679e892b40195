import type { NetCommand, NetSharedOp } from '../server/apps/net-wire.ts'
import type { SharedFacts, SharedOp, SharedSlotFacts } from '../server/apps/wire.ts'
import type { Engine } from './engine.ts'
import { ErrorClass, list, max, SafeMap } from './primordials.ts'
import { SharedObject } from './shared-object.ts'

/** Where an object lives: here, or at a server that one of this application's connections leads to. */
export interface SharedOwner {
  /** `value` is AMF0; `ticket` 0 wants no answer. */
  command(op: SharedOp, object: string, seq: number, details: SharedDetails): void
}

export interface SharedDetails {
  readonly name?: string
  readonly value?: Uint8Array
  readonly number?: number
  readonly ticket?: number
}

/** What somebody else changed, as onSync is told of it. */
export interface SharedChange {
  readonly code: 'change' | 'delete' | 'clear'
  readonly name?: string
}

interface Slot {
  /** Undefined: this script removed it, and that is on its way. */
  bytes: Uint8Array | undefined
  /** The command of this script that set it last. */
  seq: number
  /** What the script has been given, or gave: the same object each time, so that it may be changed and marked dirty. */
  shown: unknown
  isShown: boolean
}

/** What the engine knows of a shared object: its mirror. */
export class SharedState {
  readonly engine: Engine
  readonly shelf: SharedShelf
  readonly name: string
  readonly persistent: boolean
  readonly view: SharedObject
  readonly slots = new SafeMap<string, Slot>()
  open = false
  version = 0
  dirty = false
  locks = 0
  autoCommit = true
  /** -1: for ever. */
  resyncDepth = -1
  /** The latest commands of this script: of all, and of those that cleared it. */
  seq = 0
  clearSeq = 0

  constructor(engine: Engine, shelf: SharedShelf, name: string, persistent: boolean) {
    this.engine = engine
    this.shelf = shelf
    this.name = name
    this.persistent = persistent
    this.view = new SharedObject(this)
  }

  /** Has this script something to say: written in order, and numbered so that older facts do not undo it. */
  command(op: SharedOp, details: SharedDetails = {}): number {
    const seq = this.engine.asks.nextTicket++
    this.shelf.owner.command(op, this.name, seq, details)
    this.seq = seq
    return seq
  }

  /** A slot as this script wants it. */
  put(name: string, value: unknown, bytes: Uint8Array | undefined, seq: number): void {
    this.slots.set(name, { bytes, seq, shown: value, isShown: bytes !== undefined })
    this.version++
    this.dirty = this.persistent
  }

  cleared(seq: number): void {
    this.slots.clear()
    this.clearSeq = seq
    this.version++
    this.dirty = this.persistent
  }

  /** Gives what others have changed. */
  apply(facts: SharedFacts): SharedChange[] {
    const changes = list<SharedChange>()
    const { seen, cleared, slots } = facts
    if (cleared !== 'no') {
      this.slots.forEach((slot, name) => {
        if (slot.seq <= seen) this.slots.delete(name)
      })
      if (cleared === 'other' && seen >= this.clearSeq) changes[0] = { code: 'clear' }
    }
    for (let i = 0; i < slots.length; i++) {
      const change = this.#slot(slots[i]!, seen)
      if (change !== undefined) changes[changes.length] = change
    }
    if (seen >= this.seq) {
      this.version = facts.version
      this.dirty = facts.dirty
    }
    return changes
  }

  #slot({ name, value }: SharedSlotFacts, seen: number): SharedChange | undefined {
    const known = this.slots.get(name)
    const seq = known === undefined ? 0 : known.seq
    // This script has changed it since: what became of that will be told.
    if (seen < max(seq, this.clearSeq)) return undefined
    if (value === undefined) {
      if (known !== undefined && known.bytes === undefined) this.slots.delete(name)
      return undefined
    }
    if (value === null) {
      this.slots.delete(name)
      return known?.bytes === undefined ? undefined : { code: 'delete', name }
    }
    this.slots.set(name, { bytes: value, seq, shown: undefined, isShown: false })
    return { code: 'change', name }
  }

  /** For the next version of the application. */
  pack(): SharedFacts {
    const slots = list<SharedSlotFacts>()
    this.slots.forEach(({ bytes, seq }, name) => {
      slots[slots.length] = { name, value: bytes ?? null, seq }
    })
    const { name, persistent, version, dirty, seq, clearSeq, open, locks, autoCommit, resyncDepth } = this
    const estate = { seq, clearSeq, open, locks, autoCommit, resyncDepth }
    return { name, persistent, version, seen: 0, dirty, cleared: 'no', slots, dropped: false, estate }
  }

  unpack(facts: SharedFacts, estate: NonNullable<SharedFacts['estate']>): void {
    for (let i = 0; i < facts.slots.length; i++) {
      const { name, value, seq = 0 } = facts.slots[i]!
      this.slots.set(name, { bytes: value ?? undefined, seq, shown: undefined, isShown: false })
    }
    this.version = facts.version
    this.dirty = facts.dirty
    this.seq = estate.seq
    this.clearSeq = estate.clearSeq
    this.open = estate.open
    this.locks = estate.locks
    this.autoCommit = estate.autoCommit
    this.resyncDepth = estate.resyncDepth
  }
}

/** The shared objects of one owner, by name. */
export class SharedShelf {
  readonly owner: SharedOwner
  readonly #engine: Engine
  readonly #states = new SafeMap<string, SharedState>()

  constructor(engine: Engine, owner: SharedOwner) {
    this.#engine = engine
    this.owner = owner
  }

  find(name: string): SharedState | undefined {
    return this.#states.get(name)
  }

  make(name: string, persistent: boolean): SharedState {
    const state = new SharedState(this.#engine, this, name, persistent)
    this.#states.set(name, state)
    return state
  }

  /** It was not to be had. */
  forget(name: string): void {
    this.#states.delete(name)
  }

  /** What others have changed, when the script holds the object. */
  apply(facts: SharedFacts): SharedChange[] | undefined {
    const { name, persistent, dropped, estate } = facts
    let state = this.#states.get(name)
    if (dropped) {
      // Opened again before this came: it is a new one by now, of which more will be told.
      if (state !== undefined && !state.open) this.#states.delete(name)
      return undefined
    }
    if (state === undefined || (state.persistent !== persistent && !state.open)) state = this.make(name, persistent)
    if (estate !== undefined) {
      state.unpack(facts, estate)
      return undefined
    }
    const changes = state.apply(facts)
    return state.open && changes.length > 0 ? changes : undefined
  }

  forEach(visit: (state: SharedState) => void): void {
    this.#states.forEach(visit)
  }
}

/** Where the objects of one of the script's connections to other servers live. */
export interface RemoteDoor {
  /** Writes a command, now or once the connection stands; throws when there is none. */
  write(op: NetSharedOp, command: (connection: number) => NetCommand, bytes: number): void
}

/** The objects at the server that a connection leads to; what only their owner can do throws. */
export function remoteOwner(door: RemoteDoor): SharedOwner {
  return {
    command(op, object, seq, { name = '', value, number = 0 }) {
      if (!isRemoteOp(op)) throw new ErrorClass(`${op}: the shared object ${object} lives at another server`)
      const bytes = (value === undefined ? 0 : value.length) + name.length
      const rest = value === undefined ? { name, number } : { name, number, value }
      door.write(op, connection => ({ c: 'netShared', connection, op, object, seq, ...rest }), bytes)
    },
  }
}

function isRemoteOp(op: SharedOp): op is NetSharedOp {
  return op === 'open' || op === 'close' || op === 'set' || op === 'remove' || op === 'clear' || op === 'send'
}

/** The objects of this application itself. */
export function localOwner(engine: Engine): SharedOwner {
  return {
    command(op, object, seq, { name = '', value, number = 0, ticket = 0 }) {
      const bytes = value === undefined ? 0 : value.length
      const command = { c: 'shared', op, object, seq, name, number, ticket } as const
      engine.outbox.write(value === undefined ? command : { ...command, value }, bytes + name.length)
    },
  }
}
