import type { AppLimits } from '../../server/apps/wire.ts'
import type { Capabilities } from '../capabilities.ts'
import type { Outbox } from '../outbox.ts'
import { Door } from './door.ts'
import { fetchThrough } from './fetch.ts'
import { type Mail, sendMail } from './mail.ts'
import { Sockets, type SocketWorld } from './sockets.ts'
import { Storage } from './storage.ts'
import { TCPClient } from './tcp-client.ts'
import { TCPServer } from './tcp-server.ts'
import { UDPSocket } from './udp-socket.ts'
import type { Ask, OutsideEvent } from './words.ts'

type World = Omit<SocketWorld, 'door'> & {
  readonly outbox: Outbox
  readonly capabilities: Capabilities
  readonly limits: AppLimits
}

/** Everything a script can reach outside itself, as objects it may hold. */
export class Outside {
  readonly storage: Storage
  readonly fetch: ReturnType<typeof fetchThrough>
  readonly #world: World
  readonly #door: Door
  readonly #sockets: Sockets

  constructor(world: World) {
    const { outbox, stage, timers, limits, socketBytes, fault } = world
    this.#world = world
    this.#door = new Door(outbox, stage, limits)
    this.#sockets = new Sockets({ door: this.#door, stage, timers, socketBytes, fault })
    this.storage = new Storage(this.#door)
    this.fetch = fetchThrough(this.#door)
  }

  createTCPClient(): TCPClient {
    return new TCPClient(this.#sockets)
  }

  createTCPServer(): TCPServer {
    return new TCPServer(this.#sockets)
  }

  createUDPSocket(allowBroadcast: boolean): UDPSocket {
    return new UDPSocket(this.#sockets, allowBroadcast)
  }

  /** Throws a CapabilityError at once, and a TypeError for what is no mail. */
  sendMail(values: unknown[]): Mail {
    this.#world.capabilities.need({ kind: 'mail' })
    return sendMail(this.#door, this.#world.stage, values)
  }

  /** A question of the engine's own. */
  ask(ask: Ask): Promise<unknown> {
    return this.#door.ask(ask, 0)
  }

  handle(event: OutsideEvent): void {
    if (event.e === 'answered') this.#door.answered(event)
    else this.#sockets.handle(event)
  }
}
