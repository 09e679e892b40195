import type { ClientFacts } from '../server/apps/wire.ts'
import { decode } from './amf.ts'
import { ClientState } from './client-state.ts'
import { sealClass } from './collection.ts'
import type { Engine } from './engine.ts'
import { FlowWriter } from './flow-writer.ts'
import { functionOrNull, textGiven } from './given.ts'
import { rawId } from './ids.ts'
import { nameErrors } from './named.ts'
import { Owned } from './own-fields.ts'
import {
  defineProperty,
  ErrorClass,
  getOwnPropertyDescriptor,
  ownKeys,
  SafeSet,
  TypeErrorClass,
} from './primordials.ts'
import { readRedirect } from './redirects.ts'
import type { Script } from './stage.ts'

/** The engine's way to what stands behind a client; a TypeError for anything else, whatever its prototype. */
export let clientStateOf: (client: Client) => ClientState

/** A client, as scripts hold it. Known members cannot be assigned; every other property is the script's own. */
export class Client extends Owned {
  readonly #state: ClientState
  readonly #writer: FlowWriter

  constructor(engine: Engine, facts: ClientFacts) {
    super(engine.fields, 'client', facts.id)
    this.#state = new ClientState(engine, facts, this)
    this.#writer = new FlowWriter(this.#state, true)
  }

  static {
    clientStateOf = client => client.#state
  }

  get id(): string {
    return this.#state.facts.id
  }

  get rawId(): Uint8Array {
    return rawId(this.#state.facts.id)
  }

  get address(): string {
    return this.#state.facts.address
  }

  get protocol(): string {
    return this.#state.facts.protocol
  }

  get secure(): boolean {
    return this.#state.facts.secure
  }

  get uri(): string {
    return this.#state.facts.uri
  }

  get path(): string {
    return this.#state.facts.path
  }

  get room(): string {
    return this.#state.facts.room
  }

  get flashVersion(): string {
    return this.#state.facts.flashVersion
  }

  get pageUrl(): string {
    return this.#state.facts.pageUrl
  }

  get swfUrl(): string {
    return this.#state.facts.swfUrl
  }

  /** What it announced with connect() that it can take; null of a kind it said nothing of. */
  get codecs(): { audio: string[] | null; video: string[] | null } {
    const { enhanced } = this.#state.facts
    return { audio: copyOf(enhanced?.audio), video: copyOf(enhanced?.video) }
  }

  /** Extensions of Enhanced RTMP that it announced (`capsEx`). */
  get capabilities(): { reconnect: boolean; multitrack: boolean; modEx: boolean; nanoOffset: boolean } {
    const capsEx = this.#state.facts.enhanced?.capsEx ?? 0
    const has = (bit: number) => (capsEx & bit) !== 0
    return { reconnect: has(1), multitrack: has(2), modEx: has(4), nanoOffset: has(8) }
  }

  get ping(): number {
    return this.#state.ping
  }

  get elapsedFromReception(): number {
    return this.#state.silence
  }

  get writer(): FlowWriter {
    return this.#writer
  }

  get adopted(): boolean {
    return this.#state.adopted
  }

  stats(): { ping: number; bytesIn: number; bytesOut: number; elapsedFromReception: number } {
    const { ping, bytesIn, bytesOut, silence } = this.#state
    return { ping, bytesIn, bytesOut, elapsedFromReception: silence }
  }

  get readAccess(): string {
    return this.#state.facts.readAccess
  }

  set readAccess(folders: string) {
    this.#state.access('readAccess', folders)
  }

  get writeAccess(): string {
    return this.#state.facts.writeAccess
  }

  set writeAccess(folders: string) {
    this.#state.access('writeAccess', folders)
  }

  get audioSampleAccess(): string {
    return this.#state.facts.audioSampleAccess
  }

  set audioSampleAccess(folders: string | boolean) {
    this.#state.access('audioSampleAccess', folders)
  }

  get videoSampleAccess(): string {
    return this.#state.facts.videoSampleAccess
  }

  set videoSampleAccess(folders: string | boolean) {
    this.#state.access('videoSampleAccess', folders)
  }

  get onManage(): Script | null {
    return this.#state.onManage ?? null
  }

  set onManage(script: Script | null) {
    if (this.#state.gone) return
    this.#state.onManage = functionOrNull(script, 'onManage')
    this.#state.engine.manager.set(this, 'client.onManage', this.#state.onManage, this.#state)
  }

  /** Calls a function of the client's; gives a promise of what it answers. */
  call(name: string, ...values: unknown[]): Promise<unknown> {
    const { facts, engine } = this.#state
    const write = (ticket: number) => {
      const method = textGiven(name, 'call: name')
      if (this.#state.gone) throw new ErrorClass('the client has gone')
      this.#state.call(method, values, ticket)
    }
    return engine.asks.call(facts.id, write, bytes => decode(bytes)[0])
  }

  /** Measures `ping` anew; the value follows with the next statistics. */
  sendPing(): void {
    if (!this.#state.gone) this.#state.engine.outbox.write({ c: 'ping', client: this.#state.facts.id }, 0)
  }

  /**
   * What its line can take, measured now: `maximum` bytes a second to it, `latency` of a ping in ms; and what goes over it at
   * present, `in` from it and `out` to it, bytes a second as of the latest statistics (R37, R38).
   */
  bandwidth(): Promise<unknown> {
    const { facts, engine } = this.#state
    const write = (ticket: number) => {
      if (this.#state.gone) throw new ErrorClass('the client has gone')
      engine.outbox.write({ c: 'bandwidth', client: facts.id, ticket }, 0)
    }
    return engine.asks.call(facts.id, write, bytes => {
      const { maximum, latency } = decode(bytes)[0] as { maximum: number; latency: number }
      return { in: this.#state.inRate, out: this.#state.outRate, maximum, latency }
    })
  }

  close(reason: string = ''): void {
    this.#state.close(textGiven(reason, 'close: reason'))
  }

  /** Sends it to an address or a URL: a refusal during onConnection, its last words later (R28). */
  redirect(to: string): void {
    const { facts, engine, gone } = this.#state
    const target = readRedirect('client.redirect', to)
    if (!gone) engine.outbox.write({ c: 'redirect', client: facts.id, to: target }, target.length)
  }

  get [Symbol.toStringTag](): string {
    return 'Client'
  }
}

function copyOf(codecs: readonly string[] | null | undefined): string[] | null {
  if (!codecs) return null
  const copy: string[] = []
  for (let i = 0; i < codecs.length; i++) copy[copy.length] = codecs[i]!
  return copy
}

/** What stands for clients in a dialect, and what no URL value may be named. */
export interface ClientKind {
  readonly members: { has(name: PropertyKey): boolean }
  make(engine: Engine, facts: ClientFacts): ClientState
}

/** Names that are members of every client: no URL value and no remote call reaches them. */
export const clientMembers = new SafeSet<PropertyKey>()

nameErrors(Client.prototype)
{
  const keys = ownKeys(Client.prototype)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    clientMembers.add(key)
    const member = getOwnPropertyDescriptor(Client.prototype, key)!
    if (member.set !== undefined || typeof key === 'symbol') continue
    const get = member.get ?? (() => member.value)
    const set = () => {
      const what = `client.${key} cannot be assigned: it is a member of every client`
      throw new TypeErrorClass(`${what} (for a function that clients may call, use \`export const calls\`)`)
    }
    defineProperty(Client.prototype, key, { get, set, enumerable: false, configurable: true })
  }
}
sealClass(Client)

export const usualClients: ClientKind = {
  members: clientMembers,
  make: (engine, facts) => clientStateOf(new Client(engine, facts)),
}
