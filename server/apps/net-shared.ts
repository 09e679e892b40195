import { SharedCopy, type SharedCopyOwner } from '../hub/shared-copy.ts'
import { type SharedMessage, SharedStatus } from '../hub/shared-events.ts'
import { sharedLimits } from '../hub/shared-limits.ts'
import type { App } from './app.ts'
import { netSharedBytes } from './limits.ts'
import type { NetCommand } from './net-wire.ts'
import { type FeedOptions, SharedFeed } from './shared-feed.ts'
import type { SharedTold } from './wire.ts'

type NetSharedCommand = NetCommand & { c: 'netShared' }

/** Bytes that the copies of one application hold, on all of its connections. */
export interface SharedBudget {
  bytes: number
}

export interface NetSharedOptions extends FeedOptions {
  readonly app: App
  readonly connection: number
  readonly budget: SharedBudget
  /** To the server. */
  share(message: SharedMessage): void
}

/** Shared objects at another server, as a script sees them through one of its connections. */
export class NetShared implements SharedCopyOwner {
  readonly #options: NetSharedOptions
  readonly #copies = new Map<string, SharedCopy>()
  readonly #feed: SharedFeed

  constructor(options: NetSharedOptions) {
    this.#options = options
    this.#feed = new SharedFeed(options.app, options, told => this.#tell(told))
  }

  carryOut({ op, object, seq, name, value, number }: NetSharedCommand): void {
    if (op === 'open') return this.#open(object, number === 1, seq)
    const copy = this.#copies.get(object)
    if (!copy) return
    const bytes = value && Uint8Array.from(value)
    switch (op) {
      case 'close':
        copy.release()
        this.#copies.delete(object)
        return
      case 'set':
        return copy.change(seq, name, bytes ?? null)
      case 'remove':
        return copy.change(seq, name, null)
      case 'clear':
        return copy.clear(seq)
      case 'send':
        return copy.call(seq, name, bytes ?? new Uint8Array())
    }
  }

  /** The server says something of one of them. */
  receive(message: SharedMessage): void {
    const copy = this.#copies.get(message.object)
    if (!copy) return
    copy.receive(message)
    if (this.#copies.has(copy.name)) this.#feed.touched(copy)
  }

  /** The connection has ended, and with it what was seen through it. */
  end(): void {
    for (const copy of this.#copies.values()) copy.forget()
    this.#copies.clear()
  }

  // ---------------------------------------------------------------------------------------------- of a copy

  send(message: SharedMessage): void {
    this.#options.share(message)
  }

  changed(copy: SharedCopy, name: string, whose: 'own' | 'other'): void {
    this.#feed.changed(copy, name, whose)
  }

  cleared(copy: SharedCopy, whose: 'own' | 'other'): void {
    this.#feed.cleared(copy, whose)
  }

  message(copy: SharedCopy, name: string, args: Uint8Array): void {
    this.#feed.message(copy, name, args)
  }

  refused(copy: SharedCopy, code: string, isLost: boolean): void {
    if (isLost) {
      copy.forget()
      this.#copies.delete(copy.name)
    }
    this.#tell({ e: 'sharedStatus', object: copy.name, code, description: '' })
  }

  take(bytes: number): boolean {
    const { budget } = this.#options
    if (bytes > 0 && budget.bytes + bytes > netSharedBytes) return false
    budget.bytes += bytes
    return true
  }

  // ------------------------------------------------------------------------------------------------ within

  #open(name: string, persistent: boolean, seq: number): void {
    if (this.#copies.has(name)) return
    if (this.#copies.size >= sharedLimits.used) {
      return this.#tell({ e: 'sharedStatus', object: name, code: SharedStatus.creationFailed, description: '' })
    }
    const copy = new SharedCopy(name, persistent, this)
    this.#copies.set(name, copy)
    copy.use(seq)
  }

  #tell(told: SharedTold): void {
    const { app, connection } = this.#options
    app.channel.tell({ e: 'netShared', connection, told })
  }
}
