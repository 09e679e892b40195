import { createSocket, type Socket as Datagrams, type RemoteInfo } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import { LISTEN_BACKLOG } from './limits.ts'
import { Refusal } from './refusal.ts'

/** Somebody to whom connections or datagrams go. `owner` tells the versions of an application apart. */
interface Claimant {
  readonly owner: object
}
export interface Acceptor extends Claimant {
  accept(socket: Socket): void
}
export interface Receiver extends Claimant {
  receive(data: Uint8Array, from: RemoteInfo): void
}

export interface Claim<Handle> {
  readonly handle: Handle
  /** Harmless twice. */
  release(): void
}

interface Shared<Handle, Who> {
  readonly handle: Handle
  readonly claimants: Who[]
  readonly close: () => void
}

/**
 * The open ports of an application. A new version asks for the ports of the old one while that still serves: it waits
 * in the second place, and is served when the first is released; a connection is never refused in between.
 */
export class Ports {
  readonly #tcp = new Map<string, Shared<Server, Acceptor>>()
  readonly #udp = new Map<string, Shared<Datagrams, Receiver>>()
  #closed = false

  /** Rejects with what the system says. */
  async tcp(port: number, acceptor: Acceptor): Promise<Claim<Server>> {
    const known = join(this.#tcp, `${port}`, acceptor)
    if (known !== undefined) return known
    const claimants = [acceptor]
    const server = createServer(socket => {
      const [first] = claimants
      if (first === undefined) socket.destroy()
      else first.accept(socket)
    })
    await begun(server, () => server.listen({ port, backlog: LISTEN_BACKLOG }))
    server.on('error', () => {})
    const { port: real } = server.address() as { port: number }
    return this.#enter(this.#tcp, `${real}`, { handle: server, claimants, close: () => server.close() }, acceptor)
  }

  /** `host`: an address of this machine. */
  async udp(host: string, port: number, broadcast: boolean, receiver: Receiver): Promise<Claim<Datagrams>> {
    const known = join(this.#udp, `${host} ${port}`, receiver)
    if (known !== undefined) return known
    const claimants = [receiver]
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    socket.on('message', (data, from) => claimants[0]?.receive(data, from))
    try {
      await begun(socket, () => socket.bind(port, host))
    } catch (error) {
      socket.close()
      throw error
    }
    socket.on('error', () => {})
    socket.setBroadcast(broadcast)
    const { port: real } = socket.address()
    return this.#enter(
      this.#udp,
      `${host} ${real}`,
      { handle: socket, claimants, close: () => socket.close() },
      receiver,
    )
  }

  close(): void {
    this.#closed = true
    for (const shared of [...this.#tcp.values(), ...this.#udp.values()]) shared.close()
    this.#tcp.clear()
    this.#udp.clear()
  }

  #enter<Handle, Who>(
    table: Map<string, Shared<Handle, Who>>,
    key: string,
    shared: Shared<Handle, Who>,
    who: Who,
  ): Claim<Handle> {
    if (this.#closed) {
      shared.close()
      throw new Refusal('Error', 'the application has ended')
    }
    table.set(key, shared)
    return claim(table, key, shared, who)
  }
}

function join<Handle, Who extends Claimant>(
  table: Map<string, Shared<Handle, Who>>,
  key: string,
  who: Who,
): Claim<Handle> | undefined {
  const shared = table.get(key)
  if (shared === undefined) return undefined
  if (shared.claimants.some(({ owner }) => owner === who.owner)) {
    throw new Refusal('Error', `port ${key.split(' ').at(-1)} is open in this application already`)
  }
  shared.claimants.push(who)
  return claim(table, key, shared, who)
}

function claim<Handle, Who>(
  table: Map<string, Shared<Handle, Who>>,
  key: string,
  shared: Shared<Handle, Who>,
  who: Who,
): Claim<Handle> {
  return {
    handle: shared.handle,
    release() {
      const at = shared.claimants.indexOf(who)
      if (at < 0) return
      shared.claimants.splice(at, 1)
      if (shared.claimants.length > 0 || table.get(key) !== shared) return
      table.delete(key)
      shared.close()
    },
  }
}

/** The system's yes or no to `begin`. */
function begun(emitter: Server | Datagrams, begin: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    emitter.once('error', reject)
    emitter.once('listening', () => {
      emitter.removeListener('error', reject)
      resolve()
    })
    begin()
  })
}
