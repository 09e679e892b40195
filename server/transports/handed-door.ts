import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { handedAddressChars, handedHelloMs } from './limits.ts'
import type { Door } from './line.ts'
import type { DoorHost } from './tcp-door.ts'

/**
 * Where another process of this server hands on what came in by a port of its own: a Unix socket, on which each
 * connection begins with its client's address and a line feed (tunnel-lobby.ts).
 */
export class HandedDoor implements Door {
  readonly #server: Server
  readonly #path: string
  readonly #host: DoorHost
  /** Sockets that have not said whose they are. */
  readonly #greeting = new Set<Socket>()
  closed: Promise<unknown> = Promise.resolve()

  constructor(path: string, host: DoorHost) {
    this.#path = path
    this.#host = host
    this.#server = createServer(socket => this.#greet(socket))
  }

  async listen(): Promise<string> {
    this.#server.listen(this.#path)
    await once(this.#server, 'listening')
    this.#server.on('error', error => this.#host.failed(error))
    return this.#path
  }

  close(): void {
    this.closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#greeting) socket.destroy()
  }

  #greet(socket: Socket): void {
    this.#greeting.add(socket)
    let heard = Buffer.alloc(0)
    const settle = (): void => {
      this.#greeting.delete(socket)
      socket.setTimeout(0)
      socket.removeAllListeners()
    }
    socket.on('data', bytes => {
      heard = Buffer.concat([heard, bytes])
      const end = heard.indexOf(10)
      if (end < 0 && heard.length <= handedAddressChars) return
      socket.pause()
      settle()
      if (end < 0) return void socket.destroy()
      if (heard.length > end + 1) socket.unshift(heard.subarray(end + 1))
      const address = heard.toString('latin1', 0, end)
      this.#host.accept({ stream: socket, address, protocol: 'rtmpt', secure: false })
      socket.resume()
    })
    socket.setTimeout(handedHelloMs, () => socket.destroy())
    // What failed shows in the 'close' that follows.
    socket.on('error', () => {})
    socket.on('close', settle)
  }
}
