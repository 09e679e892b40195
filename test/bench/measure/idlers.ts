import { setTimeout as passing } from 'node:timers/promises'
import { LoadProcess } from './load-process.ts'
import type { Subject } from './subject.ts'
import { usageOf } from './usage.ts'

export interface IdlersFigures {
  /** Resident bytes for each connection: with all of them, less with none, divided. */
  readonly bytes: number
  /** The same from a quarter of them to all: what one more costs. */
  readonly marginalBytes: number
}

/**
 * Whoever comes first starts the application: that is no connection's own cost. More of a warming-up would leave room
 * behind that those who come later move into for nothing.
 */
async function opened({ url }: Subject): Promise<void> {
  await using load = await LoadProcess.start('churn', { url })
  await load.ask('churn', { count: 100, concurrency: 10 })
  await passing(1500)
}

/** Connections that have a stream and do nothing. */
export async function idlers(subject: Subject, count: number): Promise<IdlersFigures> {
  const { url, pid } = subject
  await opened(subject)
  const some = Math.round(count / 4)
  const none = usageOf(pid).resident
  await using _first = await LoadProcess.start('idle', { url, count: some, ramp: 500 })
  await passing(1000)
  const few = usageOf(pid).resident
  await using _others = await LoadProcess.start('idle', { url, count: count - some, ramp: 500 })
  await passing(1000)
  const all = usageOf(pid).resident
  return { bytes: (all - none) / count, marginalBytes: (all - few) / (count - some) }
}

/** Resident bytes for each listener of a live stream of 2.5 Mbit/s, from a quarter of them to all. */
export async function listenerBytes(subject: Subject, count: number): Promise<number> {
  const { url, pid } = subject
  await opened(subject)
  const some = Math.round(count / 4)
  await using _publisher = await LoadProcess.start('publisher', { url })
  await using _first = await LoadProcess.start('players', { url, count: some })
  await passing(2000)
  const few = usageOf(pid).resident
  await using _others = await LoadProcess.start('players', { url, count: count - some })
  await passing(2000)
  return (usageOf(pid).resident - few) / (count - some)
}
