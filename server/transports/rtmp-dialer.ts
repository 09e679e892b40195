import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import type { Clock, Timer } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Config } from '../config/config.ts'
import type { Dial, Dialled, Dialling } from '../protocol/netconnection/dial.ts'
import { ClientHandshake } from '../protocol/rtmp/handshake.ts'
import { formatEndpoint } from './address.ts'
import { dialMs, tcpKeepAliveMs, tickMs } from './limits.ts'
import { sendQueueOf } from './rtmp.ts'
import { RtmpConnection, type RtmpConnectionOptions } from './rtmp-connection.ts'

export interface RtmpDialerOptions extends Pick<RtmpConnectionOptions, 'clock' | 'log'> {
  readonly config: Pick<Config, 'rtmp' | 'listener' | 'publication'>
}

/** Connections that we make to other servers, over TCP or TLS. */
export class RtmpDialer implements Dial {
  readonly #options: RtmpConnectionOptions
  readonly #clock: Clock
  readonly #connections = new Set<RtmpConnection>()
  readonly #sockets = new Set<Socket>()
  #ticking: Timer | null = null

  constructor({ config, clock, log }: RtmpDialerOptions) {
    const { rtmp, listener, publication } = config
    this.#clock = clock
    this.#options = { config: rtmp, sendQueueBytes: sendQueueOf(listener, publication), clock, log }
  }

  dial(to: Dialled, { converse, failed }: Dialling): () => void {
    const socket = open(to)
    const { clock } = this.#options
    this.#sockets.add(socket)
    const late = clock.after(dialMs, () => socket.destroy(new Error(`no connection within ${dialMs} ms`)))
    const fail = (error: Error): void => failed(messageOf(error) || 'no connection')
    socket.on('error', fail)
    socket.on('close', () => {
      late.cancel()
      this.#sockets.delete(socket)
    })
    socket.once(to.secure ? 'secureConnect' : 'connect', () => {
      late.cancel()
      socket.off('error', fail)
      this.#stands(socket, to.secure, converse)
    })
    return () => {
      socket.off('error', fail)
      socket.on('error', () => {})
      socket.destroy()
    }
  }

  /** Cuts what is left. */
  close(): void {
    this.#ticking?.cancel()
    this.#ticking = null
    for (const socket of this.#sockets) socket.destroy()
  }

  #stands(stream: Socket, secure: boolean, converse: Dialling['converse']): void {
    const address = formatEndpoint({ address: stream.remoteAddress, port: stream.remotePort })
    const side = {
      // As FFmpeg does it: servers of Adobe's kind keep H.264 from clients without a digest.
      handshake: () => new ClientHandshake({ digest: 0 }),
      converse,
    }
    const line = { stream, address, protocol: secure ? 'rtmps' : 'rtmp', secure } as const
    const connection = new RtmpConnection(line, side, this.#options)
    this.#connections.add(connection)
    stream.on('close', () => this.#connections.delete(connection))
    this.#ticking ??= this.#clock.every(tickMs, () => this.#tick(this.#clock.now()))
  }

  #tick(now: number): void {
    for (const connection of this.#connections) connection.tick(now)
    if (this.#connections.size > 0) return
    this.#ticking?.cancel()
    this.#ticking = null
  }
}

function open({ host, port, secure, addresses }: Dialled): Socket {
  const keep = { noDelay: true, keepAlive: true, keepAliveInitialDelay: tcpKeepAliveMs }
  const isName = isIP(host) === 0
  const where = { host, port, ...keep, ...(addresses && isName && { lookup: known(addresses) }) }
  if (!secure) return connect(where)
  return connectSecurely({ ...where, ...(isName && { servername: host }) })
}

/** These and nothing else are connected to, whatever the name means by then. */
function known(addresses: readonly string[]): LookupFunction {
  const found = addresses.map(address => ({ address, family: isIP(address) }))
  return (_name, { all }, answer) => {
    if (all) answer(null, found)
    else answer(null, found[0]!.address, found[0]!.family)
  }
}
