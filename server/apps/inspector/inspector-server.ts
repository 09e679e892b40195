import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { ConfigError, messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { InspectorDesk } from './inspector-desk.ts'

export interface InspectorServerOptions {
  readonly desk: InspectorDesk
  readonly port: number
  readonly address: string
  /** Of the package. */
  readonly version: string
  readonly log: Log
}

/** Debuggers at once; each of them may hold a snapshot of a heap. */
const debuggersMax = 16

/** Bytes of one message from a debugger. */
const messageBytes = 16 * 1024 * 1024

/**
 * Where debuggers find the applications, as Node's own inspector lets itself be found: /json/list and /json/version over HTTP,
 * and a WebSocket of the Chrome DevTools Protocol for each of them.
 */
export class InspectorServer {
  readonly #options: InspectorServerOptions
  readonly #http: Server
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: messageBytes, perMessageDeflate: false })

  constructor(options: InspectorServerOptions) {
    this.#options = options
    this.#http = createServer((request, response) => this.#answer(request, response))
    this.#http.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head))
  }

  /** Rejects with a ConfigError when the port cannot be had. */
  async listen(): Promise<void> {
    const { port, address, log } = this.#options
    try {
      this.#http.listen(port, address)
      await once(this.#http, 'listening')
    } catch (error) {
      throw new ConfigError(
        'INSPECTOR_PORT',
        `the inspector cannot listen on ${address}:${port}: ${messageOf(error)}`,
        'Take another port, --set apps.inspector=9230, or none: --set apps.inspector=off.',
      )
    }
    const bound = (this.#http.address() as AddressInfo).port
    log.info({ inspector: `${address}:${bound}` }, `debuggers find the applications at ${address}:${bound}`)
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#http.close()
    this.#http.closeAllConnections()
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { host = '' } = request.headers
    if (!isAllowedHost(host)) return refuse(response, 400, 'this host name is not one of the inspector')
    if (request.method !== 'GET') return refuse(response, 405, 'only GET')
    const path = (request.url ?? '').replace(/\?.*$/, '').replace(/\/$/, '')
    if (path === '/json' || path === '/json/list') return tell(response, this.#list(host))
    if (path === '/json/version') {
      return tell(response, { Browser: `Cumulus/${this.#options.version}`, 'Protocol-Version': '1.3' })
    }
    refuse(response, 404, 'there is nothing here: /json/list, /json/version')
  }

  #list(host: string) {
    return this.#options.desk.targets().map(({ id, title, url }) => ({
      description: 'application of Cumulus',
      devtoolsFrontendUrl: `devtools://devtools/bundled/js_app.html?experiments=true&v8only=true&ws=${host}/${id}`,
      id,
      title,
      type: 'node',
      url,
      webSocketDebuggerUrl: `ws://${host}/${id}`,
    }))
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const end = (status: string): void => void socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`)
    socket.on('error', () => {})
    if (!isAllowedHost(request.headers.host ?? '')) return end('400 Bad Request')
    if (this.#sockets.clients.size >= debuggersMax) return end('503 Service Unavailable')
    const id = await this.#idFor(request)
    if (id === undefined) return end('404 Not Found')
    this.#sockets.handleUpgrade(request, socket, head, debug => this.#attach(id, debug))
  }

  /** Ids nobody guesses, so that whoever knows one is let in; names only for those who are no page of the web. */
  async #idFor({ url = '', headers }: IncomingMessage): Promise<string | undefined> {
    const { desk } = this.#options
    const name = url.slice(1)
    if (desk.targets().some(({ id }) => id === name)) return name
    return headers.origin === undefined ? await desk.named(name) : undefined
  }

  #attach(id: string, socket: WebSocket): void {
    const session = this.#options.desk.open(id, { heard: message => socket.send(message), gone: () => socket.close() })
    if (session === undefined) return socket.close()
    socket.on('message', data => session.tell(String(data)))
    socket.on('error', () => {})
    socket.on('close', () => session.close())
  }
}

/** A page of the web may have its own name lead here (DNS rebinding): only addresses and `localhost` are this machine's. */
function isAllowedHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return name === 'localhost' || isIP(name) !== 0
}

function tell(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json; charset=UTF-8', 'Cache-Control': 'no-cache' })
  response.end(`${JSON.stringify(value, null, 2)}\n`)
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=UTF-8' })
  response.end(`${text}\n`)
}
