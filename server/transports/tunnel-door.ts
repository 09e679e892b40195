import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { formatEndpoint } from './address.ts'
import type { HttpPort } from './http-port.ts'
import { tunnelBodyBytes, tunnelIntervals, tunnelParts, tunnelPatience } from './limits.ts'
import type { Door } from './line.ts'
import type { DoorHost } from './tcp-door.ts'
import { Tunnel } from './tunnel.ts'

/** A tunnel, and how eagerly its client is to come back. */
interface Passage {
  readonly tunnel: Tunnel
  /** Requests in a row that took nothing along. */
  vain: number
}

/** The parts of `POST /send/ID/12`. */
const requestLine = /^\/(?:(fcs\/ident2?)|(open)(?:\/\d+)?|(send|idle|close)\/([\w-]{1,64})\/(\d{1,10}))\/?$/

/**
 * RTMP through HTTP (RTMPT, which Adobe never published): a client POSTs what it has to say and gets in answer what
 * waits for it, behind one byte that says how soon it should ask again.
 *
 *     /open/1        → an id and a line feed
 *     /send/ID/n     the body is the client's bytes; idle: there are none
 *     /idle/ID/n     → interval, bytes
 *     /close/ID/n    the end
 */
export class TunnelDoor implements Door {
  readonly #http: HttpPort
  readonly #host: DoorHost
  readonly #most: number
  readonly #passages = new Map<string, Passage>()
  readonly #closing = Promise.withResolvers<void>()
  #isOpen = false

  constructor(http: HttpPort, connections: number, host: DoorHost) {
    this.#http = http
    this.#most = connections
    this.#host = host
    http.handle((request, response) => this.#answer(request, response))
  }

  get closed(): Promise<unknown> {
    return this.#closing.promise
  }

  async listen(): Promise<string> {
    const address = await this.#http.listen(error => this.#host.failed(error))
    this.#isOpen = true
    return address
  }

  close(): void {
    this.#isOpen = false
    if (this.#passages.size === 0) this.#over()
  }

  #answer(request: IncomingMessage, response: ServerResponse): boolean {
    const [, ident, open, verb, id = '', number = ''] = requestLine.exec(request.url ?? '') ?? []
    if (!ident && !open && !verb) return false
    if (request.method !== 'POST') {
      request.resume()
      response.writeHead(405, { allow: 'POST' }).end()
    } else if (ident) {
      // Flash asks for an address to go on with; a 404 tells it that this one will do.
      request.resume()
      response.writeHead(404).end()
    } else if (open) this.#open(request, response)
    else this.#pass(request, response, { verb: verb!, id, number: Number(number) })
    return true
  }

  #open(request: IncomingMessage, response: ServerResponse): void {
    request.resume()
    if (!this.#isOpen || this.#passages.size >= this.#most) {
      if (this.#isOpen) this.#host.turnedAway()
      response.writeHead(503).end()
      return
    }
    const id = randomBytes(12).toString('base64url')
    const tunnel = new Tunnel()
    this.#passages.set(id, { tunnel, vain: 0 })
    tunnel.on('close', () => {
      this.#passages.delete(id)
      if (!this.#isOpen && this.#passages.size === 0) this.#over()
    })
    const { remoteAddress, remotePort } = request.socket
    const address = formatEndpoint({ address: remoteAddress, port: remotePort })
    this.#host.accept({ stream: tunnel, address, protocol: 'rtmpt', secure: false })
    reply(response, Buffer.from(`${id}\n`))
  }

  #pass(request: IncomingMessage, response: ServerResponse, step: { verb: string; id: string; number: number }): void {
    const passage = this.#passages.get(step.id)
    if (!passage) {
      request.resume()
      response.writeHead(404).end()
      return
    }
    const joined: Buffer[] = []
    let parts: Buffer[] = []
    let bytes = 0
    const join = (): void => {
      joined.push(Buffer.concat(parts))
      parts = []
    }
    request.on('data', (part: Buffer) => {
      bytes += part.length
      if (bytes <= tunnelBodyBytes) {
        parts.push(part)
        if (parts.length === tunnelParts) join()
      } else if (!response.headersSent) response.writeHead(413, { connection: 'close' }).end()
    })
    request.on('end', () => {
      if (bytes > tunnelBodyBytes) return
      join()
      const { tunnel } = passage
      // What a client sends with an idle request is one byte that means nothing.
      if (step.verb === 'send' && bytes > 0) tunnel.bring(step.number, Buffer.concat(joined))
      else if (step.verb === 'close') tunnel.leave()
      // What that made the server say is said by then.
      setImmediate(() => this.#give(passage, response))
    })
  }

  #give(passage: Passage, response: ServerResponse): void {
    const bytes = passage.tunnel.collect()
    passage.vain = bytes.length > 0 ? 0 : passage.vain + 1
    const step = Math.min(tunnelIntervals.length - 1, Math.floor(passage.vain / tunnelPatience))
    reply(response, Buffer.concat([Buffer.of(tunnelIntervals[step]!), bytes]))
  }

  #over(): void {
    this.#http.close()
    this.#http.cut()
    this.#closing.resolve()
  }
}

function reply(response: ServerResponse, bytes: Buffer): void {
  if (response.destroyed) return
  // In these very letters: librtmp looks for no others.
  const headers = {
    'Content-Type': 'application/x-fcs',
    'Content-Length': bytes.length,
    'Cache-Control': 'no-cache',
  }
  response.writeHead(200, headers).end(bytes)
}
