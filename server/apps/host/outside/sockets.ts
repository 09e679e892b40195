import type { Ask, OutsideEvent, SocketPlace } from '../../../../sandbox-api/outside/words.ts'
import { COMPLAIN_MS } from './limits.ts'
import type { Permit } from './permit.ts'
import type { Claim } from './ports.ts'
import type { Premises } from './premises.ts'
import { Refusal } from './refusal.ts'
import { TcpConnection } from './tcp-connection.ts'
import { UdpPort } from './udp-port.ts'

export interface SocketsOwner {
  readonly permit: Permit
  readonly premises: Premises
  /** apps.sockets and apps.socketBytes. */
  readonly sockets: number
  readonly socketBytes: number
  tell(event: OutsideEvent): void
  warn(text: string): void
}

interface Listening {
  claim: Claim<unknown> | undefined
  stopped: boolean
}

type SocketAsk = Ask & { noun: 'tcp' | 'udp' }

/** The sockets of one version of an application, by their numbers. */
export class Sockets {
  readonly #owner: SocketsOwner
  readonly #tcp = new Map<number, TcpConnection>()
  readonly #servers = new Map<number, Listening>()
  readonly #udp = new Map<number, UdpPort>()
  #lastAccepted = 0
  #closed = false
  #dropped = 0
  #complainedAt = Number.NEGATIVE_INFINITY

  constructor(owner: SocketsOwner) {
    this.#owner = owner
  }

  async ask(ask: SocketAsk): Promise<SocketPlace | undefined> {
    if (this.#closed) throw new Refusal('Error', 'the application has ended')
    if (ask.noun === 'udp') return this.#askUdp(ask)
    switch (ask.what) {
      case 'connect':
        return this.#connect(ask.socket, ask.host, ask.port)
      case 'listen':
        return this.#listen(ask.socket, ask.port)
      case 'send': {
        const connection = this.#tcp.get(ask.socket)
        if (connection === undefined) throw new Refusal('Error', 'TCPClient not connected')
        await connection.send(ask.data)
        return undefined
      }
    }
  }

  taken(socket: number, bytes: number): void {
    this.#tcp.get(socket)?.taken(bytes)
    this.#udp.get(socket)?.taken(bytes)
  }

  /** Harmless for a number that is unknown or closed. */
  close(socket: number): void {
    this.#tcp.get(socket)?.close()
    this.#stop(socket)
    const udp = this.#udp.get(socket)
    if (udp === undefined) return
    udp.close()
    this.#udp.delete(socket)
    this.#owner.premises.giveSocket()
  }

  destroy(socket: number): void {
    this.#tcp.get(socket)?.destroy()
  }

  /** All of them, at once, and nobody is told. */
  end(): void {
    this.#closed = true
    for (const number of [...this.#servers.keys(), ...this.#udp.keys()]) this.close(number)
    for (const connection of this.#tcp.values()) connection.destroy()
  }

  async #connect(socket: number, host: string, port: number): Promise<SocketPlace> {
    const { permit } = this.#owner
    permit.needHost('tcp', host, port)
    if (this.#tcp.has(socket)) throw new Refusal('Error', 'TCPClient connected already, disconnect it before')
    const connection = this.#connection(socket)
    try {
      return await connection.connect(permit.addresses('tcp', host, port), port)
    } catch (error) {
      this.#forget(socket, connection)
      throw error
    }
  }

  async #listen(socket: number, port: number): Promise<SocketPlace> {
    const { permit, premises } = this.#owner
    permit.need({ kind: 'listen', protocol: 'tcp', port })
    if (this.#servers.has(socket)) throw new Refusal('Error', 'TCPServer running already, stop it before')
    this.#takeSocket()
    const listening: Listening = { claim: undefined, stopped: false }
    this.#servers.set(socket, listening)
    try {
      const claim = await premises.ports.tcp(port, { owner: this, accept: each => this.#accept(socket, each) })
      listening.claim = claim
      if (listening.stopped) claim.release()
      const { port: real } = claim.handle.address() as { port: number }
      return { address: '', peerAddress: '', port: real }
    } catch (error) {
      this.#stop(socket)
      throw error
    }
  }

  #stop(socket: number): void {
    const listening = this.#servers.get(socket)
    if (listening === undefined) return
    this.#servers.delete(socket)
    listening.stopped = true
    listening.claim?.release()
    this.#owner.premises.giveSocket()
  }

  #accept(server: number, socket: Parameters<TcpConnection['take']>[0]): void {
    const { premises, sockets, tell } = this.#owner
    if (this.#closed || !premises.takeSocket(sockets)) {
      socket.destroy()
      this.#complain('connections', `apps.sockets (${sockets}) are open`)
      return
    }
    const number = --this.#lastAccepted
    const connection = this.#connection(number, true)
    // Nothing of it is read before the script has seen it.
    const place = connection.take(socket.setNoDelay(true))
    tell({ e: 'accepted', server, socket: number, place })
  }

  #connection(number: number, isCounted = false): TcpConnection {
    if (!isCounted) this.#takeSocket()
    const { premises, socketBytes, tell } = this.#owner
    const connection: TcpConnection = new TcpConnection({
      premises,
      socketBytes,
      received: data => tell({ e: 'received', socket: number, data, from: '' }),
      closed: error => {
        this.#forget(number, connection)
        if (!this.#closed) tell({ e: 'closed', socket: number, error })
      },
    })
    this.#tcp.set(number, connection)
    return connection
  }

  #forget(number: number, connection: TcpConnection): void {
    if (this.#tcp.get(number) !== connection) return
    this.#tcp.delete(number)
    this.#owner.premises.giveSocket()
  }

  async #askUdp(ask: Ask & { noun: 'udp' }): Promise<SocketPlace | undefined> {
    const { host, port, broadcast } = ask
    const known = this.#udp.get(ask.socket)
    const udp = known ?? this.#udpPort(ask.socket)
    try {
      if (ask.what === 'bind') return await udp.bind(host, port, broadcast)
      if (ask.what === 'connect') return await udp.connect(host, port, broadcast)
      return await udp.send(host, port, ask.data, broadcast)
    } catch (error) {
      if (known === undefined) this.close(ask.socket)
      throw error
    }
  }

  #udpPort(number: number): UdpPort {
    this.#takeSocket()
    const { permit, premises, socketBytes, tell } = this.#owner
    const udp = new UdpPort({
      owner: this,
      permit,
      premises,
      socketBytes,
      received: (data, from) => tell({ e: 'received', socket: number, data, from }),
      dropped: () => this.#complain('datagrams', 'the script does not keep up'),
    })
    this.#udp.set(number, udp)
    return udp
  }

  #takeSocket(): void {
    const { premises, sockets } = this.#owner
    if (!premises.takeSocket(sockets))
      throw new Refusal('Error', `apps.sockets (${sockets}) are open, more are not allowed`)
  }

  /** Once in a while, with their number: whoever floods us shall not flood the log. */
  #complain(what: string, why: string): void {
    this.#dropped++
    const now = performance.now()
    if (now - this.#complainedAt < COMPLAIN_MS) return
    this.#complainedAt = now
    this.#owner.warn(`${this.#dropped} ${what} were dropped: ${why}`)
    this.#dropped = 0
  }
}
