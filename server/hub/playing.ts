import { allows, type Client } from './client.ts'
import type { Judge, Witness } from './judge.ts'
import type { HubLimits } from './limits.ts'
import { Listener, type ListenerSink } from './listener.ts'
import type { Publishing } from './publishing.ts'

export interface PlayingOptions {
  judge: Judge
  witness: Witness
  limits: HubLimits
  publishing: Publishing
  /** In place of the hub's own kind, when frames pass through another process. */
  ListenerKind?: typeof Listener
}

export type PlayOutcome =
  /** `live`: somebody publishes right now. Media follows as soon as the answer has been taken. */
  { ok: true; listener: Listener; live: boolean } | { ok: false; code: 'Play.Failed'; text: string }

/** Who listens to what. */
export class Playing {
  readonly listeners = new Map<number, Listener>()
  readonly #judge: Judge
  readonly #witness: Witness
  readonly #limits: HubLimits
  readonly #publishing: Publishing
  readonly #Kind: typeof Listener
  #lastId = 0

  constructor(options: PlayingOptions) {
    this.#judge = options.judge
    this.#witness = options.witness
    this.#limits = options.limits
    this.#publishing = options.publishing
    this.#Kind = options.ListenerKind ?? Listener
  }

  /**
   * A joined client wants to play a name, published or not. Gives the listener whose verdict is out (for stop()), or
   * null when it was refused at once; `answer` is called exactly once unless it is stopped before.
   */
  play(client: Client, given: string, sink: ListenerSink, answer: (outcome: PlayOutcome) => void): Listener | null {
    const address = this.#publishing.addressOf(client, given)
    const refuse = (text: string): null => {
      answer({ ok: false, code: 'Play.Failed', text })
      return null
    }
    if (!address) return refuse(`Not authorized to play ${given.slice(0, 64)}`)
    if (!allows(client.facts.readAccess, address.address)) return refuse(`No read access to ${given}`)
    const publication = this.#publishing.find(client.app, address)
    const isNew = publication.state === 'idle' && publication.listeners.size === 0 && publication.waiting === 0
    if (isNew) this.#witness.publicationChanged(publication)
    publication.waiting++
    const listener = new this.#Kind(++this.#lastId, client, publication, address, sink, this.#limits.listener)
    listener.audioSampleAccess = allows(client.facts.audioSampleAccess, address.address)
    listener.videoSampleAccess = allows(client.facts.videoSampleAccess, address.address)
    this.listeners.set(listener.id, listener)
    client.listeners.add(listener)
    this.#witness.listenerKnown(listener)
    this.#judge.subscribe(client, listener, verdict => {
      if (listener.state !== 'asking') return
      if (!verdict.ok) {
        this.stop(listener)
        return refuse(verdict.text === '' ? `Not authorized to play ${given}` : verdict.text)
      }
      const live = publication.state === 'live'
      listener.state = 'joined'
      listener.told = live
      publication.waiting--
      this.#witness.listenerJoined(listener)
      answer({ ok: true, listener, live })
      // The answer may have ended it: a closed connection, a stream that is deleted.
      if ((listener.state as string) === 'joined') this.#begin(listener)
    })
    return listener
  }

  /** What was served from elsewhere is given what is published, from now on. */
  tuneIn(listener: Listener): void {
    if (listener.state !== 'joined') return
    listener.elsewhere = false
    this.#begin(listener)
  }

  /** The subscription ends, or is given up while its verdict is out. Harmless twice. */
  stop(listener: Listener): void {
    if (listener.state === 'gone') return
    const joined = listener.state === 'joined'
    const { publication } = listener
    listener.state = 'gone'
    if (!joined) publication.waiting--
    publication.remove(listener)
    if (joined && publication.listeners.size === publication.insiders) this.#publishing.attendant?.unwanted(publication)
    this.listeners.delete(listener.id)
    listener.client.listeners.delete(listener)
    this.#witness.listenerLeft(listener, joined)
    this.#publishing.prune(publication)
  }

  #begin(listener: Listener): void {
    const { publication, elsewhere } = listener
    publication.add(listener)
    if (!elsewhere) this.#publishing.attendant?.wanted(publication, listener)
  }

  /** Ends a subscription from this side: its player is told `NetStream.<code>`. */
  closeListener(listener: Listener, code: string, description: string): void {
    if (listener.state === 'gone') return
    this.stop(listener)
    listener.sink.closed(code, description)
  }
}
