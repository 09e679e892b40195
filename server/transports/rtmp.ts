import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { Timer } from '../base/clock.ts'
import { IpRanges, ipOf } from '../base/ip-ranges.ts'
import type { Config } from '../config/config.ts'
import type { Farewell } from '../hub/client.ts'
import { formatEndpoint } from './address.ts'
import { tcpKeepAliveMs, tickMs, unreadBytes } from './limits.ts'
import { RtmpConnection, type RtmpConnectionOptions } from './rtmp-connection.ts'

export interface RtmpTransportOptions extends Pick<RtmpConnectionOptions, 'hub' | 'clock' | 'log'> {
  readonly config: Pick<Config, 'rtmp' | 'listener' | 'publication'>
}

/** RTMP over TCP: the listening socket and its connections. */
export class RtmpTransport {
  readonly #options: RtmpConnectionOptions
  readonly #server: Server
  readonly #bans = new IpRanges()
  readonly #connections = new Set<RtmpConnection>()
  #ticking: Timer | null = null
  #closed: Promise<unknown> = Promise.resolve()
  /** Connections turned away since the last tick because there were too many. */
  #turnedAway = 0

  constructor({ hub, config, clock, log }: RtmpTransportOptions) {
    const sendQueueBytes = config.listener.queueBytes + 2 * config.publication.gopBytes + unreadBytes
    this.#options = { hub, config: config.rtmp, sendQueueBytes, clock, log }
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: tcpKeepAliveMs })
    this.#server.maxConnections = config.rtmp.connections
    this.#server.on('connection', socket => this.#accept(socket))
    this.#server.on('drop', () => this.#turnedAway++)
  }

  /**
   * Resolves with "host:port"; rejects with the system's error when the port cannot be had. With `reusePort` other
   * processes may listen on the same port, and the system deals connections out among them.
   */
  async listen({ reusePort = false } = {}): Promise<string> {
    const { config, clock, log } = this.#options
    const { port, backlog } = config
    const where = config.interface === '' ? { port } : { port, host: config.interface }
    this.#server.listen({ ...where, backlog, ...(reusePort && { reusePort }) })
    await once(this.#server, 'listening')
    this.#server.on('error', err => log.error({ err }, 'the RTMP port failed'))
    this.#ticking = clock.every(tickMs, () => this.#tick(clock.now()))
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? formatEndpoint(address) : String(address)
  }

  get connections(): number {
    return this.#connections.size
  }

  /** Connections from these addresses and ranges are cut before the handshake, and open ones closed; or no longer. */
  ban(on: boolean, entries: readonly string[]): void {
    for (const entry of entries) {
      if (on) this.#bans.add(entry)
      else this.#bans.remove(entry)
    }
    if (!on) return
    for (const connection of this.#connections) {
      if (!this.#bans.covers(ipOf(connection.address))) continue
      connection.close({ code: 'Connect.Closed', description: 'address is banned' })
    }
  }

  /** Nobody is accepted from here on, and everybody hears these last words. */
  dismiss(farewell: Farewell): void {
    this.#closed = once(this.#server, 'close')
    this.#server.close()
    for (const connection of this.#connections) connection.close(farewell)
  }

  /** After dismiss(): resolves when every socket is closed; those that do not read their last words are cut in time. */
  async close(): Promise<void> {
    await this.#closed
    this.#ticking?.cancel()
  }

  #accept(socket: Socket): void {
    if (this.#bans.covers(socket.remoteAddress ?? '')) {
      socket.destroy()
      return
    }
    const connection = new RtmpConnection(socket, this.#options)
    this.#connections.add(connection)
    socket.on('close', () => this.#connections.delete(connection))
  }

  #tick(now: number): void {
    for (const connection of this.#connections) connection.tick(now)
    if (this.#turnedAway === 0) return
    const limit = this.#options.config.connections
    this.#options.log.warn(
      { turnedAway: this.#turnedAway, limit: 'rtmp.connections' },
      `more than ${limit} connections: the newest were turned away`,
    )
    this.#turnedAway = 0
  }
}
