import { asked } from './measure/asked.ts'
import { fanOut } from './measure/fan-out.ts'
import { interleaved, medianRatio, medians } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { ours, type Subject, usualScript } from './measure/subject.ts'

/** A script that looks at every picture and takes far too long for it, and one that does not: what players notice. */
const slowScript = `${usualScript}
export function onVideoPacket() {
  const until = Date.now() + 50
  while (Date.now() < until);
}
`
const players = asked.players([200])[0]!
const measure = (subject: Subject) => fanOut(subject, { players, windowMs: asked.windowMs })
// The script burns a core of its own: with the server's it would be measured, not the server.
const cores = '0,1'

const found = await interleaved(
  [
    { name: 'without', kind: ours({ cores }), measure },
    { name: 'with', kind: ours({ cores, script: slowScript }), measure },
  ],
  asked.runs(5),
)
const [without, slow] = [found.get('without')!, found.get('with')!]
report('packets', {
  videoP99Ratio: medianRatio(slow, without, each => each.video.p99),
  audioP99Ratio: medianRatio(slow, without, each => each.audio.p99),
  without: medians(without),
  with: medians(slow),
})
