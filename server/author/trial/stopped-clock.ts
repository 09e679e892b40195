import type { Clock, Timer } from '../../base/clock.ts'

interface Alarm {
  at: number
  ring: () => void
  /** Milliseconds between rings; 0 for one that rings once. */
  readonly every: number
}

/** A clock that stands still until it is wound. Alarms ring in the order of their times, then of their setting. */
export class StoppedClock implements Clock {
  readonly #epoch: number
  readonly #alarms = new Set<Alarm>()
  #now: number

  /** `now`: milliseconds it shows; `epoch`: milliseconds since 1970 when its own time is 0. */
  constructor(now: number, epoch: number) {
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
    return this.#set({ at: this.#now + ms, ring, every: 0 })
  }

  every(ms: number, ring: () => void): Timer {
    return this.#set({ at: this.#now + ms, ring, every: Math.max(ms, 1) })
  }

  /** Timers that have not rung and were not cancelled. */
  get waiting(): number {
    return this.#alarms.size
  }

  /** Rings the next alarm that is due by `end`, at its own time; without one it is `end` then, and the answer false. */
  protected ringNext(end: number): boolean {
    const alarm = this.#next(end)
    this.#now = alarm ? Math.max(this.#now, alarm.at) : end
    if (!alarm) return false
    if (alarm.every === 0) this.#alarms.delete(alarm)
    else alarm.at += alarm.every
    alarm.ring()
    return true
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
