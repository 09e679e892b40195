import type { Clock } from '../base/clock.ts'
import { publicationKey } from '../hub/address.ts'
import type { Client } from '../hub/client.ts'
import type { PublicationFacts } from '../hub/facts.ts'
import type { Hub } from '../hub/hub.ts'
import type { StreamRequest, Verdict, Witness } from '../hub/judge.ts'
import type { Listener } from '../hub/listener.ts'
import type { PublishOutcome } from '../hub/publishing.ts'
import type { SharedEvent } from '../hub/shared-events.ts'
import { type Frame, FrameKind, FrameRole } from '../media/frame.ts'
import { asBuffer } from './bytes.ts'
import type { Directory } from './directory.ts'
import type { FileRegister } from './file-register.ts'
import type { RemoteArchive } from './remote-archive.ts'
import {
  RemoteListener,
  RemotePeer,
  RemotePublication,
  RemotePublisher,
  RemoteSink,
  type WorkerLink,
} from './stand-ins.ts'
import type { ListenerFigures, PublicationFigures, ReportedRequest, WorkerReport } from './wire.ts'

export interface DeskOptions {
  readonly hub: Hub
  readonly witness: Pick<Witness, 'metadataChanged' | 'codecsChanged' | 'recorded'>
  readonly archive: Pick<RemoteArchive, 'news' | 'lost'>
  readonly directory: Directory
  readonly files: FileRegister
  readonly link: WorkerLink
  readonly clock: Clock
}

/** What a desk takes; the rest is about the worker itself. */
export type ClientReport = Exclude<WorkerReport, { r: 'listening' | 'failed' | 'handled' | 'dismissed' | 'log' }>

interface Seat {
  readonly peer: RemotePeer
  /** Null when it was refused at once. */
  client: Client | null
}

/** Where one life of a worker reports what its clients want: it brings them before the hub. */
export class Desk {
  readonly #options: DeskOptions
  readonly #seats = new Map<number, Seat>()
  readonly #publishers = new Map<number, RemotePublisher>()
  readonly #listeners = new Map<number, Listener>()

  constructor(options: DeskOptions) {
    this.#options = options
  }

  receive(report: ClientReport): void {
    switch (report.r) {
      case 'connect':
        return this.#connect(report)
      case 'leave':
        return this.#leave(report.seat, report.failure)
      case 'ask':
        return this.#ask(report)
      case 'permit':
        return this.#permit(report)
      case 'bandwidth':
        return this.#seats.get(report.seat)?.peer.measured(report.ticket, report.bandwidth)
      case 'answer':
        return this.#seats.get(report.seat)?.peer.answered(report.ticket, report.answer)
      case 'shared':
        return this.#shared(report)
      case 'publish':
        return this.#publish(report)
      case 'unpublish':
        return this.#unpublish(report.stream)
      case 'play':
        return this.#play(report)
      case 'stop':
        return this.#stop(report.stream)
      case 'metadata':
        return this.#metadata(report.stream, Buffer.from(report.payload))
      case 'codecs':
        return this.#codecs(report)
      case 'streamLength':
        return this.#streamLength(report)
      case 'recording':
        return this.#options.archive.news(report.ticket, report.news, report.text)
      case 'recorded':
        return this.#options.witness.recorded(this.#factsOf(report.facts), report.file)
      case 'takeFile': {
        const { ticket } = report
        const taken = { ...report.taken, facts: this.#factsOf(report.taken.facts) }
        const { link, files } = this.#options
        return void files.take(taken, link).then(isOurs => link.post({ o: 'fileTaken', ticket, isOurs }))
      }
      case 'endingFile':
        return this.#options.files.ending(report.file, this.#options.link)
      case 'releaseFile':
        return this.#options.files.release(report.file, this.#options.link)
      case 'packet':
        return this.#packet(report.stream, report.frame)
      case 'figures':
        for (const [seat, figures] of report.clients) this.#seats.get(seat)?.peer.reported(figures)
        for (const figures of report.publications) this.#publicationFigures(figures)
        for (const figures of report.listeners) this.#listenerFigures(figures)
        return
    }
  }

  /** The worker is gone, and its connections with it. */
  lost(failure: string): void {
    for (const seat of [...this.#seats.keys()]) this.#leave(seat, failure)
    this.#options.archive.lost(this.#options.link, failure)
  }

  #connect({ seat, introduction }: ClientReport & { r: 'connect' }): void {
    const { hub, link } = this.#options
    const peer = new RemotePeer(link, seat)
    const place: Seat = { peer, client: null }
    this.#seats.set(seat, place)
    // What is kept is copied: it came as a part of a message with much else in it.
    const own = { ...introduction, args: new Uint8Array(introduction.args) }
    place.client = hub.connect(own, peer, outcome => {
      if (!outcome.ok) {
        this.#seats.delete(seat)
        return link.post({ o: 'refused', seat, refusal: outcome })
      }
      const { id, app, facts } = outcome.client
      link.post({ o: 'admitted', seat, id, app, room: facts.room, info: outcome.info })
    })
  }

  #leave(number: number, failure: string | null): void {
    const seat = this.#seats.get(number)
    if (!seat) return
    this.#seats.delete(number)
    const { client, peer } = seat
    if (client) {
      // Whatever still waits for its verdict learns from its absence that nobody does.
      for (const [stream, each] of this.#publishers) if (each.client === client) this.#publishers.delete(stream)
      for (const { sink } of client.listeners) if (sink instanceof RemoteSink) this.#listeners.delete(sink.stream)
      this.#options.hub.leave(client, failure)
    }
    peer.gone()
  }

  #ask({ seat, ticket, name, args, silent }: ClientReport & { r: 'ask' }): void {
    const { hub, link } = this.#options
    const client = this.#joined(seat)
    if (!client) return link.post({ o: 'result', ticket, result: { how: 'error', text: 'the client has left' } })
    hub.call(client, name, args, silent, result => link.post({ o: 'result', ticket, result }))
  }

  #permit({ seat, ticket, request }: ClientReport & { r: 'permit' }): void {
    const { hub, link } = this.#options
    const answer = (verdict: Verdict): void => link.post({ o: 'permitted', ticket, verdict })
    const client = this.#joined(seat)
    const asked = this.#requestOf(request)
    if (client && asked) hub.permit(client, asked, answer)
    else answer({ ok: false, text: 'the stream has ended' })
  }

  #requestOf(request: ReportedRequest): StreamRequest | null {
    if (request.what === 'createStream') return request
    const listener = this.#listeners.get(request.stream)
    if (!listener) return null
    if (request.what === 'pause') return { what: 'pause', listener, paused: request.paused }
    return { what: 'seek', listener, ms: request.ms }
  }

  #shared({ seat, message, bytes }: ClientReport & { r: 'shared' }): void {
    const { hub, link } = this.#options
    const client = this.#joined(seat)
    const peer = this.#seats.get(seat)?.peer
    // What is kept is copied, as in connect().
    if (client && peer) hub.shared.receive(client, peer, { ...message, events: message.events.map(own) })
    link.post({ o: 'sharedTaken', bytes })
  }

  #streamLength({ seat, ticket, given }: ClientReport & { r: 'streamLength' }): void {
    const { hub, link } = this.#options
    const client = this.#joined(seat)
    if (!client) return link.post({ o: 'streamLength', ticket, seconds: 0 })
    hub.streamLength(client, given, seconds => link.post({ o: 'streamLength', ticket, seconds }))
  }

  #publish({ seat, stream, given }: ClientReport & { r: 'publish' }): void {
    const client = this.#joined(seat)
    if (!client) return
    const publisher = new RemotePublisher(this.#options.link, stream, client, given)
    this.#publishers.set(stream, publisher)
    this.#options.hub.publishing.publish(client, given, publisher, outcome => this.#published(publisher, outcome))
  }

  #published(publisher: RemotePublisher, outcome: PublishOutcome): void {
    const { hub, link } = this.#options
    const { stream } = publisher
    const isWanted = this.#publishers.get(stream) === publisher
    if (!outcome.ok) {
      this.#publishers.delete(stream)
      if (isWanted) link.post({ o: 'notPublishing', stream, code: outcome.code, text: outcome.text })
      return
    }
    const { publication } = outcome
    // It was given up before the name could be taken back.
    if (!isWanted) return hub.publishing.unpublish(publication, publisher)
    publisher.publication = publication
    const { app, address, query } = publication
    link.post({ o: 'publishing', stream, app, address, query })
  }

  #unpublish(stream: number): void {
    const publisher = this.#publishers.get(stream)
    if (!publisher) return
    this.#publishers.delete(stream)
    const { publishing } = this.#options.hub
    if (publisher.publication) publishing.unpublish(publisher.publication, publisher)
    else publishing.withdraw(publisher.client, publisher)
  }

  #play({ seat, stream, given }: ClientReport & { r: 'play' }): void {
    const client = this.#joined(seat)
    if (!client) return
    const { hub, link, directory } = this.#options
    const listener = hub.playing.play(client, given, new RemoteSink(link, stream), outcome => {
      if (!outcome.ok) {
        this.#listeners.delete(stream)
        return link.post({ o: 'notPlaying', stream, text: outcome.text })
      }
      const { audioSampleAccess, videoSampleAccess } = outcome.listener
      link.post({ o: 'playing', stream, live: outcome.live, audioSampleAccess, videoSampleAccess })
      directory.introduce(outcome.listener.publication, link)
    })
    if (listener && listener.state !== 'gone') this.#listeners.set(stream, listener)
  }

  #stop(stream: number): void {
    const listener = this.#listeners.get(stream)
    if (!listener) return
    this.#listeners.delete(stream)
    this.#options.hub.playing.stop(listener)
  }

  #metadata(stream: number, payload: Buffer): void {
    const publication = this.#publicationOf(stream)
    if (!publication) return
    publication.cache.keep({ kind: FrameKind.Data, role: FrameRole.Metadata, track: 0, timestamp: 0, payload })
    this.#options.witness.metadataChanged(publication)
  }

  #codecs({ stream, tracks }: ClientReport & { r: 'codecs' }): void {
    const publication = this.#publicationOf(stream)
    if (!publication) return
    publication.tracks.set(tracks)
    this.#options.witness.codecsChanged(publication)
  }

  /** Generations are counted here. */
  #factsOf(facts: PublicationFacts): PublicationFacts {
    const publication = this.#options.hub.publications.get(publicationKey(facts.app, facts.address))
    return publication ? { ...facts, generation: publication.generation } : facts
  }

  #packet(stream: number, frame: Frame): void {
    const { link } = this.#options
    const publication = this.#publicationOf(stream)
    publication?.tap?.frame(publication, { ...frame, payload: asBuffer(frame.payload) })
    link.post({ o: 'seen', count: 1, bytes: frame.payload.length })
  }

  #publicationFigures({ stream, audio, video, silence }: PublicationFigures): void {
    const publication = this.#publicationOf(stream)
    if (!publication) return
    publication.audioQos.reported = audio
    publication.videoQos.reported = video
    publication.lastHeard = this.#options.clock.now() - silence
  }

  #listenerFigures({ stream, audio, video }: ListenerFigures): void {
    const listener = this.#listeners.get(stream)
    if (!(listener instanceof RemoteListener)) return
    listener.audioQos.reported = audio
    listener.videoQos.reported = video
  }

  #joined(seat: number): Client | null {
    const client = this.#seats.get(seat)?.client
    return client?.state === 'joined' ? client : null
  }

  /** What a stream publishes right now. */
  #publicationOf(stream: number): RemotePublication | null {
    const publisher = this.#publishers.get(stream)
    const publication = publisher?.publication
    return publication instanceof RemotePublication && publication.publisher === publisher ? publication : null
  }
}

function own(event: SharedEvent): SharedEvent {
  if (event.kind === 'requestChange') return { ...event, value: new Uint8Array(event.value) }
  return event.kind === 'message' ? { ...event, args: new Uint8Array(event.args) } : event
}
