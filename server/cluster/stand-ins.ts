import type {
  Bandwidth,
  CallOptions,
  Client,
  ClientAnswer,
  Farewell,
  Peer,
  PeerFigures,
  StatusOptions,
} from '../hub/client.ts'
import type { QosFacts } from '../hub/facts.ts'
import type { FrameTap } from '../hub/judge.ts'
import { Listener, type ListenerSink } from '../hub/listener.ts'
import type { WireForm } from '../hub/outlet.ts'
import { Publication, type Publisher } from '../hub/publication.ts'
import { Qos } from '../hub/qos.ts'
import type { SharedMessage, SharedSink } from '../hub/shared-events.ts'
import { FrameRole } from '../media/frame.ts'
import type { Bus } from './bus.ts'
import { figuresMs } from './limits.ts'
import type { WorkerOrder } from './wire.ts'

/**
 * What the main process has in place of things that live in a worker. The hub and the applications treat them as they
 * treat what is in their own process; frames do not pass here.
 */

/** A worker, as its stand-ins reach it. */
export interface WorkerLink extends Bus<WorkerOrder> {
  /** The address of its relay. */
  readonly relay: string
}

/** A connection of a worker. */
export class RemotePeer implements Peer, SharedSink {
  readonly #link: WorkerLink
  readonly #seat: number
  readonly #asked = new Map<number, (answer: ClientAnswer) => void>()
  readonly #measuring = new Map<number, (bandwidth: Bandwidth | null) => void>()
  #lastTicket = 0
  #figures: PeerFigures = { ping: 0, bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0, silence: 0 }

  constructor(link: WorkerLink, seat: number) {
    this.#link = link
    this.#seat = seat
  }

  call(name: string, args: Uint8Array, { droppable = false, answered }: CallOptions): void {
    let ticket = 0
    if (answered) {
      ticket = ++this.#lastTicket
      this.#asked.set(ticket, answered)
    }
    this.#link.post({ o: 'call', seat: this.#seat, name, args, droppable, ticket })
  }

  status(code: string, description: string, options: StatusOptions = {}): void {
    this.#link.post({ o: 'status', seat: this.#seat, code, description, options })
  }

  ping(): void {
    this.#link.post({ o: 'ping', seat: this.#seat })
  }

  bandwidth(measured: (bandwidth: Bandwidth | null) => void): void {
    const ticket = ++this.#lastTicket
    this.#measuring.set(ticket, measured)
    this.#link.post({ o: 'bandwidth', seat: this.#seat, ticket })
  }

  close(farewell: Farewell): void {
    this.#link.post({ o: 'close', seat: this.#seat, farewell })
  }

  /** One message for many: it crosses once, for all who are told of it in one turn of the loop. */
  shared(message: SharedMessage): void {
    this.#link.post({ o: 'shared', seat: this.#seat, message })
  }

  /** As they were when the worker reported last. */
  figures(): PeerFigures {
    return this.#figures
  }

  // ---------------------------------------------------------------------------------- what the worker reports

  reported(figures: PeerFigures): void {
    this.#figures = figures
  }

  answered(ticket: number, answer: ClientAnswer): void {
    const take = this.#asked.get(ticket)
    this.#asked.delete(ticket)
    take?.(answer)
  }

  measured(ticket: number, bandwidth: Bandwidth | null): void {
    const take = this.#measuring.get(ticket)
    this.#measuring.delete(ticket)
    take?.(bandwidth)
  }

  /** It is gone: nobody answers any more. */
  gone(): void {
    for (const ticket of [...this.#measuring.keys()]) this.measured(ticket, null)
    for (const ticket of [...this.#asked.keys()]) this.answered(ticket, { ok: false, text: 'the client has left' })
  }
}

/** A client of a worker that publishes. */
export class RemotePublisher implements Publisher {
  readonly client: Client
  readonly link: WorkerLink
  readonly stream: number
  readonly given: string
  /** Set once its verdict was yes. */
  publication: Publication | null = null

  constructor(link: WorkerLink, stream: number, client: Client, given: string) {
    this.link = link
    this.stream = stream
    this.client = client
    this.given = given
  }

  get id(): string {
    return this.client.id
  }

  closed(code: string, description: string): void {
    this.link.post({ o: 'closePublishing', stream: this.stream, code, description })
  }
}

/** A player of a worker. */
export class RemoteSink implements ListenerSink {
  readonly form: WireForm = noForm
  readonly queuedBytes = 0
  readonly link: WorkerLink
  readonly stream: number

  constructor(link: WorkerLink, stream: number) {
    this.link = link
    this.stream = stream
  }

  write(): void {}

  published(): void {
    this.link.post({ o: 'published', stream: this.stream })
  }

  unpublished(): void {
    this.link.post({ o: 'unpublished', stream: this.stream })
  }

  closed(code: string, description: string): void {
    this.link.post({ o: 'closePlaying', stream: this.stream, code, description })
  }
}

const noForm: WireForm = { key: 'none', encoder: () => ({ shared() {}, entry() {} }) }

/** Figures that are measured where the frames pass. */
class ReportedQos extends Qos {
  reported: QosFacts | null = null

  override reset(): void {
    this.reported = null
    super.reset()
  }

  override facts(): QosFacts {
    return this.reported ?? super.facts()
  }
}

/** A listener whose player is in a worker. */
export class RemoteListener extends Listener {
  override readonly audioQos = new ReportedQos()
  override readonly videoQos = new ReportedQos()

  override enter(): void {}

  override turn(): void {}

  override tell(payload: Buffer): void {
    this.#post((link, stream) => link.post({ o: 'tell', stream, payload }))
  }

  override receive(audio: boolean, video: boolean): void {
    this.receiveAudio = audio
    this.receiveVideo = video
    this.#post((link, stream) => link.post({ o: 'receive', stream, audio, video }))
  }

  #post(post: (link: WorkerLink, stream: number) => void): void {
    if (this.sink instanceof RemoteSink) post(this.sink.link, this.sink.stream)
  }
}

/** A publication whose players are in workers, and its publisher too unless that is a script. */
export class RemotePublication extends Publication {
  override readonly audioQos = new ReportedQos()
  override readonly videoQos = new ReportedQos()
  /** Its worker says once a second when it was heard. */
  override readonly heardEvery = figuresMs
  /** The workers with players of it, and how many these are. */
  readonly audience = new Map<WorkerLink, number>()

  /** What the main process knows of the connection is older than what the worker says of the publication. */
  override heardAt(now: number): number {
    return this.remote ? this.lastHeard : super.heardAt(now)
  }

  get remote(): RemotePublisher | null {
    return this.publisher instanceof RemotePublisher ? this.publisher : null
  }

  override get passesHere(): boolean {
    return this.remote === null
  }

  override get tap(): FrameTap | null {
    return super.tap
  }

  /** Frames are sent here only for who looks at them. */
  override set tap(tap: FrameTap | null) {
    const { remote } = this
    const changes = (super.tap === null) !== (tap === null)
    super.tap = tap
    if (changes && remote) remote.link.post({ o: 'tap', stream: remote.stream, on: tap !== null })
  }

  override add(listener: Listener): void {
    this.listeners.set(listener.id, listener)
    if (!(listener.sink instanceof RemoteSink)) return
    const { link } = listener.sink
    this.audience.set(link, (this.audience.get(link) ?? 0) + 1)
  }

  override reenter(): void {}

  override remove(listener: Listener): void {
    if (!this.listeners.delete(listener.id) || !(listener.sink instanceof RemoteSink)) return
    const { link } = listener.sink
    const left = (this.audience.get(link) ?? 1) - 1
    if (left > 0) this.audience.set(link, left)
    else this.audience.delete(link)
  }

  /** From where the frames of the publication come, so that it reaches all who get them. */
  override receiveNow(payload: Buffer, role: FrameRole = FrameRole.Inter): void {
    const order: WorkerOrder = { o: 'send', publication: this.key, role, payload }
    if (this.remote) this.remote.link.post(order)
    else if (this.publisher) super.receiveNow(payload, role)
    else for (const link of this.audience.keys()) link.post(order)
  }
}
