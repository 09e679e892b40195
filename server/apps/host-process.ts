import type { HostOrder, HostReport } from './wire.ts'

/** One life of an app host: from its start to its end there is one of these. */
export interface HostProcess {
  readonly pid: number
  /** Orders arrive in the order in which they were posted. Harmless after the end. */
  post(order: HostOrder): void
  /** Ends it at once, whatever it is doing. */
  kill(): void
  /** Lets it end by itself, and kills it when it does not. */
  end(): void
}

/** Who hears of a host. */
export interface HostOwner {
  report(report: HostReport): void
  /** It ended, and why as far as that is known: "its process ended by SIGKILL". Told once; nothing comes after it. */
  ended(how: string): void
}

/** Starts a host; `name` tells hosts apart in logs. A failure to start is told as an end, in a later turn of the loop. */
export type RaiseHost = (name: string, owner: HostOwner) => HostProcess
