import { setTimeout as passing } from 'node:timers/promises'
import type { PlayersFigures } from '../load/players.ts'
import { LoadProcess } from './load-process.ts'
import type { Subject } from './subject.ts'
import { between, foreignPart, usageOf } from './usage.ts'
import { warmed } from './warmed.ts'

export interface FanOutOptions {
  readonly players: number
  /** Of them, so many read nothing. */
  readonly stalled?: number
  readonly streams?: number
  readonly kbps?: number
  /** Milliseconds measured, and from the last player's first picture until then. */
  readonly windowMs: number
  readonly warmupMs?: number
}

/** Frames a second of one stream: 30 pictures and 43.07 sounds. */
const framesPerSecond = 30 + 44_100 / 1024

export interface FanOutFigures {
  /** Of the server's processes, for 10^9 bytes that the players read. */
  readonly cpuPerGB: number
  /** The same in parts of one core. */
  readonly core: number
  /** Calls of write and writev for each frame that a player got (0 for those who use send). */
  readonly writesPerFrame: number
  /** The players' reads for each frame. */
  readonly readsPerFrame: number
  readonly video: PlayersFigures['video']
  readonly audio: PlayersFigures['audio']
  readonly firstKey: PlayersFigures['firstKey']
  /** Of all frames that should have come; those missing between others; those wrong; connections lost. */
  readonly delivered: number
  readonly gaps: number
  readonly faults: number
  readonly closed: number
  readonly residentMB: number
  /** How much of its core the load used, and strangers of the server's. */
  readonly loadCore: number
  readonly foreign: number
}

/** One stream or several, so many players, one window. */
export async function fanOut(subject: Subject, options: FanOutOptions): Promise<FanOutFigures> {
  const { players: count, stalled = 0, streams = 1, kbps = 2500, windowMs, warmupMs = 1500 } = options
  const { url, pid } = subject
  await warmed(subject)
  await using _publisher = await LoadProcess.start('publisher', { url, streams, kbps })
  // A group of pictures begins, for those who come now.
  await passing(500)
  await using players = await LoadProcess.start('players', { url, count, streams, stalled, ramp: 500 })
  await passing(warmupMs)
  await players.ask('begin')
  const before = usageOf(pid)
  await passing(windowMs)
  const used = between(before, usageOf(pid))
  const seen = await players.ask<PlayersFigures>('end')
  const cpu = (used.cpu / used.at) * seen.seconds
  return {
    cpuPerGB: cpu / (seen.bytes / 1e9),
    core: used.cpu / used.at,
    writesPerFrame: used.writes / (seen.frames || 1),
    readsPerFrame: seen.reads / (seen.frames || 1),
    video: seen.video,
    audio: seen.audio,
    firstKey: seen.firstKey,
    delivered: seen.frames / (framesPerSecond * seen.seconds * (count - stalled)),
    gaps: seen.gaps,
    faults: seen.faults,
    closed: seen.closed,
    residentMB: usageOf(pid).resident / 1e6,
    loadCore: seen.cpuSeconds / seen.seconds,
    foreign: foreignPart(used),
  }
}
