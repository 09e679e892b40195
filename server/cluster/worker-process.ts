import type { WorkerOrder, WorkerReport } from './wire.ts'

/** One life of a media worker: from its start to its end there is one of these. */
export interface WorkerProcess {
  readonly pid: number
  /** Orders arrive in the order in which they were posted. Harmless after the end. */
  post(orders: WorkerOrder[]): void
  /** Ends it at once, whatever it is doing. */
  kill(): void
}

/** Who hears of a worker. */
export interface WorkerOwner {
  reports(reports: WorkerReport[]): void
  /** It ended, and why as far as that is known. Told once; nothing comes after it. */
  ended(how: string): void
}

/** Starts a worker. A failure to start is told as an end, in a later turn of the loop. */
export type RaiseWorker = (owner: WorkerOwner) => WorkerProcess
