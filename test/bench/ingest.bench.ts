import { setTimeout as passing } from 'node:timers/promises'
import type { PublisherFigures } from './load/publisher.ts'
import { asked } from './measure/asked.ts'
import { interleaved, medians } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { LoadProcess } from './measure/load-process.ts'
import { ours, type Subject } from './measure/subject.ts'
import { between, usageOf } from './measure/usage.ts'

/** Encoders whom nobody watches: what a gigabyte costs to take in. */
const streams = 100

async function ingest({ url, pid }: Subject): Promise<object> {
  await using publisher = await LoadProcess.start('publisher', { url, streams })
  await passing(1000)
  const sentBefore = await publisher.ask<PublisherFigures>('figures')
  const before = usageOf(pid)
  await passing(asked.windowMs)
  const sent = await publisher.ask<PublisherFigures>('figures')
  const used = between(before, usageOf(pid))
  const frames = sent.pictures + sent.sounds - sentBefore.pictures - sentBefore.sounds
  return {
    cpuPerGB: used.cpu / ((sent.bytes - sentBefore.bytes) / 1e9),
    cpuMicrosPerFrame: (used.cpu * 1e6) / frames,
    residentMB: usageOf(pid).resident / 1e6,
    loadLateMs: sent.lateMaxMs,
  }
}

const found = await interleaved([{ name: `${streams} encoders`, kind: ours(), measure: ingest }], asked.runs(3))
report('ingest', Object.fromEntries([...found].map(([name, figures]) => [name, medians(figures)])))
