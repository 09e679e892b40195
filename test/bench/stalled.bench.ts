import { asked } from './measure/asked.ts'
import { fanOut } from './measure/fan-out.ts'
import { interleaved, medianRatio, medians } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { ours, type Subject } from './measure/subject.ts'

/** Four hundred players alone, and the same beside a hundred who read nothing: what the others notice. */
const { windowMs } = asked
/** Long enough for what the system holds for a stalled player to be full, so that the server's own limits are met. */
const warmupMs = 13_000
const alone = (subject: Subject) => fanOut(subject, { players: 400, windowMs, warmupMs })
const beside = (subject: Subject) => fanOut(subject, { players: 500, stalled: 100, windowMs, warmupMs })

const found = await interleaved(
  [
    { name: 'alone', kind: ours(), measure: alone },
    { name: 'beside stalled', kind: ours(), measure: beside },
  ],
  asked.runs(3),
)
const [one, other] = [found.get('alone')!, found.get('beside stalled')!]
report('stalled', {
  cpuRatio: medianRatio(other, one, each => each.core),
  videoP99Ratio: medianRatio(other, one, each => each.video.p99),
  audioP99Ratio: medianRatio(other, one, each => each.audio.p99),
  alone: medians(one),
  'beside stalled': medians(other),
})
