import { connect, isIP, type Socket } from 'node:net'
import type { SocketPlace } from '../../../../sandbox-api/outside/words.ts'
import { CLOSE_MS, CONNECT_MS, RECEIVE_WINDOW } from './limits.ts'
import type { Premises } from './premises.ts'
import { Refusal, troubleOf } from './refusal.ts'

export interface ConnectionOwner {
  readonly premises: Premises
  /** apps.socketBytes: what may wait to be sent. */
  readonly socketBytes: number
  received(data: Uint8Array): void
  /** Once, and only of a connection that stood. */
  closed(error: string): void
}

/** A TCP connection of a script's: queues what is sent early, and reads no more than the script has time to look at. */
export class TcpConnection {
  readonly #owner: ConnectionOwner
  #socket: Socket | undefined
  /** Not looked at by the script yet. */
  #outstanding = 0
  #stood = false
  #ended = false
  #error = ''
  /** What waits for the connection to stand. */
  #early: { data: Uint8Array; done: (error?: unknown) => void }[] = []
  #waiting = 0

  constructor(owner: ConnectionOwner) {
    this.#owner = owner
  }

  /** Connects to the first of the addresses that answers. Rejects with what the system says; harmless to close meanwhile. */
  async connect(addresses: Promise<string[]>, port: number): Promise<SocketPlace> {
    const late = AbortSignal.timeout(CONNECT_MS)
    const { promise, reject } = Promise.withResolvers<never>()
    late.addEventListener('abort', () => reject(new Refusal('Error', `no connection within ${CONNECT_MS / 1000} s`)))
    promise.catch(() => {})
    try {
      let trouble: unknown
      for (const address of await Promise.race([addresses, promise])) {
        if (this.#ended) break
        try {
          const socket = connect({ host: address, port, family: isIP(address), noDelay: true })
          this.#socket = socket
          await Promise.race([stands(socket), promise])
          return this.take(socket)
        } catch (error) {
          this.#socket?.destroy()
          trouble = error
          if (late.aborted) break
        }
      }
      throw this.#ended ? new Refusal('Error', 'it was disconnected before it stood') : trouble
    } catch (error) {
      this.#fail(troubleOf(error).text)
      throw error
    }
  }

  /** A connection that stands: one of ours, or one that a server accepted. */
  take(socket: Socket): SocketPlace {
    this.#socket = socket
    this.#stood = true
    socket.on('data', data => this.#received(data))
    socket.on('error', error => {
      this.#error = troubleOf(error).text
    })
    socket.once('close', () => this.#closed())
    for (const { data, done } of this.#early) socket.write(data, done)
    this.#early = []
    if (this.#ended) socket.end()
    const port = socket.localPort ?? 0
    return {
      address: endpoint(socket.localAddress, port),
      peerAddress: endpoint(socket.remoteAddress, socket.remotePort ?? 0),
      port,
    }
  }

  /** Fulfilled when the system has taken it. */
  send(data: Uint8Array): Promise<void> {
    const { premises, socketBytes } = this.#owner
    if (this.#ended) return Promise.reject(new Refusal('Error', 'the connection is closed'))
    if (this.#waiting + data.length > socketBytes) {
      return Promise.reject(new Refusal('Error', `more than apps.socketBytes (${socketBytes}) would wait to be sent`))
    }
    if (!premises.takeBytes(data.length)) return Promise.reject(new Refusal('Error', 'too much waits to be sent'))
    this.#waiting += data.length
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    let told = false
    const done = (error?: unknown) => {
      if (told) return
      told = true
      this.#waiting -= data.length
      premises.giveBytes(data.length)
      if (error) reject(error)
      else resolve()
    }
    if (this.#stood && this.#socket !== undefined) this.#socket.write(data, done)
    else this.#early.push({ data, done })
    return promise
  }

  taken(bytes: number): void {
    this.#outstanding -= bytes
    if (this.#outstanding <= RECEIVE_WINDOW / 2) this.#socket?.resume()
  }

  /** After what was sent has left. */
  close(): void {
    if (this.#ended) return
    this.#ended = true
    const socket = this.#socket
    if (!this.#stood || socket === undefined) return this.destroy()
    socket.end()
    socket.resume()
    // A peer that never ends its side does not keep ours.
    const late = setTimeout(() => socket.destroy(), CLOSE_MS)
    socket.once('close', () => clearTimeout(late))
  }

  destroy(): void {
    this.#ended = true
    this.#socket?.destroy()
    this.#fail('the connection was closed')
  }

  #received(data: Uint8Array): void {
    // After close() what still comes is for nobody.
    if (this.#ended) return
    this.#outstanding += data.length
    if (this.#outstanding >= RECEIVE_WINDOW) this.#socket?.pause()
    this.#owner.received(new Uint8Array(data))
  }

  #closed(): void {
    this.#ended = true
    this.#owner.closed(this.#error)
  }

  #fail(text: string): void {
    this.#ended = true
    for (const { done } of this.#early) done(new Refusal('Error', text))
    this.#early = []
  }
}

function stands(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => reject(new Refusal('Error', 'it was disconnected before it stood')))
    socket.once('connect', () => {
      socket.removeListener('error', reject)
      resolve()
    })
  })
}

/** ip:port, IPv6 in brackets, IPv4 by way of an IPv6 socket as IPv4; '' when it is gone already. */
export function endpoint(given: string | undefined, port: number): string {
  if (given === undefined) return ''
  const address = given.startsWith('::ffff:') && given.includes('.') ? given.slice(7) : given
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
