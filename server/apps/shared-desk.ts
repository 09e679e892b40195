import type { Log } from '../base/log.ts'
import { SharedStatus } from '../hub/shared-events.ts'
import type { SharedObject } from '../hub/shared-object.ts'
import { type SharedObjects, type SharedWatcher, script } from '../hub/shared-objects.ts'
import type { SharedAuthor } from '../hub/shared-slots.ts'
import type { App } from './app.ts'
import { type FeedOptions, SharedFeed } from './shared-feed.ts'
import type { AppCommand, MirrorEvent } from './wire.ts'

type SharedCommand = AppCommand & { c: 'shared' }

export interface SharedDeskOptions extends FeedOptions {
  readonly objects: SharedObjects
  readonly log: Log
  /** The application at a path, as far as somebody has reached it. */
  known(path: string): App | undefined
}

/**
 * Between the shared objects and the scripts they belong to: an application's script sees those of its own application,
 * and what it wants of them is carried out here, in the order in which it said so.
 */
export class SharedDesk implements SharedWatcher {
  readonly #options: SharedDeskOptions
  readonly #objects: SharedObjects
  readonly #feeds = new Map<App, SharedFeed>()

  constructor(options: SharedDeskOptions) {
    this.#options = options
    this.#objects = options.objects
    options.objects.watch(this)
  }

  /** What an application's isolate is told with its start. */
  snapshot(path: string): MirrorEvent[] {
    const app = this.#options.known(path)
    if (!app) return []
    return this.#feed(app)
      .begin(this.#objects.within(path))
      .map(facts => ({ e: 'shared', facts }))
  }

  /** The isolate is gone: what it had locked is free, and unless it comes back, what it held is let go. */
  ended(app: App): void {
    for (const object of [...this.#objects.within(app.path)]) {
      while (object.locks > 0) object.unlock()
      if (app.standing !== 'down') this.#letGo(object)
    }
  }

  carryOut(app: App, command: SharedCommand): void {
    const feed = this.#feed(app)
    feed.seen = Math.max(feed.seen, command.seq)
    if (command.op === 'open') return this.#open(app, command)
    if (command.op === 'commit') return this.#save(app, command, [...this.#objects.within(app.path)])
    if (command.op === 'delete') return this.#delete(app, command)
    const object = this.#objects.find(app.path, command.object)
    if (object) this.#act(app, object, command)
    else this.#answer(app, command, null)
  }

  // ---------------------------------------------------------------------------------------- from the objects

  appeared(object: SharedObject): void {
    this.#feedOf(object)?.touched(object)
  }

  changed(object: SharedObject, name: string, author: SharedAuthor): void {
    this.#feedOf(object)?.changed(object, name, author === script ? 'own' : 'other')
  }

  cleared(object: SharedObject, author: SharedAuthor): void {
    this.#feedOf(object)?.cleared(object, author === script ? 'own' : 'other')
  }

  message(object: SharedObject, name: string, args: Uint8Array): void {
    this.#feedOf(object)?.message(object, name, args)
  }

  saved(object: SharedObject): void {
    this.#feedOf(object)?.touched(object)
  }

  dropped(object: SharedObject): void {
    this.#feedOf(object)?.touched(object)
  }

  // ------------------------------------------------------------------------------------------ for the script

  #open(app: App, { object: name, number }: SharedCommand): void {
    const object = this.#objects.open(app.path, app.path, name, number === 1)
    if (typeof object === 'string') return this.#refuse(app, name, object)
    object.scripted = true
    this.#feed(app).touched(object)
  }

  #act(app: App, object: SharedObject, command: SharedCommand): void {
    const { op, name, number } = command
    const value = command.value && new Uint8Array(command.value)
    switch (op) {
      case 'close':
        while (object.locks > 0) object.unlock()
        return this.#letGo(object)
      case 'set':
      case 'remove':
        return this.#change(app, object, name, op === 'set' ? (value ?? null) : null)
      case 'clear':
        this.#objects.clear(object, script)
        return object.tell([{ kind: 'clear' }])
      case 'lock':
        return void object.lock()
      case 'unlock':
        return void object.unlock()
      case 'send':
        return object.tell([{ kind: 'message', name, args: value ?? new Uint8Array() }])
      case 'purge':
        return object.slots.purge(number)
      case 'autoCommit':
        object.autoCommit = number === 1
        return
      case 'resyncDepth':
        object.slots.resyncDepth = number < 0 ? Number.POSITIVE_INFINITY : number
        return
      case 'flush':
        return this.#save(app, command, [object])
    }
  }

  #change(app: App, object: SharedObject, name: string, value: Uint8Array | null): void {
    const wasThere = object.slots.slots.has(name)
    const code = this.#objects.change(object, name, value, script)
    if (code !== null) {
      // Its mirror is put right: it had taken the change for done.
      this.#feed(app).changed(object, name, 'other')
      return this.#refuse(app, object.name, code)
    }
    if (value !== null) object.tell([{ kind: 'change', name, value }])
    else if (wasThere) object.tell([{ kind: 'remove', name }])
  }

  #letGo(object: SharedObject): void {
    if (!object.scripted) return
    object.scripted = false
    this.#objects.prune(object)
  }

  #save(app: App, command: SharedCommand, objects: SharedObject[]): void {
    this.#objects.save(objects, error => {
      if (error !== null) this.#refuse(app, command.object, SharedStatus.flushFailed, error)
      this.#answer(app, command, error)
    })
  }

  #delete(app: App, command: SharedCommand): void {
    for (const object of [...this.#objects.within(app.path)]) {
      if (fits(command.object, object.name)) this.#objects.delete(object)
    }
    this.#answer(app, command, null)
  }

  #answer(app: App, { ticket }: SharedCommand, error: string | null): void {
    if (ticket === 0) return
    this.#feed(app).flush()
    app.channel.tell(
      error === null ? { e: 'answer', ticket, ok: true } : { e: 'answer', ticket, ok: false, text: error },
    )
  }

  #refuse(app: App, object: string, code: string, description = ''): void {
    app.channel.tell({ e: 'sharedStatus', object, code, description })
  }

  #feed(app: App): SharedFeed {
    let feed = this.#feeds.get(app)
    if (!feed) {
      feed = new SharedFeed(app, this.#options)
      this.#feeds.set(app, feed)
    }
    return feed
  }

  /** Whose script it concerns: that of the application itself, whatever its scope is called. */
  #feedOf({ scope }: SharedObject): SharedFeed | undefined {
    const app = this.#options.known(scope)
    return app && this.#feed(app)
  }
}

/** Does a name fit a pattern in which `*` stands for any characters and `?` for one? In time that follows both lengths. */
function fits(pattern: string, name: string): boolean {
  let star = -1
  let from = 0
  let at = 0
  for (let i = 0; i < name.length; ) {
    if (pattern[at] === '*') {
      star = at++
      from = i
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[i])) {
      at++
      i++
    } else if (star >= 0) {
      at = star + 1
      i = ++from
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
