import { messageOf } from '../../base/errors.ts'
import type { CallOptions, Client, Peer } from '../../hub/client.ts'
import type { Hub, Introduction } from '../../hub/hub.ts'
import type { CallResult } from '../../hub/judge.ts'
import { decodeAmf0, encodeAmf0 } from '../../media/amf0.ts'

/** What a test does with something an application was asked. */
export type Settle = () => Promise<void>

const amf = { encoding: 3 } as const

/** Somebody who connects in a test: everything the application does to it is kept, in order. */
export class TrialClient {
  /** What the application called, as [name, ...values]. */
  readonly calls: unknown[][] = []
  /** Statuses it was sent, as [code, description]. */
  readonly statuses: [string, string][] = []
  /** Why it was not let in. */
  refused: string | undefined
  /** What onConnection gave. */
  info: unknown
  /** Why the application has closed it, or `left`. */
  closed: string | undefined
  /** What it answers when it is called by name; whatever is thrown is an error for the application. */
  readonly functions: Record<string, (...values: unknown[]) => unknown> = {}
  readonly #hub: Hub
  readonly #settled: Settle
  #client: Client | null = null

  constructor(hub: Hub, settled: Settle) {
    this.#hub = hub
    this.#settled = settled
  }

  /** Its place in the hub. Throws when it is not let in: there is nothing that it could do. */
  get seat(): Client {
    if (this.#client?.state === 'joined') return this.#client
    throw new Error(`this client is not connected: ${this.refused ?? this.closed ?? 'it waits for its verdict'}`)
  }

  get id(): string {
    return this.#client?.id ?? ''
  }

  async join(introduction: Omit<Introduction, 'args' | 'objectEncoding'>, values: readonly unknown[]): Promise<void> {
    await new Promise<void>(resolve => {
      const about = { ...introduction, objectEncoding: 3, args: encodeAmf0(values, amf) } as const
      this.#client = this.#hub.connect(about, this.#peer, outcome => {
        if (!outcome.ok) this.refused = outcome.text
        if (outcome.info) this.info = decodeAmf0(outcome.info)[0]
        resolve()
      })
    })
    await this.#settled()
  }

  /** Calls a function of the application: gives what it gives, rejects with the text of its error. */
  async call(name: string, ...values: unknown[]): Promise<unknown> {
    const result = await new Promise<CallResult>(resolve => {
      this.#hub.call(this.seat, name, encodeAmf0(values, amf), false, resolve)
    })
    await this.#settled()
    if (result.how === 'value') return decodeAmf0(result.value)[0]
    if (result.how === 'nothing') return undefined
    throw new Error(result.text)
  }

  /** Its connection ends; with a `failure` it broke. */
  async leave(failure: string | null = null): Promise<void> {
    this.#hub.leave(this.seat, failure)
    this.closed = 'left'
    await this.#settled()
  }

  /** Its end of the line. */
  readonly #peer: Peer = {
    call: (name, args, { answered }) => this.#called(name, decodeAmf0(args), answered),
    status: (code, description) => void this.statuses.push([code, description]),
    ping() {},
    bandwidth: measured => measured({ latency: 10, maximum: 1_000_000, bytes: 100_000, ms: 100 }),
    close: ({ description, failure }) => {
      this.closed ??= description
      if (this.#client) this.#hub.leave(this.#client, failure ?? null)
    },
    figures: () => ({ ping: 10, bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0, silence: 0 }),
  }

  #called(name: string, values: unknown[], answered: CallOptions['answered']): void {
    this.calls.push([name, ...values])
    if (answered === undefined) return
    const answer = async () => this.functions[name]?.(...values)
    answer().then(
      value => answered({ ok: true, value: encodeAmf0([value], amf) }),
      error => answered({ ok: false, text: messageOf(error) }),
    )
  }
}
