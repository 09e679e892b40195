import type { PublicationFacts, PushedFrame, QosFacts } from '../server/apps/wire.ts'
import { decode, encode } from './amf.ts'
import { type Collection, Shelf, sealClass } from './collection.ts'
import type { Engine } from './engine.ts'
import type { Listener } from './listener.ts'
import { Owned } from './own-fields.ts'
import {
  copyBytes,
  ErrorClass,
  isFiniteNumber,
  TypeErrorClass,
  toNumber,
  toText,
  typedArrayName,
} from './primordials.ts'
import { noQos, showQos } from './qos.ts'

/** What the engine knows of a publication. */
export class PublicationState {
  readonly engine: Engine
  readonly key: string
  readonly view: Publication
  readonly listeners = new Shelf<number, Listener>(given => (typeof given === 'number' ? given : undefined))
  facts: PublicationFacts
  closed = false
  /** The time of the script's latest packet: data goes beside it. */
  pushedAt = 0
  /** As it came, for the next version of the app; read when a script asks. */
  metadata: Uint8Array | undefined
  shown: unknown
  audioCodec = ''
  videoCodec = ''
  audio: QosFacts = noQos
  video: QosFacts = noQos

  constructor(engine: Engine, key: string, facts: PublicationFacts, view: Publication) {
    this.engine = engine
    this.key = key
    this.facts = facts
    this.view = view
  }

  /** This app's script publishes it. */
  get own(): boolean {
    return this.facts.publisherId === 'script' && this.facts.app === this.engine.path
  }
}

export let publicationStateOf: (publication: Publication) => PublicationState

/** A name somebody publishes, or listeners wait for. */
export class Publication extends Owned {
  readonly #state: PublicationState

  constructor(engine: Engine, key: string, facts: PublicationFacts) {
    super(engine.fields, 'publication', key)
    this.#state = new PublicationState(engine, key, facts, this)
  }

  static {
    publicationStateOf = publication => publication.#state
  }

  get name(): string {
    return this.#state.facts.name
  }

  get room(): string {
    return this.#state.facts.room
  }

  /** The application's path. */
  get path(): string {
    return this.#state.facts.app
  }

  get publisherId(): string {
    return this.#state.facts.publisherId
  }

  get generation(): number {
    return this.#state.facts.generation
  }

  get startedAt(): number {
    return this.#state.facts.startedAt
  }

  get query(): Record<string, string> {
    return { ...this.#state.facts.query }
  }

  get listeners(): Collection<number, Listener> {
    return this.#state.listeners.view
  }

  get audioQOS(): QosFacts {
    return showQos(this.#state.audio)
  }

  get videoQOS(): QosFacts {
    return showQos(this.#state.video)
  }

  /** What the publisher said in onMetaData; undefined before. */
  get metadata(): unknown {
    const state = this.#state
    if (state.shown === undefined && state.metadata !== undefined) state.shown = readMetadata(state.metadata)
    return state.shown
  }

  get codecs(): { audio: string; video: string } {
    return { audio: this.#state.audioCodec, video: this.#state.videoCodec }
  }

  pushAudioPacket(time: number, packet: Uint8Array, offset: number = 0, _lost: number = 0): void {
    this.#push('audio', time, '', packet, offset)
  }

  pushVideoPacket(time: number, packet: Uint8Array, offset: number = 0, _lost: number = 0): void {
    this.#push('video', time, '', packet, offset)
  }

  pushDataPacket(name: string, packet: Uint8Array, offset: number = 0): void {
    this.#push('data', this.#state.pushedAt, toText(name), packet, offset)
  }

  /** Sends what was pushed; otherwise it leaves when the turn ends. */
  flush(): void {
    this.#ownOnly('flush')
    this.#state.engine.outbox.flush(this.#state.key)
  }

  /** A data message to all listeners: their NetStream client's `handler` is called. */
  send(handler: string, ...values: unknown[]): void {
    const { engine, key, closed } = this.#state
    if (closed) return
    const bytes = encode(values, 0, engine.outbox)
    engine.outbox.write({ c: 'send', publication: key, name: toText(handler), values: bytes }, bytes.length)
  }

  /** Ends it: NetStream.Unpublish.Success, or NetStream.<code>. */
  close(code: string = '', description: string = ''): void {
    const state = this.#state
    if (state.closed) return
    const text = toText(description)
    const command = { c: 'closePublication', publication: state.key, code: toText(code), description: text } as const
    state.engine.outbox.write(command, text.length)
    if (state.own) state.closed = true
  }

  get [Symbol.toStringTag](): string {
    return 'Publication'
  }

  #push(kind: PushedFrame['kind'], time: number, name: string, packet: Uint8Array, offset: number): void {
    this.#ownOnly(`push${kind[0]!.toUpperCase()}${kind.slice(1)}Packet`)
    const at = toNumber(time)
    if (!isFiniteNumber(at) || at < 0) throw new TypeErrorClass('the time of a packet is milliseconds, from 0')
    if (typedArrayName(packet) !== 'Uint8Array') throw new TypeErrorClass('a packet is a Uint8Array')
    const bytes = copyBytes(packet, toNumber(offset) || 0)
    this.#state.pushedAt = at
    this.#state.engine.outbox.push(this.#state.key, { kind, time: at, name, packet: bytes })
  }

  #ownOnly(method: string): void {
    const { closed, own, facts } = this.#state
    if (closed) throw new ErrorClass(`${method}: publication ${facts.name} is closed`)
    if (!own) throw new ErrorClass(`${method}: only publications of server.publish() take packets from a script`)
  }
}
sealClass(Publication)

/** The object among the values of a metadata message, whose name may stand before it. */
function readMetadata(bytes: Uint8Array): unknown {
  try {
    const values = decode(bytes)
    for (let i = 0; i < values.length; i++) {
      if (typeof values[i] === 'object' && values[i] !== null) return values[i]
    }
  } catch {
    // What a publisher says of itself is its own doing; a script sees that there is nothing to read.
  }
  return undefined
}
