import { mkdirSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { serialize } from 'node:v8'
import { messageOf } from '../../../base/errors.ts'
import type { Entry, Header } from './entry.ts'
import { frame, MAGIC } from './frames.ts'
import { QUEUE_BYTES } from './limits.ts'

/** One file of records, written beside the application's way: what cannot be written in time or for want of room ends it. */
export class Journal {
  readonly file: string
  readonly #limit: number
  readonly #warn: (text: string) => void
  #waiting: Buffer[] = []
  #waitingBytes = 0
  /** Bytes it has, or will have when all is written. */
  #bytes = 0
  #versions = 0
  /** Versions that may still write. */
  #writers = 0
  #retired = false
  #handle: FileHandle | undefined
  #writing: Promise<void> | undefined
  #over = false

  /** `limit`: bytes of the file. */
  constructor(file: string, limit: number, warn: (text: string) => void) {
    this.file = file
    this.#limit = limit
    this.#warn = warn
  }

  begin(header: Header): void {
    this.#push([MAGIC, ...frame(Buffer.from(JSON.stringify(header)))])
  }

  /** The share of its room that is taken; 1 when it has ended. */
  get filled(): number {
    return this.#over ? 1 : this.#bytes / this.#limit
  }

  /** The number of a version that begins. */
  nextVersion(): number {
    this.#writers++
    return ++this.#versions
  }

  /** A version is no more. */
  left(): void {
    this.#writers--
    if (this.#retired && this.#writers === 0) void this.close()
  }

  /** No version begins in it any more: it is closed when the last has left. */
  retire(): void {
    this.#retired = true
    if (this.#writers === 0) void this.close()
  }

  write(entry: Entry): void {
    if (this.#over) return
    const parts = frame(serialize(entry))
    const bytes = sizeOf(parts)
    if (this.#bytes + bytes > this.#limit) {
      this.#end(`is full (apps.journalBytes): a reload or a start of the application begins another`)
    } else if (this.#waitingBytes + bytes > QUEUE_BYTES) {
      this.#end('ends here, because the disk does not keep up; a reload or a start of the application begins another')
    } else {
      this.#push(parts)
    }
  }

  /** Writes what waits. Harmless twice. */
  async close(): Promise<void> {
    this.#over = true
    await this.#writing
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close().catch(() => {})
  }

  #push(parts: Buffer[]): void {
    const bytes = sizeOf(parts)
    this.#waiting.push(...parts)
    this.#waitingBytes += bytes
    this.#bytes += bytes
    this.#writing ??= this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    try {
      if (this.#handle === undefined) {
        mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 })
        // It holds what clients sent, and what the application is configured with.
        this.#handle = await open(this.file, 'wx', 0o600)
      }
      while (this.#waiting.length > 0) {
        const parts = this.#waiting
        this.#waiting = []
        await writeWhole(this.#handle, Buffer.concat(parts))
        this.#waitingBytes -= sizeOf(parts)
      }
    } catch (error) {
      this.#waiting = []
      this.#end(`cannot be written: ${messageOf(error)}`)
    } finally {
      this.#writing = undefined
    }
  }

  #end(why: string): void {
    if (this.#over) return
    this.#over = true
    this.#warn(`the journal ${this.file} ${why}`)
  }
}

async function writeWhole(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten
}

function sizeOf(parts: readonly Buffer[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0)
}
