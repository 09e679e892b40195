import { setTimeout as passing } from 'node:timers/promises'
import { RtmpClient } from '../support/rtmp-client.ts'
import { asked } from './measure/asked.ts'
import { fanOut } from './measure/fan-out.ts'
import { interleaved, medianRatio, medians } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { LoadProcess } from './measure/load-process.ts'
import { ours, type Subject, usualScript } from './measure/subject.ts'
import { between, usageOf } from './measure/usage.ts'

/** A script that takes most of a picture's time for looking at it, and one that does not look: what players notice. */
const slowScript = `${usualScript}
export function onVideoPacket(client, publication) {
  if (publication.name !== 'show') return
  const until = Date.now() + 25
  while (Date.now() < until);
}
`
/** One that only counts, and forty encoders: the pictures a second it gets to see, and what each costs. */
const streams = 40
const countingScript = `${usualScript}
let seen = 0
export function onVideoPacket() { seen++ }
export const calls = { seen: () => seen }
`
async function counted(subject: Subject) {
  const { url, pid } = subject
  await using _publisher = await LoadProcess.start('publisher', { url, streams })
  await using client = await RtmpClient.connect({ url: url.replace(/\/[^/]*$/, '') })
  const seen = async () => Number(await client.call('seen'))
  await passing(1500)
  const [first, before] = [await seen(), usageOf(pid)]
  await passing(asked.windowMs)
  const [last, used] = [await seen(), between(before, usageOf(pid))]
  return {
    perSecond: (last - first) / used.at,
    // Of those that were sent, thirty a second by each.
    part: (last - first) / used.at / (streams * 30),
    cpuMicros: (used.cpu * 1e6) / (last - first),
  }
}
const players = asked.players([200])[0]!
const measure = (subject: Subject) => fanOut(subject, { players, windowMs: asked.windowMs })
// The script burns all it gets, which with two cores is what the server and the load leave.
const usual = { cores: '0,1' }

const found = await interleaved(
  [
    { name: 'without', kind: ours(usual), measure },
    { name: 'with', kind: ours({ ...usual, script: slowScript }), measure },
  ],
  asked.runs(5),
)
const counts = await interleaved(
  [{ name: 'counted', kind: ours({ ...usual, script: countingScript }), measure: counted }],
  asked.runs(3),
)
const [without, slow] = [found.get('without')!, found.get('with')!]
report('packets', {
  videoP99Ratio: medianRatio(slow, without, each => each.video.p99),
  audioP99Ratio: medianRatio(slow, without, each => each.audio.p99),
  without: medians(without),
  with: medians(slow),
  counted: medians(counts.get('counted')!),
})
