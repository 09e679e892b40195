import type { Clock, Timer } from '../../base/clock.ts'

interface Alarm {
  at: number
  ring: () => void
  /** Milliseconds between rings; 0 for one that rings once. */
  readonly every: number
}

/** A clock that stands still until it is wound. Alarms ring in the order of their times, then of their setting. */
export class VirtualClock implements Clock {
  readonly #epoch: number
  readonly #alarms = new Set<Alarm>()
  #now = 0

  /** `epoch`: milliseconds since 1970 at which it begins. */
  constructor(epoch: number) {
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

  /** Lets `ms` pass; whatever an alarm sets going has `settled` before the next one rings. */
  async advance(ms: number, settled: () => Promise<void>): Promise<void> {
    const end = this.#now + ms
    await settled()
    for (let alarm = this.#next(end); alarm; alarm = this.#next(end)) {
      this.#now = Math.max(this.#now, alarm.at)
      if (alarm.every === 0) this.#alarms.delete(alarm)
      else alarm.at += alarm.every
      alarm.ring()
      await settled()
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
