import type { Log } from '../base/log.ts'
import type { RecordNews, RecordWish } from '../hub/archive.ts'
import type { FrameTap } from '../hub/judge.ts'
import type { Publication } from '../hub/publication.ts'
import { type Frame, FrameKind, FrameRole } from '../media/frame.ts'
import { Unfit } from './container.ts'
import type { Disk, Place } from './disk.ts'
import { movesMax } from './limits.ts'
import { Part, type RecordingLimits } from './part.ts'
import { RecordError, recordError } from './record-error.ts'

export interface RecordingOptions {
  readonly publication: Publication
  readonly wish: RecordWish
  readonly disk: Disk
  readonly limits: RecordingLimits
  readonly log: Log
  /** Where the file that begins now goes, `beside` others of that name; null when its name cannot be one. */
  place(beside: boolean): Place | null
  /** The recording writes this file from now on; gives what must end before. Throws when another one does so. */
  claim(recording: Recording, place: Place): Promise<unknown>
  /** A file is closed. `used`: something is in it. */
  closed(recording: Recording, place: Place, used: boolean): void
  told(news: RecordNews, text: string): void
}

/** One publication on its way to one file after another. It is the publication's tap: what it does there is put bytes aside. */
export class Recording implements FrameTap {
  readonly publication: Publication
  readonly wish: RecordWish
  #part: Part | null = null
  #partFrom = Number.NaN
  /** Files that are being closed. */
  readonly #closing = new Set<Promise<void>>()
  #started = false
  #failed = false
  /** How often it went on in another file because what came did not fit. */
  #moves = 0
  #ended = false
  readonly #options: RecordingOptions

  constructor(options: RecordingOptions) {
    this.#options = options
    this.publication = options.publication
    this.wish = options.wish
  }

  /** Milliseconds of the present file. */
  get duration(): number {
    return this.#part?.duration ?? 0
  }

  get isEnded(): boolean {
    return this.#ended
  }

  /** What newcomers are given, a recording begins with too. */
  start(): void {
    const { cache } = this.publication
    this.#guarded(() => {
      this.#begin()
      for (const frame of cache.frames) this.#take(frame)
    })
  }

  frame(_publication: Publication, frame: Frame): void {
    if (!this.#ended) this.#guarded(() => this.#take(frame))
  }

  /** Resolves when all of its files are closed; harmless twice. */
  async end(failure: RecordError | null = null): Promise<void> {
    if (!this.#ended) {
      this.#ended = true
      this.#failed = failure !== null
      this.#close()
      if (failure) this.#options.told(failure.code, failure.message)
      else {
        const { name } = this.publication.address
        void this.#closed().then(() => this.#options.told('Stop', `${name} is recorded`))
      }
    }
    await this.#closed()
  }

  async #closed(): Promise<void> {
    while (this.#closing.size > 0) await Promise.all(this.#closing)
  }

  #take(frame: Frame): void {
    const { segment } = this.wish
    if (segment > 0 && this.#opens(frame)) {
      if (Number.isNaN(this.#partFrom)) this.#partFrom = frame.timestamp
      else if (frame.timestamp - this.#partFrom >= segment) {
        this.#close()
        this.#begin()
        this.#partFrom = frame.timestamp
      }
    }
    this.#part?.frame(frame)
  }

  #opens({ kind, role }: Frame): boolean {
    if (this.publication.hasVideo) return role === FrameRole.Key
    return kind === FrameKind.Audio && role === FrameRole.Inter
  }

  /** What comes does not go with what is in the file: it goes on in another one, from its present key frame on. */
  #elsewhere({ message }: Unfit): void {
    if (++this.#moves > movesMax) {
      return void this.end(new RecordError('Failed', `it changed more than ${movesMax} times: ${message}`))
    }
    this.#options.log.info({}, `the recording goes on in another file: ${message}`)
    this.#guarded(() => {
      this.#close()
      this.#begin(true)
      for (const frame of this.publication.cache.frames) this.#part?.frame(frame)
    })
  }

  #begin(beside = this.wish.segment > 0): void {
    const { disk, limits, wish, publication, log } = this.#options
    const place = this.#options.place(beside)
    if (!place) throw new RecordError('NoAccess', `${publication.address.name} cannot be the name of a file`)
    const after = this.#options.claim(this, place)
    const { format, mode } = wish
    const part = new Part({
      ...{ disk, limits, publication, place, format, log, after, append: mode === 'append' },
      opened: () => {
        // Of one that was ended at once the file stands all the same.
        if (this.#started || this.#failed) return
        this.#started = true
        this.#options.told('Start', `${publication.address.name} is recorded from now on`)
      },
      failed: error => {
        if (this.#part !== part || this.#ended) return
        if (error instanceof Unfit) this.#elsewhere(error)
        else void this.end(recordError(error))
      },
    })
    this.#part = part
    for (const frame of publication.cache.prelude()) part.frame(frame)
  }

  #close(): void {
    const part = this.#part
    this.#part = null
    if (!part) return
    const closing = part.finish().then(() => {
      this.#closing.delete(closing)
      this.#options.closed(this, part.place, part.used)
    })
    this.#closing.add(closing)
  }

  /** Whatever goes wrong here ends the recording; the publication goes on. */
  #guarded(act: () => void): void {
    try {
      act()
    } catch (thrown) {
      void this.end(recordError(thrown))
    }
  }
}
