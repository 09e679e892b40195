import type { NetEvent } from '../../server/apps/net-wire.ts'
import { decode, encode } from '../amf.ts'
import { CapabilityError } from '../capabilities.ts'
import { textGiven } from '../given.ts'
import { STATUS_TEXT } from '../limits.ts'
import { ownFunction } from '../own-function.ts'
import {
  ErrorClass,
  list,
  ownKeys,
  PromiseClass,
  RangeErrorClass,
  reflectApply,
  SafeMap,
  SafeSet,
} from '../primordials.ts'
import type { SharedShelf } from '../shared-state.ts'
import type { Script } from '../stage.ts'
import { textOf } from '../thrown.ts'
import { readPlace } from './address.ts'
import { Gateway } from './gateway.ts'
import { infoOf, readInfo } from './info.ts'
import type { Nets } from './nets.ts'
import { RemoteObjects } from './remote-objects.ts'

/** What hears of one stream of a connection. */
interface StreamHearing {
  status(info: Uint8Array): void
  gone(): void
}

/** The engine's hand on a NetConnection. */
export class NetState {
  readonly nets: Nets
  readonly view: NetConnection
  uri: string | undefined
  /** What the script asks for; while it is connected, what was agreed on. */
  encoding: 0 | 3 = 3
  agreed: 0 | 3 = 0
  standing: 'no' | 'connecting' | 'connected' | 'gateway' = 'no'
  number = 0
  /** What the other server may call by a name. */
  methodOf: (view: object, name: string) => Script | undefined = ownFunction
  gateway: Gateway | undefined
  readonly streams = new SafeMap<number, StreamHearing>()
  #objects: RemoteObjects | undefined
  /** What waits for the connection: it is run when it stands, or given the text why it does not. */
  #waiting = list<(failure: string | undefined) => void>()

  constructor(nets: Nets, view: NetConnection) {
    this.nets = nets
    this.view = view
  }

  get leadsSomewhere(): boolean {
    return this.standing === 'connecting' || this.standing === 'connected'
  }

  /** The shared objects at the other server; undefined while the connection leads to none. */
  get shelf(): SharedShelf | undefined {
    if (!this.leadsSomewhere) return undefined
    this.#objects ??= new RemoteObjects(this)
    return this.#objects.shelf
  }

  /** Throws when too much waits already. */
  whenConnected(run: (failure: string | undefined) => void): void {
    if (this.standing === 'connected') run(undefined)
    else if (this.standing !== 'connecting') run('call: not connected')
    else if (this.#waiting.length >= this.nets.engine.limits.pendingCalls) {
      throw new ErrorClass('too much waits for the connection already: apps.pendingCalls')
    } else this.#waiting[this.#waiting.length] = run
  }

  /** Throws a CapabilityError at once, and a TypeError for what is no URL. */
  connect(uri: string, values: unknown[]): void {
    const place = readPlace(uri)
    const { capabilities, outbox, outside } = this.nets.engine
    const kind = place.kind === 'rtmp' ? 'rtmp' : 'fetch'
    capabilities.need({ kind, host: place.host, port: place.port })
    this.close()
    this.uri = uri
    if (place.kind === 'gateway') {
      this.standing = 'gateway'
      this.gateway = new Gateway(uri, this.encoding, outside, outbox)
      return
    }
    const args = encode(values, 0, outbox)
    this.standing = 'connecting'
    this.number = this.nets.number()
    this.nets.enter(this.number, this)
    this.#objects?.again()
    void this.#find(this.number, place.host, place.port, args)
  }

  /** Fulfilled with the answer; rejects with what is wrong, an information object in `info`. */
  call(method: string, values: unknown[]): Promise<unknown> {
    if (this.gateway !== undefined) return this.gateway.call(method, values)
    const { asks, outbox } = this.nets.engine
    return new PromiseClass((resolve, reject) => {
      this.whenConnected(failure => {
        if (failure !== undefined) {
          reject(new ErrorClass(failure))
          return
        }
        const write = (ticket: number) => {
          const args = encode(values, this.agreed, outbox)
          const command = { c: 'netCall', connection: this.number, ticket, name: method, args } as const
          outbox.write(command, args.length + method.length)
        }
        try {
          resolve(asks.call('', write, bytes => decode(bytes)[0]))
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  /** The server is told, and what it says last still comes. */
  close(): void {
    if (this.standing === 'connecting' || this.standing === 'connected') {
      this.nets.write({ c: 'netClose', connection: this.number }, 0)
      this.#settle('the connection was closed')
    }
    this.standing = 'no'
    this.gateway = undefined
  }

  handle(event: NetEvent): void {
    switch (event.e) {
      case 'netConnected':
        if (this.standing !== 'connecting') return
        this.standing = 'connected'
        this.agreed = event.encoding
        this.#settle(undefined)
        this.status(event.info)
        break
      case 'netStatus':
        this.status(event.info)
        break
      case 'netEnded':
        this.#ended(event.connection, event.failure)
        break
      case 'netCalled':
        this.#called(event)
        break
      case 'netShared':
        if (event.connection === this.number) this.#objects?.hear(event.told)
        break
      case 'netStreamStatus':
        this.streams.get(event.stream)?.status(event.info)
        break
      default:
        event satisfies never
    }
  }

  /** Tells onStatus of the script's, if it has one; reading it and the information runs its code. */
  status(info: Uint8Array | object): void {
    tellStatus(this.nets, this.view, 'NetConnection.onStatus', () =>
      info instanceof Uint8Array ? readInfo(info) : info,
    )
  }

  async #find(number: number, host: string, port: number, args: Uint8Array): Promise<void> {
    try {
      const ask = { noun: 'rtmp', what: 'find', host, port } as const
      const addresses = (await this.nets.engine.outside.ask(ask)) as string[]
      if (this.number !== number || this.standing !== 'connecting') return
      const uri = this.uri ?? ''
      const command = { c: 'netConnect', connection: number, uri, addresses, encoding: this.encoding, args } as const
      this.nets.write(command, args.length + uri.length)
    } catch (error) {
      if (this.number === number && this.standing === 'connecting') {
        const name = error instanceof CapabilityError ? 'CapabilityError: ' : ''
        this.#ended(number, `${name}${textOf(error, STATUS_TEXT)}`)
      }
    }
  }

  #ended(number: number, failure: string): void {
    this.nets.forget(number)
    // Another connection has taken its place.
    if (this.number !== number) return
    const wasConnecting = this.standing === 'connecting'
    this.standing = 'no'
    this.#settle(failure === '' ? 'the connection was closed' : failure)
    this.streams.forEach(stream => {
      stream.gone()
    })
    this.streams.clear()
    const isFailure = wasConnecting && failure !== ''
    this.status(
      isFailure
        ? infoOf('error', 'NetConnection.Connect.Failed', failure)
        : infoOf('status', 'NetConnection.Connect.Closed', failure),
    )
  }

  #settle(failure: string | undefined): void {
    const waiting = this.#waiting
    this.#waiting = list()
    for (let i = 0; i < waiting.length; i++) waiting[i]!(failure)
  }

  /** Functions that the script put on the connection, and nothing else. */
  #called({ connection, call, name, args }: NetEvent & { e: 'netCalled' }): void {
    const { engine } = this.nets
    const script = members.has(name) ? undefined : this.methodOf(this.view, name)
    const answer = (how: 'value' | 'nothing' | 'error', value?: Uint8Array, text?: string): void => {
      engine.outbox.answer({
        c: 'netAnswer',
        connection,
        call,
        how,
        ...(value !== undefined && { value }),
        ...(text !== undefined && { text }),
      })
    }
    if (script === undefined) {
      if (asides.has(name)) answer('nothing')
      else answer('error', undefined, `Method '${name}' not found`)
      return
    }
    const read = () => reflectApply(script as (...values: unknown[]) => unknown, this.view, decode(args))
    engine.stage.play(`call ${name}`, read, undefined, list(), true, outcome => {
      if (outcome.how === 'limit') answer('error', undefined, outcome.text)
      else if (outcome.how === 'thrown') answer('error', undefined, textOf(outcome.error, STATUS_TEXT))
      else if (outcome.value === undefined) answer('nothing')
      else {
        try {
          answer('value', encode([outcome.value], this.agreed, engine.outbox))
        } catch (error) {
          answer('error', undefined, textOf(error, STATUS_TEXT))
        }
      }
    })
  }
}

/** What servers call of their own accord, and take no error for an answer. */
const asides = new SafeSet<string>()
for (const name of ['onBWDone', 'onBWCheck', 'onFCPublish', 'onFCUnpublish', 'onFCSubscribe', 'close']) asides.add(name)

/** Names of the engine's, which nobody at the other end may call. */
const members = new SafeSet<PropertyKey>()
members.add('onStatus')

/** Calls the `onStatus` that a script may have put on one of its objects. */
export function tellStatus(nets: Nets, view: object, label: string, info: () => unknown): void {
  const read = () => {
    const script = (view as { onStatus?: unknown }).onStatus
    const told = info()
    return typeof script === 'function' ? reflectApply(script as () => unknown, view, [told]) : undefined
  }
  nets.engine.stage.tell(label, read as Script, view, list())
}

export let netStateOf: (connection: NetConnection) => NetState

/** By what only the engine can have put there: no prototype and no Proxy can feign it, and nothing of a script's runs. */
export let isNetConnection: (value: unknown) => value is NetConnection

let nets: Nets

/** Once, before the application's modules are evaluated. */
export function openNets(given: Nets): void {
  nets = given
}

/** The script's connection to another server, or to an AMF gateway over HTTP. */
export class NetConnection {
  readonly #state: NetState

  constructor() {
    this.#state = new NetState(nets, this)
  }

  static {
    netStateOf = connection => connection.#state
    isNetConnection = (value): value is NetConnection => typeof value === 'object' && value !== null && #state in value
  }

  /** True when it is on its way: onStatus hears what becomes of it. Calls made meanwhile wait. */
  connect(uri: string, ...values: unknown[]): boolean {
    this.#state.connect(textGiven(uri, 'connect: uri'), values)
    return true
  }

  /** Fulfilled with what the server answers; rejects with its error, whose information object is in `info`. */
  call(name: string, ...values: unknown[]): Promise<unknown> {
    return this.#state.call(textGiven(name, 'call: name'), values)
  }

  /** A header of every call to a gateway from now on; without an object it is taken away. RTMP has none. */
  addHeader(name: string, mustUnderstand: boolean = false, object: unknown = undefined): void {
    const header = textGiven(name, 'addHeader: name')
    const { gateway } = this.#state
    if (gateway === undefined)
      throw new ErrorClass('addHeader: connect() to a gateway (http:// or https://) comes first')
    gateway.header(header, !!mustUnderstand, object)
  }

  close(): void {
    this.#state.close()
  }

  get isConnected(): boolean {
    return this.#state.standing === 'connected' || this.#state.standing === 'gateway'
  }

  get uri(): string | undefined {
    return this.#state.uri
  }

  /** The version of AMF, 0 or 3: that is asked for, and once it is connected, that is spoken. */
  get objectEncoding(): 0 | 3 {
    return this.#state.standing === 'connected' ? this.#state.agreed : this.#state.encoding
  }

  set objectEncoding(encoding: 0 | 3) {
    if (encoding !== 0 && encoding !== 3) throw new RangeErrorClass('objectEncoding is 0 or 3')
    if (this.#state.standing !== 'no') throw new ErrorClass('objectEncoding is chosen before connect()')
    this.#state.encoding = encoding
  }

  get [Symbol.toStringTag](): string {
    return 'NetConnection'
  }
}
for (const key of ownKeys(NetConnection.prototype)) members.add(key)

/** For SharedObject.get(): the objects that a connection leads to. */
export function shelfOf(connection: unknown): SharedShelf | undefined {
  return isNetConnection(connection) ? netStateOf(connection).shelf : undefined
}
