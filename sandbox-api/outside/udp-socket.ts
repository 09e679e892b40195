import { sealClass } from '../collection.ts'
import { typedArrayLength } from '../primordials.ts'
import type { Script } from '../stage.ts'
import { bytesOf } from './bytes.ts'
import { readHandler } from './handlers.ts'
import { readAddress } from './place.ts'
import type { Sockets } from './sockets.ts'
import type { SocketPlace } from './words.ts'

/** The engine's hand on a UDPSocket. */
export class UdpState {
  readonly sockets: Sockets
  readonly view: UDPSocket
  readonly broadcast: boolean
  number = 0
  address: string | undefined
  peerAddress: string | undefined
  error: string | undefined
  onReception: Script | undefined

  constructor(sockets: Sockets, view: UDPSocket, broadcast: boolean) {
    this.sockets = sockets
    this.view = view
    this.broadcast = broadcast
  }

  received(data: Uint8Array, from: string): void {
    const { door, stage } = this.sockets.world
    door.note({ noun: 'socket', what: 'taken', socket: this.number, bytes: typedArrayLength(data) })
    if (this.onReception !== undefined) stage.tell('onReception', this.onReception, this.view, [data, from])
  }
}

/** Datagrams: from a port of this machine (bind), or with one peer (connect), or only sent. */
export class UDPSocket {
  readonly #state: UdpState

  constructor(sockets: Sockets, broadcast: boolean) {
    this.#state = new UdpState(sockets, this, broadcast)
  }

  /** `ip:port` of this machine. Fulfilled with nothing, or with the text of what went wrong. */
  async bind(address: string): Promise<string | undefined> {
    return await this.#open('bind', address, 0)
  }

  /** `host:port`: only that peer is heard, and send() goes there. */
  async connect(address: string): Promise<string | undefined> {
    return await this.#open('connect', address, 1)
  }

  /** Fulfilled with nothing once the system has it, or with the text of what went wrong. */
  async send(data: Uint8Array | ArrayBuffer | string, address?: string): Promise<string | undefined> {
    const state = this.#state
    const bytes = bytesOf(data, 'send')
    const to = address === undefined ? { host: '', port: 0 } : readAddress(address, 1, 'send')
    this.#enter()
    const { number: socket, broadcast } = state
    const ask = { noun: 'udp', what: 'send', socket, ...to, data: bytes, broadcast } as const
    const text = await state.sockets.settled(ask, bytes.length, place => {
      state.address = (place as SocketPlace).address
    })
    if (text !== undefined) state.error = text
    return text
  }

  /** Afterwards it may be bound or connected anew. */
  close(): void {
    const state = this.#state
    if (state.number === 0) return
    state.sockets.world.door.note({ noun: 'socket', what: 'close', socket: state.number })
    state.sockets.forget(state.number)
    state.number = 0
    state.address = state.peerAddress = undefined
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
  }

  get [Symbol.toStringTag](): string {
    return 'UDPSocket'
  }

  async #open(what: 'bind' | 'connect', address: string, least: number): Promise<string | undefined> {
    const state = this.#state
    const to = readAddress(address, least, what)
    this.#enter()
    const { number: socket, broadcast } = state
    const text = await state.sockets.settled({ noun: 'udp', what, socket, ...to, broadcast }, 0, place => {
      state.address = (place as SocketPlace).address
      state.peerAddress = (place as SocketPlace).peerAddress || undefined
    })
    state.error = text
    return text
  }

  #enter(): void {
    const state = this.#state
    if (state.number === 0) state.number = state.sockets.enter(state)
  }
}
sealClass(UDPSocket)
