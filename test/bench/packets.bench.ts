import { asked } from './measure/asked.ts'
import { fanOut } from './measure/fan-out.ts'
import { interleaved, medianRatio, medians } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { ours, type Subject, usualScript } from './measure/subject.ts'

/** A script that takes most of a picture's time for looking at it, and one that does not look: what players notice. */
const slowScript = `${usualScript}
export function onVideoPacket(client, publication) {
  if (publication.name !== 'show') return
  const until = Date.now() + 25
  while (Date.now() < until);
}
`
const players = asked.players([200])[0]!
const measure = (subject: Subject) => fanOut(subject, { players, windowMs: asked.windowMs })
// The script burns all it gets, which with two cores is what the server and the load leave.
const usual = { cores: '0,1', scriptsBehind: true }

const found = await interleaved(
  [
    { name: 'without', kind: ours(usual), measure },
    { name: 'with', kind: ours({ ...usual, script: slowScript }), measure },
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
