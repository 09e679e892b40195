import type { DiskFile } from './disk.ts'
import { jobBytes, roomCheckBytes, writeBytesMax } from './limits.ts'

export interface WriteQueueOptions {
  /** Where the first byte goes. */
  readonly at: number
  /** Bytes that may wait; more are refused. */
  readonly bytesMax: number
  /** Throws when the disk has too little room left. Asked before the first write and every so many bytes. */
  checkRoom?(): Promise<void>
}

type Job = { readonly bytes: Buffer[]; readonly length: number } | { readonly sync: true }

/**
 * What waits to be written to one file, in order. Frames only ever put bytes here: the disk may take its time, and when
 * it takes too long, the queue says that it is full.
 */
export class WriteQueue {
  /** Bytes that have not been written yet, with what keeping them costs. */
  waiting = 0
  /** Where the file ends once all is written. */
  written: number
  readonly #options: WriteQueueOptions
  readonly #file: Promise<DiskFile>
  readonly #failed: (error: unknown) => void
  #jobs: Job[] = []
  /** Jobs at the beginning that are done: to take each out of a long array would move all behind it. */
  #done = 0
  #running: Promise<void> | null = null
  #checkAt = 0
  #broken = false

  /** `failed` is called once, with what the system said; nothing is written after it. */
  constructor(file: Promise<DiskFile>, options: WriteQueueOptions, failed: (error: unknown) => void) {
    this.#file = file
    this.#options = options
    this.#failed = failed
    this.written = options.at
  }

  /** False when there is no room for them: then nothing of it was taken. */
  add(bytes: Buffer[], sync: boolean): boolean {
    let length = 0
    for (const part of bytes) length += part.length
    if (length > 0) {
      const cost = length + bytes.length * jobBytes
      if (this.waiting + cost > this.#options.bytesMax && this.waiting > 0) return false
      this.waiting += cost
      this.#jobs.push({ bytes, length })
    }
    if (sync) this.#jobs.push({ sync: true })
    this.#running ??= this.#run()
    return true
  }

  /** Resolves when nothing waits any more, be it written or given up. */
  async drained(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #run(): Promise<void> {
    try {
      const file = await this.#file
      while (this.#next && !this.#broken) await this.#write(file)
    } catch (error) {
      this.#broken = true
      this.#failed(error)
    } finally {
      if (this.#broken) {
        this.#jobs = []
        this.#done = 0
        this.waiting = 0
      }
      this.#running = null
    }
  }

  get #next(): Job | undefined {
    return this.#jobs[this.#done]
  }

  #take(): void {
    this.#done++
    if (this.#done * 2 < this.#jobs.length) return
    this.#jobs.splice(0, this.#done)
    this.#done = 0
  }

  async #write(file: DiskFile): Promise<void> {
    const parts: Buffer[] = []
    let length = 0
    for (let job = this.#next; job && !('sync' in job) && length < writeBytesMax; job = this.#next) {
      this.#take()
      for (const part of job.bytes) parts.push(part)
      length += job.length
    }
    if (length > 0) {
      if (this.written + length > this.#checkAt) {
        await this.#options.checkRoom?.()
        this.#checkAt = this.written + roomCheckBytes
      }
      await file.write(Buffer.concat(parts, length), this.written)
      this.written += length
      this.waiting -= length + parts.length * jobBytes
    } else if (this.#next) {
      this.#take()
      await file.sync()
    }
  }
}
