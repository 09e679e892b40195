import { type SharedEvent, type SharedMessage, SharedStatus, type SharedValue } from './shared-events.ts'
import { sharedLimits } from './shared-limits.ts'
import { slotCost } from './shared-slots.ts'

/** Who has a copy, and where what it asks for goes. */
export interface SharedCopyOwner {
  send(message: SharedMessage): void
  /** `own`: it is what the owner asked for. */
  changed(copy: SharedCopy, name: string, whose: 'own' | 'other'): void
  cleared(copy: SharedCopy, whose: 'own' | 'other'): void
  message(copy: SharedCopy, name: string, args: Uint8Array): void
  /** What was asked for was not granted; `isLost`: the object itself is not to be had. */
  refused(copy: SharedCopy, code: string, isLost: boolean): void
  /** May the copies of this owner have so many bytes more? They are counted then. */
  take(bytes: number): boolean
}

/** A change that the server has not answered. `seq`: the owner's number of it. */
type Asked = { readonly seq: number } & Extract<
  SharedEvent,
  { kind: 'requestChange' | 'requestRemove' | 'requestClear' }
>

/**
 * A shared object that lives at another server, as a client of that server has it. What is asked for is asked without a
 * claim to have seen what is there (version 0), so that the last word counts and each request is granted, or refused with
 * a status. Servers answer in order, so that the copy always is what the object was there a moment ago.
 */
export class SharedCopy {
  readonly name: string
  readonly persistent: boolean
  readonly slots = { version: 0, slots: new Map<string, { readonly value: SharedValue }>() }
  readonly isDirty = false
  readonly isDropped = false
  readonly #owner: SharedCopyOwner
  readonly #asked: Asked[] = []
  #seq = 0
  #bytes = 0

  constructor(name: string, persistent: boolean, owner: SharedCopyOwner) {
    this.name = name
    this.persistent = persistent
    this.#owner = owner
  }

  /** The newest of the owner's numbers up to which all has been answered. */
  get seen(): number {
    const [first] = this.#asked
    return first ? first.seq - 1 : this.#seq
  }

  /** Asks for the object, all of it. */
  use(seq: number): void {
    this.#seq = seq
    this.#send({ kind: 'use' })
  }

  /** Lets go of it. */
  release(): void {
    this.forget()
    this.#send({ kind: 'release' })
  }

  /** Gives back the room that it takes: the server is not there any more. */
  forget(): void {
    this.#owner.take(-this.#bytes)
    this.#bytes = 0
    this.slots.slots.clear()
  }

  /** A value of null removes the slot. */
  change(seq: number, name: string, value: SharedValue | null): void {
    this.#ask(value ? { seq, kind: 'requestChange', name, value } : { seq, kind: 'requestRemove', name })
  }

  clear(seq: number): void {
    this.#ask({ seq, kind: 'requestClear' })
  }

  /** Calls a function of everybody who uses it; who asked for it is called too. */
  call(seq: number, name: string, args: Uint8Array): void {
    this.#seq = seq
    this.#send({ kind: 'message', name, args })
  }

  /** What the server says of it. */
  receive({ version, events }: SharedMessage): void {
    // What a newcomer is told may begin with a clear, which nobody has asked for.
    const isNew = events.some(({ kind }) => kind === 'useSuccess')
    let isRefused = false
    for (const event of events) {
      if (event.kind === 'status') {
        isRefused ||= event.level === 'error'
        this.#status(event.code)
      } else if (event.kind === 'clear') this.#cleared(isNew)
      else if (event.kind === 'success') this.#granted(event.name)
      else if (event.kind === 'change') this.#told(event.name, event.value, isRefused)
      else if (event.kind === 'remove') this.#told(event.name, null, isRefused)
      else if (event.kind === 'message') this.#owner.message(this, event.name, event.args)
    }
    this.slots.version = version
  }

  #ask(asked: Asked): void {
    this.#seq = asked.seq
    if (this.#asked.length >= sharedLimits.waiting) {
      this.#owner.refused(this, SharedStatus.quotaExceeded, false)
      if (asked.kind !== 'requestClear') this.#owner.changed(this, asked.name, 'other')
      return
    }
    this.#asked.push(asked)
    const { seq, ...event } = asked
    this.#send(event)
  }

  #status(code: string): void {
    this.#owner.refused(this, code, lost.has(code))
  }

  #granted(name: string): void {
    const asked = this.#answered(each => each.kind === 'requestChange' && each.name === name)
    if (asked?.kind === 'requestChange') this.#set(name, asked.value, 'own')
  }

  #told(name: string, value: SharedValue | null, isRefused: boolean): void {
    const isAnswer = (each: Asked): boolean => {
      if (each.kind === 'requestClear' || each.name !== name) return false
      return isRefused || (value === null && each.kind === 'requestRemove')
    }
    const whose = this.#answered(isAnswer) && !isRefused ? 'own' : 'other'
    if (value) return this.#set(name, value, whose)
    this.#remove(name)
    this.#owner.changed(this, name, whose)
  }

  #cleared(isNew: boolean): void {
    const isOwn = !isNew && this.#asked[0]?.kind === 'requestClear'
    if (isOwn) this.#asked.shift()
    this.forget()
    this.#owner.cleared(this, isOwn ? 'own' : 'other')
  }

  /** A server that says more than there is room for is not followed there: the slot is none here. */
  #set(name: string, value: SharedValue, whose: 'own' | 'other'): void {
    this.#remove(name)
    const bytes = slotCost(name, value)
    const isFull = this.slots.slots.size >= sharedLimits.slots || value.length > sharedLimits.valueBytes
    if (isFull || !this.#owner.take(bytes)) {
      this.#owner.refused(this, SharedStatus.quotaExceeded, false)
      return this.#owner.changed(this, name, 'other')
    }
    this.#bytes += bytes
    this.slots.slots.set(name, { value })
    this.#owner.changed(this, name, whose)
  }

  #remove(name: string): void {
    const slot = this.slots.slots.get(name)
    if (!slot) return
    this.slots.slots.delete(name)
    const bytes = slotCost(name, slot.value)
    this.#bytes -= bytes
    this.#owner.take(-bytes)
  }

  /** The oldest request of this kind, which has its answer. */
  #answered(is: (asked: Asked) => boolean): Asked | undefined {
    const index = this.#asked.findIndex(is)
    return index < 0 ? undefined : this.#asked.splice(index, 1)[0]
  }

  #send(event: SharedEvent): void {
    const { name, persistent } = this
    this.#owner.send({ object: name, version: 0, persistent, events: [event] })
  }
}

/** Statuses after which there is no such object for us. */
const lost: ReadonlySet<string> = new Set([
  SharedStatus.noReadAccess,
  SharedStatus.badPersistence,
  SharedStatus.uriMismatch,
  SharedStatus.creationFailed,
])
