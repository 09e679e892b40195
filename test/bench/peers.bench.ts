import { asked } from './measure/asked.ts'
import { fanOut } from './measure/fan-out.ts'
import { idlers, listenerBytes } from './measure/idlers.ts'
import { type Case, interleaved, medians } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { passers } from './measure/passers.ts'
import { nginx, nodeMediaServer } from './measure/peers.ts'
import { ours, type Subject, type SubjectKind } from './measure/subject.ts'
import { table } from './measure/table.ts'

/** We, and others of our kind, side by side and in turns: the same load, the same cores, begun afresh each time. */
const { windowMs } = asked

type Figures = Record<string, number>

async function cost(subject: Subject, options: Parameters<typeof fanOut>[1]): Promise<Figures> {
  const figures = await fanOut(subject, options)
  const { cpuPerGB, video, audio, readsPerFrame, delivered, gaps, loadCore, foreign } = figures
  const late = { videoP50: video.p50, videoP99: video.p99, audioP50: audio.p50, audioP99: audio.p99 }
  return { cpuPerGB, ...late, readsPerFrame, delivered, gaps, loadCore, foreign }
}

async function connects(subject: Subject): Promise<Figures> {
  const { perSecond, cpuMicros, failed, took, loadCore } = await passers(subject, 2000, 50)
  return { perSecond, cpuMicros, failed, tookP50: took.p50, tookP99: took.p99, loadCore }
}

const measures: Record<string, (subject: Subject) => Promise<Figures>> = {
  '50': subject => cost(subject, { players: 50, windowMs }),
  '200': subject => cost(subject, { players: 200, windowMs }),
  '500': subject => cost(subject, { players: 500, windowMs }),
  '1000': subject => cost(subject, { players: 1000, windowMs }),
  '10x20': subject => cost(subject, { players: 200, streams: 10, kbps: 1000, windowMs }),
  churn: connects,
  idle: async subject => ({ ...(await idlers(subject, 2000)) }),
  listener: async subject => ({ bytes: await listenerBytes(subject, 800) }),
}

const peers = [nginx(), await nodeMediaServer()]
try {
  const kinds: SubjectKind[] = [ours(), ours({ label: 'cumulus, mergeMs=350', set: ['listener.mergeMs=350'] })]
  for (const peer of peers) {
    if (peer.kind) kinds.push(peer.kind)
    else process.stderr.write(`left out: ${peer.missing}\n`)
  }
  const figures: Record<string, Record<string, Figures>> = {}
  for (const [name, measure] of Object.entries(measures).filter(([each]) => asked.wants(each))) {
    const cases: Case<Figures>[] = kinds.map(kind => ({ name: kind.label, kind, measure }))
    const found = await interleaved(cases, asked.runs(5))
    figures[name] = Object.fromEntries([...found].map(([label, runs]) => [label, medians(runs)]))
    process.stderr.write(`\n${table(name, figures[name], 'nginx-rtmp')}\n`)
  }
  report('peers', figures)
} finally {
  for (const peer of peers) await peer.dispose()
}
