import { asked } from './measure/asked.ts'
import { interleaved, medians } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { passers } from './measure/passers.ts'
import { ours } from './measure/subject.ts'

/** Handshake, connect, createStream, close, with a script that is asked about each: how many a second, at what cost. */
const cases = [50, 400].map(concurrency => ({
  name: `${concurrency} at a time`,
  kind: ours(),
  measure: (subject: Parameters<typeof passers>[0]) => passers(subject, 4000, concurrency),
}))
const found = await interleaved(cases, asked.runs(5))
report('churn', Object.fromEntries([...found].map(([name, figures]) => [name, medians(figures)])))
