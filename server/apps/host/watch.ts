import { type Clock, systemClock, type Timer } from '../../base/clock.ts'
import { MEMORY_CROWDED, MEMORY_MARGIN_MB, OVERDUE_MS, RELEASE_MS, STARVED_MS, WATCH_MS } from './limits.ts'

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
  /** Milliseconds of processor time that the process has had since its limit. */
  overdue: number
}

/** What a watch measures of its process. */
export interface Vitals {
  /** Bytes it holds. */
  rss(): number
  /** Milliseconds of processor time, of all its threads. */
  cpu(): number
}

const ownVitals: Vitals = {
  rss: () => process.memoryUsage.rss(),
  cpu() {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1_000
  },
}

const megabyte = 1024 * 1024

/**
 * Looks at this process's memory and the clock while a script runs on its own thread. Isolates end by themselves at
 * their limit, except when they cannot: one allocation can be larger than all of it, and some loops hear no interrupt.
 * A cut needs the processor, too: what a busy machine keeps from this process is not held against it, up to STARVED_MS.
 */
export class Watch {
  readonly #base: number
  readonly #vitals: Vitals
  readonly #clock: Clock
  readonly #runs = new Set<Watched>()
  #allowance = 0
  /** Isolates that are gone while their pages are not: [megabytes, until when]. */
  #releasing: [number, number][] = []
  #timer: Timer | undefined
  #last = 0
  /** Processor time used until then. */
  #used = 0

  constructor(vitals: Vitals = ownVitals, clock: Clock = systemClock) {
    this.#vitals = vitals
    this.#clock = clock
    this.#base = vitals.rss()
  }

  get busy(): boolean {
    return this.#runs.size > 0
  }

  /** So little memory is left that collecting garbage is what takes the time. */
  get crowded(): boolean {
    return this.#vitals.rss() > this.#base + this.#allowance * MEMORY_CROWDED * megabyte
  }

  /** An isolate may hold `megabytes` from now on; gives what ends the permission. */
  allow(megabytes: number): () => void {
    this.#allowance += megabytes
    let allowed = true
    return () => {
      if (!allowed) return
      allowed = false
      this.#allowance -= megabytes
      const now = this.#clock.now()
      this.#releasing = this.#releasing.filter(([, until]) => until > now)
      this.#releasing.push([megabytes, now + RELEASE_MS])
    }
  }

  /** A script begins to run; gives what ends the watch. */
  begin(run: Run): () => void {
    const watched: Watched = { ...run, seen: 0, overdue: 0, overdrawn: what => run.overdrawn(what) }
    this.#runs.add(watched)
    if (this.#timer === undefined) {
      this.#last = this.#clock.now()
      this.#used = this.#vitals.cpu()
      this.#timer = this.#clock.after(WATCH_MS, () => this.#look())
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
    const now = this.#clock.now()
    const used = this.#vitals.cpu()
    const passed = Math.min(now - this.#last, WATCH_MS * 5)
    const had = Math.min(used - this.#used, passed)
    this.#last = now
    this.#used = used
    const tooMuch = this.#vitals.rss() > this.#ceiling(now)
    for (const run of this.#runs) {
      if (run.isPaused?.() !== true) count(run, passed, had)
      if (tooMuch) run.overdrawn('memory')
      else if (isOverdrawn(run)) run.overdrawn(this.crowded ? 'memory' : 'time')
    }
    this.#timer = this.#clock.after(WATCH_MS, () => this.#look())
  }
}

/** `passed` milliseconds have passed, in which the process had the processor for `had` of them. */
function count(run: Watched, passed: number, had: number): void {
  if (run.seen > run.allowed) run.overdue += had
  run.seen += passed
}

function isOverdrawn({ allowed, seen, overdue }: Watched): boolean {
  return overdue > OVERDUE_MS || seen > allowed + STARVED_MS
}
