import type { Clock, Timer } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { type RtmpStreamUrl, readRtmpUrl } from '../base/rtmp-url.ts'
import { loopText } from '../hub/hub.ts'
import type { Dial } from '../protocol/netconnection/dial.ts'
import { RemoteConnection, type RemoteOwner } from '../protocol/netconnection/remote-connection.ts'
import type { RemoteStatus } from '../protocol/netconnection/remote-status.ts'
import { answerMs, backoff, redirectsMax } from './limits.ts'

/** What a link is for. */
export interface LinkTask {
  /** The other server has let us in. */
  begin(connection: RemoteConnection): void
  /** The connection that `begin` was told of is gone. */
  end(): void
}

/** What links need of the server around them. */
export interface LinkWorld {
  readonly dial: Dial
  readonly clock: Clock
  readonly log: Log
  /** What this server is known by to those it relays to and from. */
  readonly name: string
  /** From 0 to 1. */
  random(): number
}

/**
 * A connection to another server that is made again whenever it ends, after a pause, for as long as it is wanted. What the
 * log says of it, and what it says of itself, holds no name of a stream there: that may be a key.
 */
export class Link {
  readonly #world: LinkWorld
  readonly #url: RtmpStreamUrl
  readonly #task: LinkTask
  readonly #via: () => readonly string[]
  readonly #log: Log
  #state: 'idle' | 'dialling' | 'talking' | 'begun' | 'pausing' | 'stopped' = 'idle'
  #connection: RemoteConnection | null = null
  #hangUp: () => void = () => {}
  /** Nothing that the present try still says is heard. */
  #forget: () => void = () => {}
  #timer: Timer | null = null
  #pause = 0
  #redirects = 0
  /** Where it was sent. */
  #elsewhere: Pick<RtmpStreamUrl, 'host' | 'port' | 'secure' | 'app' | 'tcUrl'> | null = null
  /** Why the last try failed; '' while it works. */
  trouble = ''

  /** `via`: the servers before this one that what it relays came through. */
  constructor(url: RtmpStreamUrl, task: LinkTask, via: () => readonly string[], world: LinkWorld, log: Log) {
    this.#url = url
    this.#task = task
    this.#via = via
    this.#world = world
    this.#log = log.child({ to: `${url.host}:${url.port}` })
  }

  get log(): Log {
    return this.#log
  }

  start(): void {
    if (this.#state === 'idle') this.#try()
  }

  /** For good. Harmless twice. */
  stop(): void {
    this.#leave('stopped')
  }

  /** The other server has begun what was asked of it. */
  stands(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  /** Something is relayed: the next pause is a short one. */
  works(): void {
    this.stands()
    if (this.trouble !== '') this.#log.info({}, 'relayed again')
    this.#pause = 0
    this.#redirects = 0
    this.trouble = ''
  }

  /** What it is for cannot be done on this connection. */
  fail(text: string): void {
    if (this.#state === 'stopped' || this.#state === 'pausing') return
    this.#leave('pausing')
    // Where it was sent may be gone: the server that is asked first knows better by then.
    this.#elsewhere = null
    this.#redirects = 0
    const { clock, random } = this.#world
    this.trouble = this.#withoutKey(text)
    this.#pause =
      this.trouble === loopText ? backoff.most : Math.min(Math.max(backoff.first, this.#pause * 2), backoff.most)
    const ms = Math.round(this.#pause * (1 - backoff.spread * random()))
    this.#log.warn({ pause: ms }, `not relayed: ${this.trouble}`)
    this.#timer = clock.after(ms, () => this.#try())
  }

  // --------------------------------------------------------------------------------------- of the connection

  #connected(): void {
    if (this.#state !== 'talking' || !this.#connection) return
    this.#state = 'begun'
    this.#expect(`no answer within ${answerMs} ms`)
    this.#task.begin(this.#connection)
  }

  refused({ code, description, redirect }: RemoteStatus): void {
    if (redirect === '') return this.fail(description || code || 'it refuses')
    const elsewhere = readRtmpUrl(redirect)
    if (typeof elsewhere === 'string') return this.fail(`it sends us elsewhere, but ${elsewhere}`)
    if (++this.#redirects > redirectsMax) return this.fail(`sent elsewhere more than ${redirectsMax} times in a row`)
    this.#log.info({ elsewhere: `${elsewhere.host}:${elsewhere.port}` }, 'sent elsewhere')
    this.#elsewhere = elsewhere
    this.#leave('idle')
    this.#try()
  }

  #status({ code, description }: RemoteStatus): void {
    // Connect.Closed, AppShutdown, and E-RTMP v2's ReconnectRequest: it is about to close, or wants us to come anew.
    if (code.startsWith('NetConnection.Connect.')) this.fail(description || code)
  }

  #ended(failure: string | null): void {
    this.#connection = null
    this.fail(failure ?? 'the connection was closed')
  }

  // -------------------------------------------------------------------------------------------------- within

  #try(): void {
    const { dial, name } = this.#world
    const { host, port, secure, app, tcUrl } = this.#elsewhere ?? this.#url
    const target = { app, tcUrl, encoding: 0, args: new Uint8Array(), via: [...this.#via(), name] } as const
    this.#state = 'dialling'
    let isOver = false
    const unless =
      <Args extends unknown[]>(act: (...args: Args) => void) =>
      (...args: Args): void => {
        if (!isOver) act(...args)
      }
    const owner: RemoteOwner = {
      connected: unless(() => this.#connected()),
      refused: unless(status => this.refused(status)),
      status: unless(status => this.#status(status)),
      called: (_name, _args, answer) => answer({ how: 'nothing' }),
      ended: unless(failure => this.#ended(failure)),
    }
    this.#forget = () => {
      isOver = true
    }
    const hangUp = dial.dial(
      { host, port, secure },
      {
        converse: channel => {
          const connection = new RemoteConnection({ channel, target, owner, log: this.#log })
          if (!isOver) {
            this.#state = 'talking'
            this.#connection = connection
          }
          return connection
        },
        failed: unless(text => this.fail(text)),
      },
    )
    this.#hangUp = hangUp
  }

  #leave(state: 'idle' | 'pausing' | 'stopped'): void {
    const { dialling, begun } = { dialling: this.#state === 'dialling', begun: this.#state === 'begun' }
    const connection = this.#connection
    this.#state = state
    this.#timer?.cancel()
    this.#timer = null
    this.#connection = null
    this.#forget()
    if (begun) this.#task.end()
    if (dialling) this.#hangUp()
    connection?.close()
  }

  #expect(text: string): void {
    this.#timer?.cancel()
    this.#timer = this.#world.clock.after(answerMs, () => this.fail(text))
  }

  /** Servers say the names of streams back. */
  #withoutKey(text: string): string {
    const { name } = this.#url
    const [bare = ''] = name.split('?', 1)
    return text.replaceAll(name, '…').replaceAll(bare, '…')
  }
}
