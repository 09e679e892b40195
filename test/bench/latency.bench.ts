import { asked } from './measure/asked.ts'
import { fanOut } from './measure/fan-out.ts'
import { interleaved, medians } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { ours } from './measure/subject.ts'

/** The curve of cost against delay: what waiting to merge saves, and what it costs pictures and sounds. */
const players = asked.players([200])[0]!
const cases = [0, 10, 20, 40, 100, 350].map(mergeMs => ({
  name: `mergeMs=${mergeMs}`,
  kind: ours({ set: [`listener.mergeMs=${mergeMs}`] }),
  measure: (subject: Parameters<typeof fanOut>[0]) => fanOut(subject, { players, windowMs: asked.windowMs }),
}))
const found = await interleaved(cases, asked.runs(3))
const curve = [...found].map(([name, figures]) => {
  const { cpuPerGB, writesPerFrame, video, audio } = medians(figures)
  return [name, { cpuPerGB, writesPerFrame, video, audio }]
})
report('latency', Object.fromEntries(curve))
