import type { ListenerFacts, QosFacts } from '../server/apps/wire.ts'
import { sealClass } from './collection.ts'
import type { Engine } from './engine.ts'
import { textGiven } from './given.ts'
import type { Owned } from './own-fields.ts'
import type { Publication } from './publication.ts'
import { noQos, showQos } from './qos.ts'

/** What the engine knows of a subscription. */
export interface ListenerState {
  readonly facts: ListenerFacts
  readonly engine: Engine
  readonly view: Listener
  readonly client: Owned
  readonly publication: Publication
  /** Accepted, and counted. */
  listening: boolean
  ended: boolean
  audio: QosFacts
  video: QosFacts
}

export let listenerStateOf: (listener: Listener) => ListenerState

/** One subscription of a client to a publication. */
export class Listener {
  readonly #state: ListenerState

  constructor(engine: Engine, facts: ListenerFacts, client: Owned, publication: Publication) {
    this.#state = {
      facts,
      engine,
      view: this,
      client,
      publication,
      listening: false,
      ended: false,
      audio: noQos,
      video: noQos,
    }
  }

  static {
    listenerStateOf = listener => listener.#state
  }

  get id(): number {
    return this.#state.facts.id
  }

  get client(): Owned {
    return this.#state.client
  }

  get publication(): Publication {
    return this.#state.publication
  }

  get query(): Record<string, string> {
    return { ...this.#state.facts.query }
  }

  get audioQOS(): QosFacts {
    return showQos(this.#state.audio)
  }

  get videoQOS(): QosFacts {
    return showQos(this.#state.video)
  }

  get receiveAudio(): boolean {
    return this.#state.facts.receiveAudio
  }

  set receiveAudio(value: boolean) {
    this.#receive(!!value, this.#state.facts.receiveVideo)
  }

  get receiveVideo(): boolean {
    return this.#state.facts.receiveVideo
  }

  set receiveVideo(value: boolean) {
    this.#receive(this.#state.facts.receiveAudio, !!value)
  }

  get audioSampleAccess(): boolean {
    return this.#state.facts.audioSampleAccess
  }

  set audioSampleAccess(value: boolean) {
    this.#samples(!!value, this.#state.facts.videoSampleAccess)
  }

  get videoSampleAccess(): boolean {
    return this.#state.facts.videoSampleAccess
  }

  set videoSampleAccess(value: boolean) {
    this.#samples(this.#state.facts.audioSampleAccess, !!value)
  }

  /** Ends the subscription: NetStream.Play.Stop, or NetStream.<code>. */
  close(code: string = '', description: string = ''): void {
    const { facts, engine, ended } = this.#state
    if (ended) return
    const event = textGiven(code, 'close: code')
    const text = textGiven(description, 'close: description')
    const command = { c: 'closeListener', listener: facts.id, code: event, description: text } as const
    engine.outbox.write(command, text.length)
  }

  get [Symbol.toStringTag](): string {
    return 'Listener'
  }

  #receive(receiveAudio: boolean, receiveVideo: boolean): void {
    const { facts, engine, ended } = this.#state
    if (ended) return
    engine.outbox.write({ c: 'listener', listener: facts.id, receiveAudio, receiveVideo }, 0)
    facts.receiveAudio = receiveAudio
    facts.receiveVideo = receiveVideo
  }

  #samples(audio: boolean, video: boolean): void {
    const { facts, engine, ended } = this.#state
    if (ended) return
    engine.outbox.write({ c: 'sampleAccess', listener: facts.id, audio, video }, 0)
    this.#state.facts.audioSampleAccess = audio
    this.#state.facts.videoSampleAccess = video
  }
}
sealClass(Listener)
