import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { ClientAnswer, Client as HubClient } from '../hub/client.ts'
import type { Hub } from '../hub/hub.ts'
import type { ConnectVerdict } from '../hub/judge.ts'
import { decodeAmf0, encodeAmf0 } from '../media/amf0.ts'
import { CallError } from './call-error.ts'
import { deferredCallsMax, refusalChars } from './limits.ts'

export interface ClientWorld {
  readonly hub: Hub
  readonly clock: Clock
  readonly log: Log
  /** Milliseconds a postponed verdict and an unanswered call may wait. */
  readonly waitMs: number
}

/** One connection, from its `connect` on. Everything here is harmless after its end. */
export class Client {
  /** 64 hexadecimal digits, of which nobody can guess one. */
  readonly id: string
  /** "ip:port", IPv6 in brackets. */
  readonly address: string
  /** rtmp, rtmps, rtmpt … */
  readonly protocol: string
  readonly secure: boolean
  /** tcUrl as the client sent it. */
  readonly uri: string
  /** What is left of the URL's path behind the application; "" for the default room. */
  readonly room: string
  /** Values of the URL's query. */
  readonly query: Readonly<Record<string, string>>
  readonly flashVersion: string
  readonly pageUrl: string
  readonly swfUrl: string
  readonly objectEncoding: 0 | 3
  readonly #client: HubClient
  readonly #world: ClientWorld
  #decide: ((verdict: ConnectVerdict) => void) | null
  /** What is to be said to it once it is accepted; null from then on. */
  #deferred: (() => void)[] | null = []

  /** Made by the server alone. `decide` takes its verdict. */
  constructor(client: HubClient, world: ClientWorld, decide: (verdict: ConnectVerdict) => void) {
    const { facts } = client
    this.id = facts.id
    this.address = facts.address
    this.protocol = facts.protocol
    this.secure = facts.secure
    this.uri = facts.uri
    this.room = facts.room
    this.query = facts.query
    this.flashVersion = facts.flashVersion
    this.pageUrl = facts.pageUrl
    this.swfUrl = facts.swfUrl
    this.objectEncoding = facts.objectEncoding
    this.#client = client
    this.#world = world
    this.#decide = decide
  }

  /** `connecting` until its verdict. */
  get state(): 'connecting' | 'connected' | 'gone' {
    const { state } = this.#client
    return state === 'joined' ? 'connected' : state === 'gone' ? 'gone' : 'connecting'
  }

  /** Round trip in milliseconds; 0 until measured. */
  get ping(): number {
    return this.#client.peer.figures().ping
  }

  get bytesIn(): number {
    return this.#client.peer.figures().bytesIn
  }

  get bytesOut(): number {
    return this.#client.peer.figures().bytesOut
  }

  /**
   * Lets a client in whose onConnect answered nothing. The members of `info` join those of its
   * NetConnection.Connect.Success. Whoever has been decided about stays so.
   */
  accept(info?: object): void {
    this.#decided({ ok: true, info: info === undefined ? null : encodeAmf0([info]) })
  }

  /** Turns it away; it reads `text` as the description of NetConnection.Connect.Rejected. */
  reject(text = ''): void {
    this.#decided({ ok: false, text: String(text).slice(0, refusalChars) })
  }

  /** Sends it elsewhere, to a full rtmp URL; before its verdict that is one. */
  redirect(url: string): void {
    this.#world.hub.redirect(this.#client, url)
  }

  /**
   * Calls a function of the client: resolves with what it returns. Rejects with a CallError when the client has no such
   * function or it threw, when it leaves, and when nothing came within `apps.verdictTimeout`; a failure is logged too, so
   * that a Promise nobody looks at may be dropped. Before the client is accepted the call waits for that.
   */
  call(name: string, ...args: unknown[]): Promise<unknown> {
    const outcome = new Promise<unknown>((resolve, reject) => {
      const bytes = this.#encode(name, args)
      this.#whenConnected(name, reject, () => this.#ask(name, bytes, resolve, reject))
    })
    outcome.catch(error => this.#world.log.warn({ client: this.id, call: name }, messageOf(error)))
    return outcome
  }

  /** Calls a function of the client and wants no answer. Throws when the arguments cannot be written as AMF. */
  send(name: string, ...args: unknown[]): void {
    const bytes = this.#encode(name, args)
    const failed = (error: unknown): void => this.#world.log.warn({ client: this.id, call: name }, messageOf(error))
    this.#whenConnected(name, failed, () => this.#client.peer.call(name, bytes, {}))
  }

  /** Ends the connection: NetConnection.Connect.Closed with this text; a client without a verdict is rejected with it. */
  close(text = 'closed by the application'): void {
    if (this.state === 'connecting') this.reject(text)
    else this.#client.peer.close({ code: 'Connect.Closed', description: String(text) })
  }

  /** For the server: its Success has been sent. */
  static established(client: Client): void {
    const deferred = client.#deferred ?? []
    if (client.state === 'connecting') return
    client.#deferred = null
    for (const run of deferred) run()
  }

  #encode(name: string, args: readonly unknown[]): Uint8Array {
    if (typeof name !== 'string' || name === '') throw new TypeError('the name of the function to call must be a text')
    const warn = (text: string): void => this.#world.log.warn({ client: this.id, call: name }, text)
    return encodeAmf0(args, { encoding: this.objectEncoding, warn })
  }

  #decided(verdict: ConnectVerdict): void {
    const decide = this.#decide
    this.#decide = null
    decide?.(verdict)
  }

  #whenConnected(name: string, failed: (error: CallError) => void, run: () => void): void {
    if (this.state === 'gone') failed(new CallError(name, 'the client has left'))
    else if (this.#deferred === null) run()
    else if (this.#deferred.length >= deferredCallsMax) {
      failed(new CallError(name, `${deferredCallsMax} calls wait until the client is accepted`))
    } else {
      // Who was turned away meanwhile is told so, too.
      this.#deferred.push(() => (this.state === 'gone' ? failed(new CallError(name, 'the client has left')) : run()))
    }
  }

  #ask(name: string, args: Uint8Array, resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
    const { clock, waitMs } = this.#world
    const late = clock.after(waitMs, () => reject(new CallError(name, `no answer within ${waitMs} ms`)))
    const answered = (answer: ClientAnswer): void => {
      late.cancel()
      try {
        const [value] = answer.value === undefined ? [] : decodeAmf0(answer.value)
        if (answer.ok) resolve(value)
        else reject(new CallError(name, answer.text ?? '', value))
      } catch (error) {
        reject(error)
      }
    }
    this.#client.peer.call(name, args, { answered })
  }
}
