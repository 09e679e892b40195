import { silentLog } from '../../server/base/log.ts'
import { Client } from '../../server/hub/client.ts'
import type { Judge } from '../../server/hub/judge.ts'
import type { SharedEvent, SharedMessage, SharedSink } from '../../server/hub/shared-events.ts'
import { type SharedLimits, sharedDefaults } from '../../server/hub/shared-limits.ts'
import type { SharedObject } from '../../server/hub/shared-object.ts'
import { SharedObjects, script } from '../../server/hub/shared-objects.ts'
import type { SharedSave, SharedStock, SharedStore, StoredObject, StoredSlot } from '../../server/hub/shared-store.ts'
import { decodeAmf0, encodeAmf0 } from '../../server/media/amf0.ts'
import { introductionOf } from '../support/introduction.ts'
import { ManualClock } from '../support/manual-clock.ts'

export const amf = (value: unknown) => encodeAmf0([value])

/** An event in words: `change a=1`, `success a`, `status SharedObject.NoWriteAccess`. */
export function inWords(event: SharedEvent): string {
  if (event.kind === 'change' || event.kind === 'requestChange') {
    return `${event.kind} ${event.name}=${JSON.stringify(decodeAmf0(event.value)[0])}`
  }
  if (event.kind === 'message') return `message ${event.name}(${decodeAmf0(event.args).join()})`
  if (event.kind === 'status') return `status ${event.code}`
  return 'name' in event ? `${event.kind} ${event.name}` : event.kind
}

/** Keeps what it is given, as a disk would; `error` makes it fail. */
export class PretendStore implements SharedStore {
  readonly saves: (readonly SharedSave[])[] = []
  error: string | null = null
  readonly #objects = new Map<string, { object: StoredObject; slots: Map<string, StoredSlot> }>()
  readonly #floors = new Map<string, number>()

  save(saves: readonly SharedSave[], done: (error: string | null) => void): void {
    this.saves.push(saves)
    if (this.error !== null) return done(this.error)
    for (const save of saves) {
      const key = `${save.scope}\n${save.name}`
      const slots = (save.clear ? null : this.#objects.get(key)?.slots) ?? new Map<string, StoredSlot>()
      for (const slot of save.slots) slots.set(slot[0], slot)
      if (save.deleted) {
        this.#objects.delete(key)
        this.#floors.set(save.scope, Math.max(this.#floors.get(save.scope) ?? 0, save.version))
      } else this.#objects.set(key, { object: save, slots })
    }
    done(null)
  }

  stock(): SharedStock {
    const objects = [...this.#objects.values()].map(({ object, slots }) => ({ ...object, slots: [...slots.values()] }))
    return { objects, floors: this.#floors }
  }
}

/** A client that writes down what it is told, in words. */
export class PretendUser implements SharedSink {
  readonly client: Client
  readonly messages: SharedMessage[] = []
  readonly #objects: SharedObjects
  closed = ''

  constructor(
    objects: SharedObjects,
    name: string,
    change: { app?: string; room?: string; read?: string; write?: string },
  ) {
    const { app = '/chat', room = '', read = '/', write = '/' } = change
    const facts = {
      ...introductionOf({ path: app }),
      id: name,
      room,
      readAccess: read,
      writeAccess: write,
      audioSampleAccess: '',
      videoSampleAccess: '',
    }
    const peer = {
      call() {},
      status() {},
      ping() {},
      close() {},
      bandwidth() {},
      figures: () => ({ ping: 0, bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0, silence: 0 }),
    }
    this.client = new Client(facts, peer)
    this.client.state = 'joined'
    this.#objects = objects
  }

  shared(message: SharedMessage): void {
    this.messages.push(message)
  }

  say(object: string, events: readonly SharedEvent[], { version = 0, persistent = false } = {}): void {
    this.#objects.receive(this.client, this, { object, version, persistent, events })
  }

  use(object: string, options: { version?: number; persistent?: boolean } = {}): this {
    this.say(object, [{ kind: 'use' }], options)
    return this
  }

  set(object: string, name: string, value: unknown, version = 0): void {
    this.say(object, [{ kind: 'requestChange', name, value: amf(value) }], { version })
  }

  /** What it was told since the last time: each message as its version and its events. */
  take(): string[] {
    return this.messages.splice(0).map(({ version, events }) => `${version}: ${events.map(inWords).join(', ')}`)
  }

  leave(): void {
    this.#objects.left(this.client)
    this.client.state = 'gone'
  }
}

/** Shared objects with a clock that is wound by hand, and a disk in memory. */
export class SharedScene {
  readonly clock = new ManualClock()
  readonly store: PretendStore
  readonly objects: SharedObjects
  /** What the script's mirrors were told. */
  readonly told: string[] = []
  #users = 0

  constructor(limits: Partial<SharedLimits> = {}, store = new PretendStore()) {
    this.store = store
    const judge = {
      locate: (path: string) => ({ found: true, app: path.startsWith('/chat/kid') ? '/chat/kid' : '/chat', room: '' }),
    } as Partial<Judge> as Judge
    const shared = { store, limits: { ...sharedDefaults, ...limits } }
    this.objects = new SharedObjects({ clock: this.clock, log: silentLog, judge, shared })
    this.objects.restore(store.stock())
    const tell =
      (what: string) =>
      ({ name }: SharedObject, more: unknown = '') =>
        void this.told.push(`${what} ${name} ${String(more)}`.trim())
    this.objects.watch({
      appeared: tell('appeared'),
      changed: (object, name, author) => tell(author === script ? 'own' : 'changed')(object, name),
      cleared: object => tell('cleared')(object),
      message: (object, name) => tell('message')(object, name),
      saved: object => tell('saved')(object),
      dropped: object => tell('dropped')(object),
    })
  }

  user(change: { app?: string; room?: string; read?: string; write?: string } = {}): PretendUser {
    return new PretendUser(this.objects, `user ${++this.#users}`, change)
  }

  /** An object of /chat, as a script gets it. */
  open(name: string, persistent = false): SharedObject {
    const object = this.objects.open('/chat', '/chat', name, persistent)
    if (typeof object === 'string') throw new Error(object)
    object.scripted = true
    return object
  }

  /** A script's change. */
  set(object: SharedObject, name: string, value: unknown): void {
    const bytes = value === null ? null : amf(value)
    this.objects.change(object, name, bytes, script)
    object.tell([bytes ? { kind: 'change', name, value: bytes } : { kind: 'remove', name }])
  }
}

export function slotsOf(object: SharedObject): Record<string, unknown> {
  return Object.fromEntries([...object.slots.slots].map(([name, { value }]) => [name, decodeAmf0(value)[0]]))
}
