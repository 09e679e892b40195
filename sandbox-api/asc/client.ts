import type { ClientFacts } from '../../server/apps/wire.ts'
import { decode } from '../amf.ts'
import type { ClientKind } from '../client.ts'
import { ClientState } from '../client-state.ts'
import type { Engine } from '../engine.ts'
import { textGiven } from '../given.ts'
import { nameErrors } from '../named.ts'
import { Owned } from '../own-fields.ts'
import {
  createObject,
  defineProperty,
  getOwnPropertyDescriptor,
  hasOwn,
  ownKeys,
  ProxyClass,
  reflectApply,
  reflectGet,
  SafeMap,
  SafeSet,
  setOwn,
  setPrototypeOf,
  TypeErrorClass,
  textLastIndexOf,
  textSlice,
} from '../primordials.ts'
import { callerPlace } from '../stack.ts'
import type { Script } from '../stage.ts'
import { clientStats, type DroppedOf } from './client-stats.ts'
import { answerTo, type Responder } from './responder.ts'

/** The engine's way to what stands behind a client; a TypeError for anything else. */
export let ascStateOf: (client: object) => ClientState

/** What measuring a client's line gave, as the media process says it. */
interface Measured {
  maximum: number
  latency: number
  bytes: number
  ms: number
}

/** A client as Adobe's server showed it. Scripts may put whatever they like on it and on Client.prototype. */
export class Client extends Owned {
  readonly #state: ClientState
  readonly #dropped: DroppedOf

  constructor(engine: Engine, facts: ClientFacts, dropped: DroppedOf) {
    super(engine.fields, 'client', facts.id)
    this.#dropped = dropped
    this.#state = new ClientState(engine, facts, this)
  }

  static {
    ascStateOf = client => (client as Client).#state
  }

  get agent(): string {
    return this.#state.facts.flashVersion
  }

  get id(): string {
    return this.#state.facts.id
  }

  get ip(): string {
    const { address } = this.#state.facts
    const host = textSlice(address, 0, textLastIndexOf(address, ':'))
    return host[0] === '[' ? textSlice(host, 1, host.length - 1) : host
  }

  get protocol(): string {
    return this.#state.facts.protocol
  }

  /** The URL of the SWF, or of the server it comes from. */
  get referrer(): string {
    return this.#state.facts.swfUrl
  }

  get pageUrl(): string {
    return this.#state.facts.pageUrl
  }

  get uri(): string {
    return this.#state.facts.uri
  }

  get secure(): boolean {
    return this.#state.facts.secure
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

  /** Calls a function of the client's; `responder.onResult` hears its answer, `onStatus` that there is none. */
  call(name: string, responder?: Responder | null, ...values: unknown[]): boolean {
    const { facts, engine, gone } = this.#state
    const method = textGiven(name, 'call: name')
    if (gone) return false
    const write = (ticket: number) => this.#state.call(method, values, ticket)
    if (responder === undefined || responder === null) write(0)
    else answerTo(engine, `call ${method}`, responder, engine.asks.call(facts.id, write, firstOf))
    return true
  }

  /** Asks for a sign of life; how long it took is in getStats().ping_rtt. */
  ping(): boolean {
    const { facts, engine, gone } = this.#state
    if (!gone) engine.outbox.write({ c: 'ping', client: facts.id }, 0)
    return !gone
  }

  /** Bytes a second from the client, as of the latest statistics (R37). */
  getBandwidthIn(): number {
    return this.#state.inRate
  }

  /** Bytes a second to the client. */
  getBandwidthOut(): number {
    return this.#state.outRate
  }

  /** Nothing is held back for a client but by its own line: the log says so, and that is all. */
  setBandwidthLimit(_toClient: number, _fromClient: number): void {
    const text = 'client.setBandwidthLimit changes nothing: a client is sent what its line takes'
    this.#state.engine.outbox.log('warn', text, callerPlace())
  }

  /** Measures its line and calls its onBWDone with kilobits a second, kilobits sent, seconds, and milliseconds of latency (R38). */
  checkBandwidth(): void {
    const { facts, engine, gone } = this.#state
    if (gone) return
    const write = (ticket: number) => engine.outbox.write({ c: 'bandwidth', client: facts.id, ticket }, 0)
    void this.#tellBandwidth(engine.asks.call(facts.id, write, firstOf))
  }

  getStats(): object {
    return clientStats(this.#state, this.#dropped(this.#state.facts.id))
  }

  async #tellBandwidth(measuring: Promise<unknown>): Promise<void> {
    let measured: Measured
    try {
      measured = (await measuring) as Measured
    } catch {
      // It has gone: nobody is left to be told.
      return
    }
    const { maximum, latency, bytes, ms } = measured
    this.call('onBWDone', null, (maximum * 8) / 1000, (bytes * 8) / 1000, ms / 1000, latency)
  }
}

function firstOf(bytes: Uint8Array): unknown {
  return decode(bytes)[0]
}

nameErrors(Client.prototype)
// Where streams of the same name were told apart; scripts set it, and read it back.
setOwn(Client.prototype, 'virtualKey', '', false)

/** What every client has: a remote call reaches none of it, but functions that scripts put in its place. */
const members = new SafeMap<PropertyKey, unknown>()
const names = new SafeSet<PropertyKey>()
{
  const keys = ownKeys(Client.prototype)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    members.set(key, getOwnPropertyDescriptor(Client.prototype, key)!.value)
    names.add(key)
  }
}

const resolving = new SafeSet<object>()

/**
 * At the end of the chain of prototypes: what is nowhere else is asked of the script's `__resolve`. Names that
 * `__resolve` itself looks for are not.
 */
const resolver = new ProxyClass(
  createObject(Object.prototype) as object,
  {
    __proto__: null,
    get(target: object, key: PropertyKey, receiver: object): unknown {
      if (typeof key === 'symbol' || key === '__resolve' || key in target) return reflectGet(target, key, receiver)
      return resolved(receiver, key as string)
    },
  } as ProxyHandler<object>,
)
setPrototypeOf(Client.prototype, resolver)

function resolved(client: object, name: string): unknown {
  if (resolving.has(client)) return undefined
  resolving.add(client)
  try {
    const resolve = (client as { __resolve?: unknown }).__resolve
    if (typeof resolve !== 'function') return undefined
    return reflectApply(resolve as (...values: unknown[]) => unknown, client, [name])
  } finally {
    resolving.delete(client)
  }
}

/** The global `Client`: its prototype is every client's, and nobody makes one. */
export const ClientClass = function Client(): never {
  throw new TypeErrorClass('a Client comes with a connection, it cannot be made')
}
defineProperty(ClientClass, 'prototype', { value: Client.prototype, writable: false })
defineProperty(Client.prototype, 'constructor', { value: ClientClass, writable: true, configurable: true })

/** The function that a client calls by that name: its own, one that scripts put on Client.prototype, or what __resolve gives. */
export function findMethod(client: object, name: string): Script | undefined {
  const own = getOwnPropertyDescriptor(client, name)
  if (own !== undefined) return functionIn(own)
  const shared = getOwnPropertyDescriptor(Client.prototype, name)
  if (shared !== undefined) return isOurs(name, shared) ? undefined : functionIn(shared)
  if (hasOwn(Object.prototype, name)) return undefined
  const given = resolved(client, name)
  return typeof given === 'function' ? (given as Script) : undefined
}

function isOurs(name: string, { value }: PropertyDescriptor): boolean {
  return name === 'constructor' || (members.has(name) && members.get(name) === value)
}

function functionIn(property: PropertyDescriptor): Script | undefined {
  return typeof property.value === 'function' ? property.value : undefined
}

/** What stands for clients in this dialect. URL values named like a member stay out of its way. */
export function ascClients(dropped: DroppedOf): ClientKind {
  return { members: names, make: (engine, facts) => ascStateOf(new Client(engine, facts, dropped)) }
}
