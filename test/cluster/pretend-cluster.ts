import { silentLog } from '../../server/base/log.ts'
import { GatheringBus } from '../../server/cluster/bus.ts'
import { type ClientReport, Desk } from '../../server/cluster/desk.ts'
import { Directory } from '../../server/cluster/directory.ts'
import { FileRegister } from '../../server/cluster/file-register.ts'
import type { Pull, Puller, Relay } from '../../server/cluster/relay.ts'
import { RemoteArchive } from '../../server/cluster/remote-archive.ts'
import { RemoteListener, RemotePublication, type WorkerLink } from '../../server/cluster/stand-ins.ts'
import type { WorkerOrder, WorkerReport } from '../../server/cluster/wire.ts'
import { type HubOrder, WorkerHub } from '../../server/cluster/worker-hub.ts'
import { type FileTaken, noArchive } from '../../server/hub/archive.ts'
import type {
  Bandwidth,
  CallOptions,
  Client,
  Farewell,
  Peer,
  PeerFigures,
  StatusOptions,
} from '../../server/hub/client.ts'
import { Hub } from '../../server/hub/hub.ts'
import type { Judge, Witness } from '../../server/hub/judge.ts'
import type { Listener } from '../../server/hub/listener.ts'
import type { Publication, Publisher } from '../../server/hub/publication.ts'
import { FrameKind, FrameRole } from '../../server/media/frame.ts'
import { limits, PretendPlayer } from '../hub/pretend-hub.ts'
import { introductionOf } from '../support/introduction.ts'
import { ManualClock } from '../support/manual-clock.ts'

const accepting: Judge = {
  locate: () => ({ found: true, app: '/live', room: '' }),
  handshake: (_client, answer) => answer({ ok: true }),
  connect: (_client, answer) => answer({ ok: true, info: null }),
  publish: (_client, _publication, answer) => answer({ ok: true }),
  conflict: (_client, _publication, answer) => answer(undefined),
  subscribe: (_client, _listener, answer) => answer({ ok: true }),
  permit: (_client, _request, answer) => answer({ ok: true }),
  call: (_client, name, _args, _silent, answer) => answer({ how: 'error', text: `nobody has ${name}` }),
}

/** The hub of a main process and its workers in one process, whose messages arrive when turn() is called. */
export class PretendCluster {
  readonly clock = new ManualClock()
  readonly hub: Hub
  /** What the witness was told, as text. */
  readonly facts: string[] = []
  readonly relays = new PretendRelays()
  readonly directory: Directory
  readonly files = new FileRegister()
  readonly mended: FileTaken[] = []
  readonly archive = new RemoteArchive({
    ...{ own: noArchive, files: this.files, wishFor: () => null },
    mend: taken => this.mended.push(taken),
  })
  readonly workers: PretendWorker[] = []
  readonly #waiting: (() => void)[] = []

  constructor(judge: Partial<Judge> = {}, workers = 2) {
    this.directory = new Directory(this.relays.at('main'), 'main')
    this.hub = new Hub({
      judge: { ...accepting, ...judge },
      witness: this.witness(),
      clock: this.clock,
      log: silentLog,
      limits,
      PublicationKind: RemotePublication,
      ListenerKind: RemoteListener,
      archive: this.archive,
      moved: publication => this.directory.moved(publication),
    })
    for (let number = 1; number <= workers; number++) this.workers.push(new PretendWorker(this, `worker ${number}`))
  }

  readonly defer = (run: () => void): void => void this.#waiting.push(run)

  /** Everything under way arrives, and what is posted because of it. */
  turn(): void {
    for (let run = this.#waiting.shift(); run; run = this.#waiting.shift()) run()
  }

  witness(): Witness {
    const say = (text: string): void => void this.facts.push(text)
    return {
      clientKnown: ({ facts }) => say(`known ${facts.address}`),
      clientJoined: ({ facts }) => say(`joined ${facts.address}`),
      clientRejected: ({ facts }, text) => say(`rejected ${facts.address}: ${text}`),
      clientFailed: ({ facts }, failure) => say(`failed ${facts.address}: ${failure}`),
      clientLeft: ({ facts }) => say(`left ${facts.address}`),
      publicationChanged: () => {},
      publicationRemoved: ({ address }) => say(`removed ${address.address}`),
      published: ({ facts }, { address }) => say(`published ${address.address} by ${facts.address}`),
      unpublished: ({ facts }, { address }) => say(`unpublished ${address.address} by ${facts.address}`),
      listenerKnown: () => {},
      listenerJoined: ({ client }) => say(`listening ${client.facts.address}`),
      listenerLeft: ({ client }, joined) => say(`${joined ? 'unlistening' : 'refused'} ${client.facts.address}`),
      metadataChanged: ({ address }) => say(`metadata of ${address.address}`),
      codecsChanged: ({ videoCodec, audioCodec }) => say(`codecs ${videoCodec}/${audioCodec}`),
      recorded: ({ address }, file) => say(`recorded ${address} as ${file}`),
    }
  }
}

/** A worker's hub, and the main process's end of it. */
export class PretendWorker implements WorkerLink {
  readonly relay: string
  readonly hub: WorkerHub
  readonly desk: Desk
  /** All that was said, by its kind. */
  readonly orders: WorkerOrder[] = []
  readonly reports: WorkerReport[] = []
  /** Nothing arrives any more. */
  isDead = false
  readonly cluster: PretendCluster
  readonly #down: GatheringBus<WorkerOrder>

  constructor(cluster: PretendCluster, relay: string) {
    const { clock, defer, hub, directory, archive, files } = cluster
    this.cluster = cluster
    this.relay = relay
    // Through a clone, as if by a channel: what is no plain data does not pass.
    this.#down = new GatheringBus(orders => {
      this.orders.push(...orders)
      const copies = structuredClone(orders)
      defer(() => this.#arrive(copies, order => this.hub.receive(order as HubOrder)))
    }, defer)
    const up = new GatheringBus<WorkerReport>(reports => {
      this.reports.push(...reports)
      const copies = structuredClone(reports)
      defer(() => this.#arrive(copies, report => this.desk.receive(report as ClientReport)))
    }, defer)
    this.desk = new Desk({ archive, files, hub, witness: cluster.witness(), directory, link: this, clock })
    this.hub = new WorkerHub({
      bus: up,
      relay: cluster.relays.at(relay),
      clock,
      log: silentLog,
      limits,
      defer,
      soon: defer,
    })
  }

  post(order: WorkerOrder): void {
    this.#down.post(order)
  }

  connect(name: string): PretendConnection {
    return new PretendConnection(this, name)
  }

  #arrive<Message>(messages: Message[], receive: (message: Message) => void): void {
    for (const message of messages) if (!this.isDead) receive(message)
  }

  /** Its connections are gone with it. */
  die(): void {
    this.isDead = true
    this.desk.lost('the worker ended')
    this.cluster.turn()
  }
}

/** A connection of a worker, and what it heard. */
export class PretendConnection implements Peer {
  readonly heard: string[] = []
  readonly calls: { name: string; options: CallOptions }[] = []
  /** Milliseconds since its socket brought anything. */
  silence = 3
  readonly client: Client
  readonly #worker: PretendWorker

  constructor(worker: PretendWorker, name: string) {
    this.#worker = worker
    this.client = worker.hub.connect(introductionOf({ address: name }), this, outcome =>
      this.heard.push(outcome.ok ? `welcome to ${outcome.client.app}` : `${outcome.code}: ${outcome.text}`),
    )
    worker.cluster.turn()
  }

  publish(name: string): PretendEncoder {
    return new PretendEncoder(this.#worker, this.client, name)
  }

  play(name: string): { player: PretendPlayer; listener: Listener } {
    const player = new PretendPlayer()
    const listener = this.#worker.hub.playing.play(this.client, name, player, outcome => {
      player.got.push(outcome.ok ? (outcome.live ? 'live' : 'waiting') : `${outcome.code}: ${outcome.text}`)
    })
    this.#worker.cluster.turn()
    return { player, listener: listener! }
  }

  leave(): void {
    this.#worker.hub.leave(this.client, null)
    this.#worker.cluster.turn()
  }

  // What a peer is asked.

  call(name: string, _args: Uint8Array, options: CallOptions): void {
    this.calls.push({ name, options })
  }

  status(code: string, description: string, { tcUrl }: StatusOptions = {}): void {
    this.heard.push(`${code}: ${description}${tcUrl === undefined ? '' : ` ${tcUrl}`}`)
  }

  ping(): void {
    this.heard.push('ping')
  }

  close({ code, description }: Farewell): void {
    this.heard.push(`${code}: ${description}`)
    this.#worker.hub.leave(this.client, null)
  }

  bandwidth(measured: (bandwidth: Bandwidth | null) => void): void {
    measured({ latency: 5, maximum: 1000, bytes: 10, ms: 10 })
  }

  figures(): PeerFigures {
    return { ping: 7, bytesIn: 100, bytesOut: 200, messagesIn: 4, messagesOut: 5, silence: this.silence }
  }
}

/** Frames by letter: `k` key, `v` inter, `a` sound, `h` header of pictures, `m` metadata. */
const letters: Record<string, readonly [FrameKind, FrameRole, string]> = {
  k: [FrameKind.Video, FrameRole.Key, 'avc1'],
  v: [FrameKind.Video, FrameRole.Inter, 'avc1'],
  h: [FrameKind.Video, FrameRole.Header, 'avc1'],
  a: [FrameKind.Audio, FrameRole.Inter, 'mp4a'],
  m: [FrameKind.Data, FrameRole.Metadata, ''],
}

export class PretendEncoder implements Publisher {
  readonly client: Client
  readonly heard: string[] = []
  publication: Publication | null = null
  readonly #worker: PretendWorker

  constructor(worker: PretendWorker, client: Client, name: string) {
    this.#worker = worker
    this.client = client
    worker.hub.publishing.publish(client, name, this, outcome => {
      this.heard.push(outcome.ok ? 'ok' : `${outcome.code}: ${outcome.text}`)
      this.publication = outcome.ok ? outcome.publication : null
    })
    worker.cluster.turn()
  }

  get id(): string {
    return this.client.id
  }

  closed(code: string, description: string): void {
    this.heard.push(`${code}: ${description}`)
  }

  send(what: string, time: number): void {
    const [kind, role, codec] = letters[what[0]!]!
    this.publication!.receive(kind, { role, codec, track: 0 }, time, Buffer.from(what))
    this.#worker.cluster.turn()
  }

  end(): void {
    this.#worker.hub.publishing.unpublish(this.publication!, this)
    this.#worker.cluster.turn()
  }
}

/** Relays that carry frames at once. */
export class PretendRelays {
  /** What was pulled and let go, as text. */
  readonly doings: string[] = []
  /** Ends all pulls, as when sockets break. */
  break = (): void => {}
  readonly #published = new Map<string, Publication>()

  at(address: string): Relay {
    return {
      begin: publication => void this.#published.set(`${address} ${publication.key}`, publication),
      end: publication => {
        publication.feed = null
        this.#published.delete(`${address} ${publication.key}`)
      },
      pull: (source, key, puller) => this.#pull(address, source, key, puller),
    }
  }

  #pull(address: string, source: string, key: string, puller: Puller): Pull {
    const publication = this.#published.get(`${source} ${key}`)
    this.doings.push(`${address} pulls from ${source}`)
    if (!publication) throw new Error(`${source} does not publish ${key}`)
    for (const frame of [...publication.cache.prelude(), ...publication.cache.frames]) puller.frame(frame)
    const before = publication.feed
    publication.feed = {
      frame: (from, frame) => {
        before?.frame(from, frame)
        puller.frame(frame)
      },
      forget: () => puller.forget(),
    }
    this.break = () => {
      publication.feed = before
      puller.ended()
    }
    return {
      close: () => {
        publication.feed = before
        this.doings.push(`${address} lets go of ${source}`)
      },
    }
  }
}
