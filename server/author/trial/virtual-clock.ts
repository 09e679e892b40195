import { StoppedClock } from './stopped-clock.ts'

/** The clock of an application's tests. */
export class VirtualClock extends StoppedClock {
  /** `epoch`: milliseconds since 1970 at which it begins. */
  constructor(epoch: number) {
    super(0, epoch)
  }

  /** Lets `ms` pass; whatever an alarm sets going has `settled` before the next one rings. */
  async advance(ms: number, settled: () => Promise<void>): Promise<void> {
    const end = this.now() + ms
    await settled()
    while (this.ringNext(end)) await settled()
  }
}
