import { encode } from '../amf.ts'
import { classes } from '../classes.ts'
import type { Engine } from '../engine.ts'
import { textGiven, wrong } from '../given.ts'
import type { GlassSetup } from '../glass.ts'
import type { Mirrors } from '../mirrors.ts'
import { nameErrors } from '../named.ts'
import { registerProxy } from '../net/proxies.ts'
import { collectGarbage, freeze, ObjectClass, setOwn, textSlice } from '../primordials.ts'
import { readRedirect } from '../redirects.ts'
import { Refusal } from '../refusal.ts'
import type { SharedObjectFunctions } from '../shared-objects.ts'
import type { Streams } from '../streams.ts'
import { wallNow } from '../wall-clock.ts'
import type { Arrivals } from './arrivals.ts'
import { ascStateOf } from './client.ts'

export interface ApplicationWorld {
  readonly engine: Engine
  readonly mirrors: Mirrors
  readonly arrivals: Arrivals
  readonly setup: GlassSetup
  readonly config: Record<string, string | boolean>
  readonly streams: Streams
  readonly shared: SharedObjectFunctions
}

/** The application, one for each instance. Its handlers, and whatever else scripts like, are put on it. */
export class Application {
  readonly #world: ApplicationWorld
  #clients: readonly object[] = []
  #counted = -1

  constructor(world: ApplicationWorld) {
    this.#world = world
  }

  /** `chat/lobby`; `chat/_definst_` for clients that name no instance. */
  get name(): string {
    return this.#world.setup.instance ?? ''
  }

  get hostname(): string {
    return this.#world.setup.server.hostname
  }

  /** Version and platform of the server. */
  get server(): string {
    const { version, platform } = this.#world.setup.server
    return `Cumulus/${version} ${platform}`
  }

  get config(): Record<string, string | boolean> {
    return this.#world.config
  }

  /** Everybody who was accepted, in order; those who come and go later are in the next one. */
  get clients(): readonly object[] {
    const { mirrors, arrivals } = this.#world
    const counted = mirrors.census + arrivals.accepted
    if (counted !== this.#counted) {
      const clients: object[] = []
      mirrors.eachClient(({ joined, view }) => {
        if (joined) setOwn(clients, clients.length, view)
      })
      arrivals.eachEarly(client => setOwn(clients, clients.length, client))
      this.#clients = freeze(clients)
      this.#counted = counted
    }
    return this.#clients
  }

  acceptConnection(client: object): boolean {
    const { joined } = ascStateOf(client)
    return this.#world.arrivals.decide(client, true) || joined
  }

  /** `description` is the text the client reads, `errObj` what it finds in `info.application`. */
  rejectConnection(client: object, description?: unknown, errObj?: unknown): boolean {
    return this.#world.arrivals.decide(client, refusalOf(description, errObj))
  }

  /** As rejectConnection(), with the address to connect to instead in `info.ex.redirect`. */
  redirectConnection(client: object, url: string, description?: unknown, errObj?: unknown): boolean {
    const to = readRedirect('redirectConnection: url', url)
    return this.#world.arrivals.decide(client, refusalOf(description, errObj, to))
  }

  /** Ends a client's connection; false when it has none. */
  disconnect(client: object): boolean {
    const state = ascStateOf(client)
    if (!state.joined) return false
    state.close('')
    return true
  }

  /** Calls a function of everybody who is connected to this instance. */
  broadcastMsg(name: string, ...values: unknown[]): void {
    const { outbox } = this.#world.engine
    const method = textGiven(name, 'broadcastMsg: name')
    const args0 = encode(values, 0, outbox)
    const args3 = encode(values, 3, outbox)
    outbox.write({ c: 'broadcast', name: method, args0, args3 }, args0.length + args3.length + method.length)
  }

  registerClass(name: string, Class: (new () => object) | null): void {
    classes.register(name, Class)
  }

  /** Calls of that name that nothing here answers are passed on, there perhaps under another name (R30); null ends it. */
  registerProxy(name: string, connection: object | null, there?: string): void {
    registerProxy(name, connection, there)
  }

  /** Deletes the recording of that name; of a name that ends in `/` or `*`, and of `/`, all below it (R10, R11, R12). */
  clearStreams(path: string): boolean {
    return this.#world.streams.clear(path)
  }

  /** Clears shared objects and deletes what is stored of them: `*` and `?` stand for any characters, and for one (R8, R9). */
  clearSharedObjects(path: string): boolean {
    let pattern = textGiven(path, 'clearSharedObjects: the path')
    while (pattern[0] === '/') pattern = textSlice(pattern, 1)
    void this.#world.shared.delete(pattern === '' ? '*' : pattern)
    return true
  }

  gc(): void {
    collectGarbage?.()
  }

  /** Takes this instance down; the next client brings it up again (R32). */
  shutdown(): boolean {
    this.#world.engine.outbox.write({ c: 'unload' }, 0)
    return true
  }

  /** As of the latest statistics. */
  getStats(): object {
    const { engine, mirrors } = this.#world
    const { counts } = engine
    let { bytesIn, bytesOut, messagesIn, messagesOut } = counts
    let bw_in = 0
    let bw_out = 0
    let connected = 0
    mirrors.eachClient(state => {
      if (state.gone) return
      bytesIn += state.bytesIn
      bytesOut += state.bytesOut
      messagesIn += state.messagesIn
      messagesOut += state.messagesOut
      bw_in += state.inRate
      bw_out += state.outRate
      if (state.joined) connected++
    })
    return {
      bytes_in: bytesIn,
      bytes_out: bytesOut,
      bw_in,
      bw_out,
      msg_in: messagesIn,
      msg_out: messagesOut,
      msg_dropped: counts.dropped,
      connected,
      accepted: counts.accepted,
      rejected: counts.rejected,
      total_connects: counts.accepted,
      total_disconnects: counts.left,
      launch_time: counts.startedAt,
      up_time: (wallNow() - counts.startedAt) / 1000,
    }
  }
}
nameErrors(Application.prototype)

/** One object in place of the text is what `info.application` holds. */
function refusalOf(description: unknown, errObj: unknown, redirect?: string): Refusal {
  const isObject = typeof description === 'object' && description !== null
  const about = errObj ?? (isObject ? description : undefined)
  if (typeof description === 'symbol') throw wrong('rejectConnection: description', 'a text', description)
  const text =
    isObject || description === undefined || description === null ? '' : textGiven(description, 'description')
  if (about === undefined) return new Refusal(text, undefined, redirect)
  const info = new ObjectClass()
  setOwn(info, 'application', about)
  return new Refusal(text, info, redirect)
}
