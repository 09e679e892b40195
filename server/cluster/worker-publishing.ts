import type { Archive } from '../hub/archive.ts'
import type { Client } from '../hub/client.ts'
import type { FrameTap } from '../hub/judge.ts'
import type { Publication, Publisher } from '../hub/publication.ts'
import type { PublishOutcome } from '../hub/publishing.ts'
import type { Frame } from '../media/frame.ts'
import type { Bus } from './bus.ts'
import { packetsOutstanding } from './limits.ts'
import type { Stage } from './stage.ts'
import type { WorkerOrder, WorkerReport } from './wire.ts'

export interface WorkerPublishingOptions {
  readonly bus: Bus<WorkerReport>
  readonly stage: Stage
  readonly archive: Archive
  seatOf(client: Client): number | undefined
  nextStream(): number
}

type PublishingOrder = WorkerOrder & {
  o: 'publishing' | 'notPublishing' | 'closePublishing' | 'tap' | 'seen' | 'record' | 'stopRecording'
}

/** One publish() of a client. */
interface Act {
  readonly stream: number
  readonly client: Client
  readonly publisher: Publisher
  readonly answer: (outcome: PublishOutcome) => void
  /** Null while the verdict is out. */
  publication: Publication | null
  tapped: boolean
}

/** Who of this worker publishes; whether they may is asked of the main process. */
export class WorkerPublishing {
  readonly #options: WorkerPublishingOptions
  readonly #acts = new Map<number, Act>()
  readonly #streams = new Map<Publisher, number>()
  /** Packets on their way to the main process. */
  readonly #outstanding = { count: 0, bytes: 0 }

  constructor(options: WorkerPublishingOptions) {
    this.#options = options
  }

  publish(client: Client, given: string, publisher: Publisher, answer: (outcome: PublishOutcome) => void): void {
    const seat = this.#options.seatOf(client)
    if (seat === undefined) return
    const stream = this.#options.nextStream()
    this.#acts.set(stream, { stream, client, publisher, answer, publication: null, tapped: false })
    this.#streams.set(publisher, stream)
    this.#options.bus.post({ r: 'publish', seat, stream, given })
  }

  withdraw(_client: Client, publisher: Publisher): void {
    const act = this.#actOf(publisher)
    if (act) this.#end(act)
  }

  unpublish(_publication: Publication, publisher: Publisher | null): void {
    const act = publisher && this.#actOf(publisher)
    if (act) this.#end(act)
  }

  /** The client is gone, which the main process hears as a whole. */
  left(client: Client): void {
    for (const act of this.#acts.values()) if (act.client === client) this.#drop(act)
  }

  receive(order: PublishingOrder): void {
    if (order.o === 'seen') {
      this.#outstanding.count -= order.count
      this.#outstanding.bytes -= order.bytes
      return
    }
    const act = this.#acts.get(order.stream)
    if (!act) return
    switch (order.o) {
      case 'publishing': {
        const { stage } = this.#options
        const publication = stage.find(order.app, order.address)
        stage.begin(publication, act.publisher, order.query)
        act.publication = publication
        act.client.publications.add(publication)
        this.#tap(act)
        return act.answer({ ok: true, publication })
      }
      case 'notPublishing':
        this.#drop(act)
        return act.answer({ ok: false, code: order.code, text: order.text })
      case 'closePublishing':
        this.#end(act)
        return act.publisher.closed(order.code, order.description)
      case 'record':
        return this.#record(act, order)
      case 'stopRecording':
        if (act.publication) this.#options.archive.stop(act.publication)
        return
      case 'tap':
        act.tapped = order.on
        return this.#tap(act)
    }
  }

  metadataChanged({ publisher, cache }: Publication): void {
    const stream = publisher && this.#streams.get(publisher)
    if (stream && cache.metadata) this.#options.bus.post({ r: 'metadata', stream, payload: cache.metadata.payload })
  }

  codecsChanged({ publisher, tracks }: Publication): void {
    const stream = publisher && this.#streams.get(publisher)
    if (stream) this.#options.bus.post({ r: 'codecs', stream, tracks: tracks.all })
  }

  /** What is live, by stream. */
  *live(): Generator<[number, Publication]> {
    for (const { stream, publication } of this.#acts.values()) if (publication) yield [stream, publication]
  }

  #actOf(publisher: Publisher): Act | undefined {
    return this.#acts.get(this.#streams.get(publisher) ?? 0)
  }

  #end(act: Act): void {
    this.#drop(act)
    this.#options.bus.post({ r: 'unpublish', stream: act.stream })
  }

  #drop({ stream, client, publisher, publication }: Act): void {
    this.#acts.delete(stream)
    this.#streams.delete(publisher)
    if (!publication) return
    client.publications.delete(publication)
    if (publication.publisher !== publisher) return
    this.#options.archive.ended(publication)
    this.#options.stage.end(publication)
  }

  #record({ publication }: Act, { ticket, wish }: PublishingOrder & { o: 'record' }): void {
    const { archive, bus } = this.#options
    if (!publication) return
    archive.record(publication, wish, (news, text) => {
      if (ticket > 0) bus.post({ r: 'recording', ticket, news, text })
    })
  }

  #tap({ stream, publication, tapped }: Act): void {
    if (publication) publication.tap = tapped ? this.#packets(stream) : null
  }

  /** Beside the players' path: what the main process has not looked at is bounded, and past that frames are dropped. */
  #packets(stream: number): FrameTap {
    return {
      frame: (_publication, frame: Frame) => {
        const { count, bytes } = this.#outstanding
        const size = frame.payload.length
        if (count >= packetsOutstanding.count || bytes + size > packetsOutstanding.bytes) return
        this.#outstanding.count++
        this.#outstanding.bytes += size
        this.#options.bus.post({ r: 'packet', stream, frame })
      },
    }
  }
}
