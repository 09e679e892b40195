import { sealClass } from '../collection.ts'
import { copyBytes, floor, joinBytes, list, typedArrayLength } from '../primordials.ts'
import type { Script } from '../stage.ts'
import { bytesOf } from './bytes.ts'
import { readHandler } from './handlers.ts'
import { type Endpoint, readEndpoint } from './place.ts'
import type { Sockets } from './sockets.ts'
import type { SocketPlace } from './words.ts'

/** The engine's hand on a TCPClient. */
export class TcpState {
  readonly sockets: Sockets
  readonly view: TCPClient
  number = 0
  standing: 'no' | 'connecting' | 'connected' = 'no'
  address: string | undefined
  peerAddress: string | undefined
  error: string | undefined
  onReception: Script | undefined
  onDisconnection: Script | undefined
  /** What arrived and was not handed to the script, then what it left over, at the front. */
  #parts = list<Uint8Array>()
  #fresh = 0
  #handling = false
  /** It has ended; told once all that came before has been seen. */
  #ended: string | undefined

  constructor(sockets: Sockets, view: TCPClient) {
    this.sockets = sockets
    this.view = view
  }

  stands(place: SocketPlace): void {
    this.standing = 'connected'
    this.address = place.address
    this.peerAddress = place.peerAddress
    this.error = undefined
    this.#parts = list()
    this.#fresh = 0
    this.#ended = undefined
  }

  received(data: Uint8Array): void {
    this.#parts[this.#parts.length] = data
    this.#fresh += typedArrayLength(data)
    this.pump()
  }

  ended(error: string): void {
    this.#ended = error
    this.pump()
  }

  /** One piece of the script at a time sees what there is; a promise is waited for. */
  pump(): void {
    if (this.#handling) return
    const { onReception } = this
    if (this.#fresh > 0 && onReception !== undefined) this.#hand(onReception)
    else if (this.#ended !== undefined) this.#disconnected(this.#ended)
  }

  #hand(onReception: Script): void {
    const data = joinBytes(this.#parts)
    const length = typedArrayLength(data)
    const { stage, door, socketBytes, fault } = this.sockets.world
    door.note({ noun: 'socket', what: 'taken', socket: this.number, bytes: this.#fresh })
    this.#parts = list()
    this.#fresh = 0
    this.#handling = true
    stage.play('onReception', onReception, this.view, [data], false, outcome => {
      this.#handling = false
      const left = outcome.how === 'value' ? leftOver(outcome.value, length) : 0
      if (outcome.how === 'thrown') fault('onReception', outcome.error)
      if (left > socketBytes) {
        this.error = `onReception left more than apps.socketBytes (${socketBytes}) behind`
        door.note({ noun: 'socket', what: 'destroy', socket: this.number })
      } else if (left > 0) this.#keep(copyBytes(data, length - left))
      if (this.#fresh > 0 || this.#ended !== undefined) this.sockets.later(this)
    })
  }

  #keep(rest: Uint8Array): void {
    const parts = this.#parts
    this.#parts = list()
    this.#parts[0] = rest
    for (let i = 0; i < parts.length; i++) this.#parts[i + 1] = parts[i]!
  }

  #disconnected(error: string): void {
    const { stage } = this.sockets.world
    this.#ended = undefined
    this.standing = 'no'
    this.address = this.peerAddress = undefined
    if (error !== '') this.error = error
    this.sockets.forget(this.number)
    if (this.onDisconnection !== undefined) stage.tell('onDisconnection', this.onDisconnection, this.view, [])
  }
}

export let tcpStateOf: (client: TCPClient) => TcpState

/** A TCP connection, made by the script or accepted by its server. */
export class TCPClient {
  readonly #state: TcpState

  constructor(sockets: Sockets) {
    this.#state = new TcpState(sockets, this)
  }

  static {
    tcpStateOf = client => client.#state
  }

  /** Fulfilled with nothing once it stands, or with the text of what went wrong. Rejects with a CapabilityError. */
  async connect(host: string, port: number): Promise<string | undefined> {
    const state = this.#state
    const to: Endpoint = readEndpoint(host, port, 'connect')
    if (state.standing !== 'no') return 'TCPClient connected already, disconnect it before'
    state.standing = 'connecting'
    state.number = state.sockets.enter(state)
    const ask = { noun: 'tcp', what: 'connect', socket: state.number, ...to } as const
    const text = await state.sockets.settled(
      ask,
      0,
      place => state.stands(place as SocketPlace),
      () => {
        state.sockets.forget(state.number)
        state.standing = 'no'
      },
    )
    if (text !== undefined) state.error = text
    return text
  }

  /** Fulfilled with nothing once the system has it, or with the text of what went wrong. Waits for connect(). */
  async send(data: Uint8Array | ArrayBuffer | string): Promise<string | undefined> {
    const state = this.#state
    const bytes = bytesOf(data, 'send')
    if (state.standing === 'no') return 'TCPClient not connected'
    return await state.sockets.settled({ noun: 'tcp', what: 'send', socket: state.number, data: bytes }, bytes.length)
  }

  /** What was sent leaves first. */
  disconnect(): void {
    const state = this.#state
    if (state.standing !== 'no') state.sockets.world.door.note({ noun: 'socket', what: 'close', socket: state.number })
  }

  get connected(): boolean {
    return this.#state.standing === 'connected'
  }

  get address(): string | undefined {
    return this.#state.address
  }

  get peerAddress(): string | undefined {
    return this.#state.peerAddress
  }

  get error(): string | undefined {
    return this.#state.error
  }

  get onReception(): Script | undefined {
    return this.#state.onReception
  }

  set onReception(script: unknown) {
    this.#state.onReception = readHandler(script, 'onReception')
    this.#state.sockets.later(this.#state)
  }

  get onDisconnection(): Script | undefined {
    return this.#state.onDisconnection
  }

  set onDisconnection(script: unknown) {
    this.#state.onDisconnection = readHandler(script, 'onDisconnection')
  }

  get [Symbol.toStringTag](): string {
    return 'TCPClient'
  }
}
sealClass(TCPClient)

/** How many bytes at the end the script has not consumed. */
function leftOver(value: unknown, length: number): number {
  if (typeof value !== 'number' || !(value > 0)) return 0
  return value < length ? floor(value) : length
}
