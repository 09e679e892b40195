import { asked } from './measure/asked.ts'
import { interleaved, medians, significant } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { passers } from './measure/passers.ts'
import { ours, type Subject } from './measure/subject.ts'

/** What asking a script adds to a connection: one at a time, with a script that is asked and with one that is not. */
const measure = async (subject: Subject) => {
  const { took, cpuMicros } = await passers(subject, 1000, 1)
  return { took, cpuMicros }
}
const found = await interleaved(
  [
    { name: 'asked', kind: ours(), measure },
    { name: 'not asked', kind: ours({ script: 'export {}\n' }), measure },
  ],
  asked.runs(3),
)
const [asking, without] = ['asked', 'not asked'].map(name => medians(found.get(name)!))
const added = (part: 'p50' | 'p99') => significant(asking!.took[part] - without!.took[part])
report('verdict', { addsMs: { p50: added('p50'), p99: added('p99') }, asked: asking!, 'not asked': without! })
