import { allows, type Capability, canonicalHost } from '../base/capability.ts'
import { readRtmpUrl } from '../base/rtmp-url.ts'
import type { Judge } from '../hub/judge.ts'
import type { App } from './app.ts'
import { isWithin } from './catalog.ts'
import { netConnectionsMax } from './limits.ts'
import type { NetCommand, NetConnectCommand, Reach, Reached } from './net-wire.ts'
import type { AppCommand } from './wire.ts'

/** Is it about a connection to another server? */
export function isNet(command: AppCommand): command is NetCommand {
  return command.c.startsWith('net')
}

export interface NetLinksOptions {
  /** What the application may reach. */
  allowed(app: App): readonly Capability[]
  readonly locate: Judge['locate']
  readonly reach: Reach
}

/** Connections of scripts to other servers: they end with the isolate that made them. */
export class NetLinks {
  readonly #options: NetLinksOptions
  readonly #byApp = new Map<App, Map<number, Reached>>()

  constructor(options: NetLinksOptions) {
    this.#options = options
  }

  carryOut(app: App, command: NetCommand): void {
    if (command.c === 'netConnect') return this.#connect(app, command)
    const own = this.#byApp.get(app)
    if (command.c === 'netEndOld') return close(own, command.before)
    const reached = own?.get(command.connection)
    if (!reached) {
      if (command.c === 'netCall' && command.ticket !== 0) {
        app.channel.tell({ e: 'answer', ticket: command.ticket, ok: false, text: 'not connected' })
      }
      return
    }
    if ((command.c === 'netPublish' || command.c === 'netPlay') && !this.#isOwn(app, command)) return
    reached.take(command)
  }

  end(app: App): void {
    const own = this.#byApp.get(app)
    this.#byApp.delete(app)
    close(own, Number.POSITIVE_INFINITY)
  }

  #connect(app: App, command: NetConnectCommand): void {
    const { connection } = command
    const own = this.#byApp.get(app) ?? new Map<number, Reached>()
    const refuse = (failure: string): void => app.channel.tell({ e: 'netEnded', connection, failure })
    if (own.has(connection)) return
    if (own.size >= netConnectionsMax) return refuse(`more than ${netConnectionsMax} connections to other servers`)
    const url = readRtmpUrl(command.uri)
    if (typeof url === 'string') return refuse(url)
    const want = { kind: 'rtmp', host: canonicalHost(url.host) ?? url.host, port: url.port } as const
    // The app host has said so before, and of the addresses; whoever got hold of it gets no further than its own line.
    if (!allows(this.#options.allowed(app), want))
      return refuse(`${app.name} may not use rtmp:${want.host}:${want.port}`)
    this.#byApp.set(app, own)
    const reached = this.#options.reach(app.path, command, told => {
      if (told.e === 'netEnded') own.delete(connection)
      app.channel.tell(told)
    })
    own.set(connection, reached)
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

function close(own: ReadonlyMap<number, Reached> | undefined, before: number): void {
  for (const [connection, reached] of own ?? []) if (connection < before) reached.take({ c: 'netClose', connection })
}
