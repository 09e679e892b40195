import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import type { RtmpConfig } from '../config/config.ts'
import { formatEndpoint } from './address.ts'
import { tcpKeepAliveMs } from './limits.ts'
import type { Door, DoorOptions, Line } from './line.ts'

export interface DoorHost {
  accept(line: Line): void
  /** Somebody was turned away because there are too many. */
  turnedAway(): void
  /** The port failed after it had been taken. */
  failed(error: Error): void
}

/** The port of RTMP over TCP. */
export class TcpDoor implements Door {
  readonly #server: Server
  readonly #config: RtmpConfig
  readonly #host: DoorHost
  closed: Promise<unknown> = Promise.resolve()

  constructor(config: RtmpConfig, host: DoorHost) {
    this.#config = config
    this.#host = host
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: tcpKeepAliveMs })
    this.#server.maxConnections = config.connections
    this.#server.on('drop', () => host.turnedAway())
    this.#server.on('connection', stream => {
      const address = formatEndpoint({ address: stream.remoteAddress, port: stream.remotePort })
      host.accept({ stream, address, protocol: 'rtmp', secure: false })
    })
  }

  listen(options: DoorOptions): Promise<string> {
    const { port, interface: host, backlog } = this.#config
    return listenOn(this.#server, { port, host, backlog, ...options }, error => this.#host.failed(error))
  }

  close(): void {
    this.closed = once(this.#server, 'close')
    this.#server.close()
  }
}

export interface ListenOptions extends DoorOptions {
  readonly port: number
  /** Empty for all. */
  readonly host: string
  readonly backlog: number
}

/** Resolves with "host:port"; what fails later is told to `failed`. */
export async function listenOn(
  server: Server,
  options: ListenOptions,
  failed: (error: Error) => void,
): Promise<string> {
  const { port, host, backlog, reusePort } = options
  server.listen({ port, backlog, ...(host !== '' && { host }), ...(reusePort && { reusePort }) })
  await once(server, 'listening')
  server.on('error', failed)
  const address = server.address()
  return typeof address === 'object' && address !== null ? formatEndpoint(address) : String(address)
}
