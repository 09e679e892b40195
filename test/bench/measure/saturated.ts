import { readFileSync } from 'node:fs'
import { setTimeout as passing } from 'node:timers/promises'
import type { PlayersFigures } from '../load/players.ts'
import { capped } from './capped.ts'
import { LoadProcess } from './load-process.ts'
import type { Subject } from './subject.ts'
import { between, treeOf, usageOf } from './usage.ts'

export interface SaturatedFigures {
  readonly video: PlayersFigures['video']
  /** Megabytes a second that the players read. */
  readonly delivered: number
  /** Of what the server's processes together were allowed, so much they used. */
  readonly used: number
  readonly gaps: number
  readonly closed: number
  readonly loadCore: number
}

/** Small pictures, and many players: what counts is how often one is written to. */
const kbps = 300
const rampPerSecond = 1500
const settleMs = 2000

/**
 * A server whose every process with sockets has that part of one core, with more players than it can serve at once: how
 * late they see pictures. Work that waits gathers and leaves in larger writes, so it is lateness that shows a server's
 * end, long before a frame is missing. Nobody is to be dropped for it: give it limits that are out of reach.
 */
export async function saturated(
  subject: Subject,
  { players: count, part, windowMs }: { players: number; part: number; windowMs: number },
): Promise<SaturatedFigures> {
  const { url, pid } = subject
  await using _publisher = await LoadProcess.start('publisher', { url, streams: 1, kbps })
  await passing(500)
  await using players = await LoadProcess.start('players', { url, count, streams: 1, stalled: 0, ramp: rampPerSecond })
  using caps = new DisposableStack()
  const media = mediaProcesses(pid)
  for (const each of media) caps.use(capped(each, part))
  await passing(settleMs)
  const before = usageOf(pid)
  await players.ask('begin')
  await passing(windowMs)
  const used = between(before, usageOf(pid))
  const seen = await players.ask<PlayersFigures>('end')
  return {
    video: seen.video,
    delivered: seen.bytes / 1e6 / seen.seconds,
    used: used.cpu / used.at / (part * media.length),
    gaps: seen.gaps,
    closed: seen.closed,
    loadCore: seen.cpuSeconds / seen.seconds,
  }
}

/** The media workers, or where there are none, the one process that has the sockets. */
function mediaProcesses(pid: number): number[] {
  const workers = treeOf(pid).filter(each => /\/worker\.[jt]s\0/.test(readFileSync(`/proc/${each}/cmdline`, 'utf8')))
  return workers.length > 0 ? workers : [pid]
}
