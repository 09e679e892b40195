import { asked } from './measure/asked.ts'
import { fanOut } from './measure/fan-out.ts'
import { interleaved, medians } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { ours } from './measure/subject.ts'

/** One stream to ever more players, and ten streams to twenty each: what a gigabyte costs, and how late it comes. */
const { windowMs } = asked
const settings = [
  { name: 'default', set: [] },
  { name: 'mergeMs=350', set: ['listener.mergeMs=350'] },
].filter(({ name }) => asked.wants(name))

const cases = settings.flatMap(({ name, set }) => [
  ...asked.players([50, 200, 500, 1000]).map(players => ({
    name: `${name} ${players}`,
    kind: ours({ set }),
    measure: (subject: Parameters<typeof fanOut>[0]) => fanOut(subject, { players, windowMs }),
  })),
  {
    name: `${name} 10x20`,
    kind: ours({ set }),
    measure: (subject: Parameters<typeof fanOut>[0]) =>
      fanOut(subject, { players: 200, streams: 10, kbps: 1000, windowMs }),
  },
])
const found = await interleaved(cases, asked.runs(3))
report('fan-out', Object.fromEntries([...found].map(([name, figures]) => [name, medians(figures)])))
