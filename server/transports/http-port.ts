import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { HttpConfig } from '../config/config.ts'
import { httpRequestBytes, tcpKeepAliveMs } from './limits.ts'
import { listenOn } from './tcp-door.ts'

/** Answers some of the requests; false leaves one to the next. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => boolean

/** The HTTP port, shared by whatever is served over it. */
export class HttpPort {
  readonly #config: HttpConfig
  readonly #server: Server
  readonly #handlers: HttpHandler[] = []
  #failed: (error: Error) => void = () => {}

  constructor(config: HttpConfig) {
    this.#config = config
    this.#server = createServer({
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: tcpKeepAliveMs,
      maxHeaderSize: httpRequestBytes,
      // A stalled request costs its own connection, at a time the server looks itself.
      requestTimeout: 30_000,
      headersTimeout: 10_000,
      connectionsCheckingInterval: 5_000,
    })
    this.#server.maxConnections = config.connections
    this.#server.on('request', (request, response) => this.#answer(request, response))
  }

  handle(handler: HttpHandler): void {
    this.#handlers.push(handler)
  }

  /** Resolves with "host:port"; rejects with the system's error. What fails later is told to `failed`. */
  listen(failed: (error: Error) => void): Promise<string> {
    this.#failed = failed
    const { port, interface: host } = this.#config
    return listenOn(this.#server, { port: port ?? 0, host, backlog: 511, reusePort: false }, this.#failed)
  }

  /** Nobody is accepted from here on; requests that are being answered are. */
  close(): void {
    this.#server.close()
    this.#server.closeIdleConnections()
  }

  /** Whatever is left is cut. */
  cut(): void {
    this.#server.closeAllConnections()
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.#handlers.some(handler => handler(request, response))) return
    request.resume()
    response.writeHead(404, { 'content-type': 'text/plain' }).end('Nothing is served here.\n')
  }
}
