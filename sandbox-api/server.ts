import type { ServerFacts } from '../server/apps/wire.ts'
import { decode, encode } from './amf.ts'
import { type Collection, Shelf, sealClass } from './collection.ts'
import type { Crypto } from './crypto/crypto.ts'
import { digests } from './crypto/digests.ts'
import { md5 } from './crypto/md5.ts'
import { sha256 } from './crypto/sha256.ts'
import type { Engine } from './engine.ts'
import { bytesGiven, textGiven } from './given.ts'
import type { GlassSetup } from './glass.ts'
import type { Groups } from './groups.ts'
import { idOf } from './ids.ts'
import { readIpRange } from './ip-range.ts'
import { ADDRESS_TEXT, IP_RANGE_TEXT } from './limits.ts'
import type { Mirrors } from './mirrors.ts'
import type { Mail } from './outside/mail.ts'
import type { Storage } from './outside/storage.ts'
import type { TCPClient } from './outside/tcp-client.ts'
import type { TCPServer } from './outside/tcp-server.ts'
import type { UDPSocket } from './outside/udp-socket.ts'
import type { Owned } from './own-fields.ts'
import {
  collectGarbage,
  freeze,
  list,
  prepend,
  TypeErrorClass,
  textLastIndexOf,
  textSlice,
  textStartsWith,
} from './primordials.ts'
import type { Publication, PublicationState } from './publication.ts'
import { isPublicationName } from './publication-name.ts'
import { Recordings } from './recordings.ts'
import type { Room } from './room.ts'
import { split } from './split.ts'
import { callerPlace, type Place } from './stack.ts'
import { wallNow } from './wall-clock.ts'

/** The server, as this application may see it. */
export class Server {
  readonly #engine: Engine
  readonly #mirrors: Mirrors
  readonly #facts: ServerFacts
  readonly #wwwFolder: string

  readonly #crypto: Crypto
  readonly #servers = new Shelf<string, object>(idOf)
  readonly #recordings: Recordings

  constructor(engine: Engine, mirrors: Mirrors, setup: GlassSetup, crypto: Crypto) {
    this.#engine = engine
    this.#mirrors = mirrors
    this.#facts = setup.server
    this.#wwwFolder = setup.wwwFolder
    this.#crypto = crypto
    this.#recordings = new Recordings(engine)
    freeze(this)
  }

  get clients(): Collection<string, Owned> {
    return this.#mirrors.clients.view
  }

  get publications(): Collection<string, Publication> {
    return this.#mirrors.publications.view
  }

  get groups(): Groups {
    return this.#mirrors.groups.view
  }

  get rooms(): Collection<string, Room> {
    return this.#mirrors.rooms.shelf.view
  }

  /** Other servers, once there are links to them. */
  get servers(): Collection<string, object> {
    return this.#servers.view
  }

  /** What is recorded of this application's streams. */
  get recordings(): Recordings {
    return this.#recordings
  }

  get configs(): Record<string, unknown> {
    return this.#facts.configs
  }

  /** Milliseconds since 1970. */
  get epochTime(): number {
    return wallNow()
  }

  get publicAddress(): string {
    return this.#facts.publicAddress
  }

  get hostname(): string {
    return this.#facts.hostname
  }

  get version(): string {
    return this.#facts.version
  }

  get platform(): string {
    return this.#facts.platform
  }

  /** The folder of the application at `path`, with a slash at its end. */
  absolutePath(path: string = ''): string {
    const name = textGiven(path, 'absolutePath: path')
    const from = textStartsWith(name, '/') ? 1 : 0
    const inner = textSlice(name, from)
    return inner === '' ? `${this.#wwwFolder}/` : `${this.#wwwFolder}/${inner}/`
  }

  /** The global `crypto`. */
  get crypto(): Crypto {
    return this.#crypto
  }

  /** The values as AMF0, with AMF3 behind the marker 0x11 where it says them better. */
  toAMF(...values: unknown[]): Uint8Array {
    return encode(values, 3, this.#engine.outbox)
  }

  /** The values as AMF0; arrays, byte arrays, dictionaries and vectors are AMF3 all the same, as CumulusServer had it. */
  toAMF0(...values: unknown[]): Uint8Array {
    return encode(values, 0, this.#engine.outbox, true)
  }

  /** All the values that AMF bytes hold. */
  fromAMF(data: Uint8Array): unknown[] {
    return decode(bytesGiven(data, 'fromAMF: data'))
  }

  /** The MD5 of one value (a text counts as UTF-8), or an array of several's. */
  md5(...values: (string | Uint8Array)[]): Uint8Array | Uint8Array[] {
    return digests('md5', md5, values)
  }

  /** As md5(), with SHA-256. */
  sha256(...values: (string | Uint8Array)[]): Uint8Array | Uint8Array[] {
    return digests('sha256', sha256, values)
  }

  /** The tokens between any of the separator's characters. `option`: 1 leaves out empty ones, 2 trims each, 3 both. */
  split(expression: string, separator: string, option: number = 0): string[] {
    return split(expression, separator, option)
  }

  /** A message to every client of this application. */
  broadcast(name: string, ...values: unknown[]): void {
    const { outbox } = this.#engine
    const method = textGiven(name, 'broadcast: name')
    const args0 = encode(values, 0, outbox)
    const args3 = encode(values, 3, outbox)
    const bytes = args0.length + args3.length + method.length
    outbox.write({ c: 'broadcast', name: method, args0, args3 }, bytes)
  }

  /** Keeps these IP addresses and ranges out, and closes what is open from there. Throws a TypeError that names what is neither. */
  addToBlacklist(...entries: string[]): void {
    this.#ban(true, 'addToBlacklist', entries)
  }

  removeFromBlacklist(...entries: string[]): void {
    this.#ban(false, 'removeFromBlacklist', entries)
  }

  /** What this application has and has seen since it started; bytes and memory as of the latest statistics (R17). */
  stats(): object {
    const { clients, publications } = this.#mirrors
    let { bytesIn, bytesOut, messagesIn, messagesOut } = this.#engine.counts
    this.#mirrors.eachClient(state => {
      if (state.gone) return
      bytesIn += state.bytesIn
      bytesOut += state.bytesOut
      messagesIn += state.messagesIn
      messagesOut += state.messagesOut
    })
    const sizes = { clients: clients.view.count, publications: publications.view.count, rooms: this.rooms.count }
    const sums = { bytesIn, bytesOut, messagesIn, messagesOut }
    return { ...this.#engine.counts, ...sizes, ...sums, hooks: this.#engine.tally.show() }
  }

  /** Collects this application's garbage, within its time limit (R16). */
  gc(): void {
    collectGarbage?.()
  }

  /** Takes this application down: its clients are closed, onStop is called, and whoever connects next starts it again. */
  unload(): void {
    this.#engine.outbox.write({ c: 'unload' }, 0)
  }

  /** Publishes a name from this script; null when somebody publishes it already. */
  publish(name: string): Publication | null {
    const address = textGiven(name, 'publish: name')
    if (address.length > ADDRESS_TEXT || !isPublicationName(address)) {
      throw new TypeErrorClass('a name to publish is a text like "cam" or "lobby/cam"')
    }
    const { asks, outbox, path } = this.#engine
    const key = `${path}\n${address}`
    const known = this.#mirrors.publication(key)
    // What the version before published is this one's to go on with: it asks for it as if it were free.
    if (known !== undefined && !known.isFree && (!known.own || known.isHeld)) {
      outbox.log('error', `${address} is already published`, callerPlace())
      return null
    }
    const place = callerPlace()
    asks.open(
      '',
      ticket => outbox.write({ c: 'publish', ticket, address }, address.length),
      answer => {
        state.asked--
        if (!answer.ok)
          this.#notPublished(state, known !== undefined, `${address} was not published: ${answer.text}`, place)
      },
    )
    const slash = textLastIndexOf(address, '/')
    const goesOn = known !== undefined && !known.isFree
    const state = this.#mirrors.published({
      app: path,
      address,
      room: slash < 0 ? '' : textSlice(address, 0, slash),
      name: textSlice(address, slash + 1),
      publisherId: 'script',
      generation: (known?.facts.generation ?? 0) + (goesOn ? 0 : 1),
      startedAt: known?.own ? known.facts.startedAt : wallNow(),
      query: {},
    })
    state.asked++
    state.ended = false
    state.isHeld = true
    return state.view
  }

  /** Values that outlive the application. */
  get storage(): Storage {
    return this.#engine.outside.storage
  }

  createTCPClient(): TCPClient {
    return this.#engine.outside.createTCPClient()
  }

  createTCPServer(): TCPServer {
    return this.#engine.outside.createTCPServer()
  }

  createUDPSocket(allowBroadcast: boolean = false): UDPSocket {
    return this.#engine.outside.createUDPSocket(allowBroadcast === true)
  }

  /** A mail on its way; its onSent hears what became of it. */
  sendMail(sender: string, subject: string, content: string, ...recipients: string[]): Mail {
    return this.#engine.outside.sendMail(prepend(sender, prepend(subject, prepend(content, recipients))))
  }

  get [Symbol.toStringTag](): string {
    return 'Server'
  }

  #ban(on: boolean, what: string, given: readonly unknown[]): void {
    const entries = list<string>()
    for (let i = 0; i < given.length; i++) entries[i] = readIpRange(what, given[i])
    if (entries.length > 0) this.#engine.outbox.write({ c: 'ban', on, entries }, entries.length * IP_RANGE_TEXT)
  }

  /** The mirror said the name was free, the source knew better. */
  #notPublished(state: PublicationState, wasKnown: boolean, text: string, place: Place): void {
    this.#engine.outbox.log('error', text, place)
    if (state.asked > 0 || state.closed || state.facts.publisherId !== 'script') return
    if (wasKnown) state.facts = { ...state.facts, publisherId: '', startedAt: 0 }
    else this.#mirrors.unpublished(state.key)
  }
}
sealClass(Server)
