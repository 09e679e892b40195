import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { utf8Length } from '../base/utf8.ts'
import { isCleanPath } from './address.ts'
import type { Client } from './client.ts'
import { isElsewhere, type Judge } from './judge.ts'
import { type SharedMessage, type SharedSink, SharedStatus, type SharedValue } from './shared-events.ts'
import { type SharedLimits, sharedDefaults, sharedLimits } from './shared-limits.ts'
import { SharedObject } from './shared-object.ts'
import { SharedRequests } from './shared-requests.ts'
import { SharedSaving } from './shared-saving.ts'
import type { SharedAuthor } from './shared-slots.ts'
import { noStore, type SharedStock, type SharedStore } from './shared-store.ts'

export interface SharedOptions {
  readonly limits?: SharedLimits
  readonly store?: SharedStore
  /** Which objects a client sees by their names; those of its application unless something else is said. */
  scopeOf?(client: Client): string
}

/** Who is told of everything that happens to shared objects: what keeps the mirrors of scripts true. */
export interface SharedWatcher {
  appeared(object: SharedObject): void
  changed(object: SharedObject, name: string, author: SharedAuthor): void
  cleared(object: SharedObject, author: SharedAuthor): void
  /** A client calls a function of all that use the object. */
  message(object: SharedObject, name: string, args: Uint8Array): void
  /** What changed was stored, or was not. */
  saved(object: SharedObject): void
  dropped(object: SharedObject): void
}

/** What stands for an application's script as an author. */
export const script: SharedAuthor = { script: true }

interface Scope {
  readonly objects: Map<string, SharedObject>
  bytes: number
  /** New persistent objects begin after this version: a copy of a deleted one is never taken for one of theirs. */
  floor: number
}

/** All shared objects of the server. Persistent ones are held from the start; others as long as somebody uses them. */
export class SharedObjects {
  readonly #limits: SharedLimits
  readonly #scopes = new Map<string, Scope>()
  readonly #saving: SharedSaving
  readonly #requests: SharedRequests
  readonly #locate: Judge['locate']
  readonly scopeOf: (client: Client) => string
  /** The objects that a client uses. */
  readonly #used = new Map<Client, Set<SharedObject>>()
  #watcher: SharedWatcher | null = null
  #bytes = 0

  constructor({ clock, log, judge, shared = {} }: { clock: Clock; log: Log; judge: Judge; shared?: SharedOptions }) {
    this.#limits = shared.limits ?? sharedDefaults
    this.scopeOf = shared.scopeOf ?? (client => client.app)
    this.#locate = path => judge.locate(path)
    this.#requests = new SharedRequests(this)
    this.#saving = new SharedSaving({
      store: shared.store ?? noStore,
      clock,
      log,
      interval: this.#limits.storeInterval,
      saved: object => this.#watcher?.saved(object),
    })
  }

  watch(watcher: SharedWatcher): void {
    this.#watcher = watcher
  }

  /** What is stored, before the first client comes. */
  restore({ objects, floors }: SharedStock): void {
    for (const [name, floor] of floors) this.#scope(name).floor = floor
    for (const { scope, app, name, version, purged, slots } of objects) {
      const object = new SharedObject(scope, app, name, true, version)
      object.slots.purged = purged
      for (const [slot, value, at] of slots) object.slots.restore(slot, value, at)
      this.#scope(scope).objects.set(name, object)
      this.#account(object, object.slots.bytes)
    }
  }

  /** What a client has sent about one of them. Never throws for what it holds. */
  receive(client: Client, sink: SharedSink, message: SharedMessage): void {
    if (client.state === 'joined') this.#requests.receive(client, sink, message)
  }

  /** The client has gone. */
  left(client: Client): void {
    for (const object of this.#used.get(client) ?? []) {
      object.left(client)
      this.prune(object)
    }
    this.#used.delete(client)
  }

  find(scope: string, name: string): SharedObject | undefined {
    return this.#scopes.get(scope)?.objects.get(name)
  }

  /** Those of one scope. */
  within(scope: string): Iterable<SharedObject> {
    return this.#scopes.get(scope)?.objects.values() ?? []
  }

  /** The object, made if there is none, or the code of the status that says why not. */
  open(scope: string, app: string, name: string, persistent: boolean): SharedObject | string {
    if (!this.#isName(app, name)) return SharedStatus.uriMismatch
    const { objects, floor } = this.#scope(scope)
    const known = objects.get(name)
    if (known) return known.persistent === persistent ? known : SharedStatus.badPersistence
    if (objects.size >= sharedLimits.objects) return SharedStatus.creationFailed
    const object = new SharedObject(scope, app, name, persistent, floor + 1)
    objects.set(name, object)
    this.#watcher?.appeared(object)
    return object
  }

  /** Sets a slot, or removes it with null; gives the code of the status that says why not, or null when it was done. */
  change(object: SharedObject, name: string, value: SharedValue | null, author: SharedAuthor): string | null {
    const { slots } = object
    const before = slots.bytes
    if (value === null) {
      if (!slots.remove(name, author)) return null
    } else {
      if (!this.#fits(object, name, value)) return SharedStatus.quotaExceeded
      slots.set(name, value, author)
    }
    this.#account(object, slots.bytes - before)
    this.#changed(object, name)
    this.#watcher?.changed(object, name, author)
    return null
  }

  clear(object: SharedObject, author: SharedAuthor): void {
    this.#account(object, -object.slots.bytes)
    object.slots.clear(author)
    object.unsaved.clear()
    object.isCleared = object.persistent
    this.#saving.changed(object)
    this.#watcher?.cleared(object, author)
  }

  /** Tells the script of a message that a client sent. */
  heard(object: SharedObject, name: string, args: Uint8Array): void {
    this.#watcher?.message(object, name, args)
  }

  /** Its properties go, from the disk too; whoever uses it is told that it is empty, and it is no more when nobody does. */
  delete(object: SharedObject): void {
    if (object.slots.slots.size > 0) {
      this.clear(object, script)
      object.tell([{ kind: 'clear' }])
      this.save([object], () => {})
    }
    if (object.persistent && object.isIdle) this.#drop(object)
    else this.prune(object)
  }

  save(objects: readonly SharedObject[], done: (error: string | null) => void): void {
    this.#saving.save(objects, done)
  }

  /** False when the client uses too many. */
  use(client: Client, object: SharedObject): boolean {
    const used = this.#used.get(client) ?? new Set()
    if (used.size >= sharedLimits.used) return false
    this.#used.set(client, used.add(object))
    return true
  }

  release(client: Client, object: SharedObject): void {
    object.left(client)
    this.#used.get(client)?.delete(object)
    this.prune(object)
  }

  /** What is not persistent goes with the last who had to do with it. */
  prune(object: SharedObject): void {
    if (!object.persistent && object.isIdle) this.#drop(object)
  }

  /** What is stored by itself is stored a last time; the store is its owner's to close. */
  close(): void {
    this.#saving.close()
  }

  #drop(object: SharedObject): void {
    const scope = this.#scope(object.scope)
    if (!scope.objects.delete(object.name)) return
    object.isDropped = true
    this.#account(object, -object.slots.bytes)
    if (object.persistent) {
      scope.floor = Math.max(scope.floor, object.slots.version)
      this.#saving.delete(object)
    }
    this.#watcher?.dropped(object)
  }

  /** A name is a clean path, and does not lead into the folder of another application. */
  #isName(app: string, name: string): boolean {
    if (name === '' || utf8Length(name) > sharedLimits.nameBytes || !isCleanPath(name)) return false
    const slash = name.lastIndexOf('/')
    if (slash < 0) return true
    return !isElsewhere(this.#locate(`${app}/${name.slice(0, slash)}`), app)
  }

  #fits({ slots, scope }: SharedObject, name: string, value: SharedValue): boolean {
    const isNew = !slots.slots.has(name)
    if (isNew && slots.slots.size >= sharedLimits.slots) return false
    if (value.length > sharedLimits.valueBytes || utf8Length(name) > sharedLimits.nameBytes) return false
    const more = slots.bytesWith(name, value) - slots.bytes
    const { bytes, appBytes } = this.#limits
    return more <= 0 || (this.#bytes + more <= bytes && this.#scope(scope).bytes + more <= appBytes)
  }

  #account({ scope }: SharedObject, more: number): void {
    this.#bytes += more
    this.#scope(scope).bytes += more
  }

  #changed(object: SharedObject, name: string): void {
    if (!object.persistent) return
    object.unsaved.add(name)
    this.#saving.changed(object)
  }

  #scope(name: string): Scope {
    let scope = this.#scopes.get(name)
    if (!scope) {
      scope = { objects: new Map(), bytes: 0, floor: 0 }
      this.#scopes.set(name, scope)
    }
    return scope
  }
}
