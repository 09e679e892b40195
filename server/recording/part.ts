import type { Log } from '../base/log.ts'
import type { Publication } from '../hub/publication.ts'
import { type Frame, FrameKind, FrameRole } from '../media/frame.ts'
import type { Container, RecordFormat } from './container.ts'
import type { Disk, DiskFile, Place } from './disk.ts'
import { appendGapMs } from './limits.ts'
import { openContainer } from './open-container.ts'
import { RecordError } from './record-error.ts'
import { WriteQueue } from './write-queue.ts'

/** What the operator sets; the explanations stand in CumulusServer.ini. */
export interface RecordingLimits {
  /** Bytes that may wait for the disk, of one recording. */
  readonly queueBytes: number
  /** Milliseconds that a fragment of MP4 gathers. */
  readonly fragment: number
  readonly sync: 'none' | 'end' | 'fragment'
  /** Bytes of the disk that recordings leave free. */
  readonly keepFree: number
}

export interface PartOptions {
  readonly disk: Disk
  readonly place: Place
  readonly format: RecordFormat
  readonly append: boolean
  readonly limits: RecordingLimits
  readonly publication: Publication
  readonly log: Log
  /** Another recording that still closes the same file. */
  readonly after: Promise<unknown>
  /** The file stands. */
  opened(): void
  /** Nothing is written any more; finish() still closes what there is. */
  failed(error: unknown): void
}

/**
 * One file of a recording. Frames are put into its queue, never on the disk; what the queue has no room for is left
 * out up to the next key frame.
 */
export class Part {
  readonly place: Place
  /** Whether anything was written. */
  used = false
  readonly #options: PartOptions
  readonly #opening: Promise<DiskFile>
  #container: Container | null = null
  #queue: WriteQueue | null = null
  /** Frames that came before the file stood. */
  #early: Frame[] = []
  #earlyBytes = 0
  #offset = 0
  #base = Number.NaN
  #hasKey = false
  /** Frames left out since the queue was full; -1 while none are. */
  #skipped = -1
  /** What came does not fit into the file: nothing follows. */
  #broken = false

  constructor(options: PartOptions) {
    this.#options = options
    this.place = options.place
    this.#opening = this.#open()
    this.#opening.catch(error => options.failed(error))
  }

  /** Milliseconds of the file's time. */
  get duration(): number {
    return this.#container?.duration ?? 0
  }

  frame(frame: Frame): void {
    if (this.#skipped >= 0 && !this.#resumes(frame)) return
    const bytes = frame.payload.length
    if (this.#waiting > 0 && this.#waiting + bytes > this.#options.limits.queueBytes) return this.#skip(frame)
    if (this.#queue) return this.#write(frame)
    this.#early.push(frame)
    this.#earlyBytes += bytes
  }

  /** Closes the file, its head told what it came to. Resolves when it is closed, and never rejects. */
  async finish(): Promise<void> {
    const file = await this.#opening.catch(() => null)
    const { disk, log, limits } = this.#options
    if (!file || !this.#container || !this.#queue) return
    try {
      const out: Buffer[] = []
      this.#container.end(out)
      this.#queue.add(out, false)
      await this.#queue.drained()
      const bytes = this.#queue.written
      if (bytes > 0) {
        this.used = true
        // Where the disk refused a part of something, that part plays nowhere.
        if ((await file.size()) > bytes) await file.truncate(bytes)
        for (const patch of this.#container.patches(bytes)) await file.write(patch.bytes, patch.at)
        if (limits.sync !== 'none') await file.sync()
      }
    } catch (err) {
      log.warn({ err }, 'the head of a recording could not be written: it plays, but without its length')
    }
    await file.close().catch(() => {})
    if (!this.used) await disk.remove(this.place).catch(() => false)
  }

  get #waiting(): number {
    return this.#queue && this.#container ? this.#queue.waiting + this.#container.gathered : this.#earlyBytes
  }

  async #open(): Promise<DiskFile> {
    const { disk, place, limits, format, append, after } = this.#options
    await after
    const { file, container, bytes } = await openContainer(disk, place, format, append, {
      fragment: limits.fragment,
      // A quarter of what may wait: a fragment must find room in the queue.
      fragmentBytes: limits.queueBytes / 4,
    })
    this.#offset = bytes > 0 ? container.duration + appendGapMs : 0
    this.#container = container
    const checkRoom = limits.keepFree > 0 ? () => this.#checkRoom() : async () => {}
    const queue = new WriteQueue(Promise.resolve(file), { at: bytes, bytesMax: limits.queueBytes, checkRoom }, error =>
      this.#options.failed(error),
    )
    this.#queue = queue
    const early = this.#early.splice(0)
    for (const frame of early) this.#write(frame)
    this.#options.opened()
    return file
  }

  async #checkRoom(): Promise<void> {
    const { disk, place, limits } = this.#options
    if ((await disk.room(place)) >= limits.keepFree) return
    throw new RecordError('Failed', 'the disk has no more room than recordings must leave (recording.keepFree)')
  }

  #write(frame: Frame): void {
    if (this.#broken) return
    const { kind, role, timestamp } = frame
    const isMedia = role === FrameRole.Key || (role === FrameRole.Inter && kind !== FrameKind.Data)
    if (kind === FrameKind.Video) {
      if (role === FrameRole.Key) this.#hasKey = true
      else if (role === FrameRole.Inter && !this.#hasKey) return
    }
    if (isMedia && Number.isNaN(this.#base)) this.#base = timestamp
    const time = this.#offset + (Number.isNaN(this.#base) ? 0 : Math.max(0, timestamp - this.#base))
    const out: Buffer[] = []
    try {
      const ends = this.#container!.add(frame, Math.floor(time), out)
      this.#queue!.add(out, ends && this.#options.limits.sync === 'fragment')
    } catch (error) {
      this.#broken = true
      this.#options.failed(error)
    }
  }

  #skip(frame: Frame): void {
    if (this.#skipped < 0) {
      this.#skipped = 0
      const { log, limits } = this.#options
      const limit = `recording.queueBytes (${limits.queueBytes})`
      log.warn({ limit }, 'the disk is too slow for a recording: frames are left out of it up to the next key frame')
    }
    if (frame.kind !== FrameKind.Data) this.#skipped++
  }

  /** With half of its room free, and at a key frame where there are pictures. */
  #resumes(frame: Frame): boolean {
    const { publication, limits, log } = this.#options
    const opens = publication.hasVideo
      ? frame.role === FrameRole.Key
      : frame.kind === FrameKind.Audio && frame.role === FrameRole.Inter
    if (!opens || this.#waiting > limits.queueBytes / 2) {
      this.#skipped++
      return false
    }
    log.warn({ frames: this.#skipped }, 'a recording goes on after frames were left out of it')
    this.#skipped = -1
    // Headers may have changed meanwhile; those that have not are taken twice, which harms nobody.
    if (this.#queue) {
      for (const header of publication.cache.prelude()) {
        if (header.role === FrameRole.Header) this.#write({ ...header, timestamp: frame.timestamp })
      }
    }
    return true
  }
}
