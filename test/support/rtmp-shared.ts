import type { SharedEvent, SharedMessage } from '../../server/hub/shared-events.ts'
import { decodeAmf0, encodeAmf0 } from '../../server/media/amf0.ts'
import { decodeShared, encodeShared } from '../../server/protocol/netconnection/shared-message.ts'
import { type Message, MessageType } from '../../server/protocol/rtmp/message.ts'
import { Collected } from './collected.ts'
import type { RtmpClient } from './rtmp-client.ts'

/** A remote shared object as Flash has it: a copy of the slots, the version it knows, and what happened to it. */
export class RtmpShared {
  readonly name: string
  readonly persistent: boolean
  readonly data = new Map<string, unknown>()
  /** Bytes of the values as they came. */
  readonly raw = new Map<string, Uint8Array>()
  version = 0
  readonly #client: RtmpClient
  readonly #type: number
  readonly #events = new Collected<SharedEvent>('event of a shared object')
  /** What was asked for and not answered, oldest first. */
  readonly #asked: [name: string, value: unknown][] = []

  constructor(client: RtmpClient, name: string, persistent: boolean) {
    this.#client = client
    this.name = name
    this.persistent = persistent
    this.#type = client.objectEncoding === 3 ? MessageType.SharedObjectAmf3 : MessageType.SharedObjectAmf0
  }

  static receive(client: RtmpClient, message: Message): void {
    const shared = decodeShared(message)
    client.shared.get(shared.object)?.receive(shared, message.type)
  }

  /** Everything that came, in order. */
  get events(): readonly SharedEvent[] {
    return this.#events.items
  }

  async use(): Promise<void> {
    this.send({ kind: 'use' })
    const answer = await this.event(({ kind }) => kind === 'useSuccess' || kind === 'status')
    if (answer.kind === 'status') throw new Error(answer.code)
  }

  release(): void {
    this.send({ kind: 'release' })
    this.#client.shared.delete(this.name)
  }

  /** Asks for a value; resolves when it was granted, or with what the slot is instead. */
  async set(name: string, value: unknown): Promise<'success' | 'reject'> {
    const from = this.events.length
    this.#asked.push([name, value])
    const [bytes] = [encodeAmf0([value], { encoding: this.#client.objectEncoding })]
    this.send({ kind: 'requestChange', name, value: bytes })
    const isAnswer = (event: SharedEvent): boolean => event.kind === 'success' && event.name === name
    const isOther = (event: SharedEvent): boolean =>
      (event.kind === 'change' || event.kind === 'remove') && event.name === name
    const answer = await this.event(event => isAnswer(event) || isOther(event), from)
    return answer.kind === 'success' ? 'success' : 'reject'
  }

  remove(name: string): void {
    this.send({ kind: 'requestRemove', name })
  }

  call(name: string, ...args: unknown[]): void {
    this.send({ kind: 'message', name, args: encodeAmf0(args) })
  }

  send(...events: SharedEvent[]): void {
    const { name: object, version, persistent } = this
    this.#client.send(encodeShared({ object, version, persistent, events }, this.#type))
  }

  /** The first event that fits, come already or to come, from number `from` on. */
  event(fits: (event: SharedEvent) => boolean, from = 0): Promise<SharedEvent> {
    return this.#events.first(fits, { from })
  }

  /** Resolves when the slot has that value. */
  async becomes(name: string, value: unknown): Promise<void> {
    const wanted = JSON.stringify(value)
    if (JSON.stringify(this.data.get(name)) === wanted) return
    await this.event(() => JSON.stringify(this.data.get(name)) === wanted, this.events.length)
  }

  receive({ version, events }: SharedMessage, type: number): void {
    if (type !== this.#type) throw new Error(`a message of type ${type} for ${this.name}`)
    this.version = version
    for (const event of events) {
      this.#take(event)
      this.#events.push(event)
    }
  }

  end(reason: Error): void {
    this.#events.end(reason)
  }

  #take(event: SharedEvent): void {
    if (event.kind === 'clear') this.data.clear()
    else if (event.kind === 'remove') this.data.delete(event.name)
    else if (event.kind === 'change') {
      this.data.set(event.name, decodeAmf0(event.value)[0])
      this.raw.set(event.name, event.value)
    } else if (event.kind === 'success') {
      const at = this.#asked.findIndex(([name]) => name === event.name)
      const [asked] = this.#asked.splice(at, 1)
      if (asked) this.data.set(...asked)
    }
  }
}
