import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock, Timer } from '../base/clock.ts'
import { ConfigError } from '../base/errors.ts'
import { IpRanges } from '../base/ip-ranges.ts'
import type { Log } from '../base/log.ts'
import type { Config } from '../config/config.ts'
import { type Archive, type FileTaken, noArchive, type RecordWish } from '../hub/archive.ts'
import type { Farewell } from '../hub/client.ts'
import type { Hub, HubOptions } from '../hub/hub.ts'
import type { Witness } from '../hub/judge.ts'
import { Desk } from './desk.ts'
import { Directory } from './directory.ts'
import type { FileRegister } from './file-register.ts'
import { forkWorkers } from './forked-worker.ts'
import { backoff, congested } from './limits.ts'
import { MainStage } from './main-stage.ts'
import { RemoteArchive } from './remote-archive.ts'
import { SocketRelay } from './socket-relay.ts'
import { RemoteListener, RemotePublication } from './stand-ins.ts'
import { WorkerLife } from './worker-life.ts'
import type { RaiseWorker } from './worker-process.ts'

export interface WorkersOptions {
  readonly config: Config
  readonly witness: Witness
  readonly clock: Clock
  readonly log: Log
  /** Resolves with a port that nobody listens on, `port` unless that is 0; rejects with the system's error. */
  findPort(port: number): Promise<number>
  readonly raise?: RaiseWorker
  /** For what is published and asked for in the main process. */
  readonly archive?: Archive
  /** How the configuration wants the publications of an application recorded. */
  wishFor?(app: string): RecordWish | null
  /** What is being recorded, by whichever process. */
  readonly files: FileRegister
  /** Ends a file that a worker left, and releases it. */
  mend?(taken: FileTaken): void
  /** Opens what the main process has a port for. `next`: the socket of the worker that takes the next connection. */
  lobby?(next: () => string | null): Lobby
}

/** A port of the main process, whose connections are handed on to workers. */
export interface Lobby {
  /** Resolves with its addresses, by protocol; rejects with the system's error. */
  listen(): Promise<Record<string, string>>
  /** Nobody is let in from here on. */
  close(): void
  /** After close(): resolves when nobody is left. */
  readonly closed: Promise<unknown>
}

/** The media workers: they hold the sockets, share the port, and each is replaced when it ends. */
export class Workers {
  /** What the hub of the main process has in place of its own kinds. */
  readonly hubOptions: Pick<HubOptions, 'PublicationKind' | 'ListenerKind' | 'moved' | 'archive' | 'near'>
  readonly #stage: MainStage
  readonly #archive: RemoteArchive
  readonly #options: WorkersOptions
  readonly #raise: RaiseWorker
  readonly #relay: SocketRelay
  readonly #lives = new Map<number, WorkerLife>()
  readonly #rests = new Map<number, Timer>()
  readonly #pauses = new Map<number, number>()
  #hub: Hub | null = null
  #directory: Directory | null = null
  #lobby: Lobby | null = null
  /** The worker that was handed the last connection. */
  #lastHanded = 0
  #folder = ''
  /** What they share. */
  #rtmp = 0
  #rtmps: number | null = null
  readonly #bans = new IpRanges()
  #isStopping = false
  #isUp = false
  #cause: Error | null = null

  constructor(options: WorkersOptions) {
    this.#options = options
    this.#archive = new RemoteArchive({
      own: options.archive ?? noArchive,
      files: options.files,
      wishFor: app => options.wishFor?.(app) ?? null,
      mend: taken => options.mend?.(taken),
    })
    this.#relay = new SocketRelay(options.log)
    const { config, clock, log } = options
    const { listener, publication } = config
    const limits = { listener, publication }
    this.#stage = new MainStage({ limits, relay: this.#relay, clock, log }, () => this.#directory)
    this.hubOptions = {
      near: this.#stage,
      PublicationKind: RemotePublication,
      ListenerKind: RemoteListener,
      moved: publication => this.#directory?.moved(publication),
      archive: this.#archive,
    }
    this.#raise = options.raise ?? forkWorkers()
  }

  /** Runs a function in the next turn of the loop, or a little later while a worker cannot keep up. */
  unhurried(run: () => void): void {
    for (const life of this.#lives.values()) {
      if (life.isCongested) return void this.#options.clock.after(congested.pauseMs, run)
    }
    setImmediate(run)
  }

  attach(hub: Hub): void {
    this.#hub = hub
  }

  /** These addresses and ranges are kept out by every worker, also by those to come; or no longer. */
  ban(on: boolean, entries: readonly string[]): void {
    for (const entry of entries) {
      if (on) this.#bans.add(entry)
      else this.#bans.remove(entry)
    }
    for (const life of this.#lives.values()) life.post({ o: 'ban', on, entries })
  }

  /** Resolves with the addresses they share, by protocol, once all of them listen on them. */
  async listen(): Promise<Record<string, string>> {
    try {
      const { config, findPort } = this.#options
      this.#rtmp = await findPort(config.rtmp.port)
      this.#rtmps = config.rtmps.port === null ? null : await findPort(config.rtmps.port)
      this.#folder = await mkdtemp(join(tmpdir(), `cumulus-${process.pid}-`))
      await this.#relay.listen(this.#relayOf(0))
      this.#directory = new Directory(this.#relay, this.#relayOf(0))
      const { workers } = config.server
      for (let number = 1; number <= workers; number++) this.#start(number)
      const addresses = await Promise.all([...this.#lives.values()].map(life => life.listening))
      const [shared] = addresses
      if (!shared || addresses.includes(null)) throw this.#cause ?? new Error('a media worker ended as it started')
      const lobby = this.#options.lobby?.(() => this.#next()) ?? null
      const own = await lobby?.listen()
      this.#lobby = lobby
      this.#isUp = true
      for (let number = 1; number <= workers; number++) {
        if (!this.#lives.has(number)) this.#rest(number, 'it did so while others started', 0)
      }
      return { ...shared, ...own }
    } catch (error) {
      for (const life of this.#lives.values()) life.kill('the start failed')
      await this.close()
      throw startError(error)
    }
  }

  /** Nobody is accepted from here on; resolves when everybody has heard these last words. */
  async dismiss(farewell: Farewell): Promise<void> {
    this.#isStopping = true
    for (const rest of this.#rests.values()) rest.cancel()
    this.#lobby?.close()
    await Promise.all([...this.#lives.values()].map(life => life.dismiss(farewell)))
  }

  /** After dismiss(): resolves when every process is gone. */
  async close(): Promise<void> {
    this.#isStopping = true
    await Promise.all([...this.#lives.values()].map(life => life.close()))
    await this.#lobby?.closed
    this.#stage.close()
    this.#relay.close()
    if (this.#folder !== '') await rm(this.#folder, { recursive: true, force: true })
  }

  #start(number: number): void {
    const { config, clock, log, witness, files } = this.#options
    const hub = this.#hub
    const directory = this.#directory
    if (!hub || !directory) throw new Error('attach() comes before listen()')
    const began = clock.now()
    const { rtmp, rtmps, http, listener, publication, recording } = config
    const connections = Math.ceil(rtmp.connections / config.server.workers)
    const relay = this.#relayOf(number)
    const life = new WorkerLife({
      setup: {
        number,
        relay,
        handed: this.#handedOf(number),
        rtmp: { ...rtmp, port: this.#rtmp, connections },
        rtmps: { ...rtmps, port: this.#rtmps },
        http: { ...http },
        listener: { ...listener },
        publication: { ...publication },
        recording: { ...recording },
        logLevel: config.log.level,
      },
      raise: this.#raise,
      clock,
      log: log.child({ worker: number }),
      defer: run => void setImmediate(run),
      desk: link => new Desk({ hub, witness, directory, link, clock, archive: this.#archive, files }),
      ended: (how, cause) => {
        this.#lives.delete(number)
        this.#cause ??= cause
        if (!this.#isStopping && this.#isUp) this.#rest(number, how, clock.now() - began)
      },
    })
    this.#lives.set(number, life)
    life.post({ o: 'ban', on: true, entries: this.#bans.texts })
    files.attach(life)
    life.listening.then(addresses => {
      if (addresses !== null) log.info({ worker: number, pid: life.pid }, 'media worker up')
    })
  }

  /** It is replaced, after a pause that grows as long as it does not live long. */
  #rest(number: number, how: string, lived: number): void {
    const { clock, log } = this.#options
    const last = this.#pauses.get(number) ?? 0
    const pause = lived >= backoff.calm ? backoff.first : Math.min(Math.max(backoff.first, last * 2), backoff.most)
    this.#pauses.set(number, pause)
    log.error({ worker: number, lived: Math.round(lived), pause }, `media worker ended: ${how}`)
    this.#rests.set(
      number,
      clock.after(pause, () => {
        this.#rests.delete(number)
        Promise.all([this.#relayOf(number), this.#handedOf(number)].map(path => rm(path, { force: true }))).then(
          () => this.#isStopping || this.#start(number),
          error => log.error({ worker: number, error }, 'the relay of a media worker that ended is in the way'),
        )
      }),
    )
  }

  /** In a folder of this process's own; the shorter the better, since systems take about a hundred characters. */
  #relayOf(number: number): string {
    return join(this.#folder, String(number))
  }

  #handedOf(number: number): string {
    return join(this.#folder, `${number}h`)
  }

  /** In turn, among those that are up. */
  #next(): string | null {
    const { workers } = this.#options.config.server
    for (let tries = 0; tries < workers; tries++) {
      this.#lastHanded = (this.#lastHanded % workers) + 1
      if (this.#lives.get(this.#lastHanded)?.isUp) return this.#handedOf(this.#lastHanded)
    }
    return null
  }
}

function startError(error: unknown): unknown {
  if ((error as { code?: string } | null)?.code !== 'ENOTSUP') return error
  return new ConfigError(
    'WORKERS_UNSUPPORTED',
    'this system does not let several processes share a port',
    'Leave [server] workers at 1, or run several servers on ports of their own.',
  )
}
