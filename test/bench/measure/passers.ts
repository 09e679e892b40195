import type { ChurnFigures } from '../load/churn.ts'
import { LoadProcess } from './load-process.ts'
import type { Subject } from './subject.ts'
import { between, usageOf } from './usage.ts'

export interface PassersFigures {
  readonly perSecond: number
  /** Of all processes of the server, for one connection: handshake, connect, createStream, close. */
  readonly cpuMicros: number
  readonly failed: number
  readonly took: ChurnFigures['took']
  readonly loadCore: number
}

/** So many connections, so many at a time, once the same has been done for warming up. */
export async function passers({ url, pid }: Subject, count: number, concurrency: number): Promise<PassersFigures> {
  await using load = await LoadProcess.start('churn', { url })
  await load.ask('churn', { count, concurrency })
  const before = usageOf(pid)
  const seen = await load.ask<ChurnFigures>('churn', { count, concurrency })
  const used = between(before, usageOf(pid))
  return {
    perSecond: seen.perSecond,
    cpuMicros: (used.cpu * 1e6) / count,
    failed: count - seen.opened,
    took: seen.took,
    loadCore: seen.cpuSeconds / seen.seconds,
  }
}
