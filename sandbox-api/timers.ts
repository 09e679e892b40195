import type { Turn } from './glass.ts'
import type { GlassClock } from './glass-clock.ts'
import { SLICE_MS } from './limits.ts'
import { list, SafeMap } from './primordials.ts'

interface Entry {
  id: number
  due: number
  /** Equal dues ring in the order they were set. */
  order: number
  /** Milliseconds between rings; 0 for one that rings once. */
  every: number
  /** The script's own: counted, and followed by a turn's end so that its microtasks run before the next. */
  own: boolean
  ring: () => void
  /** Where it stands in the heap. */
  at: number
}

/** All that rings later in this isolate: one wake-up for the host, the earliest. */
export class Timers {
  readonly #clock: GlassClock
  readonly #turn: Turn
  readonly #heap = list<Entry>()
  readonly #byId = new SafeMap<number, Entry>()
  #nextId = 1
  #order = 0
  #own = 0

  constructor(clock: GlassClock, turn: Turn) {
    this.#clock = clock
    this.#turn = turn
  }

  /** Timers the script has running. */
  get own(): number {
    return this.#own
  }

  /** Rings once in `ms`, or every `ms` when `repeat` is true; gives the number that clears it. */
  set(ms: number, ring: () => void, repeat = false, own = false): number {
    const id = this.#nextId++
    const due = this.#clock.now() + ms
    const entry: Entry = { id, due, order: this.#order++, every: repeat ? ms : 0, own, ring, at: this.#heap.length }
    this.#byId.set(id, entry)
    if (own) this.#own++
    this.#heap[entry.at] = entry
    this.#rise(entry)
    this.#told()
    return id
  }

  /** Harmless for a number that is unknown or has rung. Scripts clear only their own. */
  clear(id: number, own = false): void {
    const entry = this.#byId.get(id)
    if (entry === undefined || entry.own !== own) return
    this.#forget(entry)
    this.#told()
  }

  get due(): boolean {
    const next = this.#heap[0]
    return next !== undefined && next.due <= this.#clock.now()
  }

  /**
   * Rings what is due. Ends with the slice, or after one of the script's own, whose reactions of promises come before
   * anything else: gives whether there was one.
   */
  ringDue(): boolean {
    const now = this.#clock.now()
    for (;;) {
      const entry = this.#heap[0]
      if (entry === undefined || entry.due > now) break
      if (entry.every > 0) {
        entry.due = now + entry.every
        entry.order = this.#order++
        this.#sink(entry)
      } else {
        this.#forget(entry)
      }
      this.#told()
      entry.ring()
      if (entry.own) return true
      if (this.#clock.elapsed() > SLICE_MS) break
    }
    return false
  }

  #told(): void {
    this.#turn.wake = this.#heap[0]?.due ?? -1
  }

  #forget(entry: Entry): void {
    this.#byId.delete(entry.id)
    if (entry.own) this.#own--
    const last = this.#heap[this.#heap.length - 1]!
    this.#heap.length--
    if (last === entry) return
    this.#heap[entry.at] = last
    last.at = entry.at
    this.#rise(last)
    this.#sink(last)
  }

  #rise(entry: Entry): void {
    while (entry.at > 0) {
      const parent = this.#heap[(entry.at - 1) >> 1]!
      if (!before(entry, parent)) return
      this.#swap(entry, parent)
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const left = this.#heap[entry.at * 2 + 1]
      const right = this.#heap[entry.at * 2 + 2]
      let least = left
      if (right !== undefined && left !== undefined && before(right, left)) least = right
      if (least === undefined || !before(least, entry)) return
      this.#swap(entry, least)
    }
  }

  #swap(a: Entry, b: Entry): void {
    const at = a.at
    a.at = b.at
    b.at = at
    this.#heap[a.at] = a
    this.#heap[b.at] = b
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order)
}
