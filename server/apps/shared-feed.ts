import type { Log } from '../base/log.ts'
import type { SharedValue } from '../hub/shared-events.ts'
import type { App } from './app.ts'
import { sharedMessages, sharedToldBytes } from './limits.ts'
import type { SharedFacts, SharedSlotFacts, SharedTold } from './wire.ts'

/** What of an object has not been told. */
interface News {
  cleared: 'no' | 'own' | 'other'
  /** Slots that changed, and whether it was the script that changed them last. */
  readonly slots: Map<string, 'own' | 'other'>
}

/** What a mirror is of: an object that lives here, or a copy of one that does not. */
export interface Mirrored {
  readonly name: string
  readonly persistent: boolean
  readonly isDirty: boolean
  readonly isDropped: boolean
  readonly slots: { readonly version: number; readonly slots: ReadonlyMap<string, { readonly value: SharedValue }> }
  /** The newest command about it that was carried out, where that is not the same for all of them. */
  readonly seen?: number
}

export interface FeedOptions {
  readonly log: Log
  defer(run: () => void): void
}

/**
 * Keeps one application's mirrors of its shared objects true. It tells states, at most sharedToldBytes at once, and more
 * only when these were heard: however fast clients change a slot, a script that is slow hears its latest value.
 */
export class SharedFeed {
  readonly #app: App
  readonly #options: FeedOptions
  readonly #tell: (told: SharedTold) => void
  readonly #news = new Map<Mirrored, News>()
  #messages: { object: string; name: string; args: Uint8Array }[] = []
  #messageBytes = 0
  #dropped = 0
  /** The newest command of the script's that was carried out. */
  seen = 0
  #isTold = false
  #isDeferred = false

  constructor(app: App, options: FeedOptions, tell: (told: SharedTold) => void = told => app.channel.tell(told)) {
    this.#app = app
    this.#tell = tell
    this.#options = options
  }

  /** A new isolate: it is told all of these with its start, and its commands are numbered anew. */
  begin(objects: Iterable<Mirrored>): SharedFacts[] {
    this.#news.clear()
    this.#messages = []
    this.#messageBytes = 0
    this.#isTold = false
    this.seen = 0
    return Array.from(objects, object => this.#facts(object, allOf(object)))
  }

  changed(object: Mirrored, name: string, whose: 'own' | 'other'): void {
    this.#newsOf(object)?.slots.set(name, whose)
  }

  cleared(object: Mirrored, whose: 'own' | 'other'): void {
    const news = this.#newsOf(object)
    if (!news) return
    news.slots.clear()
    if (news.cleared !== 'other') news.cleared = whose
  }

  /** It is there, it is gone, or it was stored: whatever its slots are. */
  touched(object: Mirrored): void {
    this.#newsOf(object)
  }

  message(object: Mirrored, name: string, args: Uint8Array): void {
    if (!this.#app.channel.isOpen) return
    if (this.#messages.length >= sharedMessages.count || this.#messageBytes + args.length > sharedMessages.bytes) {
      if (this.#dropped++ > 0) return
      const text = 'the application does not keep up: messages to its shared objects are dropped'
      return this.#options.log.warn({ app: this.#app.name, object: object.name }, text)
    }
    this.#messages.push({ object: object.name, name, args })
    this.#messageBytes += args.length
    this.#soon()
  }

  /** What there is to tell is told, if the application has heard what came before. */
  flush(): void {
    const { channel } = this.#app
    if (this.#isTold || !channel.isOpen || (this.#news.size === 0 && this.#messages.length === 0)) return
    let bytes = 0
    for (const [object, news] of this.#news) {
      if (bytes > sharedToldBytes) break
      this.#news.delete(object)
      const facts = this.#facts(object, news)
      for (const { name, value } of facts.slots) bytes += name.length + (value?.length ?? 0)
      this.#tell({ e: 'shared', facts })
    }
    // They follow the changes that came before them.
    if (this.#news.size === 0) this.#tellMessages()
    this.#isTold = true
    const heard = (): void => {
      this.#isTold = false
      this.flush()
    }
    const lost = (): void => {
      this.#isTold = false
    }
    channel.ask({ answered: heard, early() {}, lost }, ticket => ({ e: 'sharedHeard', ticket }), 0)
  }

  #tellMessages(): void {
    const { name: app } = this.#app
    for (const message of this.#messages) this.#tell({ e: 'sharedMessage', ...message })
    this.#messages = []
    this.#messageBytes = 0
    if (this.#dropped > 1) this.#options.log.warn({ app, dropped: this.#dropped }, 'messages to shared objects dropped')
    this.#dropped = 0
  }

  #newsOf(object: Mirrored): News | null {
    if (!this.#app.channel.isOpen) return null
    let news = this.#news.get(object)
    if (!news) {
      news = { cleared: 'no', slots: new Map() }
      this.#news.set(object, news)
      this.#soon()
    }
    return news
  }

  #soon(): void {
    if (this.#isDeferred) return
    this.#isDeferred = true
    this.#options.defer(() => {
      this.#isDeferred = false
      this.flush()
    })
  }

  #facts(object: Mirrored, { cleared, slots }: News): SharedFacts {
    const { name, persistent, isDirty, isDropped, seen = this.seen } = object
    const told: SharedSlotFacts[] = []
    for (const [slot, whose] of isDropped ? [] : slots) {
      // What the script has set itself it knows, unless everything was cleared in between.
      if (whose === 'own' && cleared === 'no') told.push({ name: slot })
      else told.push({ name: slot, value: object.slots.slots.get(slot)?.value ?? null })
    }
    const { version } = object.slots
    return { name, persistent, version, seen, dirty: isDirty, cleared, slots: told, dropped: isDropped }
  }
}

function allOf({ slots }: Mirrored): News {
  return { cleared: 'no', slots: new Map(Array.from(slots.slots.keys(), name => [name, 'other'])) }
}
