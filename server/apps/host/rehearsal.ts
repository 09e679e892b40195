import type { Ask, FetchAnswer, FetchAsk } from '../../../sandbox-api/outside/words.ts'
import type { Clock } from '../../base/clock.ts'

/** What stands in for the world while applications are tried without a server. */
export interface Rehearsal {
  /** Wound by whoever tries them; scripts see no other time. */
  readonly clock: Clock
  /** Answers what an application may fetch; throws what it reads as the failure. */
  fetch(path: string, ask: FetchAsk): Promise<FetchAnswer>
  /** Takes what would have been sent. */
  mail(path: string, mail: Ask & { noun: 'mail' }): void
}

/**
 * Runs in an isolate before anything else, and gives what sets its time: Date as it is, except that now is when it is
 * told. Whoever reads the time in one turn reads the same twice.
 */
export const virtualDate = `
  const RealDate = Date
  let now = 0
  function VirtualDate(...values) {
    if (new.target === undefined) return new RealDate(now).toString()
    return Reflect.construct(RealDate, values.length === 0 ? [now] : values, new.target)
  }
  Object.defineProperties(VirtualDate, {
    ...Object.getOwnPropertyDescriptors(RealDate),
    now: { value: () => now, writable: true, configurable: true },
  })
  Object.defineProperty(RealDate.prototype, 'constructor', { value: VirtualDate, writable: true, configurable: true })
  Object.defineProperty(globalThis, 'Date', { value: VirtualDate, writable: true, configurable: true })
  return epoch => { now = epoch }
`
