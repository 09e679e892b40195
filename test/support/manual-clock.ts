import type { Clock, Timer } from '../../server/base/clock.ts'

interface Alarm {
  at: number
  ring: () => void
  /** Set for those that ring again and again. */
  every: number | null
}

/** A clock that stands still until it is wound. Timers ring in the order of their times, then of their setting. */
export class ManualClock implements Clock {
  #now: number
  readonly #epoch: number
  readonly #alarms = new Set<Alarm>()

  /** `epoch`: milliseconds since 1970 when the clock's own time is 0. */
  constructor(now = 0, epoch = Date.UTC(2026, 0, 1)) {
    this.#now = now
    this.#epoch = epoch
  }

  now(): number {
    return this.#now
  }

  epoch(): number {
    return this.#epoch + this.#now
  }

  after(ms: number, ring: () => void): Timer {
    return this.#set({ at: this.#now + ms, ring, every: null })
  }

  every(ms: number, ring: () => void): Timer {
    return this.#set({ at: this.#now + ms, ring, every: ms })
  }

  /** Timers that have not rung and were not cancelled. */
  get waiting(): number {
    return this.#alarms.size
  }

  /** Lets `ms` pass; each timer due rings at its own time. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let alarm = this.#next(end); alarm; alarm = this.#next(end)) {
      this.#now = Math.max(this.#now, alarm.at)
      if (alarm.every === null) this.#alarms.delete(alarm)
      else alarm.at += Math.max(alarm.every, 1)
      alarm.ring()
    }
    this.#now = end
  }

  #set(alarm: Alarm): Timer {
    this.#alarms.add(alarm)
    return { cancel: () => this.#alarms.delete(alarm) }
  }

  #next(end: number): Alarm | undefined {
    let next: Alarm | undefined
    for (const alarm of this.#alarms) if (alarm.at <= end && (!next || alarm.at < next.at)) next = alarm
    return next
  }
}
