import { CapabilityError } from '../capabilities.ts'
import { STATUS_TEXT } from '../limits.ts'
import { SafeMap, TypeErrorClass } from '../primordials.ts'
import type { Stage } from '../stage.ts'
import { textOf } from '../thrown.ts'
import type { Timers } from '../timers.ts'
import type { Door } from './door.ts'
import { TCPClient, type TcpState, tcpStateOf } from './tcp-client.ts'
import { TcpServerState } from './tcp-server.ts'
import { UdpState } from './udp-socket.ts'
import type { Ask, OutsideEvent } from './words.ts'

type SocketState = TcpState | TcpServerState | UdpState

/** What sockets need of the runtime. */
export interface SocketWorld {
  readonly door: Door
  readonly stage: Stage
  readonly timers: Timers
  /** apps.socketBytes: what one handler may leave behind. */
  readonly socketBytes: number
  fault(hook: string, error: unknown): void
}

/** The script's open sockets, by their numbers. */
export class Sockets {
  readonly world: SocketWorld
  readonly #open = new SafeMap<number, SocketState>()
  #lastNumber = 0

  constructor(world: SocketWorld) {
    this.world = world
  }

  enter(state: SocketState): number {
    const number = ++this.#lastNumber
    this.#open.set(number, state)
    return number
  }

  forget(number: number): void {
    this.#open.delete(number)
  }

  /** Looks again at what it has, in a piece of its own. */
  later(state: TcpState): void {
    this.world.timers.set(0, () => state.pump())
  }

  /** `done` or `failed` has run when nothing or the error's text is given. What is the script's own mistake rejects. */
  async settled(
    ask: Ask,
    bytes: number,
    done: (value: unknown) => void = () => {},
    failed = () => {},
  ): Promise<string | undefined> {
    try {
      done(await this.world.door.ask(ask, bytes))
      return undefined
    } catch (error) {
      failed()
      if (error instanceof CapabilityError || error instanceof TypeErrorClass) throw error
      return textOf(error, STATUS_TEXT)
    }
  }

  handle(event: OutsideEvent & { e: 'received' | 'accepted' | 'closed' }): void {
    if (event.e === 'accepted') {
      this.#accepted(event)
      return
    }
    const state = this.#open.get(event.socket)
    if (state === undefined || state instanceof TcpServerState) return
    if (state instanceof UdpState) {
      if (event.e === 'received') state.received(event.data, event.from)
    } else if (event.e === 'received') state.received(event.data)
    else state.ended(event.error)
  }

  #accepted({ server: number, socket, place }: OutsideEvent & { e: 'accepted' }): void {
    const server = this.#open.get(number)
    const client = new TCPClient(this)
    const state = tcpStateOf(client)
    state.number = socket
    state.stands(place)
    this.#open.set(socket, state)
    if (server instanceof TcpServerState && server.accepted(client)) return
    this.#open.delete(socket)
    this.world.door.note({ noun: 'socket', what: 'destroy', socket })
  }
}
