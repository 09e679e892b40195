import { setTimeout as passing } from 'node:timers/promises'
import { LoadProcess } from './load-process.ts'
import type { Subject } from './subject.ts'

/** Streams and players of a warming-up, and how long it lasts: long enough for what is compiled as it runs. */
const streams = 20
const players = 60
const ms = 2500
const connects = 500

/**
 * A server that runs for days is not the one that began a second ago: its application is there, its caches are full and
 * its code is compiled. All servers get the same, under another name than what is measured.
 */
export async function warmed({ url }: Subject): Promise<void> {
  const elsewhere = `${url}-warm`
  await using churn = await LoadProcess.start('churn', { url })
  await churn.ask('churn', { count: connects, concurrency: 50 })
  await using _publisher = await LoadProcess.start('publisher', { url: elsewhere, streams })
  await using _players = await LoadProcess.start('players', { url: elsewhere, count: players, streams })
  await passing(ms)
}
