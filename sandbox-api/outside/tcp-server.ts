import { sealClass } from '../collection.ts'
import type { Script } from '../stage.ts'
import { readHandler } from './handlers.ts'
import { readPort } from './place.ts'
import type { Sockets } from './sockets.ts'
import type { TCPClient } from './tcp-client.ts'
import type { SocketPlace } from './words.ts'

/** The engine's hand on a TCPServer. */
export class TcpServerState {
  readonly sockets: Sockets
  readonly view: TCPServer
  number = 0
  port = 0
  standing: 'no' | 'starting' | 'running' = 'no'
  clientHandler: Script | undefined

  constructor(sockets: Sockets, view: TCPServer) {
    this.sockets = sockets
    this.view = view
  }

  /** Somebody connected; without a handler nobody wants it. */
  accepted(client: TCPClient): boolean {
    if (this.clientHandler === undefined || this.standing !== 'running') return false
    this.sockets.world.stage.tell('clientHandler', this.clientHandler, this.view, [client])
    return true
  }
}

/** A TCP port on which the script waits for others. */
export class TCPServer {
  readonly #state: TcpServerState

  constructor(sockets: Sockets) {
    this.#state = new TcpServerState(sockets, this)
  }

  /** Fulfilled with nothing once it runs, or with the text of what went wrong. 0 takes any free port. */
  async start(port: number): Promise<string | undefined> {
    const state = this.#state
    const wanted = readPort(port, 0, 'start')
    if (state.standing !== 'no') return 'TCPServer running already, stop it before'
    state.standing = 'starting'
    state.number = state.sockets.enter(state)
    const ask = { noun: 'tcp', what: 'listen', socket: state.number, port: wanted } as const
    const runs = (place: unknown) => {
      state.standing = 'running'
      state.port = (place as SocketPlace).port
    }
    return await state.sockets.settled(ask, 0, runs, () => this.#ended())
  }

  /** No more connections are accepted; those that stand stay. */
  stop(): void {
    const state = this.#state
    if (state.standing === 'no') return
    state.sockets.world.door.note({ noun: 'socket', what: 'close', socket: state.number })
    this.#ended()
  }

  get running(): boolean {
    return this.#state.standing === 'running'
  }

  /** 0 while it does not run. */
  get port(): number {
    return this.#state.port
  }

  get clientHandler(): Script | undefined {
    return this.#state.clientHandler
  }

  set clientHandler(script: unknown) {
    this.#state.clientHandler = readHandler(script, 'clientHandler')
  }

  get [Symbol.toStringTag](): string {
    return 'TCPServer'
  }

  #ended(): void {
    const state = this.#state
    state.sockets.forget(state.number)
    state.standing = 'no'
    state.port = 0
  }
}
sealClass(TCPServer)
