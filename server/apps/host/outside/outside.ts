import type { Ask, FetchAsk, Note, OutsideCommand, OutsideEvent } from '../../../../sandbox-api/outside/words.ts'
import type { AppSetup } from '../../wire.ts'
import type { Rehearsal } from '../rehearsal.ts'
import { Fetcher, portOf, readUrl } from './fetcher.ts'
import { Permit } from './permit.ts'
import { PostOffice } from './post-office.ts'
import type { Premises } from './premises.ts'
import { troubleOf } from './refusal.ts'
import { Sockets } from './sockets.ts'

export interface OutsideOwner {
  readonly premises: Premises
  /** Answers in place of the network. */
  readonly rehearsal: Rehearsal | undefined
  tell(event: OutsideEvent): void
  warn(text: string): void
}

/**
 * All that one version of an application can reach outside the glass. Each question is checked here, beyond the script's
 * reach, and answered exactly once.
 */
export class Outside {
  readonly #owner: OutsideOwner
  readonly #setup: AppSetup
  readonly #permit: Permit
  readonly #sockets: Sockets
  readonly #fetcher: Fetcher
  readonly #post: PostOffice
  /** Questions that wait for their answers, and how to give one up. */
  readonly #open = new Map<number, AbortController>()
  #closed = false

  constructor(setup: AppSetup, owner: OutsideOwner) {
    const { path, configFile, allow, outside } = setup
    const { premises } = owner
    const { sockets, socketBytes, fetchTimeout: timeout, fetchBytes: bytes } = outside
    const permit = new Permit(path, configFile, allow)
    this.#owner = owner
    this.#setup = setup
    this.#permit = permit
    this.#sockets = new Sockets({
      permit,
      premises,
      sockets,
      socketBytes,
      tell: event => this.#tell(event),
      warn: text => owner.warn(text),
    })
    this.#fetcher = new Fetcher({ permit, premises, sockets, timeout, bytes })
    this.#post = new PostOffice(outside.smtp)
  }

  /** Somebody waits for an answer. */
  get busy(): boolean {
    return this.#open.size > 0
  }

  take(command: OutsideCommand): void {
    if (this.#closed) return
    if (command.c === 'note') this.#note(command.note)
    else void this.#answer(command.id, command.ask)
  }

  /** The next version has taken over: its ports and connections are its own. */
  closeSockets(): void {
    this.#sockets.end()
  }

  /** Harmless twice. */
  close(): void {
    this.#closed = true
    this.#sockets.end()
    for (const open of this.#open.values()) open.abort()
    this.#fetcher.close()
  }

  async #answer(id: number, ask: Ask): Promise<void> {
    const open = new AbortController()
    this.#open.set(id, open)
    try {
      const value = await this.#carryOut(ask, open.signal)
      this.#tell({ e: 'answered', id, ok: true, value })
    } catch (error) {
      this.#tell({ e: 'answered', id, ok: false, ...troubleOf(error) })
    } finally {
      this.#open.delete(id)
    }
  }

  #carryOut(ask: Ask, signal: AbortSignal): Promise<unknown> {
    switch (ask.noun) {
      case 'tcp':
      case 'udp':
        return this.#sockets.ask(ask)
      case 'rtmp':
        return this.#permit.addresses('rtmp', ask.host, ask.port)
      case 'fetch':
        return this.#owner.rehearsal ? this.#rehearse(ask, this.#owner.rehearsal) : this.#fetcher.fetch(ask, signal)
      case 'mail':
        return this.#send(ask)
      case 'storage':
        return this.#owner.premises.storage.ask(ask, this.#setup.outside.storage)
    }
  }

  /** Answered by whoever tries the application; what it may not reach it may not reach there either. */
  async #rehearse(ask: FetchAsk, rehearsal: Rehearsal): Promise<unknown> {
    const url = readUrl(ask.url)
    this.#permit.needHost('fetch', url.hostname, portOf(url))
    return rehearsal.fetch(this.#setup.path, ask)
  }

  async #send(mail: Ask & { noun: 'mail' }): Promise<void> {
    this.#permit.need({ kind: 'mail' })
    if (this.#owner.rehearsal) this.#owner.rehearsal.mail(this.#setup.path, mail)
    else await this.#post.send(mail)
  }

  #note(note: Note): void {
    switch (note.what) {
      case 'abort':
        return this.#open.get(note.id)?.abort()
      case 'close':
        return this.#sockets.close(note.socket)
      case 'destroy':
        return this.#sockets.destroy(note.socket)
      case 'taken':
        return this.#sockets.taken(note.socket, note.bytes)
    }
  }

  #tell(event: OutsideEvent): void {
    if (!this.#closed) this.#owner.tell(event)
  }
}
