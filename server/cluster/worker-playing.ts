import { addressIn, readName } from '../hub/address.ts'
import type { Client } from '../hub/client.ts'
import type { HubLimits } from '../hub/limits.ts'
import { Listener, type ListenerSink } from '../hub/listener.ts'
import type { PlayOutcome } from '../hub/playing.ts'
import type { Bus } from './bus.ts'
import { asBuffer } from './bytes.ts'
import type { Stage } from './stage.ts'
import type { WorkerOrder, WorkerReport } from './wire.ts'

export interface WorkerPlayingOptions {
  readonly bus: Bus<WorkerReport>
  readonly stage: Stage
  readonly limits: HubLimits
  seatOf(client: Client): number | undefined
  nextStream(): number
}

type PlayingOrder = WorkerOrder & {
  o: 'playing' | 'notPlaying' | 'closePlaying' | 'published' | 'unpublished' | 'receive' | 'tell'
}

/** Who of this worker listens; whether they may is asked of the main process. */
export class WorkerPlaying {
  /** By stream. */
  readonly listeners = new Map<number, Listener>()
  readonly #options: WorkerPlayingOptions
  readonly #answers = new Map<Listener, (outcome: PlayOutcome) => void>()

  constructor(options: WorkerPlayingOptions) {
    this.#options = options
  }

  play(client: Client, given: string, sink: ListenerSink, answer: (outcome: PlayOutcome) => void): Listener | null {
    const { bus, stage, limits, seatOf, nextStream } = this.#options
    const seat = seatOf(client)
    if (seat === undefined) return null
    const stream = nextStream()
    // What is no name, or may not be played, the main process refuses.
    const name = readName(given)
    const address = addressIn(client.facts.room, name ?? { name: '', query: {}, format: null })
    const publication = stage.find(client.app, address)
    const listener = new Listener(stream, client, publication, address, sink, limits.listener)
    publication.waiting++
    this.listeners.set(stream, listener)
    client.listeners.add(listener)
    this.#answers.set(listener, answer)
    bus.post({ r: 'play', seat, stream, given })
    return listener
  }

  tuneIn(listener: Listener): void {
    if (listener.state !== 'joined') return
    listener.elsewhere = false
    listener.publication.add(listener)
    this.#options.stage.settle(listener.publication)
  }

  stop(listener: Listener): void {
    if (listener.state === 'gone') return
    this.#drop(listener)
    this.#options.bus.post({ r: 'stop', stream: listener.id })
  }

  /** The client is gone, which the main process hears as a whole. */
  left(client: Client): void {
    for (const listener of client.listeners) this.#drop(listener)
  }

  receive(order: PlayingOrder): void {
    const listener = this.listeners.get(order.stream)
    if (!listener) return
    switch (order.o) {
      case 'playing':
        listener.audioSampleAccess = order.audioSampleAccess
        listener.videoSampleAccess = order.videoSampleAccess
        return this.#playing(listener, order.live)
      case 'notPlaying': {
        const answer = this.#answers.get(listener)
        this.#drop(listener)
        return answer?.({ ok: false, code: 'Play.Failed', text: order.text })
      }
      case 'closePlaying':
        this.stop(listener)
        return listener.sink.closed(order.code, order.description)
      case 'published':
        return listener.sink.published()
      case 'unpublished':
        return listener.sink.unpublished()
      case 'receive':
        return listener.receive(order.audio, order.video)
      case 'tell':
        return listener.tell(asBuffer(order.payload))
    }
  }

  #playing(listener: Listener, live: boolean): void {
    const { publication } = listener
    listener.state = 'joined'
    publication.waiting--
    const answer = this.#answers.get(listener)
    this.#answers.delete(listener)
    answer?.({ ok: true, listener, live })
    // The answer may have ended it: a closed connection, a stream that is deleted.
    if ((listener.state as string) !== 'joined') return
    publication.add(listener)
    this.#options.stage.settle(publication)
  }

  #drop(listener: Listener): void {
    const { publication, client, state } = listener
    if (state === 'asking') publication.waiting--
    listener.state = 'gone'
    publication.remove(listener)
    this.listeners.delete(listener.id)
    this.#answers.delete(listener)
    client.listeners.delete(listener)
    this.#options.stage.settle(publication)
  }
}
