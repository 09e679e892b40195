import type {
  Archive,
  FileTaken,
  FilmFacts,
  FilmFormat,
  RecordNews,
  RecordTold,
  RecordWish,
  Screen,
  Show,
  ShowRequest,
} from '../hub/archive.ts'
import type { Publication } from '../hub/publication.ts'
import type { FileRegister } from './file-register.ts'
import { RemotePublication, type WorkerLink } from './stand-ins.ts'

export interface RemoteArchiveOptions {
  /** Of the main process itself. */
  readonly own: Archive
  readonly files: FileRegister
  /** How the configuration wants the publications of an application recorded. */
  wishFor(app: string): RecordWish | null
  /** Ends a file that a worker left, and releases it. */
  mend(taken: FileTaken): void
}

/**
 * The archive of the main process, where others hold the sockets: what clients publish is recorded in the worker that
 * has their frames, what scripts publish is recorded here. Players of files are served by their own workers.
 */
export class RemoteArchive implements Archive {
  readonly #own: Archive
  readonly #wishFor: (app: string) => RecordWish | null
  readonly #files: FileRegister
  readonly #mend: (taken: FileTaken) => void
  /** Who waits for news of a recording in a worker, by ticket. */
  readonly #told = new Map<number, { readonly link: WorkerLink; readonly told: RecordTold }>()
  #lastTicket = 0

  constructor({ own, wishFor, files, mend }: RemoteArchiveOptions) {
    this.#own = own
    this.#wishFor = wishFor
    this.#files = files
    this.#mend = mend
  }

  record(publication: Publication, wish: RecordWish, told?: RecordTold): void {
    const remote = publication instanceof RemotePublication ? publication.remote : null
    if (!remote) return this.#own.record(publication, wish, told)
    const ticket = told ? ++this.#lastTicket : 0
    if (told) this.#told.set(ticket, { link: remote.link, told })
    remote.link.post({ o: 'record', stream: remote.stream, ticket, wish })
  }

  stop(publication: Publication): void {
    const remote = publication instanceof RemotePublication ? publication.remote : null
    if (remote) remote.link.post({ o: 'stopRecording', stream: remote.stream })
    this.#own.stop(publication)
  }

  began(publication: Publication): void {
    const wish = this.#wishFor(publication.app)
    if (wish) this.record(publication, wish)
  }

  /** Its worker has seen it end. */
  ended(publication: Publication): void {
    this.#own.ended(publication)
  }

  show(request: ShowRequest, screen: Screen, answer: (show: Show | string | null) => void): void {
    this.#own.show(request, screen, answer)
  }

  facts(app: string, address: string, format: FilmFormat | null, answer: (facts: FilmFacts | null) => void): void {
    this.#own.facts(app, address, format, answer)
  }

  delete(app: string, address: string, format: FilmFormat | null, answer: (count: number) => void): void {
    this.#own.delete(app, address, format, answer)
  }

  clear(app: string, address: string, answer: (count: number) => void): void {
    this.#own.clear(app, address, answer)
  }

  /** A worker says what became of a recording. */
  news(ticket: number, news: RecordNews, text: string): void {
    const told = this.#told.get(ticket)?.told
    if (news !== 'Start') this.#told.delete(ticket)
    told?.(news, text)
  }

  /** A worker is gone, and its recordings are as far as they came: what it would have done at their end is done here. */
  lost(link: WorkerLink, failure: string): void {
    for (const taken of this.#files.lost(link)) this.#mend(taken)
    for (const [ticket, each] of this.#told) if (each.link === link) this.news(ticket, 'Failed', failure)
  }
}
