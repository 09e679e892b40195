import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { FileTaken, RecordTold, RecordWish } from '../hub/archive.ts'
import type { PublicationFacts } from '../hub/facts.ts'
import type { Publication } from '../hub/publication.ts'
import type { Disk, Place } from './disk.ts'
import type { Ledger } from './ledger.ts'
import { finishLeft } from './left-file.ts'
import { recordingsMax } from './limits.ts'
import { placeOf, withoutEnding } from './media-root.ts'
import type { RecordingLimits } from './part.ts'
import { RecordError } from './record-error.ts'
import { Recording } from './recording.ts'

export interface RecorderOptions {
  /** The folder below which everything is recorded. */
  readonly root: string
  readonly disk: Disk
  readonly limits: RecordingLimits
  readonly clock: Clock
  readonly log: Log
  readonly ledger: Ledger
  /**
   * A file was closed. `facts`: what was recorded, as it was when that began; `file`: its address within the
   * application, with its ending.
   */
  recorded(facts: PublicationFacts, file: string): void
}

/** A file that is being written, and since it is finished what remains to be done. */
interface Claim {
  readonly recording: Recording
  readonly done: PromiseWithResolvers<void>
}

/** Who records what, and into which files. */
export class Recorder {
  readonly #options: RecorderOptions
  readonly #recordings = new Map<Publication, Set<Recording>>()
  /** By file, the newest last. */
  readonly #claims = new Map<string, Claim[]>()

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  record(publication: Publication, wish: RecordWish, told: RecordTold = () => {}): void {
    const { disk, limits, root, clock } = this.#options
    const { app, address } = publication
    const facts = publication.facts()
    const log = this.#options.log.child({ app, publication: address.address })
    const own = this.#recordings.get(publication) ?? new Set()
    if (own.size >= recordingsMax) return told('Failed', `${address.name} has ${recordingsMax} recordings already`)
    const target = wish.path === '' ? address.address : wish.path
    const recording: Recording = new Recording({
      ...{ publication, wish, disk, limits, log },
      place: beside => {
        const name = beside ? `${withoutEnding(target)}_${stamp(clock.epoch())}` : target
        return placeOf(root, app, name, wish.format)
      },
      claim: (recording, place) => this.#claim(recording, facts, place),
      closed: (recording, place, used) => {
        this.#release(recording, place)
        if (!used) return
        const file = fileOf(app, place)
        log.info({ file }, 'recorded')
        this.#options.recorded(facts, file)
      },
      told: (news, text) => {
        if (news === 'Start') log.info({ format: wish.format, mode: wish.mode }, 'recording')
        else if (news !== 'Stop') log.error({ status: `NetStream.Record.${news}` }, `the recording ends: ${text}`)
        if (news !== 'Start') {
          this.#forget(recording)
          this.#ending(recording)
        }
        told(news, text)
      },
    })
    this.#recordings.set(publication, own.add(recording))
    publication.recorders.add(recording)
    recording.start()
  }

  /** Ends all recordings of a publication. */
  stop(publication: Publication): void {
    for (const recording of this.#recordings.get(publication) ?? []) this.#end(recording)
  }

  isRecording(publication: Publication): boolean {
    return this.#recordings.has(publication)
  }

  /** Milliseconds that are in a file that is being written; null when it is not. */
  writing(place: Place): { readonly duration: number } | null {
    const claim = this.#claims.get(keyOf(place))?.at(-1)
    return claim && !claim.recording.isEnded ? { duration: claim.recording.duration } : null
  }

  /**
   * Ends a file that was left while it was written: its last part is taken away where it is not whole, its length and
   * index are written at its head.
   */
  async mend({ file, format, address, facts }: FileTaken): Promise<void> {
    const { root, disk, limits, log, ledger } = this.#options
    const about = log.child({ app: facts.app, publication: facts.address })
    const place = { root, segments: file.split('/') }
    try {
      if (!(await finishLeft(disk, place, format, limits))) return
      about.info({ file: address }, 'recorded, as far as it came')
      this.#options.recorded(facts, address)
    } catch (error) {
      about.warn({ file: address }, `a recording was left as it is: ${messageOf(error)}`)
    } finally {
      ledger.release(file)
    }
  }

  /** Ends everything; resolves when all files are closed. */
  async close(): Promise<void> {
    for (const publication of [...this.#recordings.keys()]) this.stop(publication)
    await Promise.all([...this.#claims.values()].flat().map(({ done }) => done.promise))
  }

  #end(recording: Recording): void {
    this.#forget(recording)
    void recording.end()
    this.#ending(recording)
  }

  /** Others need wait no longer than until its files are closed. */
  #ending(recording: Recording): void {
    for (const [file, claims] of this.#claims) {
      if (claims.at(-1)?.recording === recording) this.#options.ledger.ending(file)
    }
  }

  #forget(recording: Recording): void {
    const { publication } = recording
    publication.recorders.delete(recording)
    const own = this.#recordings.get(publication)
    own?.delete(recording)
    if (own?.size === 0) this.#recordings.delete(publication)
  }

  #claim(recording: Recording, facts: PublicationFacts, place: Place): Promise<unknown> {
    const key = keyOf(place)
    const claims = this.#claims.get(key) ?? []
    const before = claims.at(-1)
    if (before && !before.recording.isEnded) throw taken()
    claims.push({ recording, done: Promise.withResolvers() })
    this.#claims.set(key, claims)
    const told = { file: key, format: recording.wish.format, address: fileOf(facts.app, place), facts }
    const ours = this.#options.ledger.take(told).then(isOurs => {
      if (!isOurs) throw taken()
    })
    return Promise.all([ours, before?.done.promise])
  }

  #release(recording: Recording, place: Place): void {
    const key = keyOf(place)
    const claims = this.#claims.get(key) ?? []
    const at = claims.findIndex(claim => claim.recording === recording)
    for (const claim of claims.splice(at, at < 0 ? 0 : 1)) claim.done.resolve()
    if (claims.length > 0) return
    this.#claims.delete(key)
    this.#options.ledger.release(key)
  }
}

/** The path of a file below the folder of recordings. */
export function keyOf({ segments }: Place): string {
  return segments.join('/')
}

function taken(): RecordError {
  return new RecordError('NoAccess', 'that file is being recorded already')
}

/** The address of a file within its application. */
function fileOf(app: string, { segments }: Place): string {
  const depth = app.split('/').filter(segment => segment !== '').length
  return segments.slice(depth).join('/')
}

/** A moment as part of a file's name, in order when sorted: 20261121T042303.123Z. */
function stamp(epoch: number): string {
  return new Date(epoch).toISOString().replace(/[-:]/g, '')
}
