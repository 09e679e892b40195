import { setImmediate as turn } from 'node:timers/promises'
import type { Log } from '../../server/base/log.ts'
import type { RecordWish, Screen, Show, ShowEnd, ShowRequest } from '../../server/hub/archive.ts'
import { Publication, type Publisher } from '../../server/hub/publication.ts'
import { type Frame, FrameRole } from '../../server/media/frame.ts'
import { FileArchive } from '../../server/recording/archive.ts'
import { type Ledger, ownLedger } from '../../server/recording/ledger.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { nameOf } from './films.ts'
import { PretendDisk } from './pretend-disk.ts'

export const wish: RecordWish = { format: 'flv', mode: 'record', segment: 0, path: '', by: 'client' }

/** An archive on a disk in memory, with a clock that stands still. */
export class ArchiveScene {
  readonly clock = new ManualClock()
  readonly disk = new PretendDisk()
  readonly lines: string[] = []
  readonly recorded: string[] = []
  readonly archive: FileArchive
  standing: RecordWish | null = null

  constructor(
    config: {
      queueBytes?: number
      clients?: boolean
      sync?: 'none' | 'end' | 'fragment'
      keepFree?: number
      ledger?: Ledger
    } = {},
  ) {
    const line = (_subject: object, text: string): void => void this.lines.push(text)
    const log: Log = { error: line, warn: line, info() {}, debug() {}, trace() {}, child: () => log }
    this.archive = new FileArchive({
      config: { folder: '/media', clients: true, queueBytes: 1e6, fragment: 2000, sync: 'end', keepFree: 0, ...config },
      ...{ disk: this.disk, clock: this.clock, log, ledger: config.ledger ?? ownLedger },
      wishFor: () => this.standing,
      isApp: path => path === '/live' || path === '/live/other',
      recorded: ({ address }, file) => this.recorded.push(`${address}: ${file}`),
    })
  }

  publication(name = 'cam'): Publication {
    const { clock } = this
    const nothing = (): void => {}
    const slash = name.lastIndexOf('/')
    const address = {
      address: name,
      room: slash < 0 ? '' : name.slice(0, slash),
      name: name.slice(slash + 1),
      query: {},
    }
    const publication = new Publication('/live', address, { gopBytes: 1e6, gopFrames: 1000 }, 20, {
      now: () => clock.now(),
      soon: nothing,
      later: () => ({ cancel: nothing }),
      lagged: nothing,
      tooSlow: nothing,
      metadataChanged: nothing,
      codecsChanged: nothing,
    })
    publication.begin(publisher, {}, clock.epoch())
    publication.state = 'live'
    return publication
  }

  /** What its publisher hears, in order. */
  record(publication: Publication, more: Partial<RecordWish> = {}): string[] {
    const news: string[] = []
    this.archive.record(publication, { ...wish, ...more }, (code, text) => news.push(`${code}: ${text}`))
    return news
  }

  /** The publication ends, and everything is on the disk. */
  async end(publication: Publication): Promise<void> {
    this.archive.ended(publication)
    publication.end()
    await this.settle()
  }

  /** What was begun on the disk is done. */
  async settle(turns = 50): Promise<void> {
    for (let nth = 0; nth < turns; nth++) await turn()
  }

  async show(screen: PretendScreen, more: Partial<ShowRequest> = {}): Promise<Show | string | null> {
    const request = { app: '/live', address: 'cam', format: null, start: 0, length: Infinity, buffer: 0, ...more }
    const { promise, resolve } = Promise.withResolvers<Show | string | null>()
    this.archive.show(request, screen, resolve)
    return promise
  }

  /** Lets so many ms pass in small steps, with the disk keeping up. */
  async pass(ms: number, step = 50): Promise<void> {
    for (let past = 0; past < ms; past += step) {
      this.clock.advance(step)
      await this.settle(10)
    }
  }
}

const publisher: Publisher = { id: 'a', client: null, given: 'cam', closed() {} } as Publisher

export function feed(publication: Publication, given: Iterable<Frame>): void {
  for (const { kind, role, track, timestamp, payload } of given) {
    publication.receive(kind, { role, codec: '', track }, timestamp, payload)
  }
}

/** A player of a file that writes down what it gets. */
export class PretendScreen implements Screen {
  queuedBytes = 0
  readonly frames: Frame[] = []
  readonly all: ShowEnd[] = []

  frame(frame: Frame): void {
    this.frames.push(frame)
  }

  ended(end: ShowEnd): void {
    this.all.push(end)
  }

  get end(): ShowEnd | undefined {
    return this.all.at(-1)
  }

  get ends(): { duration: number; damage: string | null }[] {
    return this.all.map(({ duration, damage }) => ({ duration, damage }))
  }

  /** Coded frames since the last time. */
  take(): string[] {
    return this.frames
      .splice(0)
      .filter(({ role }) => role === FrameRole.Key || role === FrameRole.Inter)
      .map(nameOf)
  }
}
