import { MEMORY_CROWDED, MEMORY_MARGIN_MB, OVERDUE_MS, RELEASE_MS, WATCH_MS } from './limits.ts'

/** A script at work. */
export interface Run {
  /** Milliseconds it may take. */
  readonly allowed: number
  /** Called once when memory or time are overdrawn; nobody cuts what native code does not let be cut. */
  overdrawn(what: 'memory' | 'time'): void
  /** It stands still in a debugger: that is not its own time. */
  isPaused?(): boolean
}

interface Watched extends Run {
  /** Milliseconds seen to pass: a machine that slept, or a process that was stopped, is not the script's doing. */
  seen: number
}

const megabyte = 1024 * 1024

/**
 * Looks at this process's memory and the clock while a script runs on its own thread. Isolates end by themselves at
 * their limit, except when they cannot: one allocation can be larger than all of it, and some loops hear no interrupt.
 */
export class Watch {
  readonly #base: number
  readonly #rss: () => number
  readonly #runs = new Set<Watched>()
  #allowance = 0
  /** Isolates that are gone while their pages are not: [megabytes, until when]. */
  #releasing: [number, number][] = []
  #timer: NodeJS.Timeout | undefined
  #last = 0

  constructor(rss: () => number = () => process.memoryUsage.rss()) {
    this.#rss = rss
    this.#base = rss()
  }

  get busy(): boolean {
    return this.#runs.size > 0
  }

  /** So little memory is left that collecting garbage is what takes the time. */
  get crowded(): boolean {
    return this.#rss() > this.#base + this.#allowance * MEMORY_CROWDED * megabyte
  }

  /** An isolate may hold `megabytes` from now on; gives what ends the permission. */
  allow(megabytes: number): () => void {
    this.#allowance += megabytes
    let allowed = true
    return () => {
      if (!allowed) return
      allowed = false
      this.#allowance -= megabytes
      const now = performance.now()
      this.#releasing = this.#releasing.filter(([, until]) => until > now)
      this.#releasing.push([megabytes, now + RELEASE_MS])
    }
  }

  /** A script begins to run; gives what ends the watch. */
  begin(run: Run): () => void {
    const watched: Watched = { ...run, seen: 0, overdrawn: what => run.overdrawn(what) }
    this.#runs.add(watched)
    if (this.#timer === undefined) {
      this.#last = performance.now()
      this.#timer = setTimeout(() => this.#look(), WATCH_MS)
    }
    return () => this.#runs.delete(watched)
  }

  /** The pages of one that is gone serve the next: the largest of them counts, not their sum. */
  #ceiling(now: number): number {
    let released = 0
    for (const [megabytes, until] of this.#releasing) if (until > now) released = Math.max(released, megabytes)
    return this.#base + (this.#allowance + released + MEMORY_MARGIN_MB) * megabyte
  }

  #look(): void {
    this.#timer = undefined
    if (this.#runs.size === 0) return
    const now = performance.now()
    const passed = Math.min(now - this.#last, WATCH_MS * 5)
    this.#last = now
    const tooMuch = this.#rss() > this.#ceiling(now)
    for (const run of this.#runs) {
      if (run.isPaused?.() !== true) run.seen += passed
      if (tooMuch) run.overdrawn('memory')
      else if (run.seen > run.allowed + OVERDUE_MS) run.overdrawn(this.crowded ? 'memory' : 'time')
    }
    this.#timer = setTimeout(() => this.#look(), WATCH_MS)
  }
}
