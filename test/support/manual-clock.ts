import { StoppedClock } from '../../server/author/trial/stopped-clock.ts'

/** A clock that tests wind. */
export class ManualClock extends StoppedClock {
  /** `epoch`: milliseconds since 1970 when the clock's own time is 0. */
  constructor(now = 0, epoch = Date.UTC(2026, 0, 1)) {
    super(now, epoch)
  }

  /** Lets `ms` pass; each timer due rings at its own time. */
  advance(ms: number): void {
    const end = this.now() + ms
    while (this.ringNext(end));
  }
}
