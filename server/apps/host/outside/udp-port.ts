import type { RemoteInfo, Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { SocketPlace } from '../../../../sandbox-api/outside/words.ts'
import { RECEIVE_WINDOW } from './limits.ts'
import type { Permit } from './permit.ts'
import type { Claim } from './ports.ts'
import type { Premises } from './premises.ts'
import { Refusal } from './refusal.ts'
import { endpoint } from './tcp-connection.ts'

export interface UdpOwner {
  readonly owner: object
  readonly permit: Permit
  readonly premises: Premises
  readonly socketBytes: number
  received(data: Uint8Array, from: string): void
  /** Datagrams that nobody had time for. */
  dropped(): void
}

/** A script's UDP socket: bound to a port, or connected to one peer, or only sending. */
export class UdpPort {
  readonly #owner: UdpOwner
  #claim: Promise<Claim<Socket>> | undefined
  #bound: 'no' | 'bound' | 'connected' = 'no'
  #address = ''
  #peer: { host: string; port: number } | undefined
  #outstanding = 0
  #closed = false

  constructor(owner: UdpOwner) {
    this.#owner = owner
  }

  async bind(host: string, port: number, broadcast: boolean): Promise<SocketPlace> {
    this.#owner.permit.need({ kind: 'listen', protocol: 'udp', port })
    this.#refuseTwice()
    this.#bound = 'bound'
    try {
      const address = isIP(host) === 0 ? (await lookup(host)).address : host
      return await this.#open(address, port, broadcast)
    } catch (error) {
      this.#bound = 'no'
      throw error
    }
  }

  /** What is received from others than this peer is passed over. */
  async connect(host: string, port: number, broadcast: boolean): Promise<SocketPlace> {
    this.#owner.permit.needHost('udp', host, port)
    this.#refuseTwice()
    this.#bound = 'connected'
    try {
      const [address] = await this.#owner.permit.addresses('udp', host, port)
      this.#peer = { host: address!, port }
      const place = await this.#open(anyOf(address!), 0, broadcast)
      return { ...place, peerAddress: endpoint(address!, port) }
    } catch (error) {
      this.#bound = 'no'
      this.#peer = undefined
      throw error
    }
  }

  /** Fulfilled when the system has taken it. */
  async send(host: string, port: number, data: Uint8Array, broadcast: boolean): Promise<SocketPlace> {
    const { permit, premises } = this.#owner
    const to = host === '' ? this.#peer : { host: (await permit.addresses('udp', host, port))[0]!, port }
    if (to === undefined) throw new Refusal('Error', 'UDPSocket not connected: to whom?')
    if (!premises.takeBytes(data.length)) throw new Refusal('Error', 'too much waits to be sent')
    try {
      if (this.#claim === undefined) await this.#open(anyOf(to.host), 0, broadcast)
      const { handle } = await this.#claim!
      await new Promise<void>((resolve, reject) => {
        handle.send(data, to.port, to.host, error => (error ? reject(error) : resolve()))
      })
    } finally {
      premises.giveBytes(data.length)
    }
    return { address: this.#address, peerAddress: '', port: 0 }
  }

  receive(data: Uint8Array, { address, port }: RemoteInfo): void {
    const peer = this.#peer
    if (this.#closed || (peer !== undefined && (peer.host !== address || peer.port !== port))) return
    if (this.#outstanding + data.length > Math.max(RECEIVE_WINDOW, this.#owner.socketBytes))
      return this.#owner.dropped()
    this.#outstanding += data.length
    this.#owner.received(new Uint8Array(data), endpoint(address, port))
  }

  taken(bytes: number): void {
    this.#outstanding -= bytes
  }

  close(): void {
    this.#closed = true
    this.#claim?.then(
      claim => claim.release(),
      () => {},
    )
  }

  async #open(host: string, port: number, broadcast: boolean): Promise<SocketPlace> {
    const receiver = {
      owner: this.#owner.owner,
      receive: (data: Uint8Array, from: RemoteInfo) => this.receive(data, from),
    }
    const claim = this.#owner.premises.ports.udp(host, port, broadcast, receiver)
    this.#claim = claim
    try {
      const { handle, release } = await claim
      if (this.#closed) release()
      const { address, port: real } = handle.address()
      this.#address = endpoint(address, real)
      return { address: this.#address, peerAddress: '', port: real }
    } catch (error) {
      this.#claim = undefined
      throw error
    }
  }

  #refuseTwice(): void {
    if (this.#bound === 'no' && this.#claim === undefined) return
    const how = this.#bound === 'connected' ? 'connected' : `bound on ${this.#address}`
    throw new Refusal('Error', `UDPSocket already ${how}, close the socket before`)
  }
}

function anyOf(address: string): string {
  return isIP(address) === 6 ? '::' : '0.0.0.0'
}
