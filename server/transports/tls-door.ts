import { constants } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import type { Socket } from 'node:net'
import { createSecureContext, createServer, type SecureContextOptions, type Server } from 'node:tls'
import { ConfigError, messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { RtmpConfig, RtmpsConfig } from '../config/config.ts'
import { formatEndpoint } from './address.ts'
import { certificateLookMs, tcpKeepAliveMs } from './limits.ts'
import type { Door, DoorOptions } from './line.ts'
import { type DoorHost, listenOn } from './tcp-door.ts'

/**
 * The port of RTMP over TLS. The certificate is read anew when its files change, so that nobody has to be disconnected
 * because it was renewed; one that cannot be used leaves the old one in its place, and the log says so.
 */
export class TlsDoor implements Door {
  readonly #server: Server
  readonly #rtmp: RtmpConfig
  readonly #rtmps: RtmpsConfig
  readonly #host: DoorHost
  readonly #log: Log
  /** Sockets whose TLS handshake is not over: nobody else knows of them. */
  readonly #greeting = new Map<string, Socket>()
  closed: Promise<unknown> = Promise.resolve()

  /** Throws a ConfigError when there is no usable certificate. */
  constructor(rtmp: RtmpConfig, rtmps: RtmpsConfig, host: DoorHost, log: Log) {
    this.#rtmp = rtmp
    this.#rtmps = rtmps
    this.#host = host
    this.#log = log
    this.#server = createServer({
      ...readCertificate(rtmps),
      handshakeTimeout: rtmp.handshakeTimeout,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: tcpKeepAliveMs,
    })
    this.#server.maxConnections = rtmp.connections
    this.#server.on('drop', () => host.turnedAway())
    this.#server.on('connection', socket => {
      const address = addressOf(socket)
      this.#greeting.set(address, socket)
      socket.on('close', () => this.#greeting.delete(address))
    })
    this.#server.on('tlsClientError', (error, socket) => {
      log.warn({ code: 'rtmps.handshake', address: addressOf(socket) }, `no TLS handshake: ${messageOf(error)}`)
      socket.destroy()
    })
    this.#server.on('secureConnection', stream => {
      const address = addressOf(stream)
      this.#greeting.delete(address)
      host.accept({ stream, address, protocol: 'rtmps', secure: true })
    })
  }

  async listen(options: DoorOptions): Promise<string> {
    const { interface: host, backlog } = this.#rtmp
    const { port } = this.#rtmps
    const where = { port: port ?? 0, host, backlog, ...options }
    const address = await listenOn(this.#server, where, error => this.#host.failed(error))
    for (const file of this.#files) watchFile(file, { interval: certificateLookMs, persistent: false }, this.#reread)
    return address
  }

  close(): void {
    for (const file of this.#files) unwatchFile(file, this.#reread)
    this.closed = once(this.#server, 'close')
    this.#server.close()
    // Whoever has come through is told the last words by its connection; the others have nobody to tell them.
    for (const socket of this.#greeting.values()) socket.destroy()
  }

  get #files(): string[] {
    return [...new Set([this.#rtmps.certificate, this.#rtmps.key])]
  }

  #reread = (): void => {
    try {
      this.#server.setSecureContext(readCertificate(this.#rtmps))
      this.#log.info({ certificate: this.#rtmps.certificate }, 'the certificate was read anew')
    } catch (error) {
      this.#log.error({ code: 'rtmps.certificate' }, `${messageOf(error)}: the one read before goes on`)
    }
  }
}

function addressOf({ remoteAddress, remotePort }: Socket): string {
  return formatEndpoint({ address: remoteAddress, port: remotePort })
}

/**
 * TLS 1.3 is for who asks for it: a server sends session tickets with it that Node cannot leave out, and rtmpdump and
 * others built on librtmp take the first of them for the end.
 */
function readCertificate({ certificate, key, tls }: RtmpsConfig): SecureContextOptions {
  try {
    const options: SecureContextOptions = {
      cert: readFileSync(certificate),
      key: readFileSync(key),
      minVersion: 'TLSv1.2',
      maxVersion: tls === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
      secureOptions: constants.SSL_OP_NO_TICKET,
    }
    createSecureContext(options)
    return options
  } catch (error) {
    throw new ConfigError(
      'RTMPS_CERTIFICATE',
      `the certificate of [rtmps] cannot be used: ${messageOf(error)}`,
      'certificate and key name PEM files, the chain in the first and its private key in the second.',
    )
  }
}
