import { allows, type Capability, canonicalHost } from '../base/capability.ts'
import { readRtmpUrl } from '../base/rtmp-url.ts'
import type { Judge } from '../hub/judge.ts'
import type { SharedMessage } from '../hub/shared-events.ts'
import type { App } from './app.ts'
import { isWithin } from './catalog.ts'
import { netConnectionsMax } from './limits.ts'
import { NetShared, type SharedBudget } from './net-shared.ts'
import type { NetCommand, NetConnectCommand, NetTold, Reach, Reached } from './net-wire.ts'
import type { FeedOptions } from './shared-feed.ts'
import type { AppCommand } from './wire.ts'

/** Is it about a connection to another server? */
export function isNet(command: AppCommand): command is NetCommand {
  return command.c.startsWith('net')
}

export interface NetLinksOptions extends FeedOptions {
  /** What the application may reach. */
  allowed(app: App): readonly Capability[]
  readonly locate: Judge['locate']
  readonly reach: Reach
}

interface Link {
  readonly reached: Reached
  readonly shared: NetShared
}

interface Links {
  readonly byNumber: Map<number, Link>
  readonly budget: SharedBudget
}

/** Connections of scripts to other servers: they end with the isolate that made them. */
export class NetLinks {
  readonly #options: NetLinksOptions
  readonly #byApp = new Map<App, Links>()

  constructor(options: NetLinksOptions) {
    this.#options = options
  }

  carryOut(app: App, command: NetCommand): void {
    if (command.c === 'netConnect') return this.#connect(app, command)
    const own = this.#byApp.get(app)
    if (command.c === 'netEndOld') return close(own, command.before)
    const link = own?.byNumber.get(command.connection)
    if (!link) {
      if (command.c === 'netCall' && command.ticket !== 0) {
        app.channel.tell({ e: 'answer', ticket: command.ticket, ok: false, text: 'not connected' })
      }
      return
    }
    if ((command.c === 'netPublish' || command.c === 'netPlay') && !this.#isOwn(app, command)) return
    if (command.c === 'netShared') link.shared.carryOut(command)
    else link.reached.take(command)
  }

  end(app: App): void {
    const own = this.#byApp.get(app)
    this.#byApp.delete(app)
    close(own, Number.POSITIVE_INFINITY)
  }

  #connect(app: App, command: NetConnectCommand): void {
    const { connection } = command
    const own = this.#byApp.get(app) ?? { byNumber: new Map(), budget: { bytes: 0 } }
    const { byNumber, budget } = own
    const refuse = (failure: string): void => app.channel.tell({ e: 'netEnded', connection, failure })
    if (byNumber.has(connection)) return
    if (byNumber.size >= netConnectionsMax) return refuse(`more than ${netConnectionsMax} connections to other servers`)
    const url = readRtmpUrl(command.uri)
    if (typeof url === 'string') return refuse(url)
    const want = { kind: 'rtmp', host: canonicalHost(url.host) ?? url.host, port: url.port } as const
    // The app host has said so before, and of the addresses; whoever got hold of it gets no further than its own line.
    if (!allows(this.#options.allowed(app), want))
      return refuse(`${app.name} may not use rtmp:${want.host}:${want.port}`)
    this.#byApp.set(app, own)
    const { log, defer, reach } = this.#options
    const share = (message: SharedMessage): void => byNumber.get(connection)?.reached.share(message)
    const shared = new NetShared({ app, connection, budget, log, defer, share })
    const told = (told: NetTold): void => {
      if (told.e === 'netEnded') {
        shared.end()
        byNumber.delete(connection)
      }
      app.channel.tell(told)
    }
    byNumber.set(connection, { reached: reach(app.path, command, told, message => shared.receive(message)), shared })
  }

  /** It may send on what it sees, and publishes in its own folder only. */
  #isOwn(app: App, { c, publication }: NetCommand & { c: 'netPublish' | 'netPlay' }): boolean {
    const [path = '', address = ''] = publication.split('\n')
    if (c === 'netPublish') return isWithin(app.path, path)
    const slash = address.lastIndexOf('/')
    const place = this.#options.locate(`${path}/${address.slice(0, Math.max(0, slash))}`)
    return path === app.path && !(place.found && place.app !== path)
  }
}

function close(own: Links | undefined, before: number): void {
  for (const [connection, { reached }] of own?.byNumber ?? []) {
    if (connection < before) reached.take({ c: 'netClose', connection })
  }
}
