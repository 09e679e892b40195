import type { GlassClock } from './glass-clock.ts'
import { HOOKS_TALLIED } from './limits.ts'
import { ceil, list, max, min, ObjectClass, SafeMap, setOwn } from './primordials.ts'
import { wallNow } from './wall-clock.ts'

/** What this application has seen since it started; a new version goes on counting where the old one ended. */
export interface Counts {
  /** Milliseconds since 1970. */
  startedAt: number
  accepted: number
  rejected: number
  left: number
  calls: number
  /** Bytes of clients that have left. */
  bytesIn: number
  bytesOut: number
  /** Messages of clients that have left. */
  messagesIn: number
  messagesOut: number
  /** Frames that players were spared because they lagged. */
  dropped: number
  /** Bytes of the isolate's heap in use, as the host measured it last. */
  memory: number
  /** Milliseconds of processor time that its isolates have used, as the host measured it last. */
  cpu: number
  /** The part of one processor it used of late. */
  load: number
  /** How often a save was taken back, and why the last one was: '' once another has held. */
  rollbacks: number
  rolledBack: string
}

export function newCounts(): Counts {
  return {
    ...{ startedAt: wallNow(), accepted: 0, rejected: 0, left: 0, calls: 0, bytesIn: 0, bytesOut: 0 },
    ...{ messagesIn: 0, messagesOut: 0, dropped: 0 },
    ...{ memory: 0, cpu: 0, load: 0, rollbacks: 0, rolledBack: '' },
  }
}

/** What the host measures of an isolate: bytes of its heap, and ms of processor time since it was made. */
export interface Spent {
  heap: number
  cpu: number
}

/** Over so many ms `load` is taken. */
const LOAD_MS = 6_000

/** Turns what the host measures of one isolate into the application's own figures. */
export class Meter {
  readonly #clock: GlassClock
  #before = 0
  readonly #samples = list<{ at: number; cpu: number }>()

  constructor(clock: GlassClock) {
    this.#clock = clock
  }

  /** `counts` goes on from what earlier isolates of the application used. */
  note(spent: Spent, counts: Counts): void {
    counts.memory = spent.heap
    counts.cpu += spent.cpu - this.#before
    this.#before = spent.cpu
    const now = this.#clock.now()
    const samples = this.#samples
    samples[samples.length] = { at: now, cpu: spent.cpu }
    while (samples.length > 2 && now - samples[1]!.at >= LOAD_MS) {
      for (let i = 1; i < samples.length; i++) samples[i - 1] = samples[i]!
      samples.length--
    }
    const first = samples[0]!
    if (now > first.at) counts.load = max(0, spent.cpu - first.cpu) / (now - first.at)
  }
}

/** Upper bounds of the classes that durations fall into, in ms; what is longer is a class of its own. */
const bounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000]

interface HookCounts {
  count: number
  thrown: number
  /** Milliseconds it ran itself. */
  running: number
  longest: number
  /** How many answers took how long, by `bounds`. */
  took: number[]
}

/** How often each function of the script was played, how long it ran, and how long its answers took. */
export class HookTally {
  readonly #clock: GlassClock
  readonly #hooks = new SafeMap<string, HookCounts>()

  constructor(clock: GlassClock) {
    this.#clock = clock
  }

  /** When it began: for ran() and ended(). */
  begin(label: string): number {
    this.#of(label).count++
    return this.#clock.now()
  }

  /** The function has returned, though its promise may still be out. */
  ran(label: string, from: number): void {
    this.#of(label).running += this.#clock.now() - from
  }

  ended(label: string, from: number, thrown: boolean): void {
    const hook = this.#of(label)
    const ms = this.#clock.now() - from
    if (thrown) hook.thrown++
    hook.longest = max(hook.longest, ms)
    let at = 0
    while (at < bounds.length && ms > bounds[at]!) at++
    hook.took[at] = hook.took[at]! + 1
  }

  /** By name: `count`, `thrown`, `ms` (in all), and of the answers `p50`, `p99` and `max` in ms. */
  show(): object {
    const shown = new ObjectClass()
    this.#hooks.forEach(({ count, thrown, running, longest, took }, label) => {
      const part = (share: number) => min(longest, quantile(took, share))
      const figures = { count, thrown, ms: running, p50: part(0.5), p99: part(0.99), max: longest }
      setOwn(shown, label, figures)
    })
    return shown
  }

  #of(label: string): HookCounts {
    const known = this.#hooks.get(label)
    if (known !== undefined) return known
    // Clients choose the names of their calls: what comes past the limit is counted together.
    if (this.#hooks.size >= HOOKS_TALLIED && label !== 'others') return this.#of('others')
    const took = list<number>()
    for (let i = 0; i <= bounds.length; i++) took[i] = 0
    const made = { count: 0, thrown: 0, running: 0, longest: 0, took }
    this.#hooks.set(label, made)
    return made
  }
}

/** The upper bound of the class in which that share of all lies. */
function quantile(took: readonly number[], share: number): number {
  let all = 0
  for (let i = 0; i < took.length; i++) all += took[i]!
  let left = ceil(all * share)
  for (let i = 0; i < bounds.length; i++) {
    left -= took[i]!
    if (left <= 0) return bounds[i]!
  }
  return Infinity
}
