import { asked } from './measure/asked.ts'
import { fanOut } from './measure/fan-out.ts'
import { interleaved, medianRatio, medians } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { ours, type Subject } from './measure/subject.ts'

/**
 * One worker and two, on the same two cores with the same players. The load needs these cores too, so no server of
 * this machine can be driven to its end on both of them; what is measured is what a gigabyte costs with one worker and
 * with two. Two workers who share the players evenly deliver twice that ratio of one. Many players, because one driven to
 * its end has many.
 */
const players = asked.players([1000])[0]!
const cores = '0,1'
const measure = (subject: Subject) => fanOut(subject, { players, windowMs: asked.windowMs })
const kind = (workers: number) => ours({ cores, set: [`server.workers=${workers}`] })

if (await isKnown()) {
  const found = await interleaved(
    [
      { name: 'one', kind: kind(1), measure },
      { name: 'two', kind: kind(2), measure },
    ],
    asked.runs(5),
  )
  const [one, two] = [found.get('one')!, found.get('two')!]
  report('workers', {
    deliveredRatio: 2 * medianRatio(one, two, each => each.cpuPerGB),
    one: medians(one),
    two: medians(two),
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
