import { closeSync, openSync, readSync } from 'node:fs'

/** Linux counts in pages of this size on every machine Node runs on but a few; there the reading errs to the small side. */
const pageBytes = 4096

/**
 * Reads the resident memory of another process: a few microseconds, for the file is kept open, and it stays that
 * process's even when its number is given to another one.
 */
export class ResidentMemory {
  readonly #buffer = Buffer.alloc(128)
  #file: number | null = null

  constructor(pid: number) {
    if (process.platform !== 'linux') return
    try {
      this.#file = openSync(`/proc/${pid}/statm`, 'r')
    } catch {
      // It ended before we looked.
    }
  }

  /** Bytes, or null when this platform does not say, or the process has ended. */
  read(): number | null {
    if (this.#file === null) return null
    try {
      // proc(5): size, resident, shared … in pages.
      const text = this.#buffer.toString('latin1', 0, readSync(this.#file, this.#buffer, 0, this.#buffer.length, 0))
      return Number(text.split(' ', 2)[1]) * pageBytes
    } catch {
      return null
    }
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }
}
