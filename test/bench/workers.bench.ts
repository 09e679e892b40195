import { asked } from './measure/asked.ts'
import { canCap } from './measure/capped.ts'
import { fanOut } from './measure/fan-out.ts'
import { interleaved, medianRatio, medians } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { type SaturatedFigures, saturated } from './measure/saturated.ts'
import { ours, type Subject } from './measure/subject.ts'

/**
 * One worker and two, on the same two cores with the same players. The load needs these cores too, so no server of
 * this machine can be driven to its end on both of them. So there are two answers. What a gigabyte costs with one worker
 * and with two: two who share the players evenly deliver twice that ratio of one. And, where processes can be given a
 * tenth of a core each, how late pictures are with one worker at its end, and with two who have 1.7 times its players.
 */
const players = asked.players([1000])[0]!
const cores = '0,1'
const measure = (subject: Subject) => fanOut(subject, { players, windowMs: asked.windowMs })
const kind = (workers: number) => ours({ cores, set: [`server.workers=${workers}`] })

/** A worker's part of a core, and players who are too many for it. */
const part = 0.1
const many = 2000
const patient = ['listener.queueMs=60000', 'listener.lagMs=60000', 'listener.queueBytes=100000000']
const slow = (workers: number, times: number) => ({
  name: `${workers} of ${part} core, ${many * times} players`,
  kind: ours({ cores, set: [`server.workers=${workers}`, ...patient] }),
  measure: (subject: Subject) => saturated(subject, { players: many * times, part, windowMs: asked.windowMs }),
})

if (await isKnown()) {
  const found = await interleaved(
    [
      { name: 'one', kind: kind(1), measure },
      { name: 'two', kind: kind(2), measure },
    ],
    asked.runs(5),
  )
  const [one, two] = [found.get('one')!, found.get('two')!]
  const slowed = canCap()
    ? await interleaved([slow(1, 1), slow(2, 1.7), slow(1, 1.7)], asked.runs(3))
    : new Map<string, SaturatedFigures[]>()
  report('workers', {
    deliveredRatio: 2 * medianRatio(one, two, each => each.cpuPerGB),
    one: medians(one),
    two: medians(two),
    saturated: Object.fromEntries([...slowed].map(([name, figures]) => [name, medians(figures)])),
  })
} else process.stderr.write('skipped: this server knows no key server.workers\n')

async function isKnown(): Promise<boolean> {
  try {
    await using _ = await kind(2).start()
    return true
  } catch (error) {
    if (String(error).includes('workers')) return false
    throw error
  }
}
