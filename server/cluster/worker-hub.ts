import type { Clock, Timer } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { type Archive, noArchive } from '../hub/archive.ts'
import { Client, type Peer } from '../hub/client.ts'
import { usualAccess } from '../hub/facts.ts'
import type { ConnectOutcome, Introduction, Reception } from '../hub/hub.ts'
import type { CallResult, StreamRequest, Verdict } from '../hub/judge.ts'
import type { HubLimits } from '../hub/limits.ts'
import type { Listener } from '../hub/listener.ts'
import type { Bus } from './bus.ts'
import { asBuffer } from './bytes.ts'
import { Figures } from './figures.ts'
import { callsOutstanding } from './limits.ts'
import type { Relay } from './relay.ts'
import { Stage } from './stage.ts'
import type { ReportedRequest, WorkerOrder, WorkerReport } from './wire.ts'
import { WorkerPlaying } from './worker-playing.ts'
import { WorkerPublishing } from './worker-publishing.ts'
import { WorkerShared } from './worker-shared.ts'

export interface WorkerHubOptions {
  readonly bus: Bus<WorkerReport>
  readonly relay: Relay
  readonly clock: Clock
  readonly log: Log
  readonly limits: HubLimits
  /** The files of this machine; without it nothing is recorded. */
  readonly archive?: Archive
  /** Runs a function once the bytes at hand have been read, within this turn of the loop. */
  soon?(run: () => void): void
  /** Runs a function in the next turn of the loop. */
  defer(run: () => void): void
}

/** What a hub takes; the rest is about the worker itself. */
export type HubOrder = Exclude<WorkerOrder, { o: 'start' | 'dismiss' | 'ban' | 'files' | 'fileTaken' }>

interface Seat {
  readonly number: number
  readonly client: Client
  readonly answer: (outcome: ConnectOutcome) => void
}

/**
 * The hub of a media worker, as its protocols know it. It decides nothing: who is who, who may what and who has which
 * name is the business of the hub in the main process. Here are the frames, and the listeners they are written to.
 */
export class WorkerHub implements Reception {
  readonly publishing: WorkerPublishing
  readonly playing: WorkerPlaying
  readonly shared: WorkerShared
  readonly archive: Archive
  readonly #options: WorkerHubOptions
  readonly #stage: Stage
  readonly #seats = new Map<number, Seat>()
  readonly #numbers = new Map<Client, number>()
  readonly #asked = new Map<number, { readonly answer: (result: CallResult) => void; readonly bytes: number }>()
  #askedBytes = 0
  readonly #permits = new Map<number, (verdict: Verdict) => void>()
  readonly #lengths = new Map<number, (seconds: number) => void>()
  readonly #turning: Timer
  #lastSeat = 0
  #lastStream = 0
  #lastTicket = 0

  constructor(options: WorkerHubOptions) {
    const { bus, relay, clock, log, limits } = options
    this.#options = options
    this.archive = options.archive ?? noArchive
    this.#stage = new Stage({
      limits,
      relay,
      clock,
      log,
      host: {
        now: () => clock.now(),
        soon: options.soon ?? queueMicrotask,
        later: (ms, flush) => clock.after(ms, flush),
        lagged: (listener, queuedBytes) => this.#lagged(listener, queuedBytes),
        tooSlow: listener => this.#tooSlow(listener),
        metadataChanged: publication => this.publishing.metadataChanged(publication),
        codecsChanged: publication => this.publishing.codecsChanged(publication),
      },
    })
    const seatOf = (client: Client): number | undefined => this.#numbers.get(client)
    const nextStream = (): number => ++this.#lastStream
    this.publishing = new WorkerPublishing({ bus, stage: this.#stage, seatOf, nextStream, archive: this.archive })
    this.shared = new WorkerShared(bus, seatOf)
    this.playing = new WorkerPlaying({ bus, stage: this.#stage, seatOf, nextStream, limits })
    const figures = new Figures({
      bus,
      clock,
      stage: this.#stage,
      clients: () => this.#seats.values(),
      listeners: () => this.playing.listeners.values(),
      publishing: this.publishing,
      defer: run => options.defer(run),
    })
    this.#turning = figures.start()
  }

  connect(introduction: Introduction, peer: Peer, answer: (outcome: ConnectOutcome) => void): Client {
    const number = ++this.#lastSeat
    // Id, application and room are the main process's to say.
    const facts = { ...introduction, ...usualAccess, id: '', path: '', room: '' }
    const client = new Client(facts, peer)
    this.#seats.set(number, { number, client, answer })
    this.#numbers.set(client, number)
    this.#options.bus.post({ r: 'connect', seat: number, introduction })
    return client
  }

  leave(client: Client, failure: string | null): void {
    const seat = this.#numbers.get(client)
    if (seat === undefined) return
    this.#forget(seat)
    this.playing.left(client)
    this.publishing.left(client)
    this.#options.bus.post({ r: 'leave', seat, failure })
  }

  call(client: Client, name: string, args: Uint8Array, silent: boolean, answer: (result: CallResult) => void): void {
    const seat = this.#numbers.get(client)
    if (seat === undefined) return
    const bytes = args.length
    if (this.#asked.size >= callsOutstanding.count || this.#askedBytes + bytes > callsOutstanding.bytes) {
      return answer({ how: 'error', text: `Application ${client.app || '/'} is too busy: too many calls wait` })
    }
    const ticket = ++this.#lastTicket
    this.#asked.set(ticket, { answer, bytes })
    this.#askedBytes += bytes
    this.#options.bus.post({ r: 'ask', seat, ticket, name, args, silent })
  }

  permit(client: Client, request: StreamRequest, answer: (verdict: Verdict) => void): void {
    const seat = this.#numbers.get(client)
    if (seat === undefined) return
    if (this.#permits.size >= callsOutstanding.count) {
      return answer({ ok: false, text: `Application ${client.app || '/'} is too busy: too many questions wait` })
    }
    const ticket = ++this.#lastTicket
    this.#permits.set(ticket, answer)
    this.#options.bus.post({ r: 'permit', seat, ticket, request: reported(request) })
  }

  streamLength(client: Client, given: string, answer: (seconds: number) => void): void {
    const seat = this.#numbers.get(client)
    if (seat === undefined) return
    if (this.#lengths.size >= callsOutstanding.count) return answer(0)
    const ticket = ++this.#lastTicket
    this.#lengths.set(ticket, answer)
    this.#options.bus.post({ r: 'streamLength', seat, ticket, given })
  }

  close(): void {
    this.#turning.cancel()
    this.#stage.close()
  }

  /** What the main process has to say. */
  receive(order: HubOrder): void {
    switch (order.o) {
      case 'admitted':
        return this.#admitted(order)
      case 'refused': {
        const seat = this.#forget(order.seat)
        return seat?.answer(order.refusal)
      }
      case 'result': {
        const asked = this.#asked.get(order.ticket)
        if (!asked) return
        this.#asked.delete(order.ticket)
        this.#askedBytes -= asked.bytes
        return asked.answer(order.result)
      }
      case 'permitted': {
        const answer = this.#permits.get(order.ticket)
        this.#permits.delete(order.ticket)
        return answer?.(order.verdict)
      }
      case 'streamLength': {
        const answer = this.#lengths.get(order.ticket)
        this.#lengths.delete(order.ticket)
        return answer?.(order.seconds)
      }
      case 'call':
        return this.#call(order)
      case 'status':
        return this.#peer(order.seat)?.status(order.code, order.description, order.options)
      case 'bandwidth': {
        const { seat, ticket } = order
        return this.#peer(seat)?.bandwidth(bandwidth => {
          this.#options.bus.post({ r: 'bandwidth', seat, ticket, bandwidth })
        })
      }
      case 'ping':
        return this.#peer(order.seat)?.ping()
      case 'close':
        return this.#peer(order.seat)?.close(order.farewell)
      case 'send':
        return this.#stage.known(order.publication)?.receiveNow(asBuffer(order.payload), order.role)
      case 'shared':
        return this.shared.told(order.seat, order.message)
      case 'sharedTaken':
        return this.shared.taken(order.bytes)
      case 'source':
        return this.#stage.source(order.publication, order.relay)
      case 'publishing':
      case 'notPublishing':
      case 'closePublishing':
      case 'tap':
      case 'record':
      case 'stopRecording':
      case 'seen':
        return this.publishing.receive(order)
      case 'playing':
      case 'notPlaying':
      case 'closePlaying':
      case 'published':
      case 'unpublished':
      case 'receive':
      case 'tell':
        return this.playing.receive(order)
    }
  }

  #admitted({ seat: number, id, app, room, info }: HubOrder & { o: 'admitted' }): void {
    const seat = this.#seats.get(number)
    if (!seat) return
    const { client, answer } = seat
    Object.assign(client.facts, { id, path: app, room })
    client.state = 'joined'
    answer({ ok: true, client, info })
  }

  #call({ seat, name, args, droppable, ticket }: HubOrder & { o: 'call' }): void {
    const { bus } = this.#options
    const peer = this.#peer(seat)
    if (ticket === 0) return peer?.call(name, args, { droppable })
    peer?.call(name, args, { droppable, answered: answer => bus.post({ r: 'answer', seat, ticket, answer }) })
  }

  #peer(seat: number): Peer | undefined {
    return this.#seats.get(seat)?.client.peer
  }

  #forget(number: number): Seat | undefined {
    const seat = this.#seats.get(number)
    if (!seat) return undefined
    this.#seats.delete(number)
    this.#numbers.delete(seat.client)
    this.shared.left(number)
    seat.client.state = 'gone'
    return seat
  }

  #lagged(listener: Listener, queuedBytes: number): void {
    const { client, publication, address } = listener
    this.#options.log.info(
      { app: publication.app, client: client.id, publication: address.address, queuedBytes },
      'listener lags: dropping to the next key frame',
    )
  }

  #tooSlow({ client, address }: Listener): void {
    const text = `listener too slow: nothing of ${address.address} reached it in time`
    this.#options.log.warn({ app: client.app, client: client.id, publication: address.address }, text)
    this.leave(client, text)
    client.peer.close({ code: 'Connect.Closed', description: text })
  }
}

/** Listeners of a worker bear the numbers of their streams. */
function reported(request: StreamRequest): ReportedRequest {
  switch (request.what) {
    case 'createStream':
      return request
    case 'pause':
      return { what: 'pause', stream: request.listener.id, paused: request.paused }
    case 'seek':
      return { what: 'seek', stream: request.listener.id, ms: request.ms }
  }
}
