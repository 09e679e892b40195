import type { Client } from './client.ts'
import type { SharedEvent, SharedMessage, SharedSink } from './shared-events.ts'
import { sharedLimits } from './shared-limits.ts'
import { SharedSlots } from './shared-slots.ts'

/** Something a client asked for while a script had the object locked. */
export interface Waiting {
  readonly client: Client
  /** Of what it holds. */
  readonly bytes: number
  readonly run: () => void
}

/** A table of values that clients and a script share. Who uses it is told of every change, in order. */
export class SharedObject {
  /** Whose it is: the path of an application, or what an instance of one is called. */
  readonly scope: string
  /** The application's path. */
  readonly app: string
  readonly name: string
  readonly persistent: boolean
  readonly slots: SharedSlots
  /** Who uses it, and where they are told. */
  readonly users = new Map<Client, SharedSink>()
  /** A script holds it. */
  scripted = false
  /** It is no more; whoever still holds it holds a shell. */
  isDropped = false
  /** How often a script has locked it, and what waits for the end of that. */
  locks = 0
  readonly waiting: Waiting[] = []
  waitingBytes = 0
  /** It is stored from time to time, and at the end; otherwise only when a script says so. */
  autoCommit = true
  /** Slots that differ from what is stored, and whether all that is stored is to go first. */
  readonly unsaved = new Set<string>()
  isCleared = false
  /** What is to leave when the lock is opened. */
  #batch: SharedEvent[] | null = null

  constructor(scope: string, app: string, name: string, persistent: boolean, version: number) {
    this.scope = scope
    this.app = app
    this.name = name
    this.persistent = persistent
    this.slots = new SharedSlots(version)
  }

  get isDirty(): boolean {
    return this.persistent && (this.isCleared || this.unsaved.size > 0)
  }

  /** Nobody has to do with it any more. */
  get isIdle(): boolean {
    return this.users.size === 0 && !this.scripted
  }

  /** What a slot is now, for somebody who may believe otherwise. */
  truth(name: string): SharedEvent {
    const slot = this.slots.slots.get(name)
    return slot ? { kind: 'change', name, value: slot.value } : { kind: 'remove', name }
  }

  message(events: readonly SharedEvent[]): SharedMessage {
    const { name, persistent } = this
    return { object: name, persistent, version: this.slots.version, events }
  }

  /** Tells everybody but one, with all that gathers until a lock is opened. */
  tell(events: SharedEvent[], except?: Client): void {
    if (events.length === 0) return
    if (this.#batch) {
      this.#batch.push(...events)
      return
    }
    const message = this.message(events)
    for (const [client, sink] of this.users) if (client !== except) sink.shared(message)
  }

  /** Something a client asked for waits for the lock to be opened; false when there is no room. */
  wait(waiting: Waiting): boolean {
    const bytes = this.waitingBytes + waiting.bytes
    if (this.waiting.length >= sharedLimits.waiting || bytes > sharedLimits.waitingBytes) return false
    this.waiting.push(waiting)
    this.waitingBytes = bytes
    return true
  }

  lock(): number {
    this.#batch ??= []
    return ++this.locks
  }

  /** What was changed meanwhile leaves as one message; what waited is to be carried out once there is no lock left. */
  unlock(): number {
    if (this.locks === 0) return 0
    if (--this.locks > 0) return this.locks
    const batch = this.#batch ?? []
    this.#batch = null
    this.tell(batch)
    this.waitingBytes = 0
    for (const { run } of this.waiting.splice(0)) run()
    return 0
  }

  /** Tells a newcomer all it has to know; a large object in several messages. */
  introduce(sink: SharedSink, version: number): void {
    let events: SharedEvent[] = [{ kind: 'useSuccess' }]
    let bytes = 0
    for (const event of this.slots.since(version)) {
      if (event.kind === 'change') bytes += event.name.length + event.value.length
      if (bytes > sharedLimits.messageBytes && events.length > 0) {
        sink.shared(this.message(events))
        events = []
        bytes = 0
      }
      events.push(event)
    }
    if (events.length > 0) sink.shared(this.message(events))
  }

  left(client: Client): void {
    this.users.delete(client)
    const staying = this.waiting.filter(each => each.client !== client)
    this.waiting.splice(0, this.waiting.length, ...staying)
    this.waitingBytes = staying.reduce((sum, { bytes }) => sum + bytes, 0)
  }
}
