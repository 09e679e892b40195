import type { PublicationFacts, PushedFrame, QosFacts, Track } from '../server/apps/wire.ts'
import { decode, encode } from './amf.ts'
import { type Collection, Shelf, sealClass } from './collection.ts'
import type { Engine } from './engine.ts'
import { FrameLoop } from './frame-loop.ts'
import { textGiven } from './given.ts'
import type { Listener } from './listener.ts'
import { Owned } from './own-fields.ts'
import {
  copyBytes,
  ErrorClass,
  floor,
  isFiniteNumber,
  PromiseClass,
  RangeErrorClass,
  TypeErrorClass,
  toNumber,
  typedArrayLength,
  typedArrayName,
} from './primordials.ts'
import { noQos, showQos } from './qos.ts'
import { type RecordOptions, recordWish } from './recordings.ts'

/** Milliseconds up to which a number says every one of them. */
const TIME_MAX = 2 ** 53 - 1
/** Packets one packet may say are missing before it. */
const LOST_MAX = 1_000_000

/** What the engine knows of a publication. */
export class PublicationState {
  readonly engine: Engine
  readonly key: string
  readonly view: Publication
  readonly listeners = new Shelf<number, Listener>(given => (typeof given === 'number' ? given : undefined))
  facts: PublicationFacts
  /** The server knows it no more. */
  closed = false
  /** The script published it and closed it. */
  ended = false
  /** This version of the script has asked for it: it is not there for the taking, as one of the version before is. */
  isHeld = false
  /** publish() commands whose answers are out: until then facts of before may still arrive. */
  asked = 0
  /** The time of the script's latest packet: data goes beside it. */
  pushedAt = 0
  /** As it came, for the next version of the app; read when a script asks. */
  metadata: Uint8Array | undefined
  shown: unknown
  codecs = { audio: '', video: '' }
  tracks: readonly Track[] = []
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
    if (this.ended || this.closed) return false
    return this.asked > 0 || (this.facts.publisherId === 'script' && this.facts.app === this.engine.path)
  }

  /** Nobody publishes it, as far as this script may know by now. */
  get isFree(): boolean {
    return this.facts.publisherId === '' || this.ended
  }
}

export let publicationStateOf: (publication: Publication) => PublicationState
export let isPublication: (value: unknown) => value is Publication

/** A name somebody publishes, or listeners wait for. */
export class Publication extends Owned {
  readonly #state: PublicationState

  constructor(engine: Engine, key: string, facts: PublicationFacts) {
    super(engine.fields, 'publication', key)
    this.#state = new PublicationState(engine, key, facts, this)
  }

  static {
    publicationStateOf = publication => publication.#state
    isPublication = (value): value is Publication => typeof value === 'object' && value !== null && #state in value
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
    return { ...this.#state.codecs }
  }

  /** Every sound and picture of it, the default ones (track 0) first of their kind. */
  get tracks(): Track[] {
    const { tracks } = this.#state
    const shown: Track[] = []
    for (let i = 0; i < tracks.length; i++) shown[shown.length] = { ...tracks[i]! }
    return shown
  }

  /** `offset`: where in `packet` the tag begins; `lost`: packets that are missing before this one. */
  pushAudioPacket(time: number, packet: Uint8Array, offset: number = 0, lost: number = 0): void {
    this.#ownOnly('pushAudioPacket')
    this.#push('audio', time, '', packet, offset, lost)
  }

  pushVideoPacket(time: number, packet: Uint8Array, offset: number = 0, lost: number = 0): void {
    this.#ownOnly('pushVideoPacket')
    this.#push('video', time, '', packet, offset, lost)
  }

  pushDataPacket(name: string, packet: Uint8Array, offset: number = 0): void {
    this.#ownOnly('pushDataPacket')
    const text = textGiven(name, 'pushDataPacket: name')
    if (text === '') throw new TypeErrorClass('the name of a data packet is a text, which players have a function by')
    this.#push('data', this.#state.pushedAt, text, packet, offset, 0)
  }

  /**
   * Calls `render` with the time of each frame to be, `fps` times a second; what is late is skipped.
   * @returns a function that stops it
   */
  onFrame(fps: number, render: (time: number) => unknown): () => void {
    this.#ownOnly('onFrame')
    const state = this.#state
    const loop = new FrameLoop(state.engine, fps, render, () => !state.own)
    return () => loop.stop()
  }

  /** Sends what was pushed; otherwise it leaves when the turn ends. */
  flush(): void {
    this.#ownOnly('flush')
    this.#state.engine.outbox.flush(this.#state.key)
  }

  /** A data message to all listeners: their NetStream client's `handler` is called. */
  send(handler: string, ...values: unknown[]): void {
    const { engine, key, closed, ended } = this.#state
    if (ended) this.#ownOnly('send')
    if (closed) return
    const name = textGiven(handler, 'send: handler')
    const bytes = encode(values, 0, engine.outbox)
    engine.outbox.write({ c: 'send', publication: key, name, values: bytes }, bytes.length + name.length)
  }

  /**
   * Records it from now on; `false` ends all its recordings. The promise is kept when the file stands, and broken with
   * the reason when it cannot be written.
   */
  record(options: RecordOptions | false = {}): Promise<void> {
    const { engine, key, facts } = this.#state
    if (options === false) {
      engine.outbox.write({ c: 'stopRecording', publication: key }, 0)
      return PromiseClass.resolve()
    }
    const wish = recordWish(options)
    return new PromiseClass<void>((resolve, reject) => {
      const write = (ticket: number): void =>
        engine.outbox.write({ c: 'record', ticket, publication: key, ...wish }, wish.path.length)
      engine.asks.open('', write, ({ ok, text = '' }) => {
        if (ok) resolve()
        else reject(new ErrorClass(`${facts.name} is not recorded: ${text}`))
      })
    })
  }

  /** Ends it: NetStream.Unpublish.Success, or NetStream.<code>. */
  close(code: string = '', description: string = ''): void {
    const state = this.#state
    const { key, own, facts } = state
    if (state.closed || state.ended || (!own && facts.publisherId === '')) return
    const event = textGiven(code, 'close: code')
    const text = textGiven(description, 'close: description')
    // Whoever has the name by the time this arrives is not meant.
    const generation = own ? 0 : facts.generation
    const command = {
      c: 'closePublication',
      publication: key,
      generation,
      code: event,
      description: text,
    } as const
    state.engine.outbox.write(command, text.length)
    if (!own) return
    state.ended = true
    state.isHeld = false
    state.facts = { ...facts, publisherId: '', startedAt: 0 }
  }

  get [Symbol.toStringTag](): string {
    return 'Publication'
  }

  #push(
    kind: PushedFrame['kind'],
    time: number,
    name: string,
    packet: Uint8Array,
    offset: number,
    missing: number,
  ): void {
    // Whole milliseconds, because differences are taken later and roundings would add up.
    const at = floor(toNumber(time))
    if (!(at >= 0 && at <= TIME_MAX)) throw new TypeErrorClass('the time of a packet is milliseconds, from 0')
    if (typedArrayName(packet) !== 'Uint8Array') throw new TypeErrorClass('a packet is a Uint8Array')
    const from = toNumber(offset)
    if (!(isFiniteNumber(from) && from >= 0 && floor(from) === from && from <= typedArrayLength(packet))) {
      throw new RangeErrorClass('the offset of a packet is a whole number within it')
    }
    const lost = toNumber(missing)
    if (!(lost >= 0 && lost <= LOST_MAX && floor(lost) === lost)) {
      throw new RangeErrorClass(`lost is a whole number of packets, from 0 to ${LOST_MAX}`)
    }
    this.#state.pushedAt = at
    this.#state.engine.outbox.push(this.#state.key, { kind, time: at, name, packet: copyBytes(packet, from), lost })
  }

  #ownOnly(method: string): void {
    const { closed, ended, own, facts } = this.#state
    if (closed || ended) throw new ErrorClass(`${method}: publication ${facts.name} is closed`)
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
