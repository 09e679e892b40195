import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type {
  Archive,
  FileTaken,
  FilmFacts,
  FilmFormat,
  RecordTold,
  RecordWish,
  Screen,
  Show,
  ShowRequest,
} from '../hub/archive.ts'
import type { Publication } from '../hub/publication.ts'
import type { Disk, Place } from './disk.ts'
import { type Ledger, ownLedger } from './ledger.ts'
import { Library } from './library.ts'
import { showingsMax } from './limits.ts'
import type { RecordingLimits } from './part.ts'
import { keyOf, Recorder, type RecorderOptions } from './recorder.ts'
import { Showing } from './showing.ts'

export interface FileArchiveOptions extends Pick<RecorderOptions, 'recorded'> {
  readonly config: RecordingLimits & { readonly folder: string; readonly clients: boolean }
  readonly disk: Disk
  readonly clock: Clock
  readonly log: Log
  /** How the configuration wants the publications of an application recorded; null when it does not. */
  wishFor(app: string): RecordWish | null
  /** What other processes record to the same folder; without it there are none. */
  readonly ledger?: Ledger
  /** Whether a path is an application's: what is recorded of it is its own. */
  isApp(path: string): boolean
}

/** Recordings, and what is played of them, in the files of one folder. */
export class FileArchive implements Archive {
  readonly #options: FileArchiveOptions
  readonly #recorder: Recorder
  readonly #library: Library
  readonly #showings = new Set<Showing>()
  readonly #ledger: Ledger

  constructor(options: FileArchiveOptions) {
    const { config, disk, clock, log, ledger = ownLedger } = options
    this.#ledger = ledger
    this.#options = options
    this.#library = new Library(config.folder, disk)
    this.#recorder = new Recorder({
      ...{ root: config.folder, disk, limits: config, clock, log, ledger },
      recorded: (facts, file) => options.recorded(facts, file),
    })
  }

  record(publication: Publication, wish: RecordWish, told?: RecordTold): void {
    if (wish.by === 'client' && !this.#options.config.clients) {
      return told?.('NoAccess', 'clients may not record here (recording.clients)')
    }
    // What the configuration wants is there already when its publisher wants the same.
    if (wish.by === 'config' && this.#recorder.isRecording(publication)) return
    this.#recorder.record(publication, wish, told)
  }

  stop(publication: Publication): void {
    this.#recorder.stop(publication)
  }

  began(publication: Publication): void {
    const wish = this.#options.wishFor(publication.app)
    if (wish) this.record(publication, wish)
  }

  ended(publication: Publication): void {
    this.#recorder.stop(publication)
  }

  show(request: ShowRequest, screen: Screen, answer: (show: Show | string | null) => void): void {
    if (this.#showings.size >= showingsMax) return answer(`${showingsMax} files are being played, that is the limit`)
    this.#show(request, screen).then(answer, error => {
      this.#options.log.warn(
        { app: request.app, name: request.address },
        `a file cannot be played: ${messageOf(error)}`,
      )
      answer(messageOf(error))
    })
  }

  facts(app: string, address: string, format: FilmFormat | null, answer: (facts: FilmFacts | null) => void): void {
    this.#answered(this.#library.facts(app, address, format), null, answer)
  }

  delete(app: string, address: string, format: FilmFormat | null, answer: (count: number) => void): void {
    this.#answered(this.#library.delete(app, address, format, this.#mayGo), 0, answer)
  }

  clear(app: string, address: string, answer: (count: number) => void): void {
    const isOthers = (path: string): boolean => path !== app && this.#options.isApp(path)
    this.#answered(this.#library.clear(app, address, this.#mayGo, isOthers), 0, answer)
  }

  /** Ends all recordings and showings; resolves when the recordings' files are closed. */
  async close(): Promise<void> {
    for (const showing of this.#showings) showing.close()
    await this.#recorder.close()
  }

  /** Ends a file that another process left while it wrote it. */
  mend(taken: FileTaken): void {
    void this.#recorder.mend(taken)
  }

  readonly #mayGo = async (place: Place): Promise<boolean> => {
    return this.#recorder.writing(place) === null && this.#ledger.isFree(keyOf(place))
  }

  async #show(request: ShowRequest, screen: Screen): Promise<Showing | null> {
    const { app, address, format, length, buffer } = request
    const { clock } = this.#options
    const found = await this.#library.open(app, address, format)
    if (!found) return null
    const { film, place } = found
    const isGrowing = (): boolean => this.#recorder.writing(place) !== null || this.#ledger.isTaken(keyOf(place))
    let { start } = request
    if (start < 0) {
      await film.measure()
      start = Math.max(0, film.duration + start)
    }
    const log = this.#options.log.child({ app, name: address })
    const showing: Showing = new Showing({
      ...{ film, screen, clock, log, start, length, buffer, isGrowing },
      closed: () => this.#showings.delete(showing),
    })
    this.#showings.add(showing)
    return showing
  }

  #answered<Value>(promise: Promise<Value>, otherwise: Value, answer: (value: Value) => void): void {
    promise.then(answer, error => {
      this.#options.log.warn({}, `a recording could not be looked at: ${messageOf(error)}`)
      answer(otherwise)
    })
  }
}
