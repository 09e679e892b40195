import { allows, type Client } from './client.ts'
import { type SharedEvent, type SharedMessage, type SharedSink, SharedStatus } from './shared-events.ts'
import { sharedLimits, slotOverheadBytes } from './shared-limits.ts'
import type { SharedObject, Waiting } from './shared-object.ts'
import type { SharedObjects } from './shared-objects.ts'
import { slotCost } from './shared-slots.ts'

/**
 * What clients ask of shared objects. A change is granted with a success to its author and told to the others; when another has changed
 * the slot after the version that the author knew, it is not, and the author is told what the slot is. While a script has
 * the object locked, all of this waits.
 */
export class SharedRequests {
  readonly #objects: SharedObjects

  constructor(objects: SharedObjects) {
    this.#objects = objects
  }

  receive(client: Client, sink: SharedSink, message: SharedMessage): void {
    const events: SharedEvent[] = []
    for (const event of message.events) {
      if (event.kind !== 'use' && event.kind !== 'release') {
        events.push(event)
        continue
      }
      this.#ask(client, sink, message, events.splice(0))
      if (event.kind === 'use') this.#use(client, sink, message)
      else this.#release(client, message.object)
    }
    this.#ask(client, sink, message, events)
  }

  #use(client: Client, sink: SharedSink, { object: name, persistent, version }: SharedMessage): void {
    const refuse = (code: string): void => {
      sink.shared({ object: name, persistent, version: 0, events: [{ kind: 'status', code, level: 'error' }] })
    }
    if (!allows(client.facts.readAccess, name)) return refuse(SharedStatus.noReadAccess)
    const object = this.#objects.open(this.#objects.scopeOf(client), client.app, name, persistent)
    if (typeof object === 'string') return refuse(object)
    if (!object.users.has(client) && !this.#objects.use(client, object)) {
      this.#objects.prune(object)
      return refuse(SharedStatus.creationFailed)
    }
    const introduce = (): void => {
      object.users.set(client, sink)
      // Only what is on the disk keeps its history: whoever has a copy of a temporary object has one of another.
      object.introduce(sink, persistent ? version : 0)
    }
    this.#orWait(object, { client, bytes: 0, run: introduce }, () => refuse(SharedStatus.creationFailed))
  }

  #release(client: Client, name: string): void {
    const object = this.#objects.find(this.#objects.scopeOf(client), name)
    if (object) this.#objects.release(client, object)
  }

  #ask(client: Client, sink: SharedSink, message: SharedMessage, events: readonly SharedEvent[]): void {
    if (events.length === 0) return
    const object = this.#objects.find(this.#objects.scopeOf(client), message.object)
    if (!object) return
    const run = (): void => {
      if (object.users.has(client)) this.#carryOut(object, client, sink, message.version, events)
    }
    const bytes = events.reduce((sum, event) => sum + weightOf(event), 0)
    this.#orWait(object, { client, bytes, run }, () => {
      const names = new Set(events.flatMap(event => (isRequest(event) ? [event.name] : [])))
      const refusal: SharedEvent = { kind: 'status', code: SharedStatus.quotaExceeded, level: 'error' }
      sink.shared(object.message([refusal, ...[...names].map(name => object.truth(name))]))
    })
  }

  #orWait(object: SharedObject, waiting: Waiting, full: () => void): void {
    if (object.locks === 0) waiting.run()
    else if (!object.wait(waiting)) full()
  }

  #carryOut(
    object: SharedObject,
    client: Client,
    sink: SharedSink,
    seen: number,
    events: readonly SharedEvent[],
  ): void {
    /** For its author, and for the others. */
    const answer: SharedEvent[] = []
    const told: SharedEvent[] = []
    const isWritable = allows(client.facts.writeAccess, object.name)
    /** Slots that it has been told already: a value may be ten thousand times as long as the request that is refused. */
    const correct = new Set<string>()
    const tellTruth = (name: string): void => {
      if (!correct.has(name)) answer.push(object.truth(name))
      correct.add(name)
    }
    const refuse = (code: string): void => {
      if (answer.some(event => event.kind === 'status' && event.code === code)) return
      answer.push({ kind: 'status', code, level: 'error' })
    }
    for (const event of events) {
      if (!isRequest(event) && event.kind !== 'requestClear' && event.kind !== 'message') continue
      if (!isWritable) {
        refuse(SharedStatus.noWriteAccess)
        if (isRequest(event)) tellTruth(event.name)
      } else if (event.kind === 'message') {
        if (event.args.length > sharedLimits.valueBytes) {
          refuse(SharedStatus.quotaExceeded)
          continue
        }
        // Its author is called like everybody else.
        answer.push(event)
        told.push(event)
        this.#objects.heard(object, event.name, event.args)
      } else if (event.kind === 'requestClear') {
        this.#objects.clear(object, client)
        answer.push({ kind: 'clear' })
        told.push({ kind: 'clear' })
        correct.clear()
      } else if (object.slots.isStale(event.name, seen, client)) tellTruth(event.name)
      else {
        const code = this.#change(object, client, event, answer, told)
        if (code === null) correct.delete(event.name)
        else {
          refuse(code)
          tellTruth(event.name)
        }
      }
    }
    if (answer.length > 0) sink.shared(object.message(answer))
    object.tell(told, client)
  }

  /** Gives the code of the status that says why not, or null when it was done. */
  #change(
    object: SharedObject,
    client: Client,
    event: Request,
    answer: SharedEvent[],
    told: SharedEvent[],
  ): string | null {
    const { name } = event
    const wasThere = object.slots.slots.has(name)
    const code = this.#objects.change(object, name, event.kind === 'requestChange' ? event.value : null, client)
    if (code !== null) return code
    if (event.kind === 'requestChange') {
      answer.push({ kind: 'success', name })
      told.push({ kind: 'change', name, value: event.value })
    } else {
      answer.push({ kind: 'remove', name })
      if (wasThere) told.push({ kind: 'remove', name })
    }
    return null
  }
}

type Request = Extract<SharedEvent, { kind: 'requestChange' | 'requestRemove' }>

/** Bytes that an event holds while it waits. */
function weightOf(event: SharedEvent): number {
  if (event.kind === 'requestChange') return slotCost(event.name, event.value)
  return event.kind === 'message' ? slotCost(event.name, event.args) : slotOverheadBytes
}

function isRequest(event: SharedEvent): event is Request {
  return event.kind === 'requestChange' || event.kind === 'requestRemove'
}
