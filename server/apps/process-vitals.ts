import { closeSync, openSync, readSync } from 'node:fs'

/** Linux counts in pages of this size on every machine Node runs on but a few; there the reading errs to the small side. */
const pageBytes = 4096

/** The kernel's ticks in a second are 100 (USER_HZ) on every Linux of this age. */
const tickMs = 10

/** proc(5) counts the fields of stat from 1; what follows the name in parentheses begins with the third. */
const field = { utime: 14 - 3, stime: 15 - 3, rss: 24 - 3 } as const

/** What a process has taken. */
export interface Vitals {
  readonly residentBytes: number
  /** Milliseconds of processor time of all its threads since it began, in steps of ten. */
  readonly processorMs: number
}

/**
 * Reads the memory and the processor time of another process: a few microseconds, for the file is kept open, and it
 * stays that process's even when its number is given to another one.
 */
export class ProcessVitals {
  readonly #buffer = Buffer.alloc(1024)
  #file: number | null = null

  constructor(pid: number) {
    if (process.platform !== 'linux') return
    try {
      this.#file = openSync(`/proc/${pid}/stat`, 'r')
    } catch {
      // It ended before we looked.
    }
  }

  /** Null when this platform does not say, or the process has ended. */
  read(): Vitals | null {
    if (this.#file === null) return null
    try {
      const text = this.#buffer.toString('latin1', 0, readSync(this.#file, this.#buffer, 0, this.#buffer.length, 0))
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ', field.rss + 1)
      const ticks = Number(fields[field.utime]) + Number(fields[field.stime])
      return { residentBytes: Number(fields[field.rss]) * pageBytes, processorMs: ticks * tickMs }
    } catch {
      return null
    }
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }
}
