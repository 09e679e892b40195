import type { Clock, Timer } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { reconnects } from '../media/announced.ts'
import { readName } from './address.ts'
import { type Archive, noArchive } from './archive.ts'
import { Attendance, type Near } from './attendant.ts'
import { allows, Client, type Peer } from './client.ts'
import { ClientIds } from './client-ids.ts'
import { type Access, type ClientFacts, usualAccess } from './facts.ts'
import type { CallResult, ConnectVerdict, HandshakeVerdict, Judge, StreamRequest, Verdict, Witness } from './judge.ts'
import { type HubLimits, reconnectMs } from './limits.ts'
import type { Listener } from './listener.ts'
import { Playing, type PlayingOptions } from './playing.ts'
import type { Publication } from './publication.ts'
import { Publishing, type PublishingOptions } from './publishing.ts'
import { SharedObjects, type SharedOptions } from './shared-objects.ts'

/** What is said to who was refused without a word. */
const rejected = 'client rejected'

/** As whom the scripts of a server connect. Straight back to it is no circle: another application there may be meant (R51). */
export const scriptsOf = (server: string): string => `${server}*`

/** What a relay hears that leads back to where its stream came from. */
export const loopText = 'this relay leads in a circle: its stream has come through this server before'

/** How often rates are measured, ms. */
const turnMs = 1000

export interface HubOptions
  extends Pick<PublishingOptions, 'PublicationKind' | 'moved'>,
    Pick<PlayingOptions, 'ListenerKind'> {
  judge: Judge
  witness: Witness
  clock: Clock
  log: Log
  limits: HubLimits
  shared?: SharedOptions
  /** Where frames are for listeners of the server itself, when they pass through other processes. */
  near?: Near
  /** What this server is known by to those it relays to and from: what comes back through it is refused. */
  name?: string
  /** Where recordings are; without it nothing is recorded. */
  archive?: Archive
  /** Runs a function once the bytes at hand have been read, within this turn of the loop. */
  defer?: (run: () => void) => void
}

/** How a client introduces itself: its facts, but for what the hub decides (id, application and room). */
export type Introduction = Omit<ClientFacts, 'id' | 'path' | 'room' | keyof Access> & {
  /** The URL's path as it came, with slashes and all; its query is in `query`. */
  path: string
}

export type ConnectOutcome =
  | { ok: true; client: Client; info: Uint8Array | null }
  | { ok: false; code: 'Connect.InvalidApp' | 'Connect.Rejected'; text: string; redirect?: string; info?: Uint8Array }

/** What protocols ask of a hub; in a media worker something smaller fulfils it. */
export type Reception = Pick<Hub, 'connect' | 'leave' | 'call' | 'permit' | 'streamLength'> & {
  readonly publishing: Pick<Publishing, 'publish' | 'unpublish' | 'withdraw'>
  readonly playing: Pick<Playing, 'play' | 'stop' | 'tuneIn'>
  readonly shared: Pick<SharedObjects, 'receive'>
  readonly archive: Pick<Archive, 'record' | 'show'>
}

/**
 * The meeting place: clients, publications, listeners, and who may do what. It knows no wire and no script: protocols
 * bring clients in, a Judge decides, a Witness is told.
 */
export class Hub {
  /** Joined clients by id. */
  readonly clients = new Map<string, Client>()
  readonly publishing: Publishing
  readonly playing: Playing
  readonly shared: SharedObjects
  readonly attendance: Attendance
  readonly #name: string
  readonly archive: Archive
  readonly log: Log
  readonly #ids = new ClientIds()
  /** Whose verdict is out. */
  readonly #asking = new Map<Client, (outcome: ConnectOutcome) => void>()
  /** Joined clients that were asked to connect elsewhere, and the end of our patience. */
  readonly #departing = new Map<Client, Timer>()
  readonly #clock: Clock
  readonly #judge: Judge
  readonly #witness: Witness
  readonly #turning: Timer
  #turnedAt: number

  constructor(options: HubOptions) {
    const { judge, witness, clock, log } = options
    this.log = log
    this.#clock = clock
    this.#judge = judge
    this.#witness = witness
    this.archive = options.archive ?? noArchive
    this.publishing = new Publishing({
      ...options,
      archive: this.archive,
      soon: options.defer ?? queueMicrotask,
      lagged: (listener, queuedBytes) => this.#lagged(listener, queuedBytes),
      tooSlow: listener => this.#tooSlow(listener),
    })
    this.playing = new Playing({ ...options, publishing: this.publishing })
    this.shared = new SharedObjects(options)
    this.attendance = new Attendance({ ...options, publishing: this.publishing })
    this.#name = options.name ?? ''
    this.#turnedAt = clock.now()
    this.#turning = clock.every(turnMs, () => this.#turn(clock.now()))
  }

  /** Every name somebody publishes or waits for, by publicationKey(). */
  get publications(): ReadonlyMap<string, Publication> {
    return this.publishing.publications
  }

  /** Accepted subscriptions and those whose verdict is out, by id. */
  get listeners(): ReadonlyMap<number, Listener> {
    return this.playing.listeners
  }

  /**
   * A connection has said who it is. Gives the client whose verdict is out (for leave()), or null when it was refused
   * at once; `answer` is called exactly once unless the client leaves before.
   */
  connect(introduction: Introduction, peer: Peer, answer: (outcome: ConnectOutcome) => void): Client | null {
    if (isCircle(introduction.via ?? [], this.#name)) {
      answer({ ok: false, code: 'Connect.Rejected', text: loopText })
      return null
    }
    const place = this.#judge.locate(introduction.path)
    if (!place.found) {
      answer({ ok: false, code: 'Connect.InvalidApp', text: place.text })
      return null
    }
    const id = this.#ids.next()
    const { app: path, room } = place
    const client = new Client({ ...introduction, ...usualAccess, id, path, room }, peer)
    this.#judge.handshake(client, verdict => this.#arrive(client, verdict, answer))
    return client
  }

  #arrive(client: Client, verdict: HandshakeVerdict, answer: (outcome: ConnectOutcome) => void): void {
    if (client.state !== 'arriving') return
    if (!verdict.ok) {
      client.state = 'gone'
      return answer({ ...verdict, code: 'Connect.Rejected', text: verdict.text || rejected })
    }
    client.state = 'asking'
    this.#asking.set(client, answer)
    this.#witness.clientKnown(client)
    this.#judge.connect(client, verdict => this.#admit(client, verdict))
  }

  #admit(client: Client, verdict: ConnectVerdict): void {
    const answer = this.#asking.get(client)
    if (!answer) return
    this.#asking.delete(client)
    if (verdict.ok) {
      client.state = 'joined'
      this.clients.set(client.id, client)
      this.#witness.clientJoined(client)
      answer({ ok: true, client, info: verdict.info })
      return
    }
    client.state = 'gone'
    const text = verdict.text || rejected
    this.#witness.clientRejected(client, text)
    answer({ ...verdict, code: 'Connect.Rejected', text })
  }

  /** The connection ended, whoever ended it. `failure`: what broke, or null after a clean end. Harmless twice. */
  leave(client: Client, failure: string | null): void {
    const { state } = client
    if (state === 'gone') return
    if (state === 'arriving') {
      client.state = 'gone'
      return
    }
    if (state === 'asking') {
      client.state = 'gone'
      this.#asking.delete(client)
      this.#witness.clientRejected(client, failure ?? 'it left before it was accepted')
      return
    }
    if (failure !== null) this.#witness.clientFailed(client, failure)
    for (const listener of client.listeners) this.playing.stop(listener)
    for (const publication of client.publications) this.publishing.unpublish(publication, publication.publisher)
    this.shared.left(client)
    client.state = 'gone'
    this.#departing.get(client)?.cancel()
    this.#departing.delete(client)
    this.clients.delete(client.id)
    this.#witness.clientLeft(client)
  }

  /**
   * Sends a client elsewhere: a refusal when its verdict is out, else the last words of its connection. One that announced
   * it is asked to reconnect, and goes on as before until it has left (Enhanced RTMP v2, "Reconnect Request"); if it
   * stays all the same, it hears those last words.
   */
  redirect(client: Client, url: string): void {
    const text = `redirected to ${url}`
    const close = () => client.peer.close({ code: 'Connect.Rejected', description: text, redirect: url })
    if (client.state === 'asking') this.#admit(client, { ok: false, text, redirect: url })
    else if (client.state !== 'joined') return
    else if (!reconnects(client.facts.enhanced)) close()
    else {
      this.#departing.get(client)?.cancel()
      this.#departing.set(client, this.#clock.after(reconnectMs, close))
      client.peer.status('Connect.ReconnectRequest', text, { tcUrl: url })
    }
  }

  /** May a joined client do this? Answered exactly once. */
  permit(client: Client, request: StreamRequest, answer: (verdict: Verdict) => void): void {
    this.#judge.permit(client, request, answer)
  }

  /** A joined client calls a function of its application; answered exactly once. */
  call(client: Client, name: string, args: Uint8Array, silent: boolean, answer: (result: CallResult) => void): void {
    this.#judge.call(client, name, args, silent, answer)
  }

  /** Seconds of what is recorded under a name; 0 when there is nothing that the client may read. Answered once. */
  streamLength(client: Client, given: string, answer: (seconds: number) => void): void {
    const address = this.publishing.addressOf(client, given)
    if (!address || !allows(client.facts.readAccess, address.address)) return answer(0)
    const { format = null } = readName(given) ?? {}
    this.archive.facts(client.app, address.address, format, facts => answer(facts?.seconds ?? 0))
  }

  close(): void {
    this.#turning.cancel()
    for (const timer of this.#departing.values()) timer.cancel()
    this.publishing.close()
    this.shared.close()
  }

  #lagged(listener: Listener, queuedBytes: number): void {
    this.log.info(
      { app: listener.publication.app, client: listener.client.id, publication: listener.address.address, queuedBytes },
      'listener lags: dropping to the next key frame',
    )
  }

  #tooSlow(listener: Listener): void {
    const text = `listener too slow: nothing of ${listener.address.address} reached it in time`
    const { client } = listener
    this.log.warn({ app: client.app, client: client.id, publication: listener.address.address }, text)
    this.leave(client, text)
    client.peer.close({ code: 'Connect.Closed', description: text })
  }

  #turn(now: number): void {
    const ms = now - this.#turnedAt
    this.#turnedAt = now
    for (const publication of this.publications.values()) publication.turn(ms)
  }
}

/** `via`: the servers that a connection came through, in order. */
function isCircle(via: readonly string[], server: string): boolean {
  return via.includes(server) || via.slice(0, -1).includes(scriptsOf(server))
}
